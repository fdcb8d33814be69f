"""Images of another size."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.functional.arguments import per_axis
from nn.saving.onnx.writing.emitter import Emitter
from nn.saving.onnx.writing.functions.shared import array_of
from nn.saving.onnx.writing.registry import writes

_MODES = {"nearest": "nearest", "nearest-exact": "nearest", "bicubic": "cubic"}


def _is_resize(a: Any) -> bool:
    """Smoothed and averaged images are written as the sums that they are; so is what float32 scales would change."""
    if a.mode == "area" or a.antialias:
        return False
    if not _by_scale(a):
        return True
    factors = _factors(a)
    exact = all(float(np.float32(factor)) == factor for factor in factors)
    lengths = array_of(a.input).shape[2:]
    same_size = all(int(n * float(np.float32(f))) == int(n * f) for n, f in zip(lengths, factors, strict=True))
    return exact or (same_size and not a.mode.startswith("nearest"))


def _by_scale(a: Any) -> bool:
    """Whether the scale is as given; else it follows from the sizes."""
    return a.scale_factor is not None and not a.recompute_scale_factor and not a.align_corners


def _factors(a: Any) -> tuple[float, ...]:
    spatial = array_of(a.input).ndim - 2
    given = a.scale_factor if isinstance(a.scale_factor, tuple | list) else (a.scale_factor,) * spatial
    return tuple(map(float, given))


@writes("interpolate", when=_is_resize)
def write_interpolation(emitter: Emitter, a: Any) -> str:
    """Resize."""
    x = array_of(a.input)
    given: dict[str, Any] = {"mode": _MODES.get(a.mode, "linear"), "axes": list(range(2, x.ndim))}
    if given["mode"] == "nearest":
        exact = a.mode == "nearest-exact"
        given["coordinate_transformation_mode"] = "half_pixel" if exact else "asymmetric"
        given["nearest_mode"] = "round_prefer_ceil" if exact else "floor"
    else:
        given["coordinate_transformation_mode"] = "align_corners" if a.align_corners else "half_pixel"
    if given["mode"] == "cubic":
        given["cubic_coeff_a"] = -0.75
    return emitter.operation("Resize", emitter.value(x), "", *_size(emitter, a, x.shape[2:]), **given)


def _size(emitter: Emitter, a: Any, lengths: tuple[int, ...]) -> tuple[str, ...]:
    """The scales, or none and the sizes."""
    if _by_scale(a):
        return (emitter.constant(np.array(_factors(a), dtype=np.float32)),)
    if a.scale_factor is None:
        return "", emitter.integers(per_axis("interpolate", "size", a.size, len(lengths), least=1))
    return "", emitter.integers([int(n * factor) for n, factor in zip(lengths, _factors(a), strict=True)])
