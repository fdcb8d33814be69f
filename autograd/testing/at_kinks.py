"""At a kink: which of the derivatives that the function has nearby the backward pass takes, if any."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.testing import noise as noises
from autograd.testing.basis import SCALE, Basis
from autograd.testing.directions import sizes
from autograd.testing.findings import REMARK
from autograd.testing.ladder import Slopes

Array = Any

_OUTPUTS = 32  # looked at one by one
_POINTS = 64
_AWAY = 1e-4  # of the input's size
_STEP = 1e-7
_SPACINGS = (2.0**-18, 2.0**-12)
_CONVENTION = (
    "convention at a kink: several operations stand on their kinks at once, each with a derivative of its own choice, "
    "and together they give none of the function's slopes; move the input to test it"
)


def lies_between(basis: Basis, direction: Array, row: Slopes) -> bool:
    """Whether each kinked output's derivative lies between its one-sided ones; else a fault is noted."""
    taken = {"from below": 0, "from above": 0, "between them": 0}
    kinked = row.kinked & basis.allowed
    for place in np.flatnonzero(kinked)[:_OUTPUTS]:
        analytic, _, allowed = basis.slope(_unit(basis, place), direction)
        allowed += float(row.bound[place])
        left, right = float(row.left[place]), float(row.right[place])
        if not min(left, right) - allowed <= analytic <= max(left, right) + allowed:
            return is_taken_nearby(basis, direction, row, kinked)
        below, above = abs(analytic - left) <= allowed, abs(analytic - right) <= allowed
        taken["from below" if below else "from above" if above else "between them"] += 1
    chosen = ", ".join(f"{side} {count}" for side, count in taken.items() if count)
    message = f"the input lies on a kink; of the one-sided slopes the backward pass takes: {chosen}"
    basis.evidence.say(REMARK, "kink", message)
    return True


def is_taken_nearby(basis: Basis, direction: Array, row: Slopes, used: Array) -> bool:
    """Whether each output's derivative is one that the function has nearby, or a mixture of such; else a fault.

    What is none of those is a fault of one operation, but may be a convention where several meet.
    """
    low, high = _nearby(basis, direction)
    blurred = 8.0 * noise_at_distances(basis, direction) / _STEP
    if (blurred > 1e-2 * np.maximum(row.reach, np.abs(row.value)))[used].any():
        basis.doubt("the function moves in steps, or is so noisy that its kinks do not show: nothing is decided")
        return True
    basis.evidence.kinked = True
    for place in np.flatnonzero(used)[:_OUTPUTS]:
        analytic, _, allowed = basis.slope(_unit(basis, place), direction)
        least = min(float(low[place]), float(row.left[place]), float(row.right[place]))
        most = max(float(high[place]), float(row.left[place]), float(row.right[place]))
        spare = (0.25 if basis.single or basis.subject.has_graph else 1.0) * (most - least)
        allowed += float(row.bound[place]) + spare + 1e-3 * max(abs(least), abs(most))
        if least - allowed <= analytic <= most + allowed:
            continue
        if explained_by_graph(basis, _unit(basis, place)):
            return True
        basis.fault("kink", direction, _unit(basis, place), min(max(analytic, least), most), analytic, allowed)
        return False
    message = "the input lies on a kink; the backward pass takes a derivative that the function has nearby"
    basis.evidence.say(REMARK, "kink", message)
    return True


def _unit(basis: Basis, place: int) -> Array:
    """The upstream vector of one output."""
    return 1.0 * (np.arange(basis.middle.size) == place)


def _nearby(basis: Basis, direction: Array) -> tuple[Array, Array]:
    """The least and the largest slope of each output along a direction, over points nearby."""
    size = sizes(basis.subject)
    low, high = np.full(basis.middle.shape, np.inf), np.full(basis.middle.shape, -np.inf)
    for _ in range(_POINTS):
        start = basis.point + _AWAY * size * basis.rng.uniform(-1.0, 1.0, size=basis.point.size)
        line = basis.ladder.line(direction, start)
        slope = (line(_STEP) - line(-_STEP)) / (2.0 * _STEP)
        low, high = np.fmin(low, slope), np.fmax(high, slope)
    return low, high


def noise_at_distances(basis: Basis, direction: Array) -> Array:
    """How far each output may be off, as points further apart show it, too."""
    line, noise = basis.ladder.line(direction), basis.ladder.noise
    for spacing in _SPACINGS:
        noise = np.maximum(noise, noises.table(line, basis.middle, spacing * SCALE)[0])
    return noise


def blamed_on_graph(basis: Basis, w: Array) -> bool:
    """Whether an operation of the recorded graph is wrong by itself: then the whole needs no second look."""
    examined = _examined(basis, w)
    return examined is not None and any(place.node.rule is not None for place in examined.places)


def _examined(basis: Basis, w: Array) -> Any:
    """The recorded graph, looked at once."""
    if basis.evidence.examined is None and not basis.single:
        basis.evidence.examined = basis.subject.examined(w)
    return basis.evidence.examined


def explained_by_graph(basis: Basis, w: Array) -> bool:
    """Whether every recorded operation is right, and kinks or rounding explain that the whole is not."""
    examined = _examined(basis, w)
    if examined is None or examined.places:
        return False
    if examined.kinked:
        basis.evidence.kinked = True
        basis.evidence.say(REMARK, "convention", _CONVENTION)
        basis.settled |= w != 0
    else:
        basis.doubt(
            "every recorded operation is right and they are joined rightly, but the function as it is computed has "
            "other slopes: its rounding drowns them"
        )
    return True
