"""A student's functions as a pair to check: differences are taken of the reference, which both have to fit."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.testing.checking import check_subject
from autograd.testing.findings import FAULT, Finding
from autograd.testing.grading.exercise import Exercise
from autograd.testing.handwritten import PairSubject
from autograd.testing.point import contracts_check
from autograd.testing.report import GradientReport
from autograd.testing.structure import parameter_names

Function = Callable[..., Any]


class Pair:
    """The reference's values with a student's backward pass.

    A backward of 0 for a forward of 0 would be right for itself: what counts is the derivative of what was asked for.

    Args:
        forward: the student's; None where there is none, and where it is not to be called.
        backward: the student's; None for an exercise whose function gives its gradients itself.
        kept: True hands the student's functions what they might change as it is, so that a check sees it. Else they
            work on copies, and their results are copied.
    """

    def __init__(self, exercise: Exercise, forward: Function | None, backward: Function | None, kept: bool) -> None:
        self._exercise = exercise
        self._forward = forward
        self._backward = backward
        self._kept = kept
        self._cached = exercise.cache if exercise.cache is not None else self._takes_cache()

    def _takes_cache(self) -> bool:
        if self._backward is None or self._forward is None:
            return False
        taken = parameter_names(self._backward, 3)
        named = parameter_names(self._forward, len(self._exercise.inputs))
        return taken[2] == "input 2" and taken[1] not in named and taken[1] != "input 1"

    @functools.cached_property
    def needs_forward(self) -> bool:
        """Whether the backward lives on what the student's own forward left."""
        if self._backward is None or self._cached:
            return True
        return parameter_names(self._backward, 2)[1] == "input 1"  # backward(dout)

    def check(
        self, arguments: tuple[Any, ...], places: list[int], seed: int, *, explained: bool = True
    ) -> GradientReport:
        """The check of the gradients of the arguments at some places."""
        how = "values" if self._exercise.explore else False
        subject = self._subject(arguments, places)
        return check_subject(subject, explore=how, raises=False, seed=seed, explained=explained)

    def broken_contracts(self, arguments: tuple[Any, ...], places: list[int], seed: int) -> list[Finding]:
        """What the backward pass of these gradients owes and does not give."""
        found = contracts_check(self._subject(arguments, places), np.random.default_rng(seed)).findings
        return [finding for finding in found if finding.level == FAULT]

    def _subject(self, arguments: tuple[Any, ...], places: list[int]) -> PairSubject:
        cache = self._cached if self._backward is not None else None
        backward = None if self._backward is None else self._called_back()
        return PairSubject(self._joined(), backward, copy.deepcopy(arguments), places, cache)

    def _own(self, given: Any) -> Any:
        if self._kept:
            return given
        return np.array(given, order="C") if isinstance(given, np.ndarray) else copy.deepcopy(given)

    def _joined(self) -> Function:
        """The reference's value, and what the student's forward leaves for the backward."""

        def joined(*args: Any) -> Any:
            value = self._exercise.reference(*copy.deepcopy(args))
            if self._forward is None or not (self.needs_forward or self._kept):
                return value
            result = self._forward(*map(self._own, args))
            if self._backward is None:
                return (value, *result[1:])
            return (value, result[1]) if self._cached else value

        return functools.wraps(self._forward or self._exercise.reference)(joined)

    def _called_back(self) -> Function:
        backward = self._backward
        assert backward is not None

        def called(*args: Any) -> Any:
            return self._own_parts(backward(*map(self._own, args)))

        return functools.wraps(backward)(called)

    def _own_parts(self, gradients: Any) -> Any:
        if isinstance(gradients, tuple | list):
            return [self._own(each) for each in gradients]
        return self._own(gradients)
