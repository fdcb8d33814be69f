"""The forward pass of a convolution, for one element of its result: patch, kernel, products, bias and sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from viz.convolution.finding import convolution_of
from viz.convolution.recorded import Convolution
from viz.convolution.sums import Index, Product, require_agreement
from viz.convolution.windows import checked_index


@dataclass(frozen=True)
class ReceptiveField:
    """What one element of a convolution's result is made of: y[index] = Σ left · right + bias.

    Attributes:
        convolution: where it was found.
        index: the element, as (n, o, i, j), or (o, i, j) without a batch.
        products: left is an element of the input, right one of the kernel; channel by channel, in row-major order.
        bias: what is added; None without one.
        total: the element itself.
    """

    convolution: Convolution
    index: Index
    products: tuple[Product, ...]
    bias: float | None
    total: float


def receptive_field(output: Any, index: Any = None) -> ReceptiveField:
    """The patch, the kernel and the products behind one element of a result of conv2d.

    y[n, o, i, j] = bias[o] + Σ_c Σ_k Σ_l padded[n, c, i·s + k·d, j·s + l·d] · weight[o, c, k, l]

    Args:
        output: the Tensor that conv2d returned.
        index: (n, o, i, j), or (o, i, j) without a batch; the first element unless given.

    Raises:
        TypeError: `output` is no Tensor.
        GraphError: it is no result of conv2d, or the products do not add up to its number.
        IndexError: the index names no element.
        MutationError: data was changed after the forward pass used it.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> image = Tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]])
        >>> y = F.conv2d(image, Tensor([[[[1.0, 0.0], [0.0, -1.0]]]], requires_grad=True))
        >>> field = receptive_field(y, (0, 0, 1))
        >>> [(product.left, product.right) for product in field.products], field.total
        ([(2.0, 1.0), (3.0, 0.0), (5.0, 0.0), (6.0, -1.0)], -4.0)
        >>> field.products[3].left_at, field.products[3].right_at
        ((0, 1, 2), (0, 0, 1, 1))
    """
    return field_of(convolution_of(output, "receptive_field"), index, "receptive_field")


def field_of(convolution: Convolution, index: Any, function: str) -> ReceptiveField:
    """The receptive field in a convolution that was found already; see `receptive_field` for the errors."""
    output = convolution.output
    index = checked_index(function, output.describe(), output.data.shape, index)
    products = products_of(convolution, index)
    bias = convolution.bias_of(convolution.split(index)[1])
    total = float(output.data[index])
    require_agreement(function, f"element {index}", products, bias or 0.0, total, output.data.dtype)
    return ReceptiveField(convolution, index, products, bias, total)


def products_of(convolution: Convolution, index: Index) -> tuple[Product, ...]:
    """Patch times kernel for one element of the result, channel by channel, in row-major order."""
    n, o, i, j = convolution.split(index)
    windows = convolution.windows
    products = []
    for c in convolution.inputs_of(o):
        image, kernel = convolution.image(n, c), convolution.kernel(o, c)
        for k, l in windows.offsets():
            row, column = windows.place((i, j), (k, l))
            covered = windows.covers((row, column))
            products.append(
                Product(
                    left=float(image[row, column]) if covered else 0.0,
                    right=float(kernel[k, l]),
                    left_at=convolution.full(n, c, row, column),
                    right_at=(o, c - convolution.inputs_of(o)[0], k, l),
                    place="inside" if covered else "padding",
                )
            )
    return tuple(products)
