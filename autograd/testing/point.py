"""The check at one point: the backward pass beside differences, with a tolerance that is derived and not chosen.

For a direction d and weights w of the outputs the two numbers

    Σ wᵢ·nᵢ   by differences, nᵢ ± Bᵢ along d,   and   Σ gⱼ·dⱼ   by the backward pass, g = Jᵀw,

may be apart by Σ |wᵢ|·Bᵢ + 256·ε·Σ |gⱼ·dⱼ|. What lies further apart is measured again with other steps, with the noise
taken at several distances and the rounding of the backward pass itself, before it is called wrong. Where the bound is
wider than was asked for, nothing is decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.testing import noise as noises
from autograd.testing.contracts import contracts
from autograd.testing.directions import draw, sizes, weights
from autograd.testing.findings import FAULT, REMARK, UNDECIDED, Finding
from autograd.testing.ladder import Ladder, Slopes
from autograd.testing.noise import EPSILON
from autograd.testing.subject import Linearised, Subject

Array = Any

_BACKWARD = 256.0  # units in the last place of the terms of Jᵀw·d
_ZERO = 1e-13  # of the outputs' size: a slope as small is as good as none
_OTHER_SCALE = 0.1 / 7.3
_SPACINGS = (2.0**-18, 2.0**-12)
_KINKED_OUTPUTS = 32  # looked at one by one
_NOT_FINITE = 8
_NEARBY = 64
_NEARBY_STEP = 1e-7
_OTHERS = 4
_CONVENTION = (
    "convention at a kink: several operations stand on their kinks at once, each with a derivative of its own choice, and "
    "together they give none of the function's slopes; move the input to test it"
)


@dataclass
class Evidence:
    """What the check at one point has come to.

    Attributes:
        findings: what was found.
        evaluations: of the function, for differences.
        sensitivity: the widest bound, relative to the slopes: errors smaller than this part may have been missed.
        kinked: whether the point lies on a kink.
        examined: the recorded graph, operation by operation, where it was looked at.
    """

    findings: list[Finding] = field(default_factory=list)
    evaluations: int = 0
    sensitivity: float = 0.0
    kinked: bool = False
    examined: Any = None

    @property
    def faulty(self) -> bool:
        """Whether a fault was found."""
        return any(finding.level == FAULT for finding in self.findings)


class PointCheck:
    """One check at the point of a subject.

    Args:
        directions: how many random ones.
        at_least: the sensitivity asked for, relative to the slopes.
        single: whether the subject is one operation: at a kink its derivative then lies between the one-sided ones.
    """

    def __init__(
        self, subject: Subject, rng: np.random.Generator, *, directions: int = 3, at_least: float = 1e-6, single: bool = False
    ) -> None:
        self.subject = subject
        self.evidence = Evidence()
        self._rng = rng
        self._count = directions
        self._at_least = at_least
        self._single = single

    def run(self) -> Evidence:
        """Everything, in the order in which it is cheapest."""
        with np.errstate(all="ignore"):
            self._run()
        return self.evidence

    def _run(self) -> None:
        subject = self.subject
        self.point = subject.flat
        self.given = [np.array(array) for array in subject.arrays]
        self.linearised = subject.linearise(self.given)
        self.middle = subject.value(self.point)
        if not self._repeats():
            return
        self.allowed_outputs = np.isfinite(self.middle)
        if not self.middle.size or not subject.size:
            return
        first = weights(self.middle.size, self._rng) * self.allowed_outputs
        second = weights(self.middle.size, self._rng) * self.allowed_outputs
        if not self._forms_fit(first) or not self._input_kept():
            return
        self.evidence.findings += contracts(subject, self.linearised, first, second, self.rounding)
        directions = draw(subject, self._count, self._rng)
        self.ladder = self._new_ladder(0.1)
        broken = self._not_finite(first)
        if broken is not None:
            directions = [np.where(broken, 0.0, direction) for direction in directions]
            if not any(direction.any() for direction in directions):
                self._say(UNDECIDED, "not finite", "no gradient is finite, so that there is nothing to compare")
                return
        self._adjoint(directions[0], first)
        self._compare(directions, [first, second])
        self.evidence.evaluations += self.ladder.evaluations

    # ---- before any difference ------------------------------------------------------------------------------------

    def _repeats(self) -> bool:
        """Whether the function says the same when it is asked again, with and without recording."""
        recorded = np.concatenate([np.asarray(out, dtype=np.float64).ravel() for out in self.linearised.outputs])
        again = self.subject.value(self.point)
        if recorded.shape != self.middle.shape or again.shape != self.middle.shape:
            message = f"the outputs have {self.middle.size} numbers, and {recorded.size} when the function is recorded"
        elif not np.array_equal(again, self.middle, equal_nan=True):
            message = "two calls with the same input give different outputs; fix the seed inside, or take it as an input"
        elif not _alike(recorded, self.middle):
            message = "the outputs are others when the function is recorded"
        else:
            return True
        self.evidence.findings.append(Finding(FAULT, "deterministic", message))
        return False

    def _forms_fit(self, upstream: Array) -> bool:
        """Whether each gradient has its input's shape: nothing else can be tested where it has not."""
        try:
            gradients = self.linearised.pull(self.subject.split_outputs(self.linearised, upstream))
        except ShapeError as error:  # autograd's own word for a rule that gives another shape
            self.evidence.findings.append(Finding(FAULT, "shape", str(error)))
            return False
        for leaf, gradient in zip(self.subject.leaves, gradients, strict=True):
            if gradient is not None and np.shape(gradient) != leaf.data.shape:
                message = f"the gradient of {leaf.label} has shape {np.shape(gradient)}; the input has {leaf.data.shape}"
                self.evidence.findings.append(Finding(FAULT, "shape", message))
                return False
        return True

    def _input_kept(self) -> bool:
        """Whether the input is what it was, after a backward pass."""
        pairs = zip(self.given, self.subject.arrays, strict=True)
        if all(np.array_equal(given, own, equal_nan=True) for given, own in pairs):
            return True
        message = "the function or its backward pass changes its input in place; work on a copy"
        self.evidence.findings.append(Finding(FAULT, "input kept", message))
        return False

    def _adjoint(self, direction: Array, weighted: Array) -> None:
        """<w, J d> = <Jᵀw, d>: exact to rounding, but blind to what both modes have wrong."""
        if self.linearised.push is None:
            return
        tangents = [part.astype(own.dtype) for part, own in zip(self.subject.parted(direction), self.subject.arrays, strict=True)]
        pushed = np.concatenate([np.asarray(t, dtype=np.float64).ravel() for t in self.linearised.push(tangents)])
        forward, backward = pushed * weighted, self.pull(weighted) * direction
        if not (np.isfinite(forward).all() and np.isfinite(backward).all()):
            return
        terms = float(np.abs(forward).sum() + np.abs(backward).sum())
        natural = float(np.abs(weighted * np.where(self.allowed_outputs, self.middle, 0.0)).sum())
        allowed = 1e4 * self.epsilon * (terms + natural)
        apart = abs(float(forward.sum() - backward.sum()))
        if apart > allowed and apart > allowed + 16.0 * float(self.rounding(weighted) @ np.abs(direction)):
            self.evidence.findings.append(
                Finding(
                    FAULT, "adjoint", "forward and reverse mode differ: <w, J d> and <Jᵀw, d> must be one number",
                    float(backward.sum()), float(forward.sum()), allowed, direction=direction, weights=weighted,
                )
            )

    @property
    def epsilon(self) -> float:
        """The relative spacing of the coarsest numbers that come out."""
        return max((float(np.finfo(out.dtype).eps) for out in self.linearised.outputs), default=EPSILON)

    def pull(self, upstream: Array) -> Array:
        """Jᵀw."""
        return self.subject.gradient(self.linearised, upstream)

    def _new_ladder(self, scale: float, noise: Array = 0.0) -> Ladder:
        return Ladder(self.subject.value, self.point, self.middle, epsilon=self.epsilon, scale=scale, noise=noise)

    # ---- gradients that are not finite ----------------------------------------------------------------------------

    def _not_finite(self, upstream: Array) -> Array | None:
        """Which elements' gradients are not finite; a fault where the function has finite slopes all the same."""
        gradient = self.pull(upstream)
        broken = ~np.isfinite(gradient)
        if not broken.any():
            return None
        size = sizes(self.subject)
        elements = [int(element) for element in np.flatnonzero(broken)[:_NOT_FINITE]]
        directions = [size[element] * (np.arange(self.subject.size) == element) for element in elements]
        slopes = self.ladder.slopes(directions)
        self._settled = ~self.allowed_outputs
        self._doubts: list[Finding] = []
        self._reached = 0.0
        for place, element in enumerate(elements):
            if not (np.isfinite(slopes.bound[place]) | (upstream == 0)).all():
                continue
            slope = slopes.value[place] / size[element]
            self.evidence.findings.append(
                Finding(
                    FAULT, "not finite",
                    f"the gradient of {self.subject.element_label(element)} is {gradient[element]:g}, where the slopes on "
                    f"both sides are finite",
                    float(gradient[element]), float(slope @ upstream), direction=directions[place], weights=upstream,
                )
            )
            return broken
        label = self.subject.element_label(elements[0])
        message = f"gradients that are not finite ({int(broken.sum())}, the first of {label}), where differences find no finite slope either"
        self.evidence.findings.append(Finding(REMARK, "not finite", message))
        return broken

    # ---- by differences -------------------------------------------------------------------------------------------

    def _compare(self, directions: list[Array], weighted: list[Array]) -> None:
        slopes = self.ladder.slopes(directions)
        self._settled = ~self.allowed_outputs
        self._doubts: list[Finding] = []
        self._reached = 0.0
        for place, direction in enumerate(directions):
            row = slopes.along(place)
            unknown = ~np.isfinite(row.bound) & self.allowed_outputs
            smooth = np.isfinite(row.bound) & ~row.kinked & self.allowed_outputs
            around = np.maximum(np.abs(row.value), np.maximum(np.abs(self.middle), row.reach))
            coarse = smooth & (row.bound > 0.1 * self._at_least * around)
            sharp = smooth & ~coarse
            for w in weighted if place == 0 else weighted[place % 2 : place % 2 + 1]:
                for part in (sharp, coarse):
                    if part.any() and not self._strict(direction, row, np.where(part, w, 0.0)):
                        return
                if sharp.all():
                    self._balanced(direction, row, w)
            if (row.kinked & self.allowed_outputs).any():
                self.evidence.kinked = True
                if not self._between(direction, row):
                    return
                self._settled |= row.kinked
            if unknown.any():
                count = int(unknown.sum())
                self._doubt(f"no slope was found by differences for {count} of {unknown.size} outputs: a jump, a pole or a slope without bound")
        if not self._settled.all() and self._doubts:
            self.evidence.findings.append(self._doubts[0])
            self.evidence.sensitivity = max(self.evidence.sensitivity, self._reached)

    def _doubt(self, message: str, bound: float | None = None) -> None:
        """Something that one direction could not decide; another one may."""
        self._doubts.append(Finding(UNDECIDED, "slope", message, bound=bound))

    def _balanced(self, direction: Array, row: Slopes, w: Array) -> None:
        """Once more where slopes differ widely in size, so that the large ones do not hide the small ones."""
        size = np.abs(row.value)
        clear = size > 1e3 * row.bound
        if clear.any() and size[clear].max() > 1e4 * size[clear].min():
            self._strict(direction, row, np.where(clear, w * size[clear].max() / np.where(clear, size, 1.0), 0.0))

    def _strict(self, direction: Array, row: Slopes, w: Array) -> bool:
        """Whether both numbers agree, to within what they may be off."""
        gradient = self.pull(w)
        products = gradient * direction
        numeric, analytic = float(w @ row.value), float(products.sum())
        blur = float(np.abs(w) @ row.bound)
        terms = float(np.abs(products).sum())
        allowed = blur + _BACKWARD * self._backward_epsilon * terms
        if abs(numeric - analytic) <= allowed:
            self._judge_sharpness(blur, float(np.abs(w) @ np.abs(row.value)) + terms, w, row)
            return True
        return self._confirm(direction, row, w, gradient)

    @property
    def _backward_epsilon(self) -> float:
        return max(float(np.finfo(array.dtype).eps) for array in self.subject.arrays)

    def _judge_sharpness(self, blur: float, terms: float, w: Array, row: Slopes) -> None:
        natural = float(np.abs(w) @ (np.abs(np.where(self.allowed_outputs, self.middle, 0.0)) + row.reach))
        if terms <= max(_ZERO * natural, 4.0 * blur):  # as good as no slope at all
            terms = natural
        reached = blur / terms if terms else 0.0 if not blur else np.inf
        if reached <= self._required:
            self.evidence.sensitivity = max(self.evidence.sensitivity, reached)
            self._settled |= w != 0
            return
        self._reached = max(self._reached, reached)
        self._doubt(
            f"differences can tell slopes only to {reached:.1e} of their size here; {self._required:.0e} was asked for "
            f"(at_least). Shift or scale the input so that the outputs are not drowned in rounding",
            blur,
        )

    @property
    def _required(self) -> float:
        return max(self._at_least, 1e-3) if self.epsilon > EPSILON else self._at_least

    def _say(self, level: Any, kind: str, message: str, **numbers: Any) -> None:
        if not any(finding.kind == kind and finding.level == level for finding in self.evidence.findings):
            self.evidence.findings.append(Finding(level, kind, message, **numbers))

    def _confirm(self, direction: Array, row: Slopes, w: Array, gradient: Array) -> bool:
        """Look again, with everything measured: other steps, noise at several distances, the backward's rounding."""
        noise, used = self._noise_at_distances(direction), w != 0
        rough = noise > 64.0 * self.ladder.noise
        ladder = self._new_ladder(_OTHER_SCALE, np.where(rough, noise, 0.0))
        again = ladder.slopes([direction]).along(0)
        self.evidence.evaluations += ladder.evaluations
        value = np.where(rough, again.value, row.value)
        bound = np.where(rough, again.bound, np.maximum(row.bound, again.bound) + np.abs(row.value - again.value))
        products = gradient * direction
        numeric, analytic = float(w[used] @ value[used]), float(products.sum())
        terms = float(np.abs(products).sum())
        blur = float(np.abs(w[used]) @ bound[used])
        allowed = blur + _BACKWARD * self._backward_epsilon * terms + 8.0 * float(self.rounding(w) @ np.abs(direction))
        if again.kinked.any() or row.kinked.any() or not self._additive(direction, row, used):
            return self._at_kink(direction, row, used)
        if not np.isfinite(allowed):
            self._doubt("with other steps differences find another slope, or none: nothing is decided")
            return True
        if abs(numeric - analytic) <= allowed:
            self._judge_sharpness(allowed, float(np.abs(w[used]) @ np.abs(value[used])) + terms, w, row)
            return True
        if self._explained(w) or self._rounded_away(direction, w, analytic, allowed):
            return True
        return self._fault("slope", direction, w, numeric, analytic, allowed)

    def _explained(self, w: Array) -> bool:
        """Whether every recorded operation is right, and kinks or rounding explain that the whole is not."""
        if self._single:
            return False
        examined = self.subject.examined(w)
        if examined is None:
            return False
        self.evidence.examined = examined
        if examined.places:
            return False
        if examined.kinked:
            self.evidence.kinked = True
            self._say(REMARK, "convention", _CONVENTION)
            self._settled |= w != 0
        else:
            self._doubt(
                "every recorded operation is right and they are joined rightly, but the function as it is computed has "
                "other slopes: its rounding drowns them"
            )
        return True

    def _rounded_away(self, direction: Array, w: Array, analytic: float, allowed: float) -> bool:
        """Whether the function has the backward pass's slope when it is computed with more digits."""
        point = self.point.astype(np.longdouble)
        try:
            middle = self.subject.extended(point)
            ladder = Ladder(self.subject.extended, point, middle, epsilon=float(np.finfo(np.longdouble).eps))
            slopes = ladder.slopes([direction]).along(0)
        except Exception:  # it does not take such numbers
            return False
        used = w != 0
        apart = abs(float(w[used] @ slopes.value[used]) - analytic)
        if not apart <= float(np.abs(w[used]) @ slopes.bound[used]) + 0.1 * allowed:
            return False
        self._doubt("computed with more digits the function has the slopes of the backward pass: its rounding drowns them")
        return True

    def _noise_at_distances(self, direction: Array) -> Array:
        line, noise = self.ladder.line(direction), self.ladder.noise
        for spacing in _SPACINGS:
            noise = np.maximum(noise, noises.table(line, self.middle, spacing * 0.1)[0])
        return noise

    def rounding(self, w: Array) -> Array:
        """How far each element of Jᵀw may be off by its own rounding: it is looked at a few units in the last place away."""
        gradient = self.pull(w)
        spread = np.zeros(gradient.shape)
        for _ in range(3):
            nearby = self.point * (1.0 + 8.0 * self._backward_epsilon * self._rng.uniform(-1.0, 1.0, self.point.size))
            arrays = [part.astype(own.dtype) for part, own in zip(self.subject.parted(nearby), self.subject.arrays, strict=True)]
            try:
                weighted = w * (1.0 + 8.0 * self._backward_epsilon * self._rng.uniform(-1.0, 1.0, w.size))
                moved = self.subject.gradient(self.subject.linearise(arrays), weighted)
            except Exception:  # outside of the function's domain
                continue
            spread = np.maximum(spread, np.abs(moved - gradient))
        largest = np.abs(gradient).max(initial=0.0)
        return np.where(spread <= 1e-5 * largest, spread, 0.0)  # more than that is a kink

    def _additive(self, direction: Array, row: Slopes, used: Array) -> bool:
        """D(d1 + d2) = D(d1) + D(d2), without which there is no derivative at all."""
        others = [np.where(direction == 0, 0.0, other) for other in draw(self.subject, _OTHERS, self._rng)]
        slopes = self._new_ladder(0.1).slopes([*others, *(direction + other for other in others)])
        known = used & np.isfinite(slopes.bound).all(axis=0)
        if slopes.kinked[:, known].any():
            return False
        own, both = slopes.along(slice(_OTHERS)), slopes.along(slice(_OTHERS, None))
        apart = np.abs(both.value - own.value - row.value)
        allowed = 4.0 * (both.bound + own.bound + row.bound)
        allowed += 1e-9 * (np.abs(both.value) + np.abs(own.value) + np.abs(row.value))
        return bool((apart <= allowed)[:, known].all())

    def _fault(self, kind: str, direction: Array, w: Array, numeric: float, analytic: float, allowed: float) -> bool:
        self.evidence.findings.append(
            Finding(
                FAULT, kind, "the backward pass and differences disagree", analytic, numeric, allowed,
                direction=direction, weights=w,
            )
        )
        return False

    # ---- at kinks -------------------------------------------------------------------------------------------------

    def _between(self, direction: Array, row: Slopes) -> bool:
        """Whether each kinked output's derivative lies between its one-sided ones."""
        taken = {"from below": 0, "from above": 0, "between them": 0}
        for place in np.flatnonzero(row.kinked & self.allowed_outputs)[:_KINKED_OUTPUTS]:
            analytic, allowed = self._derivative(int(place), direction)
            allowed += float(row.bound[place])
            left, right = float(row.left[place]), float(row.right[place])
            if not min(left, right) - allowed <= analytic <= max(left, right) + allowed:
                return self._at_kink(direction, row, row.kinked & self.allowed_outputs)
            below, above = abs(analytic - left) <= allowed, abs(analytic - right) <= allowed
            taken["from below" if below else "from above" if above else "between them"] += 1
        chosen = ", ".join(f"{side} {count}" for side, count in taken.items() if count)
        self._say(REMARK, "kink", f"the input lies on a kink; of the one-sided slopes the backward pass takes: {chosen}")
        return True

    def _derivative(self, place: int, direction: Array) -> tuple[float, float]:
        """The derivative of one output along a direction by the backward pass, and its rounding."""
        one = np.zeros(self.middle.size)
        one[place] = 1.0
        products = self.pull(one) * direction
        return float(products.sum()), _BACKWARD * self._backward_epsilon * float(np.abs(products).sum())

    def _at_kink(self, direction: Array, row: Slopes, used: Array) -> bool:
        """Whether each output's derivative is one that the function has nearby, or a mixture of such.

        Where it is not, it is a fault of one operation, but a convention where several meet.
        """
        low, high = self._nearby(direction)
        blurred = 8.0 * self._noise_at_distances(direction) / _NEARBY_STEP
        if (blurred > 1e-2 * np.maximum(row.reach, np.abs(row.value)))[used].any():
            self._doubt("the function moves in steps, or is so noisy that its kinks do not show: nothing is decided")
            return True
        self.evidence.kinked = True
        for place in np.flatnonzero(used)[:_KINKED_OUTPUTS]:
            analytic, allowed = self._derivative(int(place), direction)
            least = min(float(low[place]), float(row.left[place]), float(row.right[place]))
            most = max(float(high[place]), float(row.left[place]), float(row.right[place]))
            spare = (0.25 if self._single or self.subject.has_graph else 1.0) * (most - least)
            allowed += float(row.bound[place]) + spare + 1e-3 * max(abs(least), abs(most))
            if least - allowed <= analytic <= most + allowed:
                continue
            one = 1.0 * (np.arange(self.middle.size) == place)
            if self._explained(one):
                return True
            return self._fault("kink", direction, one, min(max(analytic, least), most), analytic, allowed)
        self._say(REMARK, "kink", "the input lies on a kink; the backward pass takes a derivative that the function has nearby")
        return True

    def _nearby(self, direction: Array) -> tuple[Array, Array]:
        """The least and the largest slope of each output along a direction, over points nearby."""
        size = sizes(self.subject)
        low, high = np.full(self.middle.shape, np.inf), np.full(self.middle.shape, -np.inf)
        for _ in range(_NEARBY):
            start = self.point + 1e-4 * size * self._rng.uniform(-1.0, 1.0, size=self.point.size)
            line = self.ladder.line(direction, start)
            slope = (line(_NEARBY_STEP) - line(-_NEARBY_STEP)) / (2.0 * _NEARBY_STEP)
            low, high = np.fmin(low, slope), np.fmax(high, slope)
        return low, high


def _alike(found: Array, expected: Array) -> bool:
    finite = np.isfinite(expected)
    if not np.array_equal(found[~finite], expected[~finite], equal_nan=True):
        return False
    return bool((np.abs(found[finite] - expected[finite]) <= 1e-3 * np.abs(expected[finite]).max(initial=0.0)).all())


def point_check(subject: Subject, rng: np.random.Generator, **options: Any) -> Evidence:
    """The check at the subject's point; see `PointCheck`."""
    return PointCheck(subject, rng, **options).run()


__all__: Sequence[str] = ("Evidence", "PointCheck", "point_check")
