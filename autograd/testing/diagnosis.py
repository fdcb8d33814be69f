"""What kind of mistake a wrong gradient looks like.

Each of the usual mistakes predicts a wrong gradient; the one that comes closest to what the backward pass gave is
named, if it explains the error but for a thousandth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from autograd.testing.elements import Columns, columns
from autograd.testing.findings import Finding
from autograd.testing.report import GradientReport
from autograd.testing.subject import Subject
from autograd.testing.suspects import Scene, Suspect, suspects

Array = Any

_EXPLAINED = 1e-3
_NAMED = 3
_SMALL = 200  # inputs of so many numbers are looked at changed, too


def diagnose(report: GradientReport, subject: Subject) -> None:
    """Fill in the report's elements, its diagnosis and its causes.

    Args:
        report: of a failed check.
        subject: the function at the point where it failed.
    """
    faults = report.faults
    fault = next((each for each in faults if each.weights is not None and each.kind != "symmetry"), None)
    if fault is None or "second derivatives" in fault.where:
        _of_second_order(report, faults)
    else:
        _of_elements(report, subject, fault)
    report.causes += [each.kind for each in faults if each.kind not in ("slope", "kink")]


def _of_elements(report: GradientReport, subject: Subject, fault: Finding) -> None:
    try:
        found = columns(subject, fault.weights)
    except Exception as error:  # a report without it is better than none
        report.diagnosis.append(f"the elements could not be looked at: {type(error).__name__}: {error}")
        return
    report.elements = found.elements(subject)
    told = [] if fault.kind == "not finite" else list(_told(subject, found))
    if fault.kind == "kink":
        told.insert(
            0, ("kink", "the input lies on a kink, and the derivative is none of those that the function has nearby")
        )
    report.causes += [cause for cause, _ in told]
    report.diagnosis += [sentence for _, sentence in told]


def _of_second_order(report: GradientReport, faults: list[Finding]) -> None:
    if any("second derivatives" in fault.where or fault.kind == "symmetry" for fault in faults):
        report.causes.append("second order")
        report.diagnosis.append(
            "the first derivatives are right and the second are not: the backward pass computes with plain numbers, or "
            "a rule's own derivative is wrong"
        )


def _told(subject: Subject, found: Columns) -> Iterator[tuple[str, str]]:
    """Causes and sentences, for the first input that has wrong elements."""
    for place, part in enumerate(subject.parts):
        own = (found.places >= part.start) & (found.places < part.stop)
        wrong = found.wrong & own
        if not wrong.any():
            continue
        label = subject.leaves[place].label
        whole = int(own.sum()) == part.stop - part.start
        yield from _of_leaf(subject, found, place, own, label) if whole else _of_few(found, wrong, label)
        return


def _of_few(found: Columns, wrong: Array, label: str) -> Iterator[tuple[str, str]]:
    yield "some elements", f"{int(wrong.sum())} elements of {label} are wrong"
    yield from _ratio(found.analytic[wrong], found.numeric[wrong], found.bound[wrong])


def _of_leaf(subject: Subject, found: Columns, place: int, own: Array, label: str) -> Iterator[tuple[str, str]]:
    shape = subject.arrays[place].shape
    analytic, right, bound = (each[own].reshape(shape) for each in (found.analytic, found.numeric, found.bound))
    scene = Scene(
        label,
        np.asarray(subject.arrays[place], dtype=np.float64),
        right,
        found.jacobian[own],
        found.weights,
        _shaped_outputs(subject, found),
        _of_same_shape(subject, found, place),
    )
    wrong = ~(np.abs(analytic - right) <= bound)
    told = np.isfinite(bound)  # where differences say nothing, nothing can be compared
    some = not wrong[told].all() and bool(wrong.any())
    named = _best(suspects(scene), scene, analytic, bound, told)
    if not named:
        named = _best(_of_other_inputs(subject, place, own, scene), scene, analytic, bound, told)
    if not named and some:
        region = list(_regions(scene, wrong))
        yield from region
        named = _best(suspects(scene), scene, analytic, bound, wrong)
        if region:
            named = [(cause, f"there: {sentence}") for cause, sentence in named]
    yield from named[:_NAMED]
    if not named:
        yield from _ratio(analytic[wrong], right[wrong], bound[wrong])
        if told.all():
            yield from _differences(scene, analytic, bound)


def _of_other_inputs(subject: Subject, place: int, own: Array, scene: Scene) -> Iterator[Suspect]:
    """The right gradient at another input transposed, or rotated: as of a product whose operand was not."""
    for other, array in enumerate(subject.arrays):
        if other == place or array.ndim < 2 or subject.size > _SMALL:
            continue
        turned = {"flip": (array[..., ::-1, ::-1], "rotated")}
        if array.shape[-1] == array.shape[-2]:
            turned["transpose"] = (array.swapaxes(-1, -2), "transposed")
        for cause, (changed, text) in turned.items():
            arrays = [changed if k == other else each for k, each in enumerate(subject.arrays)]
            try:
                gradient = columns(subject.at(arrays), scene.weights).numeric[own].reshape(scene.right.shape)
            except Exception:  # it does not take such an input
                continue
            yield Suspect(
                cause,
                f"it is the gradient for {subject.leaves[other].label} {text}, which it should not be, or the reverse",
                gradient,
            )


def _shaped_outputs(subject: Subject, found: Columns) -> Array:
    shapes = [np.shape(out) for out in subject.forward([np.array(array) for array in subject.arrays])]
    return found.outputs.reshape(shapes[0]) if len(shapes) == 1 else found.outputs


def _of_same_shape(subject: Subject, found: Columns, place: int) -> dict[str, Array]:
    others = {}
    for other, part in enumerate(subject.parts):
        own = (found.places >= part.start) & (found.places < part.stop)
        shape = subject.arrays[other].shape
        if other != place and shape == subject.arrays[place].shape and int(own.sum()) == part.stop - part.start:
            others[subject.leaves[other].label] = found.numeric[own].reshape(shape)
    return others


def _best(tried: Iterable[Suspect], scene: Scene, analytic: Array, bound: Array, where: Array) -> list[tuple[str, str]]:
    """The mistakes that explain the error where `where` holds, each cause once."""
    error = float(np.abs(analytic - scene.right)[where].sum())
    spare = float(bound[where].sum())
    named: dict[str, str] = {}
    for suspect in tried:
        if suspect.gradient.shape != analytic.shape:
            continue
        foretold = where & ~np.isnan(suspect.gradient)
        rest = float(np.abs(analytic - suspect.gradient)[foretold].sum())
        other = float(np.abs(suspect.gradient - scene.right)[foretold].sum())
        if 2 * foretold.sum() >= where.sum() and rest <= _EXPLAINED * error + 2.0 * spare < other:
            named.setdefault(suspect.cause, suspect.sentence)
    return list(named.items())


def _ratio(analytic: Array, right: Array, bound: Array) -> Iterator[tuple[str, str]]:
    """One factor for all elements; or the rounding to fewer digits."""
    clear = np.abs(right) > 10.0 * bound
    if not clear.all() or not clear.size:
        return
    ratios = analytic[clear] / right[clear]
    factor = float(np.median(ratios))
    spare = bound[clear] / np.abs(right[clear])
    if (np.abs(ratios - factor) <= _EXPLAINED * abs(factor - 1.0) + 2.0 * spare).all():
        yield "factor", f"every wrong element is {factor:.10g} times what it should be: a constant factor?"
        return
    apart = np.abs(ratios - 1.0)
    for dtype, epsilon in (("float32", 2.0**-24), ("float16", 2.0**-11)):
        if apart.max() <= 8.0 * epsilon and apart.max() > 0.02 * epsilon:
            yield "rounding", f"the elements are off by up to {apart.max():.1e} of their size: computed in {dtype}?"
            return
    if apart.max() < 0.05:
        yield (
            "approximation",
            f"the elements are off by {apart.min():.1e} to {apart.max():.1e} of their size: an approximation, or a "
            f"guard against 0?",
        )


def _differences(scene: Scene, analytic: Array, bound: Array) -> Iterator[tuple[str, str]]:
    """What the error itself looks like: constant everywhere or along an axis, or in one ratio along an axis."""
    error = analytic - scene.right
    spare = _EXPLAINED * float(np.abs(error).max(initial=0.0)) + 2.0 * float(bound.max(initial=0.0))
    if error.size > 2 and (np.abs(error - error.mean()) <= spare).all():
        yield "offset", f"every element is off by the same {error.mean():.6g}: a term too much or too few?"
        return
    outputs = scene.outputs if scene.outputs.shape == error.shape else None
    for axis in range(error.ndim):
        if error.shape[axis] < 2 or error.size == error.shape[axis]:
            continue
        ratio = analytic / scene.right
        middle = np.median(ratio, axis=axis, keepdims=True)
        if np.isfinite(ratio).all() and (np.abs(ratio - middle) * np.abs(scene.right) <= spare).all():
            yield (
                "factor",
                f"the ratio to the right gradient is the same along axis {axis}: a normalisation along it is missing?",
            )
            return
        known = [np.ones_like(error), scene.numbers] if outputs is None else [np.ones_like(error), outputs]
        for count in (1, 2):
            if error.shape[axis] > count + 1 and (_rest(error, known[:count], axis) <= spare).all():
                yield (
                    "mean term",
                    f"the error is the same along axis {axis}, or goes with the output: the term of a mean or variance "
                    f"over it is missing?",
                )
                return


def _rest(error: Array, known: list[Array], axis: int) -> Array:
    """What is left of an error when its best fit by known arrays is taken off, along an axis."""
    rows = np.moveaxis(error, axis, -1).reshape(-1, error.shape[axis])
    bases = [np.moveaxis(each, axis, -1).reshape(rows.shape) for each in known]
    left = np.empty(rows.shape)
    for place, row in enumerate(rows):
        basis = np.stack([each[place] for each in bases], axis=1)
        left[place] = np.abs(row - basis @ np.linalg.lstsq(basis, row, rcond=None)[0])
    return left


def _regions(scene: Scene, wrong: Array) -> Iterator[tuple[str, str]]:
    """Where the wrong elements lie: by the sign or size of the input, or by their place."""
    x = scene.numbers
    live = wrong | (scene.right != 0)  # where the right gradient is 0, many a mistake is none
    tests = [("x < 0", x < 0), ("x > 0", x > 0), ("x = 0", x == 0), ("x ≤ 0", x <= 0), ("x ≥ 0", x >= 0)]
    if scene.weights.size == x.size:
        w = scene.weights.reshape(x.shape)
        tests += [("the upstream gradient is negative", w < 0), ("the upstream gradient is positive", w > 0)]
    if int(wrong.sum()) > 1 or int(live.sum()) == 1:
        for text, holds in tests:
            if (holds & live == wrong).all() and not (holds | ~live).all():
                yield (
                    "region",
                    f"it is wrong only where {text.replace('x', scene.label, 1) if text[0] == 'x' else text}",
                )
                return
        for text, size in ((scene.label, x), (f"|{scene.label}|", np.abs(x))):
            if not (live & ~wrong).any():
                break
            if size[wrong].min() > size[live & ~wrong].max():
                yield "region", f"it is wrong only where {text} ≥ {size[wrong].min():.4g}"
                return
            if size[wrong].max() < size[live & ~wrong].min():
                yield "region", f"it is wrong only where {text} ≤ {size[wrong].max():.4g}"
                return
    yield from _places(wrong)


def _places(wrong: Array) -> Iterator[tuple[str, str]]:
    where = np.argwhere(wrong)
    if len(where) == 1:
        yield "one element", f"one element alone is wrong, [{', '.join(map(str, where[0]))}]"
        return
    for axis in range(wrong.ndim):
        if len(set(where[:, axis].tolist())) == 1 and wrong.shape[axis] > 1:
            yield "one part", f"only index {where[0, axis]} along axis {axis} is wrong"
            return
    yield "some elements", f"{len(where)} of {wrong.size} elements are wrong"
