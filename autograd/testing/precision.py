"""Inputs with fewer digits than float64: differences are taken in float64, and both gradients held side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.testing.basis import Evidence
from autograd.testing.contracts import contracts
from autograd.testing.directions import sizes, weights
from autograd.testing.findings import FAULT, REMARK, Finding
from autograd.testing.point import point_check
from autograd.testing.subject import Subject

Array = Any

_UNITS = 64.0  # in the last place, of the largest element
_SAMPLES = 6
_APART = 1e-3  # of the input's size: far enough for rounding to differ


def checked_in_full(subject: Subject, rng: np.random.Generator, **options: Any) -> Evidence:
    """The check at a point; where the function takes float64, its gradient in fewer digits is held against that one."""
    if all(array.dtype.itemsize >= 8 for array in subject.arrays):
        return point_check(subject, rng, **options)
    double = subject.at([array.astype(np.float64) for array in subject.arrays])
    if not _takes(double):
        return point_check(_in_own_digits(subject), rng, **options)
    evidence = point_check(double, rng, **options)
    if not evidence.faulty:
        with np.errstate(all="ignore"):
            evidence.findings += _with_fewer_digits(subject, double, rng)
    return evidence


def _takes(double: Subject) -> bool:
    try:
        return bool(double.linearise(double.arrays).outputs)
    except Exception:  # whatever it does not like about float64
        return False


def _in_own_digits(subject: Subject) -> Subject:
    own = subject.at(subject.arrays)
    own.dtype = None
    return own


def _with_fewer_digits(subject: Subject, double: Subject, rng: np.random.Generator) -> list[Finding]:
    linearised, exact = subject.linearise(subject.arrays), double.linearise(double.arrays)
    shapes = [out.shape for out in linearised.outputs]
    if shapes != [out.shape for out in exact.outputs]:
        return [Finding(FAULT, "dtype", "the outputs have other shapes in float32 than in float64")]
    if not all(_has_its_digits(out) for out in linearised.outputs):  # too large or too small for so few
        return []
    size = sum(out.size for out in linearised.outputs)
    first, second = weights(size, rng), weights(size, rng)
    spread = _spread(subject, double, first, rng)
    gradient, expected = subject.gradient(linearised, first), double.gradient(exact, first)
    finite = np.isfinite(gradient) & np.isfinite(expected)
    if not finite.all():
        return []
    epsilon = max(float(np.finfo(array.dtype).eps) for array in subject.arrays)
    outputs, exactly = (
        np.concatenate([out.ravel().astype(float) for out in each.outputs]) for each in (linearised, exact)
    )
    off = epsilon * np.abs(exactly) + np.abs(outputs - exactly)  # what rounding does to the outputs it may do to slopes
    natural = float(np.abs(first) @ off) / np.maximum(sizes(subject), 1e-300)
    least = 4.0 * max(float(np.finfo(array.dtype).tiny) for array in subject.arrays)  # what is smaller becomes 0
    allowed = _UNITS * (epsilon * np.abs(expected) + natural) + 16.0 * spread + least
    apart = np.abs(gradient - expected)
    found = contracts(
        subject, linearised, first, second, lambda w: subject.gradient(linearised, w), rounding=lambda w: spread
    )
    if (apart > allowed).any():
        allowed = allowed + 4.0 * _scatter(subject, double, first, gradient - expected, rng)
    if (apart > allowed).any():
        worst = int(np.argmax(apart - allowed))
        label = subject.element_label(worst)
        message = f"the gradient of {label} in {subject.arrays[0].dtype} is not the one in float64, rounded"
        found.append(
            Finding(FAULT, "float32", message, float(gradient[worst]), float(expected[worst]), float(allowed[worst]))
        )
    return [each for each in found if each.level != REMARK]


def _scatter(subject: Subject, double: Subject, w: Array, error: Array, rng: np.random.Generator) -> Array:
    """How much the error of fewer digits differs from point to point: rounding scatters, and a mistake does not.

    A difference of almost equal numbers is rounded to few values: points as close as the rounding itself see only one.
    """
    scatter = np.zeros(error.shape)
    for _ in range(_SAMPLES):
        nearby = subject.flat * (1.0 + _APART * rng.uniform(-1.0, 1.0, size=error.size))
        arrays = [part.astype(own.dtype) for part, own in zip(subject.parted(nearby), subject.arrays, strict=True)]
        exact = [array.astype(np.float64) for array in arrays]
        try:
            there = subject.gradient(subject.linearise(arrays), w) - double.gradient(double.linearise(exact), w)
        except Exception:  # outside of the function's domain
            continue
        scatter = np.fmax(scatter, np.abs(there - error))
    return _largest_of_each(subject, scatter)


def _has_its_digits(out: Array) -> bool:
    """Whether every number is finite, and 0 or of a normal size: smaller ones have fewer digits."""
    smallest = np.finfo(out.dtype).tiny
    return bool((np.isfinite(out) & ((out == 0) | (np.abs(out) >= smallest))).all())


def _spread(subject: Subject, double: Subject, w: Array, rng: np.random.Generator) -> Array:
    """How much the gradient changes when the input does by its own rounding; across a kink, by all of a jump."""
    point = subject.flat
    epsilon = max(float(np.finfo(array.dtype).eps) for array in subject.arrays)
    expected = [each.gradient(each.linearise(each.arrays), w) for each in (double, subject)]
    spread = np.zeros(point.shape)
    for _ in range(_SAMPLES):
        nearby = point * (1.0 + 8.0 * epsilon * rng.uniform(-1.0, 1.0, size=point.size))
        weighted = w * (1.0 + 8.0 * epsilon * rng.uniform(-1.0, 1.0, size=w.size))
        for each, gradient in zip((double, subject), expected, strict=True):
            arrays = [part.astype(own.dtype) for part, own in zip(each.parted(nearby), each.arrays, strict=True)]
            try:
                moved = each.gradient(each.linearise(arrays), weighted)
            except Exception:  # outside of the function's domain
                continue
            spread = np.fmax(spread, np.abs(moved - gradient))
    return _largest_of_each(subject, spread)


def _largest_of_each(subject: Subject, numbers: Array) -> Array:
    """For each element the largest number of its own leaf."""
    return np.concatenate([np.full(part.stop - part.start, numbers[part].max(initial=0.0)) for part in subject.parts])
