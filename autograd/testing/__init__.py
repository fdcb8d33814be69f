"""Derivatives by differences, to test derivatives by."""

from autograd.testing.differences import Estimate, derivative

__all__ = ["Estimate", "derivative"]
