"""Floating-point formats that NumPy does not have, widened to float32, which holds each of their numbers exactly."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def widened_bfloat16(bits: Array) -> Array:
    """float32 numbers from the 16 bits of bfloat16, which are the upper half of a float32's."""
    wide: Array = (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)
    return wide


def widened_float8(bits: Array, name: str) -> Array:
    """float32 numbers from the 8 bits of a format of `FLOAT8`."""
    wide: Array = _table(name)[bits]
    return wide


# Bits of the exponent, its bias, and which bytes are no ordinary number. The formats: Micikevicius et al.,
# "FP8 formats for deep learning", 2022; "FNUZ" are those of Noune et al., "8-bit numerical formats for deep neural
# networks", 2022, with one NaN in the place of -0.
_NAN, _INF = float("nan"), float("inf")
FLOAT8: dict[str, tuple[int, int, dict[int, float]]] = {
    "F8_E4M3": (4, 7, {0x7F: _NAN, 0xFF: _NAN}),
    "F8_E5M2": (
        5,
        15,
        {0x7C: _INF, 0xFC: -_INF, **{sign + rest: _NAN for sign in (0, 128) for rest in (125, 126, 127)}},
    ),
    "F8_E4M3FNUZ": (4, 8, {0x80: _NAN}),
    "F8_E5M2FNUZ": (5, 16, {0x80: _NAN}),
}


@lru_cache(maxsize=len(FLOAT8))
def _table(name: str) -> Array:
    """The number that each byte stands for: (-1)^s · 2^(e - bias) · 1.m, or 2^(1 - bias) · 0.m where e = 0."""
    exponent_bits, bias, special = FLOAT8[name]
    mantissa_bits = 7 - exponent_bits
    byte = np.arange(256)
    exponent = (byte >> mantissa_bits) & (2**exponent_bits - 1)
    fraction = (byte & (2**mantissa_bits - 1)) / 2.0**mantissa_bits
    size = np.ldexp(fraction + (exponent > 0), np.maximum(exponent, 1) - bias)
    table: Array = np.where(byte < 128, size, -size).astype(np.float32)
    for place, number in special.items():
        table[place] = number
    return table
