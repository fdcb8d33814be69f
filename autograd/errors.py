"""The errors of the engine. Each is also the built-in error that a NumPy user would expect to catch."""

from __future__ import annotations

from typing import Any


class ShapeError(ValueError):
    """Shapes that do not fit an operation."""


class DTypeError(TypeError):
    """Data of a kind that cannot be differentiated, or that an operation does not take."""


class GraphError(RuntimeError):
    """A backward pass that cannot start: nothing requires a gradient, or the root is not a scalar."""


class MutationError(RuntimeError):
    """Data that changed between the forward pass that used it and the backward pass that needs it."""


class AnomalyError(ArithmeticError):
    """A number that is not finite, where `detect_anomaly` looks for the first of them."""


class KinkError(ArithmeticError):
    """A function evaluated where it has no derivative, under ``kinks(...="raise")``."""


class GradientError(AssertionError):
    """A derivative that a check found wrong.

    Attributes:
        report: what `autograd.testing.check_grad` found.
    """

    def __init__(self, report: Any) -> None:
        super().__init__(str(report))
        self.report = report


class GradientWarning(UserWarning):
    """A check of a derivative that could decide nothing."""
