"""Tests of derivatives: `check_grad` for functions of nodes, `check_backward` for a forward and a backward of your own.

Both take no tolerance: what differences can tell, and what rounding can hide, is measured. `grade` marks what students
wrote, part by part.
"""

from typing import TYPE_CHECKING

from autograd.errors import GradientError, GradientWarning
from autograd.later import import_later

if TYPE_CHECKING:
    from autograd.testing.adapters import from_jax, from_torch
    from autograd.testing.by_hand import HandCheck, check_by_hand
    from autograd.testing.checking import check_grad
    from autograd.testing.differences import Estimate, derivative
    from autograd.testing.findings import Finding
    from autograd.testing.grading import Exercise, Grades, Mark, grade
    from autograd.testing.handwritten import check_backward
    from autograd.testing.place import Place
    from autograd.testing.primitives import check_primitive
    from autograd.testing.report import Element, GradientReport

__all__ = [
    "Element",
    "Estimate",
    "Exercise",
    "Finding",
    "GradientError",
    "GradientReport",
    "GradientWarning",
    "Grades",
    "HandCheck",
    "Mark",
    "Place",
    "check_backward",
    "check_by_hand",
    "check_grad",
    "check_primitive",
    "derivative",
    "from_jax",
    "from_torch",
    "grade",
]

import_later(
    __name__,
    {
        "Element": "autograd.testing.report",
        "Estimate": "autograd.testing.differences",
        "Exercise": "autograd.testing.grading",
        "Finding": "autograd.testing.findings",
        "GradientReport": "autograd.testing.report",
        "Grades": "autograd.testing.grading",
        "HandCheck": "autograd.testing.by_hand",
        "Mark": "autograd.testing.grading",
        "Place": "autograd.testing.place",
        "check_backward": "autograd.testing.handwritten",
        "check_by_hand": "autograd.testing.by_hand",
        "check_grad": "autograd.testing.checking",
        "check_primitive": "autograd.testing.primitives",
        "derivative": "autograd.testing.differences",
        "from_jax": "autograd.testing.adapters",
        "from_torch": "autograd.testing.adapters",
        "grade": "autograd.testing.grading",
    },
)
