"""Where each place of a tape lies in memory: in a buffer of its own, or as a view of another place's."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd.primitives.structural import broadcast_to, getitem, is_basic_index, reshape, transpose, windows
from autograd.replay.tape import Step, Tape, varies


class View(NamedTuple):
    """Attributes:
    root: the place whose buffer it lies in.
    offset: of the first element.
    shape: the place's own.
    strides: from element to element along each axis, counted in elements.
    """

    root: int
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def dense(self) -> bool:
        """Whether it lies in row-major order without gaps."""
        return all(
            length == 1 or own == step
            for length, own, step in zip(self.shape, self.strides, dense_strides(self.shape), strict=True)
        )

    def of(self, array: Any) -> Any:
        """The place's array, given its root's."""
        if self.offset == 0 and self.dense:
            return array if array.shape == self.shape else array.reshape(self.shape)
        flat = array.reshape(-1)[self.offset :]
        steps = tuple(step * array.itemsize for step in self.strides)
        return np.lib.stride_tricks.as_strided(flat, self.shape, steps)


def dense_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of an array in row-major order."""
    strides: list[int] = []
    step = 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


def place_views(tape: Tape) -> list[View]:
    """The view of each place."""
    views = [View(place, 0, tuple(shape), dense_strides(tuple(shape))) for place, shape in enumerate(tape.shapes)]
    for step in tape.steps():
        source = views[step.arguments[0]] if step.arguments else None
        if source is not None and is_view(step, source):
            views[step.place] = _viewed(step, source, tuple(tape.shapes[step.place]))
    return views


def is_view(step: Step, source: View) -> bool:
    """Whether a step only looks at memory that holds its result already."""
    if varies(step.params):
        return False
    if step.rule is reshape:
        return source.dense
    if step.rule is windows:
        return _keep_apart(**step.params)
    if step.rule is getitem:
        return is_basic_index(step.params["index"])
    return step.rule is transpose or step.rule is broadcast_to


def _keep_apart(kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]) -> bool:
    """Whether no two windows share an element, so that gradients may be added window by window."""
    return max(dilation) == 1 and all(k <= s for k, s in zip(kernel, stride, strict=True))


def as_matrix(view: View) -> View:
    """A view of the same numbers in which all axes but the last are one; for dense views."""
    shape = (math.prod(view.shape[:-1]), view.shape[-1])
    return View(view.root, view.offset, shape, dense_strides(shape))


def _viewed(step: Step, source: View, shape: tuple[int, ...]) -> View:
    if step.rule is reshape:
        return View(source.root, source.offset, shape, dense_strides(shape))
    if step.rule is windows:
        axes = len(step.params["kernel"])
        along = source.strides[-axes:]
        moved = tuple(s * own for s, own in zip(step.params["stride"], along, strict=True))
        return View(source.root, source.offset, shape, (*source.strides[:-axes], *moved, *along))
    memory = np.zeros(1, np.int8)  # NumPy tells where the elements would lie, of an array that is not there
    model = np.lib.stride_tricks.as_strided(memory, source.shape, source.strides)
    seen = (
        _element(model, step.params["index"])
        if shape == () and step.rule is getitem
        else step.rule.forward(model, **step.params)
    )
    offset = seen.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
    return View(source.root, source.offset + offset, tuple(seen.shape), tuple(seen.strides))


def _element(model: Any, index: Any) -> Any:
    """One element as an array, where NumPy would give a number that lies nowhere."""
    parts = index if isinstance(index, tuple) else (index,)
    return model[parts if Ellipsis in parts else (*parts, Ellipsis)]


def is_injective(view: View) -> bool:
    """Whether no two elements of a view are the same number: each step reaches beyond what smaller ones span."""
    reach = 0
    for step, length in sorted((abs(step), length) for step, length in zip(view.strides, view.shape, strict=True)):
        if length > 1:
            if step <= reach:
                return False
            reach += step * (length - 1)
    return True


def broadcast(view: View, shape: tuple[int, ...]) -> View:
    """A view of an operand of a smaller shape, as NumPy broadcasts it."""
    added = len(shape) - len(view.shape)
    strides = (0,) * added + tuple(
        0 if length == 1 and whole != 1 else step
        for step, length, whole in zip(view.strides, view.shape, shape[added:], strict=True)
    )
    return View(view.root, view.offset, shape, strides)
