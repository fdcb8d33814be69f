"""Freed memory is kept for the next step.

A training step frees its arrays and the next one asks for as much again. The C library of Linux hands a large free
block back to the system in between, which then maps and zeroes it page by page: of a convolutional network's step on
64 images that was 8 of 14 ms. Up to 256 MB stay with the process instead.
"""

from __future__ import annotations

import ctypes
import os

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of glibc's mallopt
_KEPT = 256 << 20
_LARGEST_FROM_HEAP = 32 << 20  # the most that glibc allows, and what it reaches by itself after a few large arrays
_CHOSEN_BY_USER = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_", "GLIBC_TUNABLES")


def keep_freed_memory() -> bool:
    """Tell the C library; True where it took notice: it is glibc, and no variable of the environment tunes it."""
    if any(name in os.environ for name in _CHOSEN_BY_USER):
        return False
    try:
        tune = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another system or C library
        return False
    return bool(tune(_MMAP_THRESHOLD, _LARGEST_FROM_HEAP)) and bool(tune(_TRIM_THRESHOLD, _KEPT))
