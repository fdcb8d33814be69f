"""What kind of mistake a wrong gradient looks like, where differences do not tell of every element."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd.testing.diagnosis import _told
from autograd.testing.elements import Columns
from autograd.testing.subject import GraphSubject

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
RIGHT = np.array([1.0, -2.0, 0.5, 3.0, -0.25, 4.0])  # of Σ w·x², as differences tell


def causes(analytic: Any, untold: int | None) -> list[str]:
    """Of a gradient; the differences say nothing of one element."""
    numeric, bound = RIGHT.copy(), np.full(6, 1e-10)
    if untold is not None:
        numeric[untold], bound[untold] = 777.0, np.inf
    x = X.ravel()
    weights = RIGHT / (2.0 * x)
    found = Columns(np.arange(6), analytic, numeric, bound, np.diag(2.0 * x), weights, x * x)
    return [cause for cause, _ in _told(GraphSubject(lambda x: x * x, [X]), found)]


@pytest.mark.parametrize("untold", [None, 0, 4])
def test_an_element_of_which_differences_say_nothing_does_not_hide_the_mistake(untold: int | None) -> None:
    assert causes(-RIGHT, untold)[0] == "sign"
    assert causes(RIGHT / 2.0, untold)[0] == "half"


def test_an_element_of_which_differences_say_nothing_is_no_proof_of_a_constant_error() -> None:
    wrong = RIGHT + np.array([0.1, 5.0, -3.0, 0.2, 7.0, -1.0])
    assert "offset" not in causes(wrong, untold=None)
    assert "offset" not in causes(wrong, untold=2)
