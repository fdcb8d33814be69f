"""Directions to move the input in, and weights for the outputs: random, of both signs, and none of them small."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.testing.subject import Subject

Array = Any


def size_of(array: Array) -> float:
    """The root of the mean square of the finite elements, or 1."""
    finite = array[np.isfinite(array)]  # in one row
    largest = float(np.abs(finite).max(initial=0.0))
    if not largest:
        return 1.0
    if 1e-100 < largest < 1e100:
        return math.sqrt(float(finite @ finite) / finite.size)
    return largest * float(np.sqrt(np.mean(np.square(finite / largest)))) or 1.0


def sizes(subject: Subject, *, own: bool = False) -> Array:
    """How far each element may move: its array's size; with `own` its own, where it has one."""
    if own in subject.known_sizes:
        return subject.known_sizes[own]
    parts = []
    for array in subject.arrays:
        numbers = np.asarray(array, dtype=np.float64).ravel()
        finite = np.isfinite(numbers)
        whole = size_of(numbers)
        if own:
            parts.append(finite * np.where((numbers != 0) & finite, np.abs(numbers), whole))
        else:
            parts.append(finite * whole)
    subject.known_sizes[own] = np.concatenate(parts)
    return subject.known_sizes[own]


def weights(size: int, rng: np.random.Generator) -> Array:
    """Random numbers from 0.5 to 1.5, of random sign: none is so small that an error could hide behind it."""
    return rng.uniform(0.5, 1.5, size=size) * rng.choice((-1.0, 1.0), size=size)


def draw(subject: Subject, count: int, rng: np.random.Generator) -> list[Array]:
    """Directions: of random signs; all positive, which ties of several elements need; by each element's own size."""
    drawn = []
    for place in range(count):
        signs = 1.0 if place % 3 == 1 else rng.choice((-1.0, 1.0), size=subject.size)
        drawn.append(sizes(subject, own=place % 3 == 2) * rng.uniform(0.5, 1.0, size=subject.size) * signs)
    return drawn
