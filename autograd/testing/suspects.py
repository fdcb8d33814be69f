"""The usual mistakes in a backward pass, each as the wrong gradient that it would give."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

Array = Any


class Suspect(NamedTuple):
    """A mistake.

    Attributes:
        cause: its short name.
        sentence: what the report says of it.
        gradient: what the backward pass would then give, of the leaf's shape.
    """

    cause: str
    sentence: str
    gradient: Array


class Scene(NamedTuple):
    """What is known of one wrong gradient.

    Attributes:
        label: the input's name.
        numbers: the input.
        right: its gradient by differences.
        jacobian: (elements, outputs).
        weights: the upstream gradient, one number for each output.
        outputs: the outputs, of their shape; flat where there are several.
        others: the right gradients of the other inputs of this shape, by name.
    """

    label: str
    numbers: Array
    right: Array
    jacobian: Array
    weights: Array
    outputs: Array
    others: dict[str, Array]

    def pulled(self, weights: Array) -> Array:
        """The gradient for other weights."""
        return (self.jacobian @ weights.ravel()).reshape(self.right.shape)


def suspects(scene: Scene) -> Iterator[Suspect]:
    """The mistakes that are possible for shapes like these, the plain ones first."""
    right = scene.right
    yield Suspect(
        "zero", "every element is 0: the path to this input is cut (a detach, a constant, a lost term)?", 0 * right
    )
    yield Suspect("sign", "every element has the opposite sign: a minus lost or one too many?", -right)
    yield Suspect("half", "every element is half: a dropped term, or a factor 2 forgotten?", right / 2)
    yield Suspect(
        "double", "every element is twice what it should be: counted twice, or a factor ½ forgotten?", 2 * right
    )
    yield from _upstream(scene)
    yield from _cross_terms(scene)
    yield from _moved(right)
    yield from _parts(scene)
    yield from _swapped(scene)
    yield from _lengths(scene)
    yield from _missing_factors(scene)


def _upstream(scene: Scene) -> Iterator[Suspect]:
    w = scene.weights
    yield Suspect(
        "upstream ignored",
        "the gradient is that of the sum of the outputs: the upstream gradient is not multiplied in?",
        scene.pulled(np.ones_like(w)),
    )
    yield Suspect("upstream sign", "the upstream gradient enters without its sign?", scene.pulled(np.abs(w)))
    yield Suspect("upstream squared", "the upstream gradient is multiplied in twice?", scene.pulled(w * w))
    yield Suspect(
        "upstream summed",
        "the upstream gradient's mean is used for each output?",
        scene.pulled(np.full_like(w, w.mean())),
    )
    yield Suspect(
        "upstream summed",
        "the upstream gradient's sum is used for each output?",
        scene.pulled(np.full_like(w, w.sum())),
    )
    clipped = np.clip(w, 0.0, None)
    yield Suspect("upstream sign", "a negative upstream gradient is taken as 0?", scene.pulled(clipped))


def _cross_terms(scene: Scene) -> Iterator[Suspect]:
    if scene.jacobian.shape[0] == scene.jacobian.shape[1]:
        diagonal = (np.diagonal(scene.jacobian) * scene.weights).reshape(scene.right.shape)
        yield Suspect(
            "transpose",
            "the Jacobian is applied as it is, not transposed: an operation that is done again, not undone?",
            (scene.jacobian.T @ scene.weights).reshape(scene.right.shape),
        )
        yield Suspect(
            "diagonal", "only ∂yᵢ/∂xᵢ is there: the cross terms are missing, as of softmax or a normalisation", diagonal
        )
    contributions = scene.jacobian * scene.weights
    present = contributions != 0
    if present.any() and (present.sum(axis=1) > 1).any():
        rows = np.arange(len(contributions))
        last = contributions.shape[1] - 1 - np.argmax(present[:, ::-1], axis=1)
        for place, which in ((last, "last"), (np.argmax(present, axis=1), "first")):
            yield Suspect(
                "overwritten",
                f"each element holds its {which} contribution alone: `=` where `+=` is meant, or a repeated index "
                f"without add.at?",
                contributions[rows, place].reshape(scene.right.shape),
            )
        yield from _last_place(scene, contributions)


def _last_place(scene: Scene, contributions: Array) -> Iterator[Suspect]:
    """The last place of a window alone, with all of its channels: (N, C, H, W) outputs."""
    if scene.outputs.ndim != 4:
        return
    spread = contributions.reshape(len(contributions), *scene.outputs.shape).sum(axis=(1, 2))
    by_place = spread.reshape(len(contributions), -1)
    last = by_place.shape[1] - 1 - np.argmax(by_place[:, ::-1] != 0, axis=1)
    yield Suspect(
        "overwritten",
        "each element holds what its last window contributes: `=` where `+=` is meant, where windows overlap?",
        by_place[np.arange(len(by_place)), last].reshape(scene.right.shape),
    )


def _moved(right: Array) -> Iterator[Suspect]:
    axes = range(right.ndim)
    for one, other in itertools.combinations(axes, 2):
        if right.shape[one] == right.shape[other]:
            yield Suspect(
                "transpose",
                f"the gradient is transposed (axes {one} and {other} exchanged)",
                right.swapaxes(one, other),
            )
    if right.ndim >= 2:
        yield Suspect(
            "transpose",
            "the elements are in the order of the transpose: a reshape where a transpose is meant?",
            right.T.reshape(right.shape),
        )
        yield Suspect(
            "transpose",
            "the elements are in the order of the transpose: a reshape where a transpose is meant?",
            right.reshape(right.shape[::-1]).T,
        )
        yield Suspect(
            "flip",
            "the last two axes run backwards: a kernel that is not rotated, or rotated once too often?",
            right[..., ::-1, ::-1],
        )
    for axis in axes:
        if right.shape[axis] > 1:
            yield Suspect("flip", f"axis {axis} runs backwards", np.flip(right, axis))
            for shift in (1, -1, 2, -2):
                off = f"every element stands {abs(shift)} off along axis {axis}: off by one?"
                yield Suspect("shift", off, np.roll(right, shift, axis))
                yield Suspect("shift", off, _shifted(right, shift, (axis,)))
    for shift in (1, -1):
        if right.ndim >= 2 and min(right.shape[-2:]) > 2:
            yield Suspect(
                "shift", "every element stands one place off along both axes", _shifted(right, shift, (-2, -1))
            )


def _shifted(right: Array, shift: int, axes: tuple[int, ...]) -> Array:
    """Moved along axes; NaN at the edge, of which nothing is foretold."""
    moved = np.roll(right, (shift,) * len(axes), axes)
    for axis in axes:
        edge = [slice(None)] * right.ndim
        edge[axis] = slice(0, shift) if shift > 0 else slice(shift, None)
        moved[tuple(edge)] = np.nan
    return moved


def _parts(scene: Scene) -> Iterator[Suspect]:
    """One index along one axis of the outputs, or of the gradient, alone."""
    shape = scene.outputs.shape
    for axis, length in enumerate(shape):
        if length < 2:
            continue
        for place, which in ((length - 1, "last"), (0, "first")):
            kept = np.zeros(shape)
            chosen = (slice(None),) * axis + (place,)
            kept[chosen] = scene.weights.reshape(shape)[chosen]
            what = "sample" if axis == 0 else f"index along axis {axis}"
            yield Suspect(
                "one sample",
                f"only the {which} {what} of the output counts: a missing sum over axis {axis}, or `=` for `+=`?",
                scene.pulled(kept),
            )
            yield Suspect(
                "one sample left out",
                f"the {which} {what} of the output is left out: a loop that ends one early?",
                scene.pulled(scene.weights.reshape(shape) - kept),
            )
    right = scene.right
    for axis, length in enumerate(right.shape):
        if length < 2:
            continue
        for place, which in ((length - 1, "last"), (0, "first")):
            chosen = (slice(None),) * axis + (place,)
            kept = np.zeros_like(right)
            kept[chosen] = right[chosen]
            yield Suspect("one part", f"only the {which} part along axis {axis} is filled", kept)
            spread = np.broadcast_to(np.expand_dims(right.sum(axis=axis), axis), right.shape)
        yield Suspect("summed too much", f"the gradient is summed over axis {axis}, and spread again", spread)
        mean = np.broadcast_to(np.expand_dims(right.mean(axis=axis), axis), right.shape)
        yield Suspect("summed too much", f"the gradient is averaged over axis {axis}, and spread again", mean)


def _swapped(scene: Scene) -> Iterator[Suspect]:
    for name, other in scene.others.items():
        yield Suspect("swapped inputs", f"it is the gradient of {name}: returned in the wrong order?", other)
        yield Suspect("swapped inputs", f"it is the negative gradient of {name}", -other)
        yield Suspect(
            "other's added", f"the gradient of {name} was added to it: one array for both?", scene.right + other
        )


def _lengths(scene: Scene) -> Iterator[Suspect]:
    """Factors that are lengths: a mean taken as a sum, or the reverse."""
    shapes = {"input": scene.right.shape, "output": scene.outputs.shape}
    for whose, shape in shapes.items():
        for axis, length in enumerate(shape):
            if length > 1:
                where = f"the length of axis {axis} of the {whose}, {length}"
                yield Suspect(
                    "factor", f"every element is divided by {where}: a mean where a sum is meant?", scene.right / length
                )
                yield Suspect(
                    "factor",
                    f"every element is multiplied by {where}: a sum where a mean is meant?",
                    scene.right * length,
                )
        size = int(np.prod(shape))
        if size > 1:
            yield Suspect("factor", f"every element is divided by the {whose}'s size, {size}", scene.right / size)
            yield Suspect("factor", f"every element is multiplied by the {whose}'s size, {size}", scene.right * size)


def _missing_factors(scene: Scene) -> Iterator[Suspect]:
    """A factor too much or too few that is the input or, element by element, the output."""
    known = {"the input": scene.numbers}
    if scene.outputs.shape == scene.right.shape:
        known["the output"] = scene.outputs
        known["the upstream gradient"] = scene.weights.reshape(scene.right.shape)
    for name, factor in known.items():
        yield Suspect("missing factor", f"it is multiplied by {name} once too often", scene.right * factor)
        with np.errstate(all="ignore"):
            yield Suspect("missing factor", f"a factor is missing: {name}", scene.right / factor)
            yield Suspect("missing factor", f"it is multiplied by the square of {name}", scene.right * factor**2)
    if "the output" in known:
        w = scene.weights.reshape(scene.right.shape)
        yield Suspect("local derivative missing", "the upstream gradient is handed on as it is", w)
        y, x = scene.outputs, scene.numbers
        for text, factor in (
            ("the output", y),
            ("1 − the output", 1.0 - y),
            ("the output's square", y * y),
            ("the input", x),
            ("e^x", np.exp(x)),
        ):
            yield Suspect("local derivative", f"the local derivative is taken to be {text}", w * factor)
        if scene.jacobian.shape[0] == scene.jacobian.shape[1]:
            gate = (1.0 - np.diagonal(scene.jacobian)).reshape(w.shape)
            yield Suspect(
                "mask inverted", "the gradient passes where it should not, and the reverse: a mask inverted?", w * gate
            )
        yield Suspect("extra term", "the upstream gradient was added to it", scene.right + w)
        yield Suspect("extra term", "the upstream gradient was taken away from it", scene.right - w)
    yield Suspect("extra term", "the input was added to it", scene.right + scene.numbers)
    yield Suspect("extra term", "the right gradient plus 1", scene.right + 1.0)
