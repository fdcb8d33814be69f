"""The errors of the engine. Each is also the built-in error that a NumPy user would expect to catch."""

from __future__ import annotations


class ShapeError(ValueError):
    """Shapes that do not fit an operation."""


class DTypeError(TypeError):
    """Data of a kind that cannot be differentiated, or that an operation does not take."""


class GraphError(RuntimeError):
    """A backward pass that cannot start: nothing requires a gradient, or the root is not a scalar."""


class MutationError(RuntimeError):
    """Data that changed between the forward pass that used it and the backward pass that needs it."""


class KinkError(ArithmeticError):
    """A function evaluated where it has no derivative, under ``kinks(...="raise")``."""
