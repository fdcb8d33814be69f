"""Channels as pixels, pixels as channels, and channels in another order: nothing but reshape and transpose."""

from __future__ import annotations

from typing import Any

from autograd import ShapeError, composed, reshape, transpose
from nn.functional.arguments import Numbers, numbers, per_axis


@composed
def pixel_shuffle(input: Any, upscale_factor: int) -> Numbers:
    """Every r² channels as r x r pixels of one: the upsampling of sub-pixel convolution.

    out[..., c, h·r + i, w·r + j] = input[..., (c·r + i)·r + j, h, w], with r = upscale_factor
    (W. Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel convolutional
    neural network", 2016.)

    Args:
        input: (..., C·r², H, W): Tensor, array of floats, or nested list of Values.
        upscale_factor: r, at least 1.

    Returns:
        (..., C, H·r, W·r).

    Raises:
        ShapeError: the input has fewer than three axes, or its channels are no multiple of r².
        DTypeError: the input holds integers or complex numbers.
        ValueError: the factor is out of its range.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.pixel_shuffle(np.array([[[1.0, 5.0]], [[2.0, 6.0]], [[3.0, 7.0]], [[4.0, 8.0]]]), 2)
        array([[[1., 2., 5., 6.],
                [3., 4., 7., 8.]]])
    """
    x = numbers("pixel_shuffle", "input", input)
    (r,) = per_axis("pixel_shuffle", "upscale_factor", upscale_factor, 1, least=1)
    if x.ndim < 3 or x.shape[-3] % (r * r):
        raise ShapeError(
            f"pixel_shuffle: input must have shape (..., C·{r * r}, H, W) for upscale_factor={r}, not {x.shape}"
        )
    *leading, channels, height, width = x.shape
    parts = reshape(x, (*leading, channels // (r * r), r, r, height, width))
    spread = _transposed(parts, (0, 3, 1, 4, 2))  # (..., C, r, r, H, W) -> (..., C, H, r, W, r)
    return reshape(spread, (*leading, channels // (r * r), height * r, width * r))


@composed
def pixel_unshuffle(input: Any, downscale_factor: int) -> Numbers:
    """Every r x r pixels of a channel as r² channels: the inverse of `pixel_shuffle`.

    out[..., (c·r + i)·r + j, h, w] = input[..., c, h·r + i, w·r + j], with r = downscale_factor

    Args:
        input: (..., C, H·r, W·r): Tensor, array of floats, or nested list of Values.
        downscale_factor: r, at least 1.

    Returns:
        (..., C·r², H, W).

    Raises:
        ShapeError: the input has fewer than three axes, or r does not divide the last two.
        DTypeError: the input holds integers or complex numbers.
        ValueError: the factor is out of its range.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.pixel_unshuffle(np.array([[[1.0, 2.0, 5.0, 6.0], [3.0, 4.0, 7.0, 8.0]]]), 2).tolist()
        [[[1.0, 5.0]], [[2.0, 6.0]], [[3.0, 7.0]], [[4.0, 8.0]]]
    """
    x = numbers("pixel_unshuffle", "input", input)
    (r,) = per_axis("pixel_unshuffle", "downscale_factor", downscale_factor, 1, least=1)
    if x.ndim < 3 or x.shape[-2] % r or x.shape[-1] % r:
        raise ShapeError(
            f"pixel_unshuffle: input must have shape (..., C, H·{r}, W·{r}) for downscale_factor={r}, not {x.shape}"
        )
    *leading, channels, height, width = x.shape
    parts = reshape(x, (*leading, channels, height // r, r, width // r, r))
    gathered = _transposed(parts, (0, 2, 4, 1, 3))  # (..., C, H, r, W, r) -> (..., C, r, r, H, W)
    return reshape(gathered, (*leading, channels * r * r, height // r, width // r))


@composed
def channel_shuffle(input: Any, groups: int) -> Numbers:
    """The channels of every group dealt out in turn, so that the next grouped convolution sees all groups.

    out[n, c·groups + g] = input[n, g·C/groups + c]
    (X. Zhang et al., "ShuffleNet: an extremely efficient convolutional neural network for mobile devices", 2018.)

    Args:
        input: (N, C, *spatial), with at least one spatial axis: Tensor, array of floats, or nested list of Values.
        groups: how many groups the channels are divided into; it divides C.

    Returns:
        The shape of the input.

    Raises:
        ShapeError: the input has fewer than three axes, or `groups` does not divide its channels.
        DTypeError: the input holds integers or complex numbers.
        ValueError: `groups` is out of its range.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.channel_shuffle(np.arange(6.0).reshape(1, 6, 1), 2).ravel()
        array([0., 3., 1., 4., 2., 5.])
    """
    x = numbers("channel_shuffle", "input", input)
    (groups,) = per_axis("channel_shuffle", "groups", groups, 1, least=1)
    if x.ndim < 3 or x.shape[1] % groups:
        raise ShapeError(
            f"channel_shuffle: input must have shape (N, C, *spatial), with C a multiple of groups={groups}, not "
            f"{x.shape}"
        )
    batch, channels, *spatial = x.shape
    dealt = reshape(x, (batch, groups, channels // groups, *spatial))
    return reshape(transpose(dealt, (0, 2, 1, *range(3, dealt.ndim))), x.shape)


def _transposed(x: Numbers, order: tuple[int, ...]) -> Numbers:
    """The last axes in another order."""
    leading = x.ndim - len(order)
    return transpose(x, (*range(leading), *(leading + place for place in order)))
