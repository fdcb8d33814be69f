"""Transposed convolution in one, two and three dimensions: each element of the input lays down a kernel.

It is the transpose of a convolution as a matrix: `conv_transpose2d(y, weight)` is what the backward pass of
`conv2d(x, weight)` gives x for the upstream gradient y. Composed of a contraction and an addition of overlaps, with no
backward of its own: that is a convolution again.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from autograd import ShapeError, composed, reshape
from autograd.primitives.contractions import contract
from autograd.primitives.structural import overlap_add
from nn.functional.arguments import Numbers, check_one_kind, numbers, per_axis
from nn.functional.spatial import check_images, dilated_spans, pad_spatial


@composed
def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Numbers:
    """The transposed convolution of sequences.

    out[n, o, t] = bias[o] + Σ_c Σ_(i, k) weight[c, o, k] · input[n, c, i] over all i, k with i·s + k·d - padding = t

    Args:
        input: (N, C, L), or (C, L) without a batch.
        weight: (C, O / groups, K).
        bias: (O,).

    Returns:
        (N, O, L_out) or (O, L_out), with L_out = (L - 1)·stride - 2·padding + dilation·(K - 1) + output_padding + 1.

    The other arguments and the errors are those of `conv_transpose2d`, with one spatial axis.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.conv_transpose1d(np.array([[1.0, 10.0]]), np.array([[[1.0, 2.0, 3.0]]]), stride=2)
        array([[ 1.,  2., 13., 20., 30.]])
    """
    return _convolve_transposed(
        "conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


@composed
def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Numbers:
    """The transposed convolution of images: each pixel lays down the kernel, multiplied by its value, and these add up.

    out[n, o, h, w] = bias[o] + Σ_c Σ weight[c, o, k, l] · input[n, c, i, j] over all i, k with i·s + k·d - padding = h,
    and all j, l with j·s + l·d - padding = w

    where s and d are the stride and the dilation along each axis, and c runs over the channels of o's group.
    (V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016.)

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch: Tensor, array of floats, or nested list of Values. N may
            be 0.
        weight: (C, O / groups, KH, KW): the weight of the `conv2d` that this transposes, which takes O channels to C.
        bias: (O,), added to each output channel.
        stride: the step between the kernels laid down, at least 1; an integer, or one for each spatial axis.
        padding: how many pixels to take away at both ends of each axis: what the convolution was padded with.
        output_padding: how many further pixels the output has at the end of each axis, fewer than the stride or the
            dilation. Images of several sizes have convolutions of one size, and this tells which is meant. It adds no
            zeros where kernels reach further than `padding` leaves.
        groups: the number of groups that channels are divided into.
        dilation: the step between a kernel's elements, at least 1; an integer, or one for each spatial axis.

    Returns:
        (N, O, H_out, W_out) or (O, H_out, W_out), with
        H_out = (H - 1)·stride - 2·padding + dilation·(KH - 1) + output_padding + 1. Of the input's kind.

    Raises:
        ShapeError: the axes, channels or groups do not fit, or `padding` leaves no pixel.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.
        ValueError: stride, padding, output_padding, dilation or groups is out of its range.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> image = np.array([[[1.0, 2.0], [3.0, 4.0]]])
        >>> F.conv_transpose2d(image, np.ones((1, 1, 2, 2)))
        array([[[ 1.,  3.,  2.],
                [ 4., 10.,  6.],
                [ 3.,  7.,  4.]]])
        >>> F.conv_transpose2d(image, np.ones((1, 1, 2, 2)), stride=2, padding=1)
        array([[[1., 2.],
                [3., 4.]]])
    """
    return _convolve_transposed(
        "conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


@composed
def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Numbers:
    """The transposed convolution of volumes.

    out[n, o, t] = bias[o] + Σ_c Σ_(i, k) weight[c, o, k] · input[n, c, i] over all i, k with i·s + k·d - padding = t

    where i, k, t, s, d and padding have three components, multiplied axis by axis.

    Args:
        input: (N, C, D, H, W), or (C, D, H, W) without a batch.
        weight: (C, O / groups, KD, KH, KW).
        bias: (O,).

    Returns:
        (N, O, D_out, H_out, W_out) or (O, D_out, H_out, W_out).

    The other arguments and the errors are those of `conv_transpose2d`, with three spatial axes.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.conv_transpose3d(np.ones((1, 2, 3, 3, 3)), np.ones((2, 4, 2, 2, 2)), stride=(1, 1, 2)).shape
        (1, 4, 4, 4, 6)
    """
    return _convolve_transposed(
        "conv_transpose3d", 3, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def _convolve_transposed(
    function: str,
    axes: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: int,
    dilation: Any,
) -> Numbers:
    x, w = numbers(function, "input", input), numbers(function, "weight", weight)
    b = None if bias is None else numbers(function, "bias", bias)
    check_one_kind(function, input=x, weight=w, bias=b)
    (groups,) = per_axis(function, "groups", groups, 1, least=1)
    _check_channels(function, x, w, b, axes, groups)
    stride = per_axis(function, "stride", stride, axes, least=1)
    dilation = per_axis(function, "dilation", dilation, axes, least=1)
    padding = per_axis(function, "padding", padding, axes, least=0)
    extra = per_axis(function, "output_padding", output_padding, axes, least=0)
    _check_output_padding(function, extra, stride, dilation)
    kernel = w.shape[2:]
    spans = dilated_spans(kernel, dilation)
    reach = tuple((n - 1) * s + span for n, s, span in zip(x.shape[-axes:], stride, spans, strict=True))
    # Kernels may reach into what the output has at its end: only what lies beyond them are zeros.
    pairs = tuple((-amount, more - amount) for amount, more in zip(padding, extra, strict=True))
    _check_output_size(function, x, padding, tuple(n + sum(pair) for n, pair in zip(reach, pairs, strict=True)))

    batch = x.shape[: x.ndim - axes - 1]
    outputs = groups * w.shape[1]
    if groups > 1:
        x = reshape(x, (*batch, groups, x.shape[-axes - 1] // groups, *x.shape[-axes:]))
        w = reshape(w, (groups, w.shape[0] // groups, *w.shape[1:]))
    patches = contract(w, x, subscripts=_subscripts(axes, len(batch), groups > 1))  # -> (N, O, H, W, KH, KW)
    leading = patches.shape[: patches.ndim - 2 * axes]
    out = overlap_add(patches, shape=(*leading, *reach), kernel=kernel, stride=stride, dilation=dilation)
    if groups > 1:
        out = reshape(out, (*batch, outputs, *reach))
    out = pad_spatial(out, pairs)
    return out if b is None else out + reshape(b, (outputs, *(1,) * axes))


def _check_channels(function: str, x: Numbers, w: Numbers, b: Numbers | None, axes: int, groups: int) -> None:
    check_images(function, x, axes)
    if w.ndim != axes + 2 or 0 in w.shape:
        raise ShapeError(
            f"{function}: weight must have shape (C, O / groups, *kernel) with {axes} kernel axes, none of length 0, "
            f"not {w.shape}"
        )
    channels = x.shape[-axes - 1]
    if channels % groups:
        raise ShapeError(f"{function}: groups={groups} must divide the {channels} channels of the input of {x.shape}")
    if w.shape[0] != channels:
        raise ShapeError(
            f"{function}: the input of shape {x.shape} has {channels} channels, but the weight of shape {w.shape} "
            f"takes {w.shape[0]}; give a weight of shape {(channels, *w.shape[1:])}"
        )
    if b is not None and b.shape != (groups * w.shape[1],):
        raise ShapeError(
            f"{function}: bias must have shape ({groups * w.shape[1]},), one number for each output channel of the "
            f"weight of shape {w.shape} with groups={groups}, not {b.shape}"
        )


def _check_output_padding(
    function: str, extra: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> None:
    if any(more >= max(steps) for more, *steps in zip(extra, stride, dilation, strict=True)):
        raise ValueError(
            f"{function}: output_padding={extra} must be smaller than the stride {stride} or the dilation {dilation} "
            f"of its axis; take less, or pad the output with F.pad"
        )


def _check_output_size(function: str, x: Numbers, padding: tuple[int, ...], size: tuple[int, ...]) -> None:
    if min(size) < 1:
        raise ShapeError(
            f"{function}: padding={padding} leaves an output of {size} for the input of shape {x.shape}; pad less"
        )


@lru_cache(maxsize=32)
def _subscripts(axes: int, batched: int, grouped: bool) -> str:
    """Such as ``"COyx,NCYX->NOYXyx"``: capitals for positions in the input, small letters for those in the kernel."""
    place, offset = "ZYX"[-axes:], "zyx"[-axes:]
    batch, group = "N" * batched, "G" * grouped
    return f"{group}CO{offset},{batch}{group}C{place}->{batch}{group}O{place}{offset}"
