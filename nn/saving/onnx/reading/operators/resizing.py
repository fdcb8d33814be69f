"""Other sizes of images: by `F.interpolate` where PyTorch has the way, else by the definition, a matrix an axis."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd import ShapeError, functions
from nn import functional as F
from nn.parts import Array
from nn.saving.onnx.reading.graph import Step
from nn.saving.onnx.reading.registry import reads
from nn.saving.onnx.reading.values import Value, axes_of, check_elements, integers, plain

_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


class _Axis(NamedTuple):
    length: int
    out: int
    scale: Any


@reads("Resize", "Upsample")
def resize(step: Step, x: Value, roi: Value = None, scales: Value = None, sizes: Value = None) -> Value:
    """Axes resampled. The region of interest, for `tf_crop_and_resize`, is not supported."""
    if step.kind == "Upsample" or step.version < 11:  # the second input are the scales, if they are no attribute
        scales = np.array(step.scales) if roi is None else roi
    _check(step)
    axes = _sizes(step, x, scales, sizes)
    check_elements(step, [axis.out for axis in axes])
    if all(axis.out == axis.length and axis.scale == 1.0 for axis in axes):
        return x
    arguments = _as_in_pytorch(step, axes)
    if arguments is not None:
        by_sizes = sizes is not None and sizes.size > 0
        size = {"size": [axis.out for axis in axes[2:]]} if by_sizes else {"scale_factor": [a.scale for a in axes[2:]]}
        return F.interpolate(x, **size, **arguments)
    for place, axis in enumerate(axes):
        if axis.out != axis.length or axis.scale != 1.0:
            check_elements(step, (axis.out, axis.length))
            x = _resampled(x, place, _weights(step, axis).astype(x.dtype))
    return x


def _check(step: Step) -> None:
    unsupported = {
        "antialias=1": bool(step.attributes.get("antialias")),
        "keep_aspect_ratio_policy": (step.attributes.get("keep_aspect_ratio_policy") or "stretch") != "stretch",
        f"mode={step.mode!r}": step.mode not in ("nearest", "linear", "cubic"),
        f"coordinate_transformation_mode={_coordinates(step)!r}": _coordinates(step) not in _SOURCES,
        f"nearest_mode={_nearest(step)!r}": _nearest(step) not in _ROUNDING,
    }
    for what, present in unsupported.items():
        if present:
            raise ValueError(f"{step.describe()}: {what} is not supported")


def _coordinates(step: Step) -> str:
    return step.attributes.get("coordinate_transformation_mode") or "asymmetric"


def _nearest(step: Step) -> str:
    return step.attributes.get("nearest_mode") or "floor"


def _sizes(step: Step, x: Value, scales: Value, sizes: Value) -> list[_Axis]:
    given = step.attributes.get("axes")
    places = axes_of(step, range(x.ndim) if given is None else given, x.ndim)
    by_sizes = sizes is not None and sizes.size > 0
    wanted: Any = ()
    if by_sizes:
        wanted = integers(step, sizes, "sizes")
    elif scales is not None:
        wanted = plain(scales).astype(np.float32).reshape(-1).tolist()
    if len(wanted) != len(places):
        raise ShapeError(f"{step.describe()}: gives {len(wanted)} sizes or scales for {len(places)} axes")
    axes = [_Axis(length, length, 1.0) for length in x.shape]
    for place, each in zip(places, wanted, strict=True):
        length = x.shape[place]
        # In single precision 7·(11/7) is 11, as it should; in double precision it is a little less.
        out = math.floor(np.float32(length) * np.float32(each)) if math.isfinite(each) and not by_sizes else each
        if not 0 < each < 2**31 or not out > 0 or not length:
            raise ShapeError(f"{step.describe()}: {each} is no size or scale of axis {place} of shape {x.shape}")
        axes[place] = _Axis(length, out, out / length if by_sizes else float(each))
    return axes


def _as_in_pytorch(step: Step, axes: list[_Axis]) -> dict[str, Any] | None:
    """What `F.interpolate` is called with, where it does the same."""
    spatial = len(axes) - 2
    whole = all(axis.scale * axis.length == axis.out for axis in axes)
    if not 1 <= spatial <= 3 or any(axis.out != axis.length or axis.scale != 1.0 for axis in axes[:2]):
        return None
    coordinates = _coordinates(step)
    if step.mode == "nearest":
        ways = {("asymmetric", "floor"): "nearest", ("half_pixel", "round_prefer_ceil"): "nearest-exact"}
        mode = ways.get((coordinates, _nearest(step)))
        return None if mode is None or not whole else {"mode": mode}
    known = coordinates in ("half_pixel", "align_corners")
    known = known or (coordinates == "pytorch_half_pixel" and all(axis.out > 1 for axis in axes[2:]))
    if step.attributes.get("exclude_outside") or not known:
        return None
    if coordinates == "align_corners" and not whole:
        return None
    if step.mode == "linear":
        return {"mode": _LINEAR[spatial], "align_corners": coordinates == "align_corners"}
    if spatial == 2 and math.isclose(step.cubic_coeff_a, -0.75):
        return {"mode": "bicubic", "align_corners": coordinates == "align_corners"}
    return None


# ---- by the definition ----------------------------------------------------------------------------------------------

_SOURCES: dict[str, Any] = {  # where the centre of output pixel i lies, as a number of the input's pixels
    "half_pixel": lambda i, axis: (i + 0.5) / axis.scale - 0.5,
    "pytorch_half_pixel": lambda i, axis: (i + 0.5) / axis.scale - 0.5 if axis.out > 1 else 0.0 * i,
    "half_pixel_symmetric": lambda i, axis: (
        axis.length / 2 * (1 - axis.out / (axis.scale * axis.length)) + (i + 0.5) / axis.scale - 0.5
    ),
    "asymmetric": lambda i, axis: i / axis.scale,
    "align_corners": lambda i, axis: (
        i * (axis.length - 1) / (axis.scale * axis.length - 1) if axis.scale * axis.length != 1 else 0.0 * i
    ),
}
_ROUNDING: dict[str, Any] = {
    "round_prefer_floor": lambda x: np.ceil(x - 0.5),
    "round_prefer_ceil": lambda x: np.floor(x + 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
}


def _weights(step: Step, axis: _Axis) -> Array:
    """(out, length): what each output element takes of each input element. What lies beyond is the edge's."""
    if step.mode == "nearest":
        # In single precision 2 / (2/3) is 3, as it should, and as other engines have it.
        single = _Axis(axis.length, axis.out, np.float32(axis.scale))
        source = _SOURCES[_coordinates(step)](np.arange(axis.out, dtype=np.float32), single)
        places, weights = _ROUNDING[_nearest(step)](source)[:, np.newaxis], np.ones((axis.out, 1))
    else:
        source = _SOURCES[_coordinates(step)](np.arange(axis.out), axis)
        places, weights = _taps(source, step.mode, step.attributes.get("cubic_coeff_a"))
    outside = (places < 0) | (places >= axis.length)
    if step.attributes.get("exclude_outside"):
        weights = np.where(outside, 0.0, weights)
        weights = weights / weights.sum(axis=1, keepdims=True)
    matrix = np.zeros((axis.out, axis.length))
    rows = np.broadcast_to(np.arange(axis.out)[:, np.newaxis], places.shape)
    np.add.at(matrix, (rows, np.clip(places, 0, axis.length - 1).astype(np.intp)), weights)
    return matrix


def _taps(source: Array, mode: str, a: float | None) -> tuple[Array, Array]:
    """The two or four elements around each source, (out, taps), and their weights."""
    left = np.floor(source)
    part = (source - left)[:, np.newaxis]
    if mode == "linear":
        return left[:, np.newaxis] + np.arange(2), np.concatenate([1 - part, part], axis=1)
    distance = np.abs(part - np.arange(-1, 3))
    factor = -0.75 if a is None else a
    near = ((factor + 2) * distance - (factor + 3)) * distance**2 + 1
    far = factor * (((distance - 5) * distance + 8) * distance - 4)
    return left[:, np.newaxis] + np.arange(-1, 3), np.where(distance <= 1, near, np.where(distance < 2, far, 0.0))


def _resampled(x: Value, place: int, matrix: Array) -> Value:
    moved = functions.moveaxis(x, place, -1)
    return functions.moveaxis(functions.matmul(moved, matrix.T), -1, place)
