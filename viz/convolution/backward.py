"""The backward pass of a convolution, for one element of a gradient: scatter, rotated kernel, and correlation.

With s the stride, d the dilation and p the padding before the image:

    scatter    ∂L/∂x[patch at i, j] += ∂L/∂y[i, j] · w, for every window; what lands on one pixel is its gradient
    gather     ∂L/∂x[h, w] = Σ_k,l D[h + p - k·d, w + p - l·d] · w[k, l], where D is ∂L/∂y with s - 1 zeros put between
               its elements and zeros around it: the kernel lies on D rotated by 180°
    kernel     ∂L/∂w[k, l] = Σ_n,i,j padded[i·s + k·d, j·s + l·d] · ∂L/∂y[i, j]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product as pairs
from typing import Any

import numpy as np

from autograd.errors import GraphError
from autograd.node import Node
from viz.convolution.finding import convolution_of
from viz.convolution.recorded import Convolution, Matrix, Recorded
from viz.convolution.sums import Index, Place, Product, agree, require_agreement, total_of
from viz.convolution.windows import Pair, Windows, checked_index


@dataclass(frozen=True)
class InputGradient:
    """What one pixel's gradient is made of, in the two forms that give the same number.

    Attributes:
        convolution: where it was found.
        index: the pixel, as (n, c, h, w), or (c, h, w) without a batch.
        scatter: for each window that holds the pixel, left is the window's upstream gradient, right the element of the
            kernel that lies on the pixel; by channels of the output, the windows in row-major order.
        gather: for each element of the rotated kernel, left is the upstream gradient below it, or a zero that was
            inserted or padded, right the element; by channels of the output, in the order of the rotated kernel.
        total: the sum of either.
        recorded: the pixel's `.grad`; None where the input is a constant.
        remark: how the two compare, in words.
    """

    convolution: Convolution
    index: Index
    scatter: tuple[Product, ...]
    gather: tuple[Product, ...]
    total: float
    recorded: float | None
    remark: str


@dataclass(frozen=True)
class KernelGradient:
    """What the gradient of one element of a kernel is made of.

    Attributes:
        convolution: where it was found.
        index: the element, as (o, c, k, l), where c counts the channels of o's group.
        products: for each window, left is the element of the padded input that the kernel's element lies on, right the
            upstream gradient; image by image, the windows in row-major order.
        total: their sum.
        recorded: the element's `.grad`; None where the weight is a constant.
        remark: how the two compare, in words.
    """

    convolution: Convolution
    index: Index
    products: tuple[Product, ...]
    total: float
    recorded: float | None
    remark: str


def input_gradient(output: Any, index: Any = None) -> InputGradient:
    """The gradient of one pixel of a convolution's input, as a scatter and as a gather.

    Args:
        output: the Tensor that conv2d returned, after a backward pass.
        index: the pixel, as (n, c, h, w), or (c, h, w) without a batch; the first unless given.

    Raises:
        GraphError: no backward pass has come to `output`; or its products do not add up to what the pass handed on.
        TypeError, IndexError, MutationError: as `receptive_field` does.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]], requires_grad=True)
        >>> y = F.conv2d(x, Tensor([[[[1.0, 2.0], [3.0, 4.0]]]]))
        >>> y.backward([[[1.0, 0.0], [0.0, 10.0]]])
        >>> gradient = input_gradient(y, (0, 1, 1))
        >>> [(product.left, product.right) for product in gradient.scatter]
        [(1.0, 4.0), (0.0, 3.0), (0.0, 2.0), (10.0, 1.0)]
        >>> gradient.total, gradient.recorded
        (14.0, 14.0)
    """
    return pixel_gradient(convolution_of(output, "input_gradient"), index, "input_gradient")


def kernel_gradient(output: Any, index: Any = None) -> KernelGradient:
    """The gradient of one element of a kernel, as the correlation of the input with the upstream gradient.

    Args:
        output: the Tensor that conv2d returned, after a backward pass.
        index: the element, as (o, c, k, l), where c counts the channels of o's group; the first unless given.

    Raises:
        GraphError, TypeError, IndexError, MutationError: as `input_gradient` does.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> w = Tensor([[[[1.0, 2.0], [3.0, 4.0]]]], requires_grad=True)
        >>> y = F.conv2d(Tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]), w)
        >>> y.sum().backward()
        >>> gradient = kernel_gradient(y, (0, 0, 1, 1))
        >>> [(product.left, product.right) for product in gradient.products], gradient.total
        ([(5.0, 1.0), (6.0, 1.0), (8.0, 1.0), (9.0, 1.0)], 28.0)
    """
    return weight_gradient(convolution_of(output, "kernel_gradient"), index, "kernel_gradient")


def pixel_gradient(convolution: Convolution, index: Any, function: str) -> InputGradient:
    """The gradient of a pixel in a convolution that was found already; see `input_gradient`."""
    require_upstream(convolution, function)
    shape = convolution.full(convolution.batch, convolution.channels, *convolution.windows.lengths)
    called = "the input" if convolution.input is None else convolution.input.describe()
    index = checked_index(function, called, shape, index)
    scatter, gather = scattered(convolution, index), gathered(convolution, index)
    total = total_of(scatter)
    dtype = convolution.output.data.dtype
    require_agreement(function, f"the rotated kernel on pixel {index}", gather, 0.0, total, dtype)
    factors, handed = "the upstream gradient and the kernel", convolution.handed_to_input
    recorded, remark = compared(function, convolution, convolution.input, handed, index, scatter, factors)
    return InputGradient(convolution, index, scatter, gather, total, recorded, remark)


def weight_gradient(convolution: Convolution, index: Any, function: str) -> KernelGradient:
    """The gradient of an element of a kernel in a convolution that was found already; see `kernel_gradient`."""
    require_upstream(convolution, function)
    index = checked_index(function, convolution.weight.describe(), convolution.kernels.shape, index)
    products = correlated(convolution, index)
    weight = convolution.weight if convolution.weight.requires_grad else None
    factors, handed = "the input and the upstream gradient", convolution.handed_to_weight
    recorded, remark = compared(function, convolution, weight, handed, index, products, factors)
    return KernelGradient(convolution, index, products, total_of(products), recorded, remark)


def require_upstream(recorded: Recorded, function: str) -> None:
    """Raise `GraphError` where no backward pass has computed the gradient of the result."""
    output = recorded.output
    if not output.has_grad:
        raise GraphError(
            f"{function}: no gradient has come to {output.describe()}, the result of {recorded.function}; call "
            f"backward on what was computed from it first (keep='leaves' frees it again)"
        )


def scattered(convolution: Convolution, index: Index) -> tuple[Product, ...]:
    """What each window that holds a pixel adds to its gradient."""
    n, c, h, w = convolution.split(index)
    products = []
    for o in convolution.outputs_of(c):
        upstream, kernel = convolution.upstream(n, o), convolution.kernel(o, c)
        for position, offset in convolution.windows.reaching((h, w)):
            products.append(
                Product(
                    left=float(upstream[position]),
                    right=float(kernel[offset]),
                    left_at=convolution.full(n, o, *position),
                    right_at=(o, c - convolution.inputs_of(o)[0], *offset),
                )
            )
    return tuple(products)


def gathered(convolution: Convolution, index: Index) -> tuple[Product, ...]:
    """The kernel, rotated by 180°, on the upstream gradient with zeros between and around its elements."""
    n, c, h, w = convolution.split(index)
    products = []
    for o in convolution.outputs_of(c):
        upstream, kernel = convolution.upstream(n, o), convolution.kernel(o, c)
        for k, l in pairs(*(range(length - 1, -1, -1) for length in convolution.windows.kernel)):
            position, place = spread_place(convolution.windows, (h, w), (k, l))
            products.append(
                Product(
                    left=float(upstream[position]) if place == "inside" else 0.0,
                    right=float(kernel[k, l]),
                    left_at=convolution.full(n, o, *position),
                    right_at=(o, c - convolution.inputs_of(o)[0], k, l),
                    place=place,
                )
            )
    return tuple(products)


def spread_place(windows: Windows, pixel: Pair, offset: Pair) -> tuple[Pair, Place]:
    """Which window's upstream gradient lies below an element of the rotated kernel on a pixel.

    The window before it, where the stride put a zero there; the place tells so.
    """
    at = spread_at(windows, pixel, offset)
    row, column = (a // step for a, step in zip(at, windows.stride, strict=True))
    return (row, column), kind_of_place(windows, at)


def spread_at(windows: Windows, pixel: Pair, offset: Pair) -> Pair:
    """The place of the spread upstream gradient, counted from its first element, on which that element lies."""
    row, column = (
        at + pad - k * gap for at, pad, k, gap in zip(pixel, windows.before, offset, windows.dilation, strict=True)
    )
    return row, column


def kind_of_place(windows: Windows, at: Pair) -> Place:
    """What stands at a place of the upstream gradient with s - 1 zeros between its elements and zeros around them."""
    ends = [(count - 1) * step for count, step in zip(windows.counts, windows.stride, strict=True)]
    if not all(0 <= a <= end for a, end in zip(at, ends, strict=True)):
        return "padding"
    return "inside" if all(a % step == 0 for a, step in zip(at, windows.stride, strict=True)) else "inserted"


def correlated(convolution: Convolution, index: Index) -> tuple[Product, ...]:
    """What each window adds to the gradient of one element of the kernel."""
    o, among, k, l = index
    c, windows = convolution.inputs_of(o)[among], convolution.windows
    products = []
    for n in range(convolution.batch):
        image, upstream = convolution.image(n, c), convolution.upstream(n, o)
        for position in windows.positions():
            row, column = windows.place(position, (k, l))
            covered = windows.covers((row, column))
            products.append(
                Product(
                    left=float(image[row, column]) if covered else 0.0,
                    right=float(upstream[position]),
                    left_at=convolution.full(n, c, row, column),
                    right_at=convolution.full(n, o, *position),
                    place="inside" if covered else "padding",
                )
            )
    return tuple(products)


def compared(
    function: str,
    convolution: Convolution,
    target: Node | None,
    handed: Any,
    index: Index,
    products: Sequence[Product],
    factors: str,
) -> tuple[float | None, str]:
    """A node's recorded gradient at an index, and how the products' sum compares with it, in words.

    Raises:
        GraphError: the products do not add up to what the backward pass handed to the node.
    """
    if target is None:
        return None, f"no .grad is recorded for a constant: computed from {factors}"
    dtype = convolution.output.data.dtype
    require_agreement(function, f"the gradient at {index}", products, 0.0, float(np.asarray(handed)[index]), dtype)
    if not target.has_grad:
        return None, f"no .grad is recorded: computed from {factors}"
    recorded, total = float(np.asarray(target.grad)[index]), total_of(products)
    if agree(total, recorded, [product.value for product in products], dtype):
        return recorded, "equal to the recorded .grad"
    return recorded, "this convolution's part: the recorded .grad also holds what other uses or passes brought"


def input_plane(convolution: Convolution, n: int, c: int) -> Matrix:
    """The gradient of one plane of the input, as the windows scatter it: (H, W)."""
    windows = convolution.windows
    padded = np.zeros(windows.padded)
    for o in convolution.outputs_of(c):
        upstream, kernel = convolution.upstream(n, o), convolution.kernel(o, c)
        for offset in windows.offsets():
            padded[windows.slices(offset)] += upstream * kernel[offset]
    return windows.cropped(padded)


def kernel_plane(convolution: Convolution, o: int, c: int) -> Matrix:
    """The gradient of the kernel from one channel of the input to one of the output: (KH, KW)."""
    windows = convolution.windows
    gradient = np.zeros(windows.kernel)
    for n in range(convolution.batch):
        padded = np.zeros(windows.padded)
        windows.cropped(padded)[...] = convolution.image(n, c)
        for offset in windows.offsets():
            gradient[offset] += (padded[windows.slices(offset)] * convolution.upstream(n, o)).sum()
    return gradient
