"""How steps are written: as a line, as LaTeX, as HTML, as a table; and what the forward steps say."""

from __future__ import annotations

import html
import re
from typing import Any

import numpy as np
import pytest

import autograd
import autograd as ag
import nn.functional as F
from autograd import Value, graph_nodes
from autograd.steps import HandmadeStep, HookStep
from autograd.steps.table import html_table, text_table
from tests.autograd.support import by_own_names, leaf

backward_steps = by_own_names(autograd.backward_steps)
forward_steps = by_own_names(autograd.forward_steps)


def circuit() -> tuple[Any, Any]:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    return a, (a * b + 10.0) * a


# ---- lines --------------------------------------------------------------------------------------------------------


def test_each_step_is_one_line() -> None:
    _, root = circuit()
    assert list(map(str, backward_steps(root))) == [
        "step 1: v₃ receives 1, the seed",
        "step 2: v₂ receives 1 × 2 = 2 (by ×; was 0, is 2)",
        "step 3: a receives 1 × 4 = 4 (by ×; was 0, is 4)",
        "step 4: v₁ receives 2 × 1 = 2 (by +; was 0, is 2)",
        "step 5: a receives 2 × −3 = −6 (by ×; was 4, is −2)",
        "step 6: b receives 2 × 2 = 4 (by ×; was 0, is 4)",
    ]
    assert str(next(backward_steps(root, 3.0))) == "step 1: v₃ receives 3, the seed"


def test_names_can_be_given() -> None:
    a, root = circuit()
    steps = list(backward_steps(root, names={root.id: "L", a.id: "w"}))
    assert str(steps[0]) == "step 1: L receives 1, the seed"
    assert str(steps[2]) == "step 3: w receives 1 × 4 = 4 (by ×; was 0, is 4)"


def test_a_leaf_says_what_it_had() -> None:
    x = Value(1.5, "x")
    x.backward()
    assert [str(step) for step in backward_steps(x, 2.0)] == ["step 1: x receives 2, the seed (was 1, is 3)"]


def test_arrays_are_written_in_short() -> None:
    w, x = leaf([2.0, -3.0], "w"), leaf(np.arange(10.0), "x")
    small = list(backward_steps((w * w).sum()))
    assert str(small[-1]) == "step 4: w receives [1, 1] × [2, −3] = [2, −3] (by ×; was [2, −3], is [4, −6])"
    large = list(backward_steps((x * x).sum()))
    assert str(large[-1]) == "step 4: x receives all 1 × 0 … 9 = 0 … 9 (by ×; was 0 … 9, is 0 … 18)"


def test_a_step_without_a_local_derivative_says_from_where() -> None:
    x, y = leaf(np.eye(2), "x"), leaf(np.ones((2, 2)), "y")
    steps = list(backward_steps((x @ y).sum()))
    assert str(steps[2]) == (
        "step 3: x receives [[2, 2], [2, 2]] from [[1, 1], [1, 1]] at v₁ (by @; was 0, is [[2, 2], [2, 2]])"
    )


def test_hooks_and_closures_have_lines_of_their_own() -> None:
    a = Value(2.0, "a")
    a.register_hook(lambda gradient: gradient * 10.0)
    double = Value(4.0, (a,), "double")

    def by_hand() -> None:
        a.grad += 2.0 * double.grad

    double._backward = by_hand
    double.register_hook(lambda gradient: None)
    lines = [str(step) for step in backward_steps(double * 3.0) if isinstance(step, HookStep | HandmadeStep)]
    assert lines == [
        "step 3: the hook of v₁ sees 3",
        "step 4: the _backward of v₁, written by hand, takes 3; a was 0, is 6",
        "step 5: the hook of a turns 6 into 60",
    ]
    again = [str(step) for step in backward_steps(double * 3.0)]
    assert again[-1] == "step 5: the hook of a turns 6 into 60 (was 60, is 120)"


def test_nonfinite_numbers_and_tiny_ones() -> None:
    x = Value(0.0, "x")
    assert str(list(backward_steps(x.sqrt()))[1]) == "step 2: x receives 1 × ∞ = ∞ (by √; was 0, is ∞)"
    assert "1.5e−7" in str(list(backward_steps(x * 1.5e-7))[1])


def test_a_name_cannot_break_the_line_or_the_page() -> None:
    x = Value(1.0, '<script>"\n\x1b[2J')
    step = list(backward_steps(x * 2.0))[1]
    assert "\n" not in str(step)
    assert "\x1b" not in str(step)
    assert "<script>" not in step._repr_html_()
    assert "&lt;script&gt;" in step._repr_html_()


# ---- LaTeX --------------------------------------------------------------------------------------------------------


def test_a_step_in_latex() -> None:
    _, root = circuit()
    steps = list(backward_steps(root))
    assert steps[0]._repr_latex_() == r"$\displaystyle \frac{\partial v_{3}}{\partial v_{3}} = 1$"
    assert steps[4]._repr_latex_() == (
        r"$\displaystyle \frac{\partial v_{3}}{\partial a} \leftarrow 4 + \frac{\partial v_{3}}{\partial v_{1}} \cdot "
        r"\frac{\partial v_{1}}{\partial a} = 4 + 2 \cdot \left(-3\right) = -2$"
    )


def test_latex_of_every_kind_of_step_has_its_braces_closed() -> None:
    rng = np.random.default_rng(0)
    x, w = leaf(rng.normal(size=(1, 1, 4, 4)), "x_1 50%"), leaf(rng.normal(size=(1, 1, 2, 2)), "conv1.weight")
    x.register_hook(lambda gradient: gradient * 2.0)
    roots = [F.max_pool2d(F.conv2d(x, w).tanh(), 3).sum(), (x @ x).sum() * 1e-30]
    for root in roots:
        for step in [*backward_steps(root), *forward_steps(root)]:
            latex = step._repr_latex_()
            bare = latex.replace(r"\{", "").replace(r"\}", "")
            assert bare.count("{") == bare.count("}"), latex
            assert latex.count(r"\left(") == latex.count(r"\right)"), latex
            assert "−" not in latex
            assert "%" not in latex.replace(r"\%", "")


# ---- tables -------------------------------------------------------------------------------------------------------


def test_the_table_of_steps() -> None:
    _, root = circuit()
    assert text_table(backward_steps(root), here=5).splitlines() == [
        "  step  node  rule     upstream  local   contribution  grad so far",
        "     1  v₃    seed                       1             1",
        "     2  v₂    × of v₃  1         a = 2   2             2 ✓",
        "     3  a     × of v₃  1         v₂ = 4  4             4",
        "     4  v₁    + of v₂  2         1       2             2 ✓",
        "▸    5  a     × of v₁  2         b = −3  −6            −2 ✓",
        "     6  b     × of v₁  2         a = 2   4             4 ✓",
    ]


def test_the_table_as_html_has_the_same_cells() -> None:
    _, root = circuit()
    steps = list(backward_steps(root))
    rows = re.findall(r"<tr>(.*?)</tr>", html_table(steps))
    cells = [[html.unescape(cell) for cell in re.findall(r"<t[dh]>(.*?)</t[dh]>", row)] for row in rows]
    assert cells[0] == ["step", "node", "rule", "upstream", "local", "contribution", "grad so far"]
    assert cells[1:] == [list(map(str, step.cells())) for step in steps]


def test_wide_letters_keep_the_columns() -> None:
    x, y = Value(1.0, "重み"), Value(2.0, "x")
    lines = text_table(backward_steps(x * y)).splitlines()
    assert lines[2].startswith("     2  重み  × of v₁")
    assert lines[3].startswith("     3  x     × of v₁")


# ---- the forward pass ---------------------------------------------------------------------------------------------


def test_forward_steps_tell_every_node_in_the_order_of_creation() -> None:
    _, root = circuit()
    steps = list(forward_steps(root))
    assert [step.node for step in steps] == graph_nodes(root)
    assert list(map(str, steps)) == [
        "step 1: a = 2",
        "step 2: b = −3",
        "step 3: v₁ = a·b = 2·(−3) = −6",
        "step 4: the constant 10",
        "step 5: v₂ = v₁ + 10 = −6 + 10 = 4",
        "step 6: v₃ = v₂·a = 4·2 = 8",
    ]
    assert [step.kind for step in steps] == ["leaf", "leaf", "operation", "constant", "operation", "operation"]
    assert (steps[2].arguments, steps[2].result) == ((2.0, -3.0), -6.0)
    assert steps[2]._repr_latex_() == r"$\displaystyle v_{1} = a \cdot b = 2 \cdot \left(-3\right) = -6$"


@pytest.mark.parametrize(
    "make, expected",
    [
        (lambda x: x**2, "x² = (−2)² = 4"),
        (lambda x: 1.0 - x, "1 − x = 1 − (−2) = 3"),
        (lambda x: x / 4.0, "x/4 = −2/4 = −0.5"),
        (lambda x: -x, "−x = −(−2) = 2"),
        (lambda x: x.exp(), "e^x = e^(−2) = 0.1353"),
        (lambda x: ag.functions.sum([x] * 3), "x + x + x = −2 − 2 − 2 = −6"),
    ],
)
def test_numbers_stand_in_the_place_of_names(make: Any, expected: str) -> None:
    *_, last = forward_steps(make(Value(-2.0, "x")))
    assert str(last).split(" = ", 1)[1] == expected


def test_a_negative_constant_stands_in_parentheses_where_it_must() -> None:
    *_, product = forward_steps(Value(2.0, "x") * -3.0)
    assert str(product) == "step 3: v₁ = x·(−3) = 2·(−3) = −6"
    *_, power = forward_steps((-3.0) ** Value(2.0, "x"))
    assert str(power) == "step 3: v₁ = (−3)^x = (−3)² = 9"


def test_forward_steps_of_arrays() -> None:
    x, w = leaf([1.0, 2.0], "x"), leaf(np.ones((2, 5)), "w")
    steps = list(forward_steps((x @ w).sum()))
    assert str(steps[0]) == "step 1: x = (2,) float64: [1, 2]"
    assert str(steps[4]) == "step 5: v₃ = v₂ @ w = (1, 5) float64: all 3"
    assert str(steps[-1]) == "step 8: v₆ = Σ(v₅) = 15"
    with pytest.raises(ValueError, match="read-only"):
        steps[0].result[0] = 3.0
    again = list(forward_steps((x * 3.0).tanh()))
    assert str(again[2]) == "step 3: v₁ = x·3 = [1, 2]·3 = (2,) float64: [3, 6]"


def test_a_long_sum_says_how_much_it_leaves_out() -> None:
    *_, last = forward_steps(ag.functions.sum([Value(float(k), f"x{k}") for k in range(100)]))
    assert last.expression == "x0 + x1 + x2 + x3 + x4 + x5 + x6 + … 92 more … + x99"
    assert last.substituted == "0 + 1 + 2 + 3 + 4 + 5 + 6 + … 92 more … + 99"


def test_forward_steps_of_what_is_no_graph() -> None:
    with pytest.raises(TypeError, match="takes a Value or a Tensor"):
        forward_steps(3.0)  # type: ignore[arg-type]
    (only,) = forward_steps(Value(1.0, "x").detach())
    assert only.kind == "constant"


def test_a_notation_that_fails_is_replaced_by_the_operations_symbol() -> None:
    def broken(x: Any) -> Any:
        raise RuntimeError("no notation")

    odd = ag.Elementwise("odd_for_steps", lambda x: x * 2.0, [2.0], symbol="odd", latex=broken)
    root = odd(Value(1.0, "x"))
    assert [str(step) for step in forward_steps(root)][-1] == "step 2: v₁ = odd(x) = odd(1) = 2"
    assert str(list(backward_steps(root))[-1]) == "step 2: x receives 1 × 2 = 2 (by odd; was 0, is 2)"


def test_every_kind_of_step_has_its_row_and_its_latex() -> None:
    a = Value(2.0, "a")
    a.register_hook(lambda gradient: gradient * 10.0)
    double = Value(4.0, (a,), "double")

    def by_hand() -> None:
        a.grad += 2.0 * double.grad

    double._backward = by_hand
    *_, closure, hook = backward_steps(double * 3.0)
    assert tuple(closure.cells()) == (3, "v₁", "by hand", "3", "", "", "a was 0, is 6")
    assert closure.latex() == r"a: 0 \to 6"
    assert tuple(hook.cells()) == (4, "a", "hook", "6", "", "60", "60 ✓")
    assert hook.latex() == r"\mathrm{hook}\left(6\right) = 60"
    forward = list(forward_steps(a * 3.0))
    assert tuple(forward[0].cells()) == (1, "a", "leaf", "", "", "2", "")
    assert tuple(forward[2].cells()) == (3, "v₁", "a·3", "", "2·3", "6", "")
    assert [step.operation for step in forward] == ["", "", "×"]
    assert forward[2].source is None


def test_a_step_in_which_nothing_is_handed_on_in_latex() -> None:
    drop = ag.Linear("drop_for_words", lambda x, y: x + y, lambda g, x, y: [g, None])
    x, y = leaf([1.0], "x"), leaf([2.0], "y")
    *_, last = backward_steps(drop(x, y).sum())
    assert last.latex() == r"\frac{\partial v_{2}}{\partial y} \leftarrow 0"
    assert last.cells().contribution == "nothing"


def test_a_formula_that_fails_leaves_the_number() -> None:
    def broken(out: Any, x: Any) -> Any:
        raise RuntimeError("no formula")

    odd = ag.Elementwise("odd_formula_for_steps", lambda x: x * 2.0, [2.0], formula=[broken])
    *_, last = backward_steps(odd(Value(1.0, "x")))
    assert (last.cells().local, getattr(last, "formula", None)) == ("2", "")
