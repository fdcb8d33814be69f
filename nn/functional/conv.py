"""Convolution in one, two and three dimensions: pad, take windows, multiply and sum. None has a backward of its own."""

from __future__ import annotations

from typing import Any, NamedTuple

from autograd import ShapeError, composed
from autograd.primitives.contractions import contract
from autograd.primitives.structural import reshape, windows
from autograd.recording import note_geometry
from nn.functional.arguments import Numbers, Shape, check_one_kind, numbers, per_axis, remembered
from nn.functional.spatial import Pairs, check_images, check_kernel_fits, dilated_spans, pad_spatial, padding_pairs


@composed
def conv1d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Numbers:
    """The convolution of sequences, which is cross-correlation: the kernel is not flipped.

    out[n, o, i] = bias[o] + Σ_c Σ_k weight[o, c, k] · padded[n, c, i·s + k·d], with stride s and dilation d

    Args:
        input: (N, C, L), or (C, L) without a batch.
        weight: (O, C / groups, K).
        bias: (O,).

    Returns:
        (N, O, L_out) or (O, L_out), with L_out = floor((L + padding - dilation·(K - 1) - 1) / stride) + 1, where
        `padding` counts both ends.

    The other arguments and the errors are those of `conv2d`, with one spatial axis.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> signal = Tensor([[1.0, 2.0, 4.0, 8.0]])
        >>> F.conv1d(signal, Tensor([[[-1.0, 1.0]]])).data
        array([[1., 2., 4.]])
    """
    return _convolve("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


@composed
def conv2d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Numbers:
    """The convolution of images, which is cross-correlation: the kernel is not flipped.

    out[n, o, i, j] = bias[o] + Σ_c Σ_k Σ_l weight[o, c, k, l] · padded[n, c, i·s + k·d, j·s + l·d]

    where s and d are the stride and the dilation along each axis, and c runs over the channels of o's group.

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch: Tensor, array of floats, or nested list of Values. N may
            be 0.
        weight: (O, C / groups, KH, KW), the kernels; O must be a multiple of `groups`.
        bias: (O,), added to each output channel.
        stride: the step between windows, at least 1; an integer, or one for each spatial axis.
        padding: zeros around the image: an integer, or for each spatial axis an integer or a pair (before, after);
            "valid" for none; "same" for as many as keep the image's size at stride 1, an odd one at the end.
        dilation: the step between a kernel's elements, at least 1; an integer, or one for each spatial axis.
        groups: the number of groups that channels are divided into; each group of outputs sees one of inputs.

    Returns:
        (N, O, H_out, W_out) or (O, H_out, W_out), with
        H_out = floor((H + padding - dilation·(KH - 1) - 1) / stride) + 1, where `padding` counts both ends. Of the
        input's kind: a Tensor where an argument is one, an object array where one holds Values, else an array.

    Raises:
        ShapeError: the axes, channels or groups do not fit, the kernel is larger than the padded input, or there is no
            channel, no kernel or no pixel.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.
        ValueError: stride, padding, dilation or groups is out of its range, or "same" is asked for with a stride.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> image = Tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]])
        >>> kernel = Tensor([[[[1.0, 0.0], [0.0, -1.0]]]], requires_grad=True)
        >>> out = F.conv2d(image, kernel)
        >>> out.data
        array([[[-4., -4.],
                [-4., -4.]]])
        >>> out.sum().backward()
        >>> kernel.grad
        array([[[[12., 16.],
                 [24., 28.]]]])
    """
    return _convolve("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


@composed
def conv3d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Numbers:
    """The convolution of volumes, which is cross-correlation: the kernel is not flipped.

    out[n, o, i] = bias[o] + Σ_c Σ_k weight[o, c, k] · padded[n, c, i·s + k·d], with stride s and dilation d

    where i, k, s and d have three components, multiplied axis by axis.

    Args:
        input: (N, C, D, H, W), or (C, D, H, W) without a batch.
        weight: (O, C / groups, KD, KH, KW).
        bias: (O,).

    Returns:
        (N, O, D_out, H_out, W_out) or (O, D_out, H_out, W_out).

    The other arguments and the errors are those of `conv2d`, with three spatial axes.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.conv3d(np.ones((1, 2, 3, 3, 3)), np.ones((4, 2, 2, 2, 2)), stride=(1, 1, 2)).shape
        (1, 4, 2, 2, 1)
    """
    return _convolve("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def _convolve(
    function: str, axes: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Numbers:
    x, w = numbers(function, "input", input), numbers(function, "weight", weight)
    b = None if bias is None else numbers(function, "bias", bias)
    check_one_kind(function, input=x, weight=w, bias=b)
    geometry = _geometry(
        function, axes, Shape(x.shape), Shape(w.shape), None if b is None else Shape(b.shape),
        stride, padding, dilation, groups,
    )  # fmt: skip
    note_geometry(geometry)
    if geometry.groups > 1:
        x = reshape(x, shape=geometry.grouped_input)
        w = reshape(w, shape=geometry.grouped_weight)
    padded = pad_spatial(x, geometry.pairs)
    # (N, C, H, W) -> (N, C, OH, OW, KH, KW)
    patches = windows(padded, kernel=geometry.kernel, stride=geometry.stride, dilation=geometry.dilation)
    out = contract(w, patches, subscripts=geometry.subscripts)
    if geometry.groups > 1:
        out = reshape(out, shape=(*geometry.batch, geometry.outputs, *out.shape[-axes:]))
    return out if b is None else out + reshape(b, shape=(geometry.outputs, *(1,) * axes))


class _Geometry(NamedTuple):
    """A convolution's arguments in standard form."""

    batch: tuple[int, ...]
    outputs: int
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    pairs: Pairs
    groups: int
    grouped_input: tuple[int, ...]
    grouped_weight: tuple[int, ...]
    subscripts: str


@remembered
def _geometry(
    function: str,
    axes: int,
    x: Shape,
    w: Shape,
    b: Shape | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
) -> _Geometry:
    (groups,) = per_axis(function, "groups", groups, 1, least=1)
    _check_channels(function, x, w, b, axes, groups)
    stride = per_axis(function, "stride", stride, axes, least=1)
    dilation = per_axis(function, "dilation", dilation, axes, least=1)
    kernel = w.shape[2:]
    spans = dilated_spans(kernel, dilation)
    pairs = padding_pairs(function, padding, spans, stride)
    check_kernel_fits(function, x, kernel, spans, pairs)
    batch, outputs = x.shape[: -axes - 1], w.shape[0]
    return _Geometry(
        batch, outputs, kernel, stride, dilation, pairs, groups,
        (*batch, groups, x.shape[-axes - 1] // groups, *x.shape[-axes:]),
        (groups, outputs // groups, *w.shape[1:]),
        _subscripts(axes, len(batch), groups > 1),
    )  # fmt: skip


def _check_channels(function: str, x: Shape, w: Shape, b: Shape | None, axes: int, groups: int) -> None:
    check_images(function, x, axes)
    if w.ndim != axes + 2 or 0 in w.shape:
        raise ShapeError(
            f"{function}: weight must have shape (O, C / groups, *kernel) with {axes} kernel axes, none of length 0, "
            f"not {w.shape}"
        )
    channels = x.shape[-axes - 1]
    if channels % groups or w.shape[0] % groups:
        raise ShapeError(
            f"{function}: groups={groups} must divide the {channels} channels of the input of shape {x.shape} and the "
            f"{w.shape[0]} kernels of the weight of shape {w.shape}"
        )
    if w.shape[1] * groups != channels:
        raise ShapeError(
            f"{function}: the input of shape {x.shape} has {channels} channels, but the weight of shape {w.shape} with "
            f"groups={groups} takes {w.shape[1] * groups}; give a weight of shape "
            f"{(w.shape[0], channels // groups, *w.shape[2:])}"
        )
    if b is not None and b.shape != (w.shape[0],):
        raise ShapeError(
            f"{function}: bias must have shape ({w.shape[0]},), one number for each kernel of the weight of shape "
            f"{w.shape}, not {b.shape}"
        )


def _subscripts(axes: int, batched: int, grouped: bool) -> str:
    """Such as ``"OCyx,NCYXyx->NOYX"``: capitals for positions in the output, small letters for those in the kernel."""
    place, offset = "ZYX"[-axes:], "zyx"[-axes:]
    batch, group = "N" * batched, "G" * grouped
    return f"{group}OC{offset},{batch}{group}C{place}{offset}->{batch}{group}O{place}"
