"""The derivative table of the reductions that choose or weigh: each element's weight in the result."""

# fmt: off
from __future__ import annotations

from typing import Any

import numpy as np

from autograd.primitives.elementwise import exp, where
from autograd.primitives.few import first_equal, reduce_few
from autograd.rule import Kink
from autograd.rules import Reduction
from autograd.symbol import Symbol, function


def _raw(x: Any) -> Any:
    data = getattr(x, "_data", x)
    if isinstance(data, np.ndarray) and data.dtype == object:  # an array of Values
        return np.array([getattr(each, "_data", each) for each in data.flat], dtype=float).reshape(data.shape)
    return data


def _winners(out: Any, x: Any, axis: tuple[int, ...], ties: str = "first") -> Any:
    """Which elements of x have their group's extreme value, and with what share of its gradient."""
    out, x = _raw(out), _raw(x)
    if not axis:
        return x == out
    nan = bool(np.isnan(out).any())
    if nan or ties == "first":
        return first_equal(x, out, axis, nan)
    equal = x == out
    if ties == "all":
        return equal
    return equal / np.sum(equal, axis=axis, keepdims=True)


def _tied(x: Any, axis: tuple[int, ...] | None = None, **_: Any) -> Any:
    x = np.asarray(x)
    extreme = np.max(x, axis=axis, keepdims=True)
    return np.sum(x == extreme, axis=axis) > 1


def _tied_minimum(x: Any, axis: tuple[int, ...] | None = None, **_: Any) -> Any:
    return _tied(-np.asarray(x), axis)


def _logsumexp(x: Any, axis: tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    largest = np.maximum.reduce(x, axis=axis, keepdims=True)
    if np.isfinite(largest).all():
        out = np.log(np.add.reduce(np.exp(x - largest), axis=axis, keepdims=True)) + largest
        return out if keepdims else np.squeeze(out, axis=axis)
    shift = np.where(np.isfinite(largest), largest, 0).astype(x.dtype)  # exp(-inf - -inf) would be NaN
    with np.errstate(divide="ignore"):
        out = np.log(np.sum(np.exp(x - shift), axis=axis, keepdims=True)) + shift
    return out if keepdims else np.squeeze(out, axis=axis)


def _softmax_weight(out: Any, x: Any, axis: tuple[int, ...]) -> Any:
    finite = np.isfinite(_raw(out))
    if np.all(finite):
        return exp(x - out)
    limit = _softmax_limit(np.asarray(_raw(out)), np.asarray(_raw(x)), axis)
    usual = np.broadcast_to(finite, limit.shape)
    return where(exp(where(x, 0.0, condition=usual) - where(out, 0.0, condition=finite)), limit, condition=usual)


def _softmax_limit(out: Any, x: Any, axis: tuple[int, ...]) -> Any:
    """Where the sum is infinite, the infinite elements share; where it is empty of anything but -inf, nothing does."""
    infinite = x == np.inf
    count = np.sum(infinite, axis=axis, keepdims=True)
    share = infinite / np.maximum(count, 1)
    return np.where(np.isnan(out), np.nan, share)


max_ = Reduction(
    "max", lambda x, axis=None, keepdims=False, ties="first": reduce_few(np.maximum, x, axis, keepdims), _winners,
    weight_symbol=lambda x: Symbol(f"[{x.text} = max]", rf"[{x.latex} = \max]"), latex=function("max", r"\max"),
    kink=Kink("ties", at=_tied),
)
min_ = Reduction(
    "min", lambda x, axis=None, keepdims=False, ties="first": reduce_few(np.minimum, x, axis, keepdims), _winners,
    weight_symbol=lambda x: Symbol(f"[{x.text} = min]", rf"[{x.latex} = \min]"), latex=function("min", r"\min"),
    kink=Kink("ties", at=_tied_minimum),
)
logsumexp = Reduction(
    "logsumexp", _logsumexp, _softmax_weight,
    weight_symbol=lambda x: exp(x - Symbol("out")), latex=function("logsumexp", r"\operatorname{logsumexp}"),
)
