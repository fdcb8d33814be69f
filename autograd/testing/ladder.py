"""The derivative of every output of a function along some directions, by differences, each with a bound on its error.

Central differences on a ladder of steps are extrapolated to step 0 (Richardson's method, in Neville's scheme):

    T(k, j) = T(k, j−1) + (T(k, j−1) − T(k−1, j−1)) / ((h(k−j)/h(k))² − 1)

Of the whole table the entry with the smallest bound is taken, so that nobody chooses a step. The bound is

    4·max(|T(k, j) − T(k, j−1)|, |T(k, j) − T(k−1, j−1)|) + 8·noise/h(k) + 1e-10·|T(k, j)|

An entry counts only where the function looks smooth down to its smallest step: the one-sided slopes approach each
other, the central ones settle, and the slope over a far smaller step, which would betray a wave or a kink near, agrees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.testing import noise as noises
from autograd.testing.neville import Values, extrapolated, least
from autograd.testing.noise import EPSILON

Array = Any

_FIRST = [0.5**level for level in range(4, 7)]  # enough for most functions
_LARGER = [0.5**level for level in range(1, 4)]  # where noise drowns those
_NEXT = [0.5**7]
_LAST = [0.5**7 * 0.25**level for level in range(1, 16)]
_ANCHOR = 2.0**-17
_CLOSE = 2.0**-24  # the spacing of the points that show the noise
_APART = 2.0**-10  # of those that show that of numbers with fewer digits
_DEEPEST = 6
_SLIGHT = 1e-10
_DROWNED = 3e-3
_ENOUGH = 1e-9  # of a slope: with such bounds the ladder ends


class Slopes(NamedTuple):
    """Derivatives along directions: arrays of shape (directions, outputs).

    Attributes:
        value: the derivative; the mean of both one-sided ones at a kink.
        bound: how far it may be from the true one; infinite where differences do not tell.
        left: the one-sided derivative from below; it equals `value` where the function is smooth.
        right: the one from above.
        kinked: where the one-sided ones differ, or only one exists.
        reach: the slope of the secant over the largest step that stays in the domain: how steep the function is around.
    """

    value: Array
    bound: Array
    left: Array
    right: Array
    kinked: Array
    reach: Array

    def along(self, place: Any) -> Slopes:
        """The slopes of one direction, or of a slice of them."""
        return Slopes(*(each[place] for each in self))


class Ladder:
    """A function's values around one point, taken step by step as they are needed.

    Args:
        value: the function, of and to a flat vector.
        point: where.
        middle: the function's value there.
        epsilon: the relative spacing of the numbers that it computes with.
        scale: the largest step, as a part of a direction's length.
        noise: by how much the values are known to be off at least.
    """

    def __init__(
        self,
        value: Callable[[Array], Array],
        point: Array,
        middle: Array,
        *,
        epsilon: float = EPSILON,
        scale: float = 0.1,
        noise: Array = 0.0,
    ) -> None:
        self._known_noise = noise
        self._stairs: Array = 0.0
        self._value = value
        self._point = point
        self._middle = middle
        self._scale = scale
        self._epsilon = epsilon
        self._noise: Array | None = None
        self._still: Array = np.zeros(middle.shape, dtype=bool)
        self.evaluations = 0

    def slopes(self, directions: Sequence[Array]) -> Slopes:
        """The derivatives along directions."""
        with np.errstate(all="ignore"):
            return self._slopes(list(directions))

    @property
    def noise(self) -> Array:
        """How far each output may be off."""
        return np.zeros(self._middle.shape) if self._noise is None else self._noise

    def line(self, direction: Array, start: Array = None) -> Callable[[float], Array]:
        """The outputs as a function of a step along a direction; NaN outside of the function's domain."""
        point, value = self._point if start is None else start, self._value

        def along(step: float) -> Array:
            self.evaluations += 1
            try:
                return value(point + step * direction)
            except Exception:  # outside of the function's domain
                return np.full(self._middle.shape, np.nan)

        return along

    def _slopes(self, directions: list[Array]) -> Slopes:
        lines = [self.line(direction) for direction in directions]
        if self._noise is None:
            self._measure_noise(lines[0])
        values = Values(lines, self._middle, self._scale)
        values.extend(_FIRST)
        anchor = values.taken(_ANCHOR)
        best = self._best(values, anchor)
        if not self._settled(best, values):
            values.extend(_LARGER, before=True)
            values.extend(_NEXT)
            best = self._best(values, anchor)
        suspicious = self._still & (values.ahead[0][0] != self._middle)
        if suspicious.any() or not self._settled(best, values):
            values.extend(_LAST)
            if suspicious.any():
                self._look_for_stairs(lines[0], values, suspicious)
            best = self._best(values, anchor)
        if self._blank(best).any() and self._renewed_noise(lines[0]):
            best = self._best(values, anchor)
        value, bound = best
        blank = self._blank(best)
        left, right, kinked = value, value, np.zeros(value.shape, dtype=bool)
        if blank.any():
            value, bound, left, right, kinked = self._one_sided(values, best, blank)
        bound = np.where(np.isfinite(self._middle) & ~self._drowned(values), bound, np.inf)
        secants = np.abs(values.ahead - values.behind) + np.abs(values.ahead - self._middle)
        secants = secants[:3] / np.array(values.steps[:3])[:, None, None]
        reach = np.where(np.isfinite(secants), secants, 0.0).max(axis=0)
        return Slopes(value, bound, left, right, kinked, reach)

    def _blank(self, best: tuple[Array, Array]) -> Array:
        value, bound = best
        return ~np.isfinite(bound) | (bound > 1e-6 * np.maximum(np.abs(value), np.abs(self._middle)))

    # ---- noise ----------------------------------------------------------------------------------------------------

    def _renewed_noise(self, line: Callable[[float], Array]) -> bool:
        """Whether the noise is less on the other side: a kink nearby looks like noise on its own."""
        before = self.noise
        behind, _ = noises.table(lambda step: line(-step), self._middle, _CLOSE * self._scale)
        lowest = np.minimum(before, behind)
        least = np.maximum(noises.floor(self._middle, self._epsilon), self._known_noise)
        self._noise = np.maximum(np.maximum(lowest, least), self._stairs)
        return bool((self._noise < before).any())

    def _measure_noise(self, line: Callable[[float], Array]) -> None:
        close, still = noises.table(line, self._middle, _CLOSE * self._scale)
        least = noises.floor(self._middle, self._epsilon)
        if self._epsilon > EPSILON:
            apart, _ = noises.table(line, self._middle, _APART * self._scale)
            close = np.maximum(close, apart)
            still = np.zeros_like(still)  # that such numbers stand still is known
        self._noise = np.maximum(np.maximum(close, least), self._known_noise)
        self._still = still

    def _look_for_stairs(self, line: Callable[[float], Array], values: Values, suspicious: Array) -> None:
        moved = values.ahead[:, 0] != self._middle  # (levels, outputs)
        last = moved.shape[0] - 1 - np.argmax(moved[::-1], axis=0)
        steps = np.where(moved.any(axis=0), np.array(values.steps)[last], np.nan)
        clear = suspicious & ~moved[-1]  # it stands still at the smallest step
        height = noises.staircase(line, self._middle, steps, clear, self._scale)
        self._stairs = np.maximum(self._stairs, height)
        self._noise = np.maximum(self.noise, height)
        self._still = np.zeros_like(self._still)  # looked at once

    # ---- the extrapolation ----------------------------------------------------------------------------------------

    def _settled(self, best: tuple[Array, Array], values: Values) -> bool:
        value, bound = best
        rounding = 16.0 * self.noise / (_FIRST[-1] * self._scale)
        return bool((bound <= _ENOUGH * np.abs(value) + rounding).all())

    def _best(self, values: Values, anchor: tuple[Array, Array]) -> tuple[Array, Array]:
        """The entry of the table with the smallest bound, for each direction and output."""
        noise = self.noise
        central = self._valid_central(values)
        steps = np.array(values.steps)
        fine = (8.0 / steps)[:, None, None] * self._noise_at(values)
        apart = _ANCHOR * self._scale
        near = (anchor[0] - anchor[1]) / (2.0 * apart)
        coarse = (steps > apart)[:, None, None]
        entries, bounds = extrapolated(central, steps**2, _DEEPEST, fine, _SLIGHT)
        reached = np.concatenate([coarse[depth:] for depth in range(1, len(steps))])[: len(entries)]
        astray = reached & ~(np.abs(entries - near) <= bounds + 8.0 * noise / apart)
        return least(entries, np.where(astray, np.inf, bounds))

    def _drowned(self, values: Values) -> Array:
        """Where what looks like noise is large beside all that the function does: it may be features too fine."""
        moved = np.fmax(np.abs(values.ahead - self._middle), np.abs(values.behind - self._middle)).max(axis=0)
        largest = np.max(np.abs(self._middle), initial=0.0, where=np.isfinite(self._middle))
        return (self.noise > _DROWNED * moved) & (self.noise > 1e-6 * largest)

    def _noise_at(self, values: Values) -> Array:
        """How far the values at each step may be off: by rounding too, where they are larger than in the middle."""
        largest = np.fmax(np.abs(values.ahead), np.abs(values.behind))
        return np.fmax(self.noise, self._epsilon * largest)

    def _valid_central(self, values: Values) -> Array:
        """Central differences, NaN at the levels at which the function does not look smooth."""
        steps = np.array(values.steps)[:, None, None]
        central = (values.ahead - values.behind) / (2.0 * steps)
        noise = self.noise
        lean = np.abs(values.ahead - 2.0 * self._middle + values.behind) / steps
        ratio = steps[1:] / steps[:-1]  # 1/2 or 1/4
        kinked = (lean[1:] > (1.5 * ratio) * lean[:-1]) & (lean[1:] > 16.0 * noise / steps[1:])
        kinked &= lean[1:] > 1e-11 * np.abs(central[1:])
        broken = np.zeros(central.shape, dtype=bool)
        broken[1:] |= kinked
        broken[:-1] |= kinked
        unsettled = self._unsettled(central, steps, values)
        for shift in range(3):
            broken[shift : len(broken) - 2 + shift] |= unsettled
        return np.where(broken, np.nan, central)

    def _unsettled(self, central: Array, steps: Array, values: Values) -> Array:
        """Where three central differences in a row do not draw together: the function has features in between."""
        change = np.abs(central[1:] - central[:-1])
        squares = steps**2
        expected = (squares[1:-1] - squares[2:]) / (squares[:-2] - squares[1:-1])
        allowed = 1.06 * expected**0.25 * change[:-1]  # less than a smooth function needs, and enough for |x|^1.5
        rounding = 16.0 * self._noise_at(values)[2:] / steps[2:] + 1e-10 * np.abs(central[2:])
        return change[1:] > np.maximum(allowed, rounding)

    # ---- kinks ----------------------------------------------------------------------------------------------------

    def _one_sided(self, values: Values, best: tuple[Array, Array], blank: Array) -> tuple[Array, ...]:
        steps = np.array(values.steps)[:, None, None]
        noise = self._noise_at(values)
        right, right_bound = self._limit((values.ahead - self._middle) / steps, values.steps, noise)
        left, left_bound = self._limit((self._middle - values.behind) / steps, values.steps, noise)
        size = np.fmax(np.fmax(np.abs(right), np.abs(left)), np.abs(self._middle))
        right_bound = np.where(right_bound <= 1e-3 * size, right_bound, np.inf)
        left_bound = np.where(left_bound <= 1e-3 * size, left_bound, np.inf)
        value, bound = best
        both = np.isfinite(right_bound) & np.isfinite(left_bound)
        apart = blank & both & (np.abs(right - left) > right_bound + left_bound)
        single = blank & (np.isfinite(right_bound) != np.isfinite(left_bound))
        joined = np.where(np.isfinite(right_bound), right, left)
        kinked = apart | single
        left = np.where(apart, left, np.where(single, joined, value))
        right = np.where(apart, right, np.where(single, joined, value))
        value = np.where(kinked, (left + right) / 2.0, value)
        sided = np.where(both, np.maximum(right_bound, left_bound), np.minimum(right_bound, left_bound))
        bound = np.where(kinked, sided, bound)
        return value, bound, left, right, kinked

    def _limit(self, quotients: Array, steps: Sequence[float], noise: Array) -> tuple[Array, Array]:
        """What one-sided quotients tend to, extrapolated in powers of the step; its bound is infinite if nothing."""
        places = np.array(steps)
        fine = (4.0 / places)[:, None, None] * noise
        return least(*extrapolated(quotients, places, 4, fine, 1e-9))
