"""The backward pass beside differences, with a tolerance that is derived and not chosen.

For a direction d and weights w of the outputs the two numbers

    Σ wᵢ·nᵢ   by differences, nᵢ ± Bᵢ along d,   and   Σ gⱼ·dⱼ   by the backward pass, g = Jᵀw,

may be apart by Σ |wᵢ|·Bᵢ + 256·ε·Σ |gⱼ·dⱼ|. What lies further apart is measured again with other steps, with the noise
taken at several distances and the rounding of the backward pass itself, before it is called wrong. Where the bound is
wider than was asked for, nothing is decided.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.testing.at_kinks import (
    blamed_on_graph,
    explained_by_graph,
    is_taken_nearby,
    lies_between,
    noise_at_distances,
)
from autograd.testing.basis import SCALE, Basis
from autograd.testing.directions import draw
from autograd.testing.ladder import Ladder, Slopes
from autograd.testing.noise import EPSILON

Array = Any

_ZERO = 1e-13  # of the outputs' size: a slope as small is as good as none
_OTHER_SCALE = SCALE / 7.3
_OTHERS = 4
_SMALL = 1e-4  # of the largest part: what is smaller is looked at by itself


class Comparison:
    """The comparison along some directions.

    Args:
        at_least: the sensitivity asked for, relative to the slopes.
    """

    def __init__(self, basis: Basis, at_least: float) -> None:
        self._basis = basis
        self._at_least = at_least
        self._required = max(at_least, 1e-3) if basis.epsilon > EPSILON else at_least
        self._reached = 0.0

    def run(self, directions: list[Array], weighted: list[Array]) -> None:
        """Compare along each direction, up to the first fault."""
        basis = self._basis
        directions = [*directions, *self._small_parts(directions[0], weighted[0])]
        slopes = basis.ladder.slopes(directions)
        for place, direction in enumerate(directions):
            chosen = weighted if place == 0 else weighted[place % 2 : place % 2 + 1]
            if not self._along(direction, slopes.along(place), chosen):
                return
        if not basis.settled.all() and basis.doubts:
            basis.evidence.findings.append(basis.doubts[0])
            basis.evidence.sensitivity = max(basis.evidence.sensitivity, self._reached)

    def _small_parts(self, direction: Array, w: Array) -> list[Array]:
        """Directions for inputs, and for elements, that add next to nothing beside the others."""
        basis = self._basis
        parts = np.abs(np.where(direction == 0, 0.0, basis.pull(w) * direction))
        totals = [float(parts[part].sum()) for part in basis.subject.parts]
        further = []
        for part, total in zip(basis.subject.parts, totals, strict=True):
            if total < _SMALL * max(totals):
                alone = np.zeros_like(direction)
                alone[part] = direction[part]
                further.append(alone)
        small = (parts > 0) & (parts < _SMALL * parts.max(initial=0.0))
        if small.any():
            further.append(np.where(small, direction, 0.0))
        return [each for each in further if each.any()]

    def _along(self, direction: Array, row: Slopes, weighted: list[Array]) -> bool:
        basis = self._basis
        known = np.isfinite(row.bound)
        smooth = known & ~row.kinked & basis.allowed
        around = np.maximum(np.abs(row.value), np.maximum(np.abs(basis.middle), row.reach))
        coarse = smooth & (row.bound > 0.1 * self._at_least * around)
        sharp = smooth & ~coarse
        for w in weighted:
            for part in (sharp, coarse):
                if part.any() and not self._agrees(direction, row, np.where(part, w, 0.0)):
                    return False
            if sharp.all() and not self._agrees_balanced(direction, row, w):
                return False
        if (row.kinked & basis.allowed).any():
            basis.evidence.kinked = True
            if not lies_between(basis, direction, row):
                return False
            basis.settled |= row.kinked
        unknown = int((~known & basis.allowed).sum())
        if unknown:
            basis.doubt(
                f"no slope was found by differences for {unknown} of {known.size} outputs: a jump, a pole or a slope "
                f"without bound"
            )
        return True

    def _agrees_balanced(self, direction: Array, row: Slopes, w: Array) -> bool:
        """Once more where slopes differ widely in size, so that the large ones do not hide the small ones."""
        size = np.abs(row.value)
        clear = size > 1e3 * row.bound
        if not clear.any() or size[clear].max() <= size[clear].min() / _SMALL:
            return True
        balanced = np.where(clear, w * size[clear].max() / np.where(clear, size, 1.0), 0.0)
        return self._agrees(direction, row, balanced)

    def _agrees(self, direction: Array, row: Slopes, w: Array) -> bool:
        """Whether both numbers agree, to within what they may be off."""
        analytic, terms, rounding = self._basis.slope(w, direction)
        blur = float(np.abs(w) @ row.bound)
        if abs(float(w @ row.value) - analytic) > blur + rounding:
            return self._confirm(direction, row, w)
        self._judge_sharpness(blur, float(np.abs(w) @ np.abs(row.value)) + terms, w, row)
        return True

    def _judge_sharpness(self, blur: float, terms: float, w: Array, row: Slopes) -> None:
        basis = self._basis
        natural = float(np.abs(w) @ (np.abs(np.where(basis.allowed, basis.middle, 0.0)) + row.reach))
        if terms <= max(_ZERO * natural, 4.0 * blur):  # as good as no slope at all
            terms = natural
        reached = blur / terms if terms else 0.0 if not blur else np.inf
        if reached <= self._required:
            basis.evidence.sensitivity = max(basis.evidence.sensitivity, reached)
            basis.settled |= w != 0
            return
        self._reached = max(self._reached, reached)
        basis.doubt(
            f"differences can tell slopes only to {reached:.1e} of their size here; {self._required:.0e} was asked for "
            f"(at_least). Shift or scale the input so that the outputs are not drowned in rounding",
            blur,
        )

    # ---- a second look --------------------------------------------------------------------------------------------

    def _confirm(self, direction: Array, row: Slopes, w: Array) -> bool:
        """Look again, with everything measured: other steps, noise at several distances, the backward's rounding."""
        basis, used = self._basis, w != 0
        if not row.kinked.any() and blamed_on_graph(basis, w):
            analytic, _, rounding = basis.slope(w, direction)
            allowed = float(np.abs(w[used]) @ row.bound[used]) + rounding
            basis.fault("slope", direction, w, float(w[used] @ row.value[used]), analytic, allowed)
            return False
        noise = noise_at_distances(basis, direction)
        rough = noise > 64.0 * basis.ladder.noise
        ladder = basis.new_ladder(_OTHER_SCALE, np.where(rough, noise, 0.0))
        again = ladder.slopes([direction]).along(0)
        basis.evidence.evaluations += ladder.evaluations
        value = np.where(rough, again.value, row.value)
        apart = np.maximum(row.bound, again.bound) + np.abs(row.value - again.value)
        bound = np.where(rough, again.bound, apart)
        analytic, terms, rounding = basis.slope(w, direction)
        numeric, blur = float(w[used] @ value[used]), float(np.abs(w[used]) @ bound[used])
        allowed = blur + rounding + 8.0 * float(basis.rounding(w) @ np.abs(direction))
        if again.kinked.any() or row.kinked.any() or not self._additive(direction, row, used):
            return is_taken_nearby(basis, direction, row, used)
        if not np.isfinite(allowed):
            basis.doubt("with other steps differences find another slope, or none: nothing is decided")
            return True
        if abs(numeric - analytic) <= allowed:
            self._judge_sharpness(allowed, float(np.abs(w[used]) @ np.abs(value[used])) + terms, w, row)
            return True
        if explained_by_graph(basis, w) or self._rounded_away(direction, w, analytic, allowed):
            return True
        basis.fault("slope", direction, w, numeric, analytic, allowed)
        return False

    def _additive(self, direction: Array, row: Slopes, used: Array) -> bool:
        """D(d1 + d2) = D(d1) + D(d2), without which there is no derivative at all."""
        basis = self._basis
        others = [np.where(direction == 0, 0.0, other) for other in draw(basis.subject, _OTHERS, basis.rng)]
        slopes = basis.new_ladder().slopes([*others, *(direction + other for other in others)])
        known = used & np.isfinite(slopes.bound).all(axis=0)
        if slopes.kinked[:, known].any():
            return False
        own, both = slopes.along(slice(_OTHERS)), slopes.along(slice(_OTHERS, None))
        apart = np.abs(both.value - own.value - row.value)
        allowed = 4.0 * (both.bound + own.bound + row.bound)
        allowed += 1e-9 * (np.abs(both.value) + np.abs(own.value) + np.abs(row.value))
        return bool((apart <= allowed)[:, known].all())

    def _rounded_away(self, direction: Array, w: Array, analytic: float, allowed: float) -> bool:
        """Whether the function has the backward pass's slope when it is computed with more digits."""
        basis, used = self._basis, w != 0
        point = basis.point.astype(np.longdouble)
        try:
            middle = basis.subject.extended(point)
            ladder = Ladder(basis.subject.extended, point, middle, epsilon=float(np.finfo(np.longdouble).eps))
            slopes = ladder.slopes([direction]).along(0)
        except Exception:  # it does not take such numbers
            return False
        apart = abs(float(w[used] @ slopes.value[used]) - analytic)
        if not apart <= float(np.abs(w[used]) @ slopes.bound[used]) + 0.1 * allowed:
            return False
        basis.doubt(
            "computed with more digits the function has the slopes of the backward pass: its rounding drowns them"
        )
        return True
