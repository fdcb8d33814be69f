"""Functions of SciPy and NumPy with their derivatives in closed form, and operators that corrupt a gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy import special  # type: ignore[import-untyped, unused-ignore]

from benchmarks.derivatives.case import Case

Array = Any
_PI = np.sqrt(np.pi)


def _lambert(x: Array) -> Array:
    """Lambert's W where it is a real number; NaN below −1/e."""
    w = special.lambertw(x)
    return np.where(w.imag == 0, w.real, np.nan)


# name: function, derivative, interval
_ELEMENTWISE: dict[str, tuple[Callable[..., Any], Callable[..., Any], float, float]] = {
    "erf": (special.erf, lambda x: 2 / _PI * np.exp(-x * x), -2.0, 2.0),
    "erfc": (special.erfc, lambda x: -2 / _PI * np.exp(-x * x), -1.0, 3.0),
    "erfcx": (special.erfcx, lambda x: 2 * x * special.erfcx(x) - 2 / _PI, -1.0, 3.0),
    "erfi": (special.erfi, lambda x: 2 / _PI * np.exp(x * x), -1.5, 1.5),
    "dawsn": (special.dawsn, lambda x: 1 - 2 * x * special.dawsn(x), -3.0, 3.0),
    "gamma": (special.gamma, lambda x: special.gamma(x) * special.digamma(x), 0.3, 5.0),
    "gammaln": (special.gammaln, special.digamma, 0.3, 50.0),
    "digamma": (special.digamma, lambda x: special.polygamma(1, x), 0.3, 20.0),
    "j0": (special.j0, lambda x: -special.j1(x), 0.1, 12.0),
    "j1": (special.j1, lambda x: special.j0(x) - special.j1(x) / x, 0.1, 12.0),
    "y0": (special.y0, lambda x: -special.y1(x), 0.3, 12.0),
    "i0": (special.i0, special.i1, -4.0, 4.0),
    "k0": (special.k0, lambda x: -special.k1(x), 0.2, 5.0),
    "ndtr": (special.ndtr, lambda x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi), -3.0, 3.0),
    "ndtri": (special.ndtri, lambda x: np.sqrt(2 * np.pi) * np.exp(special.ndtri(x) ** 2 / 2), 0.05, 0.95),
    "expit": (special.expit, lambda x: special.expit(x) * special.expit(-x), -5.0, 5.0),
    "logit": (special.logit, lambda x: 1 / (x * (1 - x)), 0.05, 0.95),
    "log_expit": (special.log_expit, lambda x: special.expit(-x), -5.0, 5.0),
    "expi": (special.expi, lambda x: np.exp(x) / x, 0.3, 4.0),
    "exp1": (special.exp1, lambda x: -np.exp(-x) / x, 0.3, 4.0),
    "ellipk": (
        special.ellipk,
        lambda m: (special.ellipe(m) - (1 - m) * special.ellipk(m)) / (2 * m * (1 - m)),
        0.1,
        0.9,
    ),
    "ellipe": (special.ellipe, lambda m: (special.ellipe(m) - special.ellipk(m)) / (2 * m), 0.1, 0.9),
    "spence": (special.spence, lambda x: np.log(x) / (1 - x), 1.2, 5.0),
    "sinc": (np.sinc, lambda x: (np.cos(np.pi * x) - np.sinc(x)) / x, 0.2, 4.0),
    "entr": (special.entr, lambda x: -np.log(x) - 1, 0.1, 4.0),
    "lambertw": (_lambert, lambda x: 1 / (x + np.exp(_lambert(x))), 0.1, 6.0),
    "arcsinh": (np.arcsinh, lambda x: 1 / np.sqrt(x * x + 1), -4.0, 4.0),
    "arctanh": (np.arctanh, lambda x: 1 / (1 - x * x), -0.9, 0.9),
    "exprel": (special.exprel, lambda x: (np.exp(x) * (x - 1) + 1) / x**2, 0.5, 4.0),
    "boxcox": (lambda x: special.boxcox(x, 0.3), lambda x: x**-0.7, 0.2, 6.0),
}


def right(rng: np.random.Generator) -> list[Case]:
    """The functions with their right derivatives, at random inputs."""
    cases = [
        Case(name, f, lambda g, x, d=d: (g * d(x),), (rng.uniform(low, high, size=(3, 4)),))
        for name, (f, d, low, high) in _ELEMENTWISE.items()
    ]
    square = rng.normal(size=(4, 4)) + 4.0 * np.eye(4)
    cases += [
        Case("inv", np.linalg.inv, lambda g, x: (-np.linalg.inv(x).T @ g @ np.linalg.inv(x).T,), (square,)),
        Case("slogdet", lambda x: np.linalg.slogdet(x)[1], lambda g, x: (g * np.linalg.inv(x).T,), (square,)),
        Case(
            "solve",
            lambda x: np.linalg.solve(x, np.arange(1.0, 5.0)),
            lambda g, x: (-np.outer(np.linalg.solve(x.T, g), np.linalg.solve(x, np.arange(1.0, 5.0))),),
            (square,),
        ),
        Case(
            "logsumexp",
            lambda x: special.logsumexp(x, axis=1),
            lambda g, x: (g[:, None] * special.softmax(x, axis=1),),
            (rng.normal(size=(3, 4)),),
        ),
        Case(
            "convolve",
            lambda x: np.convolve(x, [1.0, -2.0, 0.5]),
            lambda g, x: (np.correlate(g, [1.0, -2.0, 0.5], "valid"),),
            (rng.normal(size=8),),
        ),
        Case(
            "interp",
            lambda x: np.interp(np.array([0.3, 1.6, 2.2]), np.arange(4.0), x),
            lambda g, x: (np.array([g[0] * 0.7, g[0] * 0.3 + g[1] * 0.4, g[1] * 0.6 + g[2] * 0.8, g[2] * 0.2]),),
            (rng.normal(size=4),),
        ),
    ]
    return cases


def corrupted(case: Case, rng: np.random.Generator) -> Iterator[Case]:
    """The case with its gradient corrupted, in each way that changes it."""
    (x,) = case.inputs
    place = int(rng.integers(x.size))
    other = (place + 1 + int(rng.integers(x.size - 1))) % x.size
    operators: dict[str, Callable[[Array, Array], Array]] = {
        "all ×(1 + 1e-7)": lambda d, x: d * (1 + 1e-7),
        "all ×(1 − 1e-7)": lambda d, x: d * (1 - 1e-7),
        "one ×(1 + 1e-5)": lambda d, x: _changed(d, place, lambda v: v * (1 + 1e-5)),
        "one zero": lambda d, x: _changed(d, place, lambda v: 0 * v),
        "one sign": lambda d, x: _changed(d, place, lambda v: -v),
        "sign": lambda d, x: -d,
        "swap": lambda d, x: _swapped(d, place, other),
        "transpose": lambda d, x: d.T.reshape(d.shape),
        "below the median ×1.001": lambda d, x: d * np.where(x < np.median(x), 1.001, 1.0),
        "float32": lambda d, x: d.astype(np.float32).astype(np.float64),
    }
    g = rng.normal(size=np.shape(case.forward(x)))
    exact = case.backward(g, x)[0]
    for name, operator in operators.items():
        if np.abs(operator(exact, x) - exact).max() <= 1e-9 * np.abs(exact).max():
            continue  # it changes nothing here

        def backward(g: Array, x: Array, operator: Any = operator) -> tuple[Array]:
            return (operator(case.backward(g, x)[0], x),)

        yield Case(f"{case.name}: {name}", case.forward, backward, case.inputs)


def _changed(d: Array, place: int, change: Callable[[float], float]) -> Array:
    d = np.array(d)
    d.flat[place % d.size] = change(d.flat[place % d.size])
    return d


def _swapped(d: Array, one: int, other: int) -> Array:
    d = np.array(d)
    one, other = one % d.size, other % d.size
    d.flat[one], d.flat[other] = d.flat[other], d.flat[one]
    return d
