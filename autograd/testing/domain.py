"""Inputs that nobody gave: the check at them, which knows that a derivative may not be meant to hold everywhere.

Where the function raises an error or gives NaN is no part of its domain. Where its value is finite and its gradient is
not, the gradient is wrong, with one exception: at single points outside of the numbers that were given. A formula that
divides 0 by 0 there, and is right next to them, may be a formula for the numbers that were given: nothing is decided.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.testing.basis import Evidence
from autograd.testing.findings import FAULT, OUTSIDE, REMARK, UNDECIDED, Finding
from autograd.testing.precision import checked_in_full
from autograd.testing.subject import Subject

Array = Any

_BESIDE = 0.02  # of the way to the given input


def in_domain(subject: Subject) -> bool:
    """Whether the function takes the subject's point, and makes finite numbers of it."""
    with np.errstate(all="ignore"):
        try:
            outputs = subject.forward([np.array(array) for array in subject.arrays])
        except Exception:  # the function's own word
            return False
    return all(np.isfinite(out).all() for out in outputs) and sum(out.size for out in outputs) > 0


def checked_elsewhere(given: Subject, other: Subject, rng: np.random.Generator, **options: Any) -> Evidence:
    """The check at an input of the function's domain that nobody gave.

    Args:
        given: the function at the input that was given.
        other: the same function at another one.
    """
    try:
        evidence = checked_in_full(other, rng, **options)
    except Exception as error:  # the function takes the input, and its backward pass does not: it says so itself
        message = f"the backward pass raises {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        return Evidence([Finding(REMARK, "refused", message)])
    faults = [finding for finding in evidence.findings if finding.level == FAULT]
    if [fault.kind for fault in faults] == ["not finite"] and _stands_alone(given, other, faults[0], rng, options):
        evidence.findings = [_outside(finding) if finding is faults[0] else finding for finding in evidence.findings]
    return evidence


def _outside(fault: Finding) -> Finding:
    message = (
        f"{fault.message}. It is a single point, outside of the numbers that were given, and next to it the gradient "
        f"is right: if the function is meant to be called there, its backward pass needs the limit"
    )
    return Finding(UNDECIDED, OUTSIDE, message)


def _stands_alone(given: Subject, other: Subject, fault: Finding, rng: np.random.Generator, options: Any) -> bool:
    """Whether gradients are not finite outside of the given numbers alone, and right beside them."""
    with np.errstate(all="ignore"):
        gradient = other.gradient(other.linearise([np.array(array) for array in other.arrays]), fault.weights)
    broken = ~np.isfinite(gradient)
    if given.flat.shape != other.flat.shape or (broken & _within(given, other)).any():
        return False
    towards = (given.flat - other.flat) * _BESIDE * rng.uniform(0.5, 1.0, other.size)
    moved = other.parted(other.flat + towards)
    beside = other.at([part.astype(own.dtype) for part, own in zip(moved, other.arrays, strict=True)], other.fixed)
    if not in_domain(beside):
        return False
    try:
        evidence = checked_in_full(beside, rng, **options)
    except Exception:  # whatever is wrong there
        return False
    return not evidence.faulty and not any("not finite" in finding.kind for finding in evidence.findings)


def _within(given: Subject, other: Subject) -> Array:
    """Which numbers of another input lie between the least and the largest that were given for the same argument."""
    within = []
    for own, moved in zip(given.arrays, other.arrays, strict=True):
        finite = own[np.isfinite(own)]
        low, high = (finite.min(), finite.max()) if finite.size else (np.inf, -np.inf)
        within.append(((moved >= low) & (moved <= high)).ravel())
    return np.concatenate(within)
