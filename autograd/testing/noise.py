"""How far a function's values may be off: by rounding, which points close together show, and by steps of its own.

Over points close together a smooth function is a polynomial of low degree; what is left over is noise. (J. J. Moré and
S. M. Wild take it from a table of differences: "Estimating computational noise", SIAM J. Sci. Comput. 33, 2011.) A
function that rounds its results hides its noise from points so close: there it stands still, and moves in jumps further
out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any

EPSILON = float(np.finfo(np.float64).eps)


# At equal distances the rounding of the points themselves can be a straight line, which differences do not see.
_PLACES = np.array([0.0, 0.73, 1.91, 2.68, 3.87, 5.11, 5.94])


def _beyond_cubic() -> Array:
    """Orthonormal rows that take from seven values what no polynomial of degree 3 explains."""
    return np.linalg.qr(np.vander(_PLACES, 4), mode="complete")[0][:, 4:].T


_SAMPLES = 32
_ROWS = _beyond_cubic()


def table(along: Callable[[float], Array], middle: Array, spacing: float) -> tuple[Array, Array]:
    """The noise of each output from six further points on one side, and which outputs stood still between two.

    Args:
        along: the outputs, as a vector, at a step along some direction.
        middle: the outputs at step 0.
        spacing: of the points.
    """
    values = np.stack([middle, *(along(spacing * place) for place in _PLACES[1:])])
    noise = np.abs(_ROWS @ values).max(axis=0)
    still = (values[1:] == values[:-1]).any(axis=0)
    return np.where(np.isfinite(noise), noise, 0.0), still


def floor(values: Array, epsilon: float) -> Array:
    """The least noise that numbers of this size have: half a unit in their last place."""
    sizes = np.abs(values)
    return np.where(np.isfinite(sizes), 0.5 * epsilon * sizes, 0.0)


def staircase(along: Callable[[float], Array], middle: Array, steps: Array, still: Array, widest: float) -> Array:
    """The height of the stairs of the outputs that move in jumps; 0 for the others.

    A function with one kink nearby stands still on one piece; one that rounds stands still on many, and returns to the
    same few values.

    Args:
        steps: for each output the smallest step at which it was seen to move; NaN where it never was.
        still: the outputs to look at.
        widest: the largest step to look at.
    """
    height = np.zeros(middle.shape)
    rng = np.random.default_rng(0)
    looked_at = still & np.isfinite(steps)
    for step in sorted(set(steps[looked_at].tolist()), reverse=True)[:4]:
        own = looked_at & (steps == step)
        reach = 6.0 * step  # the point may stand close to an edge: a stair is as wide as that step, or far wider
        while own.any():
            places = np.sort(rng.uniform(-reach, reach, size=_SAMPLES))
            values = np.stack([along(place) for place in places])
            height[own] = [_stair_height(values[:, column]) for column in np.flatnonzero(own)]
            own &= height == 0
            reach *= 4.0
            if reach > widest:
                break
    return height


def _stair_height(values: Array) -> float:
    if not np.isfinite(values).all():
        return 0.0
    rises = np.abs(np.diff(values))
    flat = rises == 0
    runs = int(flat[0]) + int((flat[1:] & ~flat[:-1]).sum())
    moved = rises[~flat]
    if runs < 4 or moved.size < 4:
        return 0.0
    return float(np.median(moved))
