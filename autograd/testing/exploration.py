"""What the given input does not trigger: the check at variations of it, within the function's own domain.

What belongs to the domain is found by trying; see `autograd.testing.domain`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.testing.basis import Evidence
from autograd.testing.directions import weights
from autograd.testing.domain import checked_elsewhere, in_domain
from autograd.testing.findings import FAULT, Finding
from autograd.testing.subject import Subject

Array = Any
Explored = tuple[str, Subject, Evidence]

_WHOLE = (-1.0, 0.0, 1.0, 0.5, 2.0)


def explored(subject: Subject, how: bool | str, rng: np.random.Generator, **options: Any) -> Iterator[Explored]:
    """The checks at other inputs, up to the first that finds a fault.

    Args:
        how: True or "quick" for a list of variations; "values" for those of them that keep the shapes and dtypes;
            "hypothesis" for a search by that package, after all of them.

    Raises:
        ValueError: `how` is neither.
    """
    if how not in (True, "quick", "values", "hypothesis"):
        raise ValueError(f"check_grad: explore={how!r} is none of True, False, 'quick', 'values' and 'hypothesis'")
    for found in _varied(subject, rng, how == "values", **options):
        if found[2].faulty and how == "hypothesis":
            yield next(_searched(subject, rng, found[1].arrays, options), found)
            return
        yield found
        if found[2].faulty:
            return
    if how == "hypothesis":
        yield from _searched(subject, rng, [], options)


def _searched(subject: Subject, rng: np.random.Generator, known: list[Array], options: Any) -> Iterator[Explored]:
    from autograd.testing.searching import searched  # hypothesis is imported where it is asked for

    yield from searched(subject, rng, known, **options)


def _varied(subject: Subject, rng: np.random.Generator, values_alone: bool, **options: Any) -> Iterator[Explored]:
    options = {**options, "directions": min(2, options["directions"])}
    tried = itertools.chain(_of_values(subject, rng), () if values_alone else _of_forms(subject))
    for label, arrays, integers in tried:
        other = subject.at(arrays, integers)
        if in_domain(other):
            yield label, other, checked_elsewhere(subject, other, rng, **options)
    layout = _other_layouts(subject, rng)
    if layout is not None:
        yield layout


Variation = tuple[str, list[Array], list[Array] | None]


def _of_values(subject: Subject, rng: np.random.Generator) -> Iterator[Variation]:
    """Other numbers in the same shapes, each input with what it is."""
    arrays = subject.arrays
    yield "zeros", [np.zeros_like(array) for array in arrays], None
    yield "equal numbers", [np.full_like(array, 1.0) for array in arrays], None
    yield "negated", [-array for array in arrays], None
    yield "small whole numbers", [_of_kinks(array, rng) for array in arrays], None
    yield "small whole numbers, of which many are equal", [_of_kinks(array, rng, (0.0, 1.0)) for array in arrays], None
    yield "a thousandth of it", [array * array.dtype.type(1e-3) for array in arrays], None
    yield "thirty times it", [array * array.dtype.type(30.0) for array in arrays], None
    yield "a thousand times it", [array * array.dtype.type(1e3) for array in arrays], None
    yield "random numbers of both signs", [_random(array, rng) for array in arrays], None


def _of_forms(subject: Subject) -> Iterator[Variation]:
    """Other shapes, indices and dtypes."""
    arrays = subject.arrays
    yield from _batches(subject)
    yield from _broadcast(subject)
    yield from _indices(subject)
    if all(array.dtype == np.float64 for array in arrays) and not any(leaf.kind == "value" for leaf in subject.leaves):
        yield "float32", [array.astype(np.float32) for array in arrays], None


def _of_kinks(array: Array, rng: np.random.Generator, numbers: tuple[float, ...] = _WHOLE) -> Array:
    return rng.choice(numbers, size=array.shape).astype(array.dtype)


def _random(array: Array, rng: np.random.Generator) -> Array:
    return rng.normal(size=array.shape).astype(array.dtype)


def batch_length(subject: Subject) -> int:
    """The first axis's length of the first array with two axes, or with one; 0 where there is none."""
    lengths = [array.shape[0] for axes in (2, 1) for array in subject.arrays if array.ndim >= axes]
    return lengths[0] if lengths else 0


def of_batch(subject: Subject, count: int) -> tuple[list[Array], list[Array]]:
    """Arrays and integers with so many along the first axis of whatever is as long there as the batch."""
    length = batch_length(subject)
    places = np.arange(count) % length

    def cut(array: Array) -> Array:
        return array[places] if array.ndim and array.shape[0] == length else array

    return [cut(array) for array in subject.arrays], [cut(leaf.data) for leaf in subject.integers]


def _batches(subject: Subject) -> Iterator[Variation]:
    """A batch of one and a batch of three."""
    for count, label in ((1, "a batch of one"), (3, "a batch of three")):
        if batch_length(subject) not in (0, count):
            yield label, *of_batch(subject, count)


def _broadcast(subject: Subject) -> Iterator[Variation]:
    """Length 1 along one axis of one of several arrays; and one axis less."""
    if len(subject.arrays) < 2 or not subject.broadcasts:
        return
    for place, array in enumerate(subject.arrays[:4]):
        shorter = [
            (f"length 1 along axis {axis}", array.take([0], axis=axis))
            for axis in range(array.ndim)
            if array.shape[axis] > 1
        ]
        if array.ndim:
            shorter.append(("its first part alone", array[0]))
        for label, part in shorter:
            changed = [part if other == place else each for other, each in enumerate(subject.arrays)]
            yield f"{subject.leaves[place].label} with {label}", changed, None


def _indices(subject: Subject) -> Iterator[Variation]:
    if subject.integers:
        held = [leaf.data for leaf in subject.integers]
        yield "all indices equal", subject.arrays, [np.full_like(each, each.flat[0]) for each in held]
        yield "indices that repeat", subject.arrays, [_repeating(each) for each in held]


def _repeating(indices: Array) -> Array:
    flat = indices.ravel()
    return flat[np.arange(flat.size) // 2].reshape(indices.shape)


# ---- memory layout ------------------------------------------------------------------------------------------------


def _other_layouts(subject: Subject, rng: np.random.Generator) -> Explored | None:
    """The same numbers in other memory: neither the outputs nor the gradient may change."""
    if not any(array.size > 1 for array in subject.arrays):
        return None
    with np.errstate(all="ignore"):
        try:
            plain = subject.linearise([np.ascontiguousarray(array) for array in subject.arrays])
        except Exception:  # it was checked before
            return None
        upstream = weights(sum(out.size for out in plain.outputs), rng)
        expected = subject.gradient(plain, upstream)
        for label, laid_out in (("in Fortran's order", _fortran), ("with gaps and backwards", _with_gaps)):
            found = _laid_out(subject, laid_out, upstream, plain.outputs, expected)
            if found:
                return f"the given input, {label}", subject, Evidence([Finding(FAULT, "memory layout", found)])
    return None


def _laid_out(
    subject: Subject, layout: Callable[[Array], Array], upstream: Array, outputs: list[Array], expected: Array
) -> str:
    try:
        linearised = subject.linearise([layout(array) for array in subject.arrays])
        gradient = subject.gradient(linearised, upstream)
    except Exception as error:
        return f"with its input in other memory the function fails: {type(error).__name__}: {error}"
    if not all(_close(a, b) for a, b in zip(linearised.outputs, outputs, strict=True)):
        return "the outputs hang on the memory layout of the input"
    if gradient.shape != expected.shape or not _close(gradient, expected):
        return "the gradient hangs on the memory layout of the input"
    return ""


def _close(found: Array, expected: Array) -> bool:
    if np.shape(found) != np.shape(expected):
        return False
    scale = np.abs(expected[np.isfinite(expected)]).max(initial=0.0)
    apart = np.abs(found - expected)[np.isfinite(expected)]
    return bool((apart <= 1e-6 * scale).all())


def _fortran(array: Array) -> Array:
    return np.array(array, order="F")


def _with_gaps(array: Array) -> Array:
    if not array.ndim:
        return array.copy()
    wide = np.empty((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    view = wide[..., ::2][..., ::-1]
    view[...] = array
    return view
