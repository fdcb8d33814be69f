"""Damage to files, drawn at random: flipped bits, cuts, splices, and numbers that are not what they were."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

INTERESTING = (0, 1, 2, 3, 7, 8, 127, 128, 255, 2**16, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 1)


def flipped(data: bytearray, rng: np.random.Generator) -> None:
    """From one to eight bits."""
    for place in rng.integers(0, len(data), int(rng.integers(1, 9))):
        data[place] ^= 1 << int(rng.integers(8))


def overwritten(data: bytearray, rng: np.random.Generator) -> None:
    """Some bytes by random ones, or by one value."""
    start, length = int(rng.integers(len(data))), int(rng.integers(1, 17))
    filling = (
        rng.bytes(length) if rng.random() < 0.5 else bytes([int(rng.choice((0, 32, 48, 57, 127, 128, 255)))]) * length
    )
    data[start : start + length] = filling


def truncated(data: bytearray, rng: np.random.Generator) -> None:
    """At a random place."""
    del data[int(rng.integers(len(data))) :]


def spliced(data: bytearray, rng: np.random.Generator) -> None:
    """A part put in at another place, once or often."""
    start, length = int(rng.integers(len(data))), int(rng.integers(1, 65))
    place = int(rng.integers(len(data)))
    data[place:place] = data[start : start + length] * int(rng.choice((1, 1, 2, 50)))


def removed(data: bytearray, rng: np.random.Generator) -> None:
    """A part taken out."""
    start = int(rng.integers(len(data)))
    del data[start : start + int(rng.integers(1, 65))]


def prolonged(data: bytearray, rng: np.random.Generator) -> None:
    """Bytes at the end."""
    data += rng.bytes(int(rng.integers(1, 100)))


@contextmanager
def little_memory(limit: int, measured: bool = True) -> Iterator[None]:
    """A context that fails where more memory is taken in it; measuring makes it slower."""
    if not measured:
        yield
        return
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


KINDS = (flipped, flipped, overwritten, truncated, spliced, removed, prolonged)


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """The bytes after one to three of these."""
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        if changed:
            KINDS[int(rng.integers(len(KINDS)))](changed, rng)
    return bytes(changed)
