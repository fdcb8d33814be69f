"""The patches of images as columns, and their sum back into images: im2col and col2im, each the other's transpose."""

from __future__ import annotations

import math
from typing import Any

from autograd import ShapeError, composed, reshape, transpose, windows
from autograd.primitives.sliding import window_count
from autograd.primitives.structural import overlap_add
from nn.functional.arguments import Numbers, numbers, per_axis
from nn.functional.spatial import Pairs, check_images, check_kernel_fits, dilated_spans, pad_spatial


@composed
def unfold(input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Numbers:
    """Every patch of an image as a column, known as im2col: a convolution is a matrix product with these columns.

    out[n, (c·KH + k)·KW + l, i·W_out + j] = padded[n, c, i·s + k·d, j·s + l·d], with stride s and dilation d

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch: Tensor, array of floats, or nested list of Values.
        kernel_size: the patch's size, at least 1: an integer, or one for each of the two axes.
        dilation: the step between a patch's elements, at least 1; likewise.
        padding: how many zeros to add at both ends of each axis; likewise.
        stride: the step between patches, at least 1; likewise.

    Returns:
        (N, C·KH·KW, H_out·W_out), or without N, with
        H_out = floor((H + 2·padding - dilation·(KH - 1) - 1) / stride) + 1.

    Raises:
        ShapeError: the input is no image or batch of images, or the patch is larger than the padded input.
        DTypeError: the input holds integers or complex numbers.
        ValueError: an argument is out of its range.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.unfold(np.array([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]), (2, 2))
        array([[1., 2.],
               [2., 3.],
               [4., 5.],
               [5., 6.]])
    """
    x = numbers("unfold", "input", input)
    check_images("unfold", x, 2)
    kernel, dilation, stride, pairs = _patch_arguments("unfold", kernel_size, dilation, padding, stride)
    check_kernel_fits("unfold", x, kernel, dilated_spans(kernel, dilation), pairs)
    batch = x.shape[:-3]
    patches = windows(pad_spatial(x, pairs), kernel, stride, dilation)  # (N, C, H, W) -> (N, C, OH, OW, KH, KW)
    columns = _swap_last_pairs(patches)  # -> (N, C, KH, KW, OH, OW)
    rows, places = math.prod(columns.shape[-5:-2]), math.prod(columns.shape[-2:])
    return reshape(columns, (*batch, rows, places))


@composed
def fold(
    input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Numbers:
    """The image in which every column is added where `unfold` took it from, known as col2im: its transpose.

    out[n, c, h, w] = Σ input[n, (c·KH + k)·KW + l, i·W_out + j] over all i, k with i·s + k·d - padding = h, and all
    j, l with j·s + l·d - padding = w; 0 where there are none.

    Where patches overlap, their elements add up: `fold(unfold(x))` counts each pixel as often as patches hold it.

    Args:
        input: (N, C·KH·KW, L), or (C·KH·KW, L) without a batch: Tensor, array of floats, or nested list of Values.
        output_size: the image's size (H, W): an integer, or one for each of the two axes.
        kernel_size, dilation, padding, stride: those of `unfold`, which take L patches from such an image.

    Returns:
        (N, C, H, W) or (C, H, W).

    Raises:
        ShapeError: the input has another number of axes, its rows are no multiple of KH·KW, or such an image does not
            have L patches.
        DTypeError: the input holds integers or complex numbers.
        ValueError: an argument is out of its range.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.fold(np.ones((4, 2)), output_size=(2, 3), kernel_size=2)
        array([[[1., 2., 1.],
                [1., 2., 1.]]])
    """
    x = numbers("fold", "input", input)
    size = per_axis("fold", "output_size", output_size, 2, least=1)
    kernel, dilation, stride, pairs = _patch_arguments("fold", kernel_size, dilation, padding, stride)
    padded = tuple(before + length + after for length, (before, after) in zip(size, pairs, strict=True))
    counts = tuple(map(window_count, padded, kernel, stride, dilation))
    _check_columns(x, size, kernel, counts)
    *batch, rows, _ = x.shape
    channels = rows // math.prod(kernel)
    columns = reshape(x, (*batch, channels, *kernel, *counts))
    image = overlap_add(
        _swap_last_pairs(columns), shape=(*batch, channels, *padded), kernel=kernel, stride=stride, dilation=dilation
    )
    return pad_spatial(image, tuple((-before, -after) for before, after in pairs))


def _patch_arguments(
    function: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], Pairs]:
    pads = per_axis(function, "padding", padding, 2, least=0)
    return (
        per_axis(function, "kernel_size", kernel_size, 2, least=1),
        per_axis(function, "dilation", dilation, 2, least=1),
        per_axis(function, "stride", stride, 2, least=1),
        tuple((amount, amount) for amount in pads),
    )


def _check_columns(x: Numbers, size: tuple[int, ...], kernel: tuple[int, ...], counts: tuple[int, ...]) -> None:
    if x.ndim not in (2, 3) or not x.shape[-2] or x.shape[-2] % math.prod(kernel):
        raise ShapeError(
            f"fold: input must have shape (N, C·KH·KW, L) or (C·KH·KW, L), with {math.prod(kernel)} rows for each "
            f"channel and the kernel {kernel}, not {x.shape}"
        )
    if min(counts) < 1 or x.shape[-1] != math.prod(counts):
        down, across = (max(count, 0) for count in counts)
        raise ShapeError(
            f"fold: the input of shape {x.shape} has {x.shape[-1]} columns, but unfold takes {down} x {across} patches "
            f"with these arguments from an image of {size}; give the arguments and the size that unfold had"
        )


def _swap_last_pairs(x: Numbers) -> Numbers:
    """(..., OH, OW, KH, KW) <-> (..., KH, KW, OH, OW)"""
    leading = tuple(range(x.ndim - 4))
    first = len(leading)
    return transpose(x, (*leading, first + 2, first + 3, first, first + 1))
