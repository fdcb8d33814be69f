"""Tests of derivatives: `check_grad` for functions of nodes, `check_backward` for a forward and a backward of your own.

Both take no tolerance: what differences can tell, and what rounding can hide, is measured.
"""

from autograd.errors import GradientError, GradientWarning
from autograd.testing.adapters import from_jax, from_torch
from autograd.testing.by_hand import HandCheck, check_by_hand
from autograd.testing.checking import check_grad
from autograd.testing.differences import Estimate, derivative
from autograd.testing.findings import Finding
from autograd.testing.handwritten import check_backward
from autograd.testing.place import Place
from autograd.testing.primitives import check_primitive
from autograd.testing.report import Element, GradientReport

__all__ = [
    "Element",
    "Estimate",
    "Finding",
    "GradientError",
    "GradientReport",
    "GradientWarning",
    "HandCheck",
    "Place",
    "check_backward",
    "check_by_hand",
    "check_grad",
    "check_primitive",
    "derivative",
    "from_jax",
    "from_torch",
]
