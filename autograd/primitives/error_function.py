"""The error function of arrays, which NumPy does not have: rational approximations on two intervals.

    erf(x) = x + x · P(x²) / Q(x²)          for |x| <= 1: what is rounded most is a part of the result
    erf(x) = 1 - exp(-x²) · P(x) / Q(x)     for x > 1; beyond 6 it rounds to 1

Form and intervals follow W. J. Cody, "Rational Chebyshev approximations for the error function", 1969. The coefficients
were fitted for this module by weighted least squares, iterated towards equal errors, to values of 40 digits: with exact
arithmetic the errors stay below 1e-18 for float64 and 2.5e-9 for float32. What rounding adds is below 2 units in the
last place.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.primitives.layout import memory_order


class _Ratio(NamedTuple):
    """P / Q, the coefficients in ascending order."""

    numerator: tuple[float, ...]
    denominator: tuple[float, ...]

    def at(self, t: Any) -> Any:
        return np.divide(_polynomial(t, self.numerator), _polynomial(t, self.denominator))


def _polynomial(t: Any, coefficients: tuple[float, ...]) -> Any:
    """Horner's scheme, in one array."""
    *rest, last = coefficients
    total = t * last
    for coefficient in reversed(rest[1:]):
        total += coefficient
        total *= t
    total += rest[0]
    return total


_NEAR = {
    "float64": _Ratio(
        (0.128379167095512575, -0.317006137067006904, -0.0483294617525288167, -0.0088156689220389279,
         -0.000495613605512791247, -0.0000207325457089950498),
        (1.0, 0.460512817635325975, 0.0938130773897554845, 0.0106930807922192157, 0.000692498369913102442,
         0.0000208102644860103577),
    ),
    "float32": _Ratio(
        (0.12837916436, -0.33098020648, -0.014597641059, -0.0013421303114), (1.0, 0.35166119871, 0.037670729568),
    ),
}  # fmt: skip
_FAR = {
    "float64": _Ratio(
        (0.999999887164708787, 1.39052455441292938, 0.949455281319149828, 0.373560282097974132, 0.0843365206253126793,
         0.00892847474987819188),
        (1.0, 2.5189025327654886, 2.79173839538622293, 1.75703085337849298, 0.670090575139979348, 0.149478682167009928,
         0.0158254320386494946),
    ),
    "float32": _Ratio((1.0010330193, 0.76203333696, 0.24644106855), (1.0, 1.8970554602, 1.3670925547, 0.43553535662)),
}  # fmt: skip
_END = {"float64": 6.0, "float32": 4.0}
_BLOCK = 8192  # elements, whose some 25 steps stay in the cache


def erf(x: Any) -> Any:
    """erf of an array of floats, in its dtype."""
    name = "float64" if x.dtype.itemsize >= 8 else "float32"
    out = np.empty_like(x, dtype=name)
    order = memory_order(out)
    source = x.transpose(order).reshape(-1).astype(name, copy=False)
    target = out.transpose(order).reshape(-1)
    for start in range(0, x.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        _erf_of_block(source[part], target[part], name)
    return out.astype(x.dtype, copy=False)


def _erf_of_block(x: Any, out: Any, name: str) -> None:
    near = np.clip(x, -1, 1)
    np.multiply(near, _NEAR[name].at(near * near), out=out)
    out += near
    places = np.flatnonzero(near != x)
    if places.size:
        far = np.minimum(np.abs(x[places]), _END[name])
        tail = _FAR[name].at(far)
        far *= far
        tail *= np.exp(-far)
        out[places] = np.copysign(1 - tail, x[places])
