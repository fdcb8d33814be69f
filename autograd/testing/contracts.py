"""What every backward owes, whatever it differentiates: tests that need no differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from autograd.testing.directions import sizes
from autograd.testing.findings import FAULT, REMARK, Finding
from autograd.testing.noise import EPSILON
from autograd.testing.subject import Linearised, Subject

Array = Any

_ROUNDING = 1e4  # units in the last place that two ways to the same gradient may be apart


def contracts(
    subject: Subject,
    linearised: Linearised,
    first: Array,
    second: Array,
    pull: Callable[[Array], Array],
    rounding: Callable[[Array], Array],
) -> list[Finding]:
    """The contracts that a backward breaks.

    Args:
        linearised: the function at the subject's point.
        first: an upstream vector of random numbers.
        second: another.
        pull: an upstream vector -> its gradient.
        rounding: an upstream vector -> how far each element of the gradient may be off by rounding.
    """
    found = _Contracts(subject, linearised, first, second, pull, rounding).found()
    return [finding for finding in found if finding is not None]


class _Contracts:
    def __init__(
        self, subject: Subject, linearised: Linearised, first: Array, second: Array, pull: Any, rounding: Any
    ) -> None:
        self._pull = pull
        self._rounding = rounding
        self._subject = subject
        self._linearised = linearised
        self._first, self._second = first, second
        self._pulled = pull(first)
        numbers = [*subject.arrays, *linearised.outputs]  # an upstream gradient has its output's digits
        self._epsilon = max((float(np.finfo(array.dtype).eps) for array in numbers), default=EPSILON)
        self._least = 16.0 * max((float(np.finfo(array.dtype).tiny) for array in subject.arrays), default=0.0)

    def found(self) -> Iterator[Finding | None]:
        upstream = _other_layout(self._subject.split_outputs(self._linearised, self._first))
        given = [np.array(each) for each in upstream]
        gradients = self._linearised.pull(upstream)
        yield from self._forms(gradients)
        yield from self._aliases(gradients, upstream)
        yield self._kept(upstream, given)
        yield self._same(gradients)
        yield self._nothing_for_nothing()
        yield self._linear()

    def _forms(self, gradients: list[Array | None]) -> Iterator[Finding]:
        for leaf, gradient in zip(self._subject.leaves, gradients, strict=True):
            if gradient is None:
                continue
            shape, dtype = np.shape(gradient), np.asarray(gradient).dtype
            if shape != leaf.data.shape:
                yield Finding(
                    FAULT, "shape", f"the gradient of {leaf.label} has shape {shape}; the input has {leaf.data.shape}"
                )
            elif dtype != leaf.data.dtype:
                coarser = np.finfo(dtype).eps > np.finfo(leaf.data.dtype).eps if dtype.kind == "f" else True
                yield Finding(
                    FAULT if coarser else REMARK,
                    "dtype",
                    f"the gradient of {leaf.label} is {dtype}; the input is {leaf.data.dtype}",
                )

    def _aliases(self, gradients: list[Array | None], upstream: list[Array]) -> Iterator[Finding]:
        arrays = [
            (leaf, each)
            for leaf, each in zip(self._subject.leaves, gradients, strict=True)
            if isinstance(each, np.ndarray)
        ]
        for place, (leaf, gradient) in enumerate(arrays):
            for other, taken in arrays[:place]:
                if _overlap(gradient, taken):
                    yield Finding(
                        self._subject.shares_level,
                        "aliases",
                        f"the gradients of {other.label} and {leaf.label} are one array: adding to one in place "
                        f"changes the other; return a copy",
                    )
            for other, data in zip(self._subject.leaves, self._subject.arrays, strict=True):
                if _overlap(gradient, data):
                    yield Finding(
                        self._subject.shares_level,
                        "aliases",
                        f"the gradient of {leaf.label} lies in the memory of the input {other.label}",
                    )
            if any(_overlap(gradient, each) for each in upstream):
                yield Finding(
                    self._subject.alias_level,
                    "aliases",
                    f"the gradient of {leaf.label} lies in the memory of its upstream gradient",
                )

    def _kept(self, upstream: list[Array], given: list[Array]) -> Finding | None:
        if all(np.array_equal(now, before, equal_nan=True) for now, before in zip(upstream, given, strict=True)):
            return None
        return Finding(FAULT, "upstream kept", "the backward pass overwrites its upstream gradient; work on a copy")

    def _same(self, gradients: list[Array | None]) -> Finding | None:
        """The second backward pass, on an upstream of another memory layout."""
        again = self._flat(gradients)
        if again is None or self._close(again, self._pulled, self._pulled):
            return None
        plain = self._subject.gradient(self._linearised, self._first)
        if not self._close(plain, self._pulled, self._pulled):
            return Finding(
                FAULT,
                "second backward",
                f"a second backward pass with the same upstream gives another gradient: {_apart(plain, self._pulled)}",
            )
        return Finding(
            FAULT,
            "memory layout",
            f"the gradient hangs on the memory layout of the upstream gradient: {_apart(again, self._pulled)}",
        )

    def _nothing_for_nothing(self) -> Finding | None:
        pulled = self._subject.gradient(self._linearised, np.zeros_like(self._first))
        wrong = pulled[~(pulled == 0)]
        if not wrong.size or not np.isfinite(self._pulled).all():
            return None
        return Finding(FAULT, "zero for zero", f"an upstream gradient of zeros gives {wrong[0]:g} instead of 0")

    def _linear(self) -> Finding | None:
        other = self._pull(self._second)
        both = self._subject.gradient(self._linearised, self._second - 2.0 * self._first)
        expected = other - 2.0 * self._pulled
        if self._close(both, expected, np.abs(other) + 2.0 * np.abs(self._pulled)):
            return None
        return Finding(
            FAULT, "linear", f"the backward pass is not linear in its upstream gradient: {_apart(both, expected)}"
        )

    def _close(self, found: Array, expected: Array, sizes: Array) -> bool:
        if not (np.isfinite(found).all() and np.isfinite(expected).all()):
            return True  # what is not finite is judged elsewhere
        largest = self._largest(np.abs(sizes))
        scale = largest + self._natural  # a gradient may be the small rest of large terms
        apart = np.abs(found - expected)
        allowed = _ROUNDING * self._epsilon * scale + self._least  # smaller numbers have fewer digits
        if (apart <= allowed).all():
            return True
        allowed = allowed + 16.0 * (self._largest(self._rounding(self._first)) + self._epsilon * self._terms)
        return bool((apart <= allowed).all())

    def _largest(self, vector: Array) -> Array:
        """For each element the largest number of its own leaf."""
        if len(self._subject.parts) == 1:
            return vector.max(initial=0.0)
        return np.concatenate(
            [np.full(part.stop - part.start, vector[part].max(initial=0.0)) for part in self._subject.parts]
        )

    @cached_property
    def _natural(self) -> Array:
        """The size that a gradient has by the sizes of what goes in and comes out."""
        return self._terms / np.where((size := sizes(self._subject)) > 0, size, 1.0)

    @cached_property
    def _terms(self) -> float:
        """Σ |w·y|: of such a size are terms that cancel in a gradient that is next to nothing."""
        weights = np.abs(self._first) + np.abs(self._second)
        outputs = np.concatenate(
            [np.abs(np.asarray(out, dtype=np.float64)).ravel() for out in self._linearised.outputs]
        )
        products = weights * outputs
        return float(products[np.isfinite(products)].sum())

    def _flat(self, gradients: list[Array | None]) -> Array | None:
        parts = []
        for own, each in zip(self._subject.arrays, gradients, strict=True):
            if each is not None and np.size(each) != own.size:
                return None
            parts.append(np.zeros(own.size) if each is None else np.asarray(each, dtype=np.float64).ravel())
        return np.concatenate(parts)


def _overlap(one: Array, other: Array) -> bool:
    return one.size > 0 and other.size > 0 and np.may_share_memory(one, other) and np.shares_memory(one, other)


def _other_layout(arrays: list[Array]) -> list[Array]:
    """The same numbers, in memory in the opposite order of axes and backwards."""
    turned = []
    for array in arrays:
        held = (
            np.empty(array.shape[::-1], array.dtype).T[(slice(None, None, -1),) * array.ndim]
            if array.ndim
            else array.copy()
        )
        held[...] = array
        turned.append(held)
    return turned


def _apart(found: Array, expected: Array) -> str:
    place = int(np.argmax(np.abs(found - expected)))
    return f"{found[place]:.9g} instead of {expected[place]:.9g} at element {place} of all inputs"
