"""Nodes without a name of their own go by the caller's variables, in whatever tells of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import (
    GraphError,
    Tensor,
    Value,
    Walk,
    backward_steps,
    backward_trace,
    check_by_hand,
    explain,
    forward_steps,
    paths,
)


def test_a_derivation_goes_by_the_variables_of_its_caller() -> None:
    a, w = Value(2.0), [Value(-3.0), Value(0.5)]
    h = a * w[0]
    y = h + a * w[1]
    y.backward()
    assert str(explain(y, a)).splitlines()[:3] == [
        "∂y/∂a: 2 paths",
        "∂y/∂a = w[1]",
        "      + ∂y/∂h·∂h/∂a",
    ]
    ledger = str(paths(y, w[0]))
    assert ledger.splitlines()[:2] == ["1 path from w[0] to y", "  w[0] → h → y: 2 · 1 = 2"]


def test_an_element_goes_by_the_variable_of_its_tensor() -> None:
    kernel = Tensor([[1.0, -1.0], [0.5, 2.0]], requires_grad=True)
    loss = (kernel * kernel).sum()
    loss.backward()
    assert str(paths(loss, kernel[1, 0])).startswith("2 paths from kernel[1,0] to loss")
    assert str(explain(loss, kernel[1, 0])).startswith("∂loss/∂kernel[1,0]")


def _walked(y: Any, u: Any) -> str:
    walk = Walk(y)
    walk.run()
    return str(walk)


TELLERS: dict[str, Callable[[Any, Any], list[str]]] = {
    "backward_steps": lambda y, u: [str(step) for step in backward_steps(y)],
    "forward_steps": lambda y, u: [str(step) for step in forward_steps(y)],
    "Walk": lambda y, u: [_walked(y, u)],
    "backward_trace": lambda y, u: [backward_trace(y).csv],
}


@pytest.mark.parametrize("name", TELLERS)
def test_steps_go_by_the_variables_of_their_caller(name: str) -> None:
    leaf = Value(1.5)
    told = " ".join(TELLERS[name](leaf.exp(), leaf))
    assert "y" in told
    assert "u" in told
    assert "v₁" not in told
    assert "leaf" not in told


def test_a_name_of_its_own_comes_first_and_is_given_to_no_other() -> None:
    mine, x = Value(2.0, "x"), Value(3.0)
    y = mine * x
    y.backward()
    assert str(paths(y, mine)).startswith("1 path from x to y")
    assert str(paths(y, x)).startswith("1 path from v₁ to y")


def test_given_names_replace_the_variables() -> None:
    a = Value(2.0)
    y = a * 3.0
    y.backward()
    assert str(paths(y, a, names={})).startswith("1 path from v₁ to v₂")
    assert str(paths(y, a, names={a.id: "start"})).startswith("1 path from start to v₁")


def test_answers_are_found_by_the_variables_of_the_caller() -> None:
    a, w = Value(2.0), [Value(-3.0), Value(0.5)]
    grid = Tensor(np.array([[1.0, 2.0]]), requires_grad=True)
    y = a * w[0] + a * w[1]
    check = check_by_hand(y, {"a": -2.5, "w": [2, 2.5]})
    assert [(row.symbol, row.verdict) for row in check.rows] == [("a", "right"), ("w[0]", "right"), ("w[1]", "wrong")]
    total = (grid * grid).sum()
    assert check_by_hand(total, {"grid": [[2, 4]]})
    with pytest.raises(GraphError, match="no node is called 'grid'"):
        check_by_hand(y, {"grid": [[2, 4]]})
    named = Value(1.0, "a")
    assert check_by_hand(named * a, {"a": 2.0})  # the name, not the variable
