"""Random operands for functions of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

Rng = np.random.Generator


def array(rng: Rng, least: int = 0, most: int = 3, shortest: int = 0) -> Any:
    """Numbers of both signs, or few distinct ones, so that zeros and ties abound."""
    shape = tuple(rng.integers(shortest, 4, size=rng.integers(least, most + 1)))
    return numbers(rng, shape)


def numbers(rng: Rng, shape: tuple[int, ...]) -> Any:
    return rng.choice([-1.5, -1.0, 0.0, 0.5, 2.0], size=shape) if rng.random() < 0.4 else rng.normal(size=shape)
