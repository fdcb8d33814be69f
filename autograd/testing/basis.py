"""What every test at one point needs: the function's values there, its backward pass, and what is known of both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from autograd.testing.directions import sizes
from autograd.testing.findings import FAULT, UNDECIDED, Finding
from autograd.testing.ladder import Ladder
from autograd.testing.noise import EPSILON
from autograd.testing.subject import Subject

Array = Any

SCALE = 0.1
_UNITS = 256.0  # in the last place of the terms of Jᵀw·d
_SAMPLES = 3


@dataclass
class Evidence:
    """What the check at one point has come to.

    Attributes:
        findings: what was found.
        evaluations: of the function, for differences.
        sensitivity: the widest bound, relative to the slopes: errors smaller than this part may have been missed.
        kinked: whether the point lies on a kink.
        examined: the recorded graph, operation by operation, where it was looked at; see `place.Examined`.
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

    def say(self, level: Literal["undecided", "remark"], kind: str, message: str) -> None:
        """Add a finding, if there is none of its kind yet."""
        if not any(finding.kind == kind and finding.level == level for finding in self.findings):
            self.findings.append(Finding(level, kind, message))


class Basis:
    """A function at one point.

    Attributes:
        subject: the function.
        rng: for whatever is drawn.
        single: whether the function is one operation.
        evidence: what has been found.
        point: the input, as one flat vector.
        given: the arrays that the function was recorded on.
        linearised: the way back.
        middle: the outputs, as one flat vector.
        allowed: which of them are finite.
        epsilon: the relative spacing of the coarsest numbers that come out.
        backward_epsilon: that of the numbers that the backward pass computes with.
        ladder: for differences at the point.
        doubts: what single directions could not decide.
        settled: which outputs were compared closely enough in some direction.
    """

    def __init__(self, subject: Subject, rng: np.random.Generator, single: bool, evidence: Evidence) -> None:
        self.subject = subject
        self.rng = rng
        self.single = single
        self.evidence = evidence
        self.point = subject.flat
        self.given = [np.array(array) for array in subject.arrays]
        self.linearised = subject.linearise(self.given)
        self.middle = subject.value(self.point)
        self.allowed = np.isfinite(self.middle)
        self.epsilon = max((float(np.finfo(out.dtype).eps) for out in self.linearised.outputs), default=EPSILON)
        self.backward_epsilon = max(float(np.finfo(array.dtype).eps) for array in subject.arrays)
        self.ladder = self.new_ladder()
        self.doubts: list[Finding] = []
        self.settled = ~self.allowed
        self._pulled: dict[bytes, Array] = {}

    def pull(self, upstream: Array) -> Array:
        """Jᵀw; of the same w once."""
        key = upstream.tobytes()
        if key not in self._pulled:
            self._pulled[key] = self.subject.gradient(self.linearised, upstream)
        return self._pulled[key]

    def new_ladder(self, scale: float = SCALE, noise: Array = 0.0) -> Ladder:
        """Differences at the point, with steps of another size, or beside known noise."""
        return Ladder(self.subject.value, self.point, self.middle, epsilon=self.epsilon, scale=scale, noise=noise)

    def slope(self, upstream: Array, direction: Array) -> tuple[float, float, float]:
        """Jᵀw·d, the sum of its terms' sizes, and how far its rounding may have moved it."""
        terms = products(self.pull(upstream), direction)
        size = float(np.abs(terms).sum())
        return float(terms.sum()), size, _UNITS * self.backward_epsilon * size

    def rounding(self, w: Array, *, moved: bool = True) -> Array:
        """How far each element of Jᵀw may be off by its own rounding: measured a few units in the last place away.

        Args:
            moved: False changes w alone, and stays where the function was recorded.
        """
        gradient = self.pull(w)
        spread = np.zeros(gradient.shape)
        for _ in range(_SAMPLES):
            weighted = self._jittered(w)
            if not moved:
                spread = np.maximum(spread, np.abs(self.subject.gradient(self.linearised, weighted) - gradient))
                continue
            nearby = self._jittered(self.point)
            parts = zip(self.subject.parted(nearby), self.subject.arrays, strict=True)
            try:
                linearised = self.subject.linearise([part.astype(own.dtype) for part, own in parts])
                elsewhere = self.subject.gradient(linearised, weighted)
            except Exception:  # outside of the function's domain
                continue
            spread = np.maximum(spread, np.abs(elsewhere - gradient))
        largest = np.abs(gradient).max(initial=0.0)
        rounded = np.where(spread <= 1e-5 * largest, spread, 0.0)  # more than that is a kink
        return rounded + 4.0 * self.backward_epsilon * self._around(w)

    def _around(self, w: Array) -> Array:
        """The size of Jᵀw a tenth of the input away: where it is 0, this is what cancels to 0."""
        size = sizes(self.subject)
        moved = self.point + 0.1 * size * self.rng.uniform(-1.0, 1.0, self.point.size)
        parts = zip(self.subject.parted(moved), self.subject.arrays, strict=True)
        try:
            linearised = self.subject.linearise([part.astype(own.dtype) for part, own in parts])
            gradient = np.abs(self.subject.gradient(linearised, w))
        except Exception:  # outside of the function's domain
            return np.zeros(self.point.shape)
        return np.where(np.isfinite(gradient), gradient, 0.0)

    def _jittered(self, vector: Array) -> Array:
        return vector * (1.0 + 8.0 * self.backward_epsilon * self.rng.uniform(-1.0, 1.0, vector.size))

    def doubt(self, message: str, bound: float | None = None) -> None:
        """Note something that one direction could not decide; another one may."""
        self.doubts.append(Finding(UNDECIDED, "slope", message, bound=bound))

    def fault(self, kind: str, direction: Array, w: Array, numeric: float, analytic: float, bound: float) -> None:
        """Note that both slopes are further apart than they may be."""
        message = "the backward pass and differences disagree"
        self.evidence.findings.append(
            Finding(FAULT, kind, message, analytic, numeric, bound, direction=direction, weights=w)
        )


def products(gradient: Array, direction: Array) -> Array:
    """g·d element by element; 0 where nothing moves, whatever the gradient is."""
    return np.where(direction == 0, 0.0, gradient * direction)
