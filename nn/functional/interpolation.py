"""Images of another size: each output pixel is a weighted sum of the input's pixels around it, one axis at a time."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np

from autograd import ShapeError, composed
from nn.functional import resampling
from nn.functional.adaptive_pool import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from nn.functional.arguments import Numbers, numbers, per_axis
from nn.functional.resampling import Axis
from nn.functional.spatial import check_images

_AXES = {"linear": (1,), "bilinear": (2,), "trilinear": (3,), "bicubic": (2,)}
_MODES = ("nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area")
_AREA = {1: adaptive_avg_pool1d, 2: adaptive_avg_pool2d, 3: adaptive_avg_pool3d}


@composed
def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Numbers:
    """Images of another size, resampled along each spatial axis.

    The centre of output pixel i lies at the source x = (i + 1/2) / scale - 1/2 of the input, or with `align_corners` at
    x = i·(L_in - 1) / (L_out - 1). The output is

    - nearest: input[floor(i / scale)]; nearest-exact: input[floor((i + 1/2) / scale)], the pixel that holds the centre,
    - linear, bilinear, trilinear: (1 - t)·input[k] + t·input[k + 1] along each axis, with k = floor(x) and t = x - k,
    - bicubic: Σ_j w(x - j)·input[j] over the four pixels around x along each axis, where w is the kernel of cubic
      convolution (R. Keys, "Cubic convolution interpolation for digital image processing", 1981) with a = -3/4,
    - area: the mean of the pixels that it covers, at least in part: `adaptive_avg_pool2d`.

    What would lie beyond the edge is the edge's pixel.

    Args:
        input: (N, C, L), (N, C, H, W) or (N, C, D, H, W): Tensor, array of floats, or nested list of Values.
        size: the output's spatial size: an integer, or one for each axis.
        scale_factor: how many times larger the output is, instead of `size`: a number, or one for each axis.
        mode: one of those above; "linear" for one spatial axis, "bilinear" and "bicubic" for two, "trilinear" for
            three, the others for any.
        align_corners: whether the centres of the corner pixels coincide, for the modes from linear to bicubic.
        recompute_scale_factor: take L_out / L_in for the scale. By default it is `scale_factor` where that is given,
            though the output's size, which is an integer, may have another ratio to the input's.
        antialias: for "bilinear" and "bicubic", stretch the kernel over all the pixels that an output pixel covers
            where the image becomes smaller, so that fine patterns blur instead of turning into coarse ones. The kernel
            of "bicubic" then has a = -1/2. Not with `align_corners`, where PyTorch aligns the first corner alone.

    Returns:
        (N, C, *size), with floor(L_in·scale_factor) along each axis where no size is given.

    Raises:
        ShapeError: the input has another number of axes than the mode takes, or the output would be empty.
        DTypeError: the input holds integers or complex numbers.
        ValueError: the mode does not exist, not one of `size` and `scale_factor` is given, one is out of its range, or
            `align_corners`, `recompute_scale_factor` or `antialias` is given where it has no meaning.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> row = np.array([[[0.0, 4.0, 8.0]]])
        >>> F.interpolate(row, scale_factor=2)
        array([[[0., 0., 4., 4., 8., 8.]]])
        >>> F.interpolate(row, scale_factor=2, mode="linear")
        array([[[0., 1., 3., 5., 7., 8.]]])
        >>> F.interpolate(row, 5, mode="linear", align_corners=True)
        array([[[0., 2., 4., 6., 8.]]])
    """
    x = numbers("interpolate", "input", input)
    _check_mode(x, mode, align_corners)
    spatial = x.ndim - 2
    if (size is None) == (scale_factor is None):
        raise ValueError(f"interpolate: give size or scale_factor, and one of them, not {size!r} and {scale_factor!r}")
    if antialias and (mode not in ("bilinear", "bicubic") or align_corners):
        raise ValueError(
            f"interpolate: mode={mode!r} with align_corners={align_corners} takes no antialias, which 'bilinear' and "
            f"'bicubic' have where corners are not aligned; leave one out"
        )
    if recompute_scale_factor and scale_factor is None:
        raise ValueError(
            "interpolate: recompute_scale_factor=True takes a scale_factor; with size the scale always is L_out / L_in"
        )
    if size is None:
        factors = _factors(scale_factor, spatial)
        lengths = tuple(math.floor(n * factor) for n, factor in zip(x.shape[2:], factors, strict=True))
        if min(lengths) < 1:
            raise ShapeError(
                f"interpolate: scale_factor={scale_factor!r} leaves an image of {lengths} of the input of shape "
                f"{x.shape}; take a larger one"
            )
    else:
        lengths, factors = per_axis("interpolate", "size", size, spatial, least=1), (None,) * spatial
    if mode == "area":
        return _AREA[spatial](x, lengths)
    for place, (length, out, factor) in enumerate(zip(x.shape[2:], lengths, factors, strict=True), 2):
        scale = None if recompute_scale_factor else factor
        x = _resample(x, place, Axis(length, out, scale, bool(align_corners)), mode, antialias)
    return x


def _resample(x: Numbers, place: int, axis: Axis, mode: str, antialias: bool) -> Numbers:
    if mode in ("nearest", "nearest-exact"):
        index = resampling.nearest(axis, exact=mode == "nearest-exact")
        stays = axis.out == axis.length and bool((np.diff(index) > 0).all())
        return x if stays else resampling.take(x, place, index)
    is_cubic = mode == "bicubic"
    keeps_factor = is_cubic and not antialias and not axis.align_corners and axis.scale not in (None, 1.0)
    if axis.out == axis.length and not keeps_factor:  # PyTorch leaves such an axis as it is, whatever the scale_factor
        return x
    if antialias:
        return resampling.combine(x, place, resampling.antialiased(axis, is_cubic))
    return resampling.combine(x, place, resampling.cubic(axis) if is_cubic else resampling.linear(axis))


def _check_mode(x: Numbers, mode: str, align_corners: bool | None) -> None:
    if mode not in _MODES:
        raise ValueError(f"interpolate: mode={mode!r} is none of {', '.join(map(repr, _MODES))}")
    axes = _AXES.get(mode, (1, 2, 3))
    if x.ndim - 2 not in axes:
        several = " or ".join(map(str, axes))
        fitting = " or ".join(repr(name) for name, own in _AXES.items() if x.ndim - 2 in own)
        remedy = f"mode {fitting} takes this one" if fitting else "add a missing axis by reshape"
        raise ShapeError(
            f"interpolate: mode={mode!r} takes an input of shape (N, C, *spatial) with {several} spatial axes, not "
            f"{x.shape}; {remedy}"
        )
    check_images("interpolate", x, x.ndim - 2)
    if align_corners is not None and mode not in _AXES:
        raise ValueError(
            f"interpolate: mode={mode!r} takes no align_corners, which {', '.join(_AXES)} have; leave it out"
        )


def _factors(scale_factor: Any, axes: int) -> tuple[float, ...]:
    factors = tuple(scale_factor) if isinstance(scale_factor, tuple | list) else (scale_factor,) * axes
    positive = all(isinstance(factor, Real) and 0.0 < float(factor) < math.inf for factor in factors)
    if len(factors) != axes or not positive:
        raise ValueError(
            f"interpolate: scale_factor={scale_factor!r} must be a positive number, or a sequence of one for each of "
            f"{axes} spatial axes"
        )
    return tuple(map(float, factors))
