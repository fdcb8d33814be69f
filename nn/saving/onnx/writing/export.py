"""`to_onnx`: a model as a file that other engines run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor
from autograd.progress import with_progress
from nn.module import Module
from nn.parts import Array
from nn.saving.files import Path, written_whole
from nn.saving.onnx.library import onnx_library
from nn.saving.onnx.writing.convert import program_of
from nn.saving.onnx.writing.file import model_of
from nn.saving.onnx.writing.merge import merged
from nn.saving.onnx.writing.program import ExportError, Program
from nn.saving.onnx.writing.trace import traced

BATCHES = (2, 3, 5)  # of the passes that are compared


@with_progress
def to_onnx(
    model: Module,
    path: Path,
    *inputs: Any,
    batch_axis: int | Sequence[int | None] | None = 0,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    dtype: Any = None,
) -> None:
    """Write a model as an ONNX file (opset 21), which ONNX Runtime and others run, and `from_onnx` reads.

    The model is run, in evaluation mode, on batches of two, three and five random examples. What these passes record is
    written: a function of `nn.functional` as ONNX's operator for it, and whatever else `forward` does, residual
    additions, reshapes, slices, as its primitives. Numbers that follow the batch's length are written so. Where the
    passes differ in any other way, as where an ``if`` looks at the input, the model is refused.

    Args:
        model: any module whose `forward` takes Tensors, or arrays of integers, and returns Tensors.
        path: the file; an older one is replaced, once the new one is complete.
        inputs: for each argument of `forward` the shape of one example, without the batch axis; or an example with it,
            an array whose dtype and range of numbers are those of the real ones. Integers need an example.
        batch_axis: the axis of inputs that may have any length; None for sizes as given; or one for each input.
        input_names: "input", or "input_0" and so on, by default.
        output_names: "output", or "output_0" and so on, by default.
        dtype: what floating-point numbers become, such as numpy.float32, which other engines run best. By default each
            stays what it is: float64, unless the model's layers were made with another.

    Raises:
        ExportError: an operation has no place in ONNX, or passes differ in more than follows the batch. A ValueError.
        ImportError: the package onnx is missing; ``pip install gradwalk[onnx]``.
        OSError: the file cannot be written.

    Example:
        >>> import nn, os, tempfile
        >>> import numpy as np
        >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6 * 6, 10))
        >>> images = np.ones((7, 1, 8, 8))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "digits.onnx")
        ...     nn.to_onnx(model, path, (1, 8, 8))
        ...     read = nn.from_onnx(path)
        >>> np.allclose(read(images).data, model(images).data)
        True
    """
    onnx_library("to_onnx")
    if not isinstance(model, Module):
        raise TypeError(f"to_onnx: takes a module, not {type(model).__name__}")
    if not inputs:
        raise TypeError("to_onnx: give for each argument of forward the shape of one example, or an example of a batch")
    axes = _batch_axes(batch_axis, len(inputs))
    program = _program(model, inputs, axes, input_names, output_names)
    dynamic: list[tuple[int | None, ...]] = [(axis,) for axis in axes]
    dynamic += [tuple(varied) for varied in program.varied]
    proto = model_of(program.merged, type(model).__name__, dtype, dynamic)
    with written_whole(path) as file:
        file.write(proto.SerializeToString(deterministic=True))


class _Result(NamedTuple):
    merged: Program
    varied: list[list[int]]  # for each output, the axes that follow the batch


def _program(
    model: Module,
    inputs: Sequence[Any],
    axes: Sequence[int | None],
    input_names: Sequence[str],
    output_names: Sequence[str],
) -> _Result:
    batches = BATCHES if any(axis is not None for axis in axes) else (1, 1)
    dtype = next((parameter.dtype for parameter in model.parameters() if hasattr(parameter, "dtype")), np.float64)
    rng = np.random.default_rng(0)
    programs = []
    for batch in batches:
        arrays = [_example(x, axis, batch, dtype, rng) for x, axis in zip(inputs, axes, strict=True)]
        trace = traced(model, arrays)
        names = _names(input_names, "input", len(inputs)), _names(output_names, "output", len(trace.outputs))
        _check_names(names, trace.weights.values())
        programs.append(program_of(trace, *names))
    place = next((place for place, axis in enumerate(axes) if axis is not None), None)
    source = None if place is None else (programs[0].inputs[place].name, axes[place] or 0)
    program = merged(programs, batches, source)
    shapes = zip(*([port.shape for port in each.outputs] for each in programs[:2]), strict=True)
    varied = [[axis for axis, (n, m) in enumerate(zip(one, two, strict=True)) if n != m] for one, two in shapes]
    return _Result(program, varied)


def _batch_axes(batch_axis: Any, count: int) -> list[int | None]:
    axes = list(batch_axis) if isinstance(batch_axis, tuple | list) else [batch_axis] * count
    if len(axes) != count or any(axis is not None and (not isinstance(axis, int) or axis < 0) for axis in axes):
        raise ValueError(
            f"to_onnx: batch_axis={batch_axis!r} must be an axis from 0, or None, or one of them for each of {count} "
            f"inputs"
        )
    return axes


def _example(given: Any, axis: int | None, batch: int, dtype: Any, rng: np.random.Generator) -> Array:
    """Random numbers of the shape, or drawn from those of the example."""
    if isinstance(given, tuple | list) and all(isinstance(length, int) for length in given):
        shape = list(given)
        if axis is not None:
            shape.insert(axis, batch)
        return rng.normal(size=shape).astype(dtype)
    array = given.numpy() if isinstance(given, Tensor) else np.asarray(given)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"to_onnx: an input is a shape or an array of numbers, not {type(given).__name__}")
    lengths = list(array.shape)
    if axis is not None:
        if axis >= array.ndim:
            raise ValueError(f"to_onnx: an example of shape {array.shape} has no batch_axis={axis}")
        lengths[axis] = batch
    if not array.size:
        raise ValueError(f"to_onnx: an example of shape {array.shape} has no number; give one that has")
    return rng.choice(array.reshape(-1), size=lengths)


def _names(given: Sequence[str], kind: str, count: int) -> list[str]:
    if not given:
        return [kind] if count == 1 else [f"{kind}_{place}" for place in range(count)]
    if len(given) != count or len(set(given)) != count:
        raise ValueError(f"to_onnx: {kind}_names={list(given)} must be {count} different names")
    return list(given)


def _check_names(names: tuple[list[str], list[str]], weights: Any) -> None:
    taken = {path for path, _ in weights}
    for name in (*names[0], *names[1]):
        if not name or "/" in name or name in taken or names[0].count(name) + names[1].count(name) > 1:
            raise ExportError(
                f"to_onnx: {name!r} cannot name an input or output; take another name, without '/', than those of the "
                f"other ports and of the parameters, in input_names and output_names"
            )
