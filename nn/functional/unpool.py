"""Max unpooling: the maxima put back where they were found, zeros elsewhere. A scatter, which pooling undoes."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import DTypeError, ShapeError, composed, reshape
from autograd.functions import getitem
from autograd.primitives.structural import scatter
from nn.functional.arguments import Numbers, numbers, per_axis
from nn.functional.spatial import check_images

Indices = npt.NDArray[np.intp]


@composed
def max_unpool1d(
    input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Numbers:
    """The maxima of sequences put back to their places, with zeros between.

    Args:
        input: (N, C, L), or (C, L) without a batch.
        indices: integers of the input's shape: places along the output's last axis, as `max_pool1d` returns them.

    Returns:
        (N, C, L_out) or (C, L_out).

    The other arguments and the errors are those of `max_unpool2d`, with one spatial axis.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> out, indices = F.max_pool1d(np.array([[1.0, 3.0, 2.0, 0.0, 5.0]]), 2, return_indices=True)
        >>> F.max_unpool1d(out, indices, 2), F.max_unpool1d(out, indices, 2, output_size=[5])
        (array([[0., 3., 2., 0.]]), array([[0., 3., 2., 0., 0.]]))
    """
    return _max_unpool("max_unpool1d", 1, input, indices, kernel_size, stride, padding, output_size)


@composed
def max_unpool2d(
    input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Numbers:
    """The maxima of images put back to their places, with zeros between: what `max_pool2d` leaves can be undone.

    out[n, c, h, w] = input[n, c, i, j] where indices[n, c, i, j] = h·W_out + w, and 0 where no index is that

    Where several indices of a channel are equal, as overlapping windows give them, the last element in row-major order
    is written and takes the whole gradient. (PyTorch leaves open which is written, and gives the gradient to each.)

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch: Tensor, array of floats, or nested list of Values. N may
            be 0.
        indices: integers of the input's shape, from 0 to H_out·W_out - 1.
        kernel_size: the pooling's window, at least 1: an integer, or one for each spatial axis.
        stride: the pooling's stride, at least 1; the kernel's size by default.
        padding: the pooling's padding.
        output_size: the output's size, or its whole shape, of which the spatial axes are taken, such as the shape of
            what was pooled: poolings of several sizes have one result. It is less than a stride away from the default.

    Returns:
        (N, C, H_out, W_out) or (C, H_out, W_out), with H_out = (H - 1)·stride - 2·padding + KH by default.

    Raises:
        ShapeError: the input is no image or batch of images, or the indices have another shape.
        DTypeError: the input holds integers or complex numbers, or the indices are no integers.
        ValueError: an argument is out of its range, or an index lies outside the output.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> image = Tensor([[[1.0, 5.0, 2.0, 2.0], [3.0, 4.0, 2.0, 0.0]]], requires_grad=True)
        >>> out, indices = F.max_pool2d(image, 2, return_indices=True)
        >>> back = F.max_unpool2d(out, indices, 2)
        >>> back.data
        array([[[0., 5., 2., 0.],
                [0., 0., 0., 0.]]])
        >>> (back * back).sum().backward()
        >>> image.grad
        array([[[ 0., 10.,  4.,  0.],
                [ 0.,  0.,  0.,  0.]]])
    """
    return _max_unpool("max_unpool2d", 2, input, indices, kernel_size, stride, padding, output_size)


@composed
def max_unpool3d(
    input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Numbers:
    """The maxima of volumes put back to their places, with zeros between.

    Args:
        input: (N, C, D, H, W), or (C, D, H, W) without a batch.
        indices: integers of the input's shape: places (d·H_out + h)·W_out + w, as `max_pool3d` returns them.

    Returns:
        (N, C, D_out, H_out, W_out) or (C, D_out, H_out, W_out).

    The other arguments and the errors are those of `max_unpool2d`, with three spatial axes.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.max_unpool3d(np.array([[[[7.0]]]]), np.array([[[[2]]]]), (1, 2, 2))
        array([[[[0., 0.],
                 [7., 0.]]]])
    """
    return _max_unpool("max_unpool3d", 3, input, indices, kernel_size, stride, padding, output_size)


def _max_unpool(
    function: str, axes: int, input: Any, indices: Any, kernel_size: Any, stride: Any, padding: Any, output_size: Any
) -> Numbers:
    x = numbers(function, "input", input)
    check_images(function, x, axes)
    kernel = per_axis(function, "kernel_size", kernel_size, axes, least=1)
    strides = kernel if stride is None else per_axis(function, "stride", stride, axes, least=1)
    pads = per_axis(function, "padding", padding, axes, least=0)
    default = tuple(
        (length - 1) * step - 2 * pad + span
        for length, step, pad, span in zip(x.shape[-axes:], strides, pads, kernel, strict=True)
    )
    sizes = _sizes(function, output_size, default, strides)
    shape = (*x.shape[:-axes], *sizes)
    places = _places(function, x, indices, sizes)
    written = _written_last(places)
    values = reshape(x, math.prod(x.shape))
    if not written.all():
        values, places = getitem(values, np.flatnonzero(written)), places[written]
    return reshape(scatter(values, index=places, shape=(math.prod(shape),)), shape)


def _sizes(function: str, output_size: Any, default: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, ...]:
    """The output's size along each spatial axis.

    Raises:
        ValueError: it is no size or shape of the output, or no pooling gives the input's size from it.
    """
    axes = len(default)
    sizes = default
    if output_size is not None:
        try:
            given = output_size if isinstance(output_size, tuple | list) else (output_size,) * axes
            sizes = tuple(map(operator.index, given))
        except TypeError:
            sizes = ()
        if len(sizes) not in (axes, axes + 1, axes + 2):
            raise ValueError(
                f"{function}: output_size={output_size!r} must be None, an integer for each of {axes} spatial axes, or "
                f"the output's whole shape"
            )
        sizes = sizes[-axes:]
    least = tuple(max(1, usual - step + 1) for usual, step in zip(default, strides, strict=True))
    most = tuple(usual + step - 1 for usual, step in zip(default, strides, strict=True))
    if not all(low <= size <= high for low, size, high in zip(least, sizes, most, strict=True)):
        raise ValueError(
            f"{function}: the output's size {sizes} must be from {least} to {most}; give the size of what was pooled "
            f"as output_size, and the pooling's own kernel_size, stride and padding"
        )
    return sizes


def _places(function: str, x: Numbers, indices: Any, sizes: tuple[int, ...]) -> Indices:
    """The indices into each channel as indices into all channels' elements one after another: (N·C·H·W,)."""
    array = np.asanyarray(indices)
    if array.dtype.kind not in "iu":
        raise DTypeError(
            f"{function}: indices must be integers, as max pooling returns them with return_indices=True, not "
            f"{array.dtype} data"
        )
    if array.shape != x.shape:
        raise ShapeError(f"{function}: indices have shape {array.shape} but input has shape {x.shape}; give one each")
    plane = math.prod(sizes)
    outside = array[(array < 0) | (array >= plane)]
    if outside.size:
        raise ValueError(
            f"{function}: index {outside[0]} lies outside the output's {plane} elements of size {sizes}; give the size "
            f"of what was pooled as output_size"
        )
    channels = math.prod(x.shape[: -len(sizes)])
    within = array.reshape(channels, math.prod(x.shape[-len(sizes) :])).astype(np.intp)
    places: Indices = (within + plane * np.arange(channels)[:, np.newaxis]).ravel()
    return places


def _written_last(places: Indices) -> npt.NDArray[np.bool_]:
    """Which elements stay when each is written to its place in turn: the last of those with equal places."""
    order = np.arange(places.size)
    last = np.zeros(places.max(initial=0) + 1, dtype=np.intp)
    np.maximum.at(last, places, order)
    stays: npt.NDArray[np.bool_] = last[places] == order
    return stays
