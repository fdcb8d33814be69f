"""The check at one point: contracts, forward against reverse mode, differences."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.testing.basis import Basis, Evidence, products
from autograd.testing.comparison import Comparison
from autograd.testing.contracts import contracts
from autograd.testing.directions import draw, sizes, weights
from autograd.testing.findings import FAULT, REMARK, UNDECIDED, Finding
from autograd.testing.subject import Subject

Array = Any

_ADJOINT = 1e4  # units in the last place
_NOT_FINITE = 8  # elements looked at


def point_check(
    subject: Subject,
    rng: np.random.Generator,
    *,
    directions: int = 3,
    at_least: float = 1e-6,
    single: bool = False,
    thorough: bool = True,
) -> Evidence:
    """One check at the point of a subject.

    Args:
        directions: how many random ones.
        at_least: the sensitivity asked for, relative to the slopes.
        single: whether the subject is one operation: at a kink its derivative then lies between the one-sided ones.
        thorough: False leaves out what needs no differences.
    """
    evidence = Evidence()
    with np.errstate(all="ignore"):
        basis = Basis(subject, rng, single, evidence)
        _check(basis, directions, at_least, thorough)
        evidence.evaluations += basis.ladder.evaluations
    return evidence


def contracts_check(subject: Subject, rng: np.random.Generator) -> Evidence:
    """What of a check at the point of a subject needs no differences: what every backward pass owes."""
    evidence = Evidence()
    with np.errstate(all="ignore"):
        _upstreams(Basis(subject, rng, False, evidence), thorough=True)
    return evidence


def _upstreams(basis: Basis, thorough: bool) -> tuple[Array, Array] | None:
    """Two upstream vectors whose gradients can be compared; None where nothing can be."""
    if not _repeats(basis) or not basis.middle.size or not basis.subject.size:
        return None
    first, second = (weights(basis.middle.size, basis.rng) * basis.allowed for _ in range(2))
    if not _forms_fit(basis, first) or not _input_kept(basis):
        return None
    if thorough:
        by_weights = partial(basis.rounding, moved=False)
        basis.evidence.findings += contracts(
            basis.subject, basis.linearised, first, second, pull=basis.pull, rounding=by_weights
        )
    return first, second


def _check(basis: Basis, count: int, at_least: float, thorough: bool) -> None:
    """Everything, in the order in which it is cheapest."""
    upstreams = _upstreams(basis, thorough)
    if upstreams is None:
        return
    first, second = upstreams
    directions = draw(basis.subject, count, basis.rng)
    broken = _not_finite(basis, first)
    if broken is not None:
        directions = [np.where(broken, 0.0, direction) for direction in directions]
        if not any(direction.any() for direction in directions):
            basis.evidence.say(UNDECIDED, "not finite", "no gradient is finite, so that there is nothing to compare")
            return
    if thorough:
        _adjoint(basis, directions[0], first)
    Comparison(basis, at_least).run(directions, [first, second])


def _repeats(basis: Basis) -> bool:
    """Whether the function says the same when it is asked again, with and without recording."""
    middle = basis.middle
    recorded = [np.asarray(out, dtype=np.float64).ravel() for out in basis.linearised.outputs]
    size = sum(out.size for out in recorded)
    if size != middle.size:
        message = f"the outputs have {middle.size} numbers, and {size} when the function is recorded"
    elif np.array_equal(joined := np.concatenate(recorded) if recorded else middle, middle, equal_nan=True):
        return True
    elif not np.array_equal(basis.subject.value(basis.point), middle, equal_nan=True):
        message = "two calls with the same input give different outputs; fix the seed inside, or take it as an input"
    elif not _alike(joined, middle):
        message = "the outputs are others when the function is recorded"
    else:
        return True
    basis.evidence.findings.append(Finding(FAULT, "deterministic", message))
    return False


def _alike(found: Array, expected: Array) -> bool:
    finite = np.isfinite(expected)
    if not np.array_equal(found[~finite], expected[~finite], equal_nan=True):
        return False
    return bool((np.abs(found[finite] - expected[finite]) <= 1e-3 * np.abs(expected[finite]).max(initial=0.0)).all())


def _forms_fit(basis: Basis, upstream: Array) -> bool:
    """Whether each gradient has its input's shape: nothing else can be tested where it has not."""
    subject = basis.subject
    try:
        gradients = basis.linearised.pull(subject.split_outputs(basis.linearised, upstream))
    except ShapeError as error:  # autograd's own word for a rule that gives another shape
        basis.evidence.findings.append(Finding(FAULT, "shape", str(error)))
        return False
    for leaf, gradient in zip(subject.leaves, gradients, strict=True):
        if gradient is not None and np.shape(gradient) != leaf.data.shape:
            message = f"the gradient of {leaf.label} has shape {np.shape(gradient)}; the input has {leaf.data.shape}"
            basis.evidence.findings.append(Finding(FAULT, "shape", message + _missing_sum(gradient, leaf.data)))
            return False
    return True


def _missing_sum(gradient: Any, data: Array) -> str:
    """What may explain that a gradient is larger than its input."""
    shape, own = np.shape(gradient), data.shape
    axes = list(range(len(shape) - len(own)))
    trailing = zip(range(len(axes), len(shape)), shape[len(axes) :], own, strict=False)
    axes += [axis for axis, length, expected in trailing if expected == 1 != length]
    kept = tuple(1 if axis in axes else length for axis, length in enumerate(shape))
    if len(shape) < len(own) or not axes or kept[len(shape) - len(own) :] != own:
        return ""
    return f": a missing sum over axis {', '.join(map(str, axes))}?"


def _input_kept(basis: Basis) -> bool:
    """Whether the input is what it was, after a backward pass."""
    pairs = zip(basis.given, basis.subject.arrays, strict=True)
    if all(np.array_equal(given, own, equal_nan=True) for given, own in pairs):
        return True
    message = "the function or its backward pass changes its input in place; work on a copy"
    basis.evidence.findings.append(Finding(FAULT, "input kept", message))
    return False


def _adjoint(basis: Basis, direction: Array, weighted: Array) -> None:
    """<w, J d> = <Jᵀw, d>: exact to rounding, but blind to what both modes have wrong."""
    if basis.linearised.push is None:
        return
    parts = zip(basis.subject.parted(direction), basis.subject.arrays, strict=True)
    pushed = basis.linearised.push([part.astype(own.dtype) for part, own in parts])
    forward = weighted * np.concatenate([np.asarray(tangent, dtype=np.float64).ravel() for tangent in pushed])
    backward = products(basis.pull(weighted), direction)
    if not (np.isfinite(forward).all() and np.isfinite(backward).all()):
        return
    natural = float(np.abs(weighted * np.where(basis.allowed, basis.middle, 0.0)).sum())
    allowed = _ADJOINT * basis.epsilon * (float(np.abs(forward).sum() + np.abs(backward).sum()) + natural)
    numeric, analytic = float(forward.sum()), float(backward.sum())
    if abs(numeric - analytic) <= allowed:
        return
    if abs(numeric - analytic) > allowed + 16.0 * float(basis.rounding(weighted, moved=False) @ np.abs(direction)):
        message = "forward and reverse mode differ: <w, J d> and <Jᵀw, d> must be one number"
        basis.evidence.findings.append(
            Finding(FAULT, "adjoint", message, analytic, numeric, allowed, direction=direction, weights=weighted)
        )


def _not_finite(basis: Basis, upstream: Array) -> Array | None:
    """Which elements' gradients are not finite; a fault where the function has finite slopes all the same."""
    gradient = basis.pull(upstream)
    broken = ~np.isfinite(gradient)
    if not broken.any():
        return None
    size = sizes(basis.subject)
    elements = [int(element) for element in np.flatnonzero(broken)[:_NOT_FINITE]]
    directions = [size[element] * (np.arange(basis.subject.size) == element) for element in elements]
    slopes = basis.ladder.slopes(directions)
    label = basis.subject.element_label
    for place, element in enumerate(elements):
        if not (np.isfinite(slopes.bound[place]) | (upstream == 0)).all():
            continue
        numeric = float(slopes.value[place] / size[element] @ upstream)
        message = (
            f"the gradient of {label(element)} is {gradient[element]:g}, where the slopes on both sides are finite"
        )
        basis.evidence.findings.append(
            Finding(
                FAULT,
                "not finite",
                message,
                float(gradient[element]),
                numeric,
                direction=directions[place],
                weights=upstream,
            )
        )
        return broken
    message = f"{int(broken.sum())} gradients are not finite, the first of {label(elements[0])}"
    basis.evidence.say(REMARK, "not finite", f"{message}; differences find no finite slope there either")
    return broken
