"""`grade`: each part gets its mark, whatever the functions do."""

from __future__ import annotations

import contextlib
import sys
import time
import warnings
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograd.testing import Exercise, grade

X, W, B = np.array([1.0, -2.0, 0.5]), np.array([[1.0, 2.0, -1.0], [0.5, -1.5, 3.0]]), np.array([0.25, -0.75])


def affine(x: Any, w: Any, b: Any) -> Any:
    return w @ x + b


def affine_back(dout: Any, x: Any, w: Any, b: Any) -> Any:
    return w.T @ dout, np.outer(dout, x), dout.copy()


AFFINE = Exercise("affine", (X, W, B), affine, points=5)
SQUARE = Exercise("square", (X,), lambda x: x * x, points=3)
RIGHT = {"square": lambda x: x * x, "square_back": lambda dout, x: 2 * x * dout}


def verdicts(given: Any, *spec: Exercise, **options: Any) -> dict[str, str]:
    return {mark.part: mark.verdict for mark in grade(given, list(spec or [SQUARE]), **options)}


def square(forward: Any = None, backward: Any = None) -> dict[str, Any]:
    return {"square": forward or RIGHT["square"], "square_back": backward or RIGHT["square_back"]}


def test_right_functions_get_every_point() -> None:
    grades = grade({"affine": affine, "affine_back": affine_back}, [AFFINE])
    assert [mark.part for mark in grades] == ["value", "x", "w", "b", "contracts"]
    assert grades
    assert (grades.points, grades.most) == (5.0, 5.0)


def test_one_wrong_gradient_costs_its_own_part_alone() -> None:
    def back(dout: Any, x: Any, w: Any, b: Any) -> Any:
        return w.T @ dout, 2.0 * np.outer(dout, x), dout.copy()

    grades = grade({"affine": affine, "affine_back": back}, [AFFINE])
    assert {mark.part: mark.verdict for mark in grades} == {
        "value": "right", "x": "right", "w": "wrong", "b": "right", "contracts": "right"
    }  # fmt: skip
    (mark,) = grades.of(part="w")
    assert "doubled" in mark.diagnosis or "twice" in mark.diagnosis or "double" in mark.diagnosis
    assert mark.report is not None
    assert grades.points == 4.0


def test_a_transposed_gradient_has_the_wrong_shape() -> None:
    def back(dout: Any, x: Any, w: Any, b: Any) -> Any:
        return w.T @ dout, np.outer(x, dout), dout.copy()

    grades = grade({"affine": affine, "affine_back": back}, [AFFINE])
    assert [mark.verdict for mark in grades] == ["right", "right", "wrong shape", "right", "right"]
    assert "(3, 2)" in grades.of(part="w")[0].diagnosis
    assert "(2, 3)" in grades.of(part="w")[0].diagnosis


def test_a_backward_that_fits_a_wrong_forward_gets_nothing() -> None:
    """Zeros are the derivative of zeros, and keep every contract."""
    zeros = square(lambda x: 0 * x, lambda dout, x: 0 * x)
    assert verdicts(zeros) == {"value": "wrong", "x": "wrong", "contracts": "not looked at"}
    cubed = square(lambda x: x**3, lambda dout, x: 3 * x**2 * dout)
    assert verdicts(cubed)["x"] == "wrong"


def test_a_right_backward_beside_a_wrong_forward_keeps_its_points() -> None:
    assert verdicts(square(lambda x: x * x + 1)) == {"value": "wrong", "x": "right", "contracts": "right"}
    assert verdicts({"square_back": RIGHT["square_back"]}) == {
        "value": "missing", "x": "right", "contracts": "right"
    }  # fmt: skip


def test_what_is_wrong_only_where_two_inputs_move_together_is_found() -> None:
    def back(dout: Any, a: Any, b: Any) -> Any:
        return dout * b * np.where((a == 1) & (b == 1), 1.5, 1.0), dout * a

    spec = Exercise("product", (X, X[::-1].copy() + 0.3), lambda x, y: x * y)
    found = verdicts({"product": lambda a, b: a * b, "product_back": back}, spec)
    assert found == {"value": "right", "x": "wrong", "y": "right", "contracts": "right"}


def test_functions_with_a_cache() -> None:
    spec = Exercise("affine_forward", (X, W, B), affine)

    def forward(x: Any, w: Any, b: Any) -> Any:
        return w @ x + b, (x, w)

    def backward(dout: Any, cache: Any) -> Any:
        x, w = cache
        return w.T @ dout, np.outer(dout, x), dout.copy()

    given = {"affine_forward": forward, "affine_backward": backward}
    assert grade(given, [spec])
    given["affine_forward"] = lambda x, w, b: (2 * (w @ x), (x, w))
    assert [mark.verdict for mark in grade(given, [spec])] == ["wrong", "right", "right", "right", "right"]
    del given["affine_forward"]
    assert "right" not in {mark.verdict for mark in grade(given, [spec])}


def test_a_layer_that_keeps_what_it_needs() -> None:
    kept = SimpleNamespace()

    def forward(x: Any) -> Any:
        kept.x = x.copy()
        return x * x

    assert set(verdicts(square(forward, lambda dout: 2 * kept.x * dout)).values()) == {"right"}
    assert verdicts(square(forward, lambda dout: 2 * dout))["x"] == "wrong"


def test_a_loss_with_its_gradient() -> None:
    spec = Exercise(
        "loss", (X, np.array([0.0, 1.0, 0.0])), lambda x, y: ((x - y) ** 2).sum(), wrt=["x"], gives_gradients=True
    )
    right = {"loss": lambda x, y: (((x - y) ** 2).sum(), 2 * (x - y))}
    assert verdicts(right, spec) == {"value": "right", "x": "right", "contracts": "right"}
    assert verdicts({"loss": lambda x, y: (((x - y) ** 2).sum(), x - y)}, spec)["x"] == "wrong"
    assert verdicts({"loss": lambda x, y: ((x - y) ** 2).sum()}, spec)["x"] == "raised"
    assert verdicts({}, spec)["x"] == "missing"


def test_gradients_in_a_dict() -> None:
    def back(dout: Any, x: Any, w: Any, b: Any) -> Any:
        return {"b": dout.copy(), "dw": np.outer(dout, x), "x": w.T @ dout}

    assert grade({"affine": affine, "affine_back": back}, [AFFINE])


def test_further_cases_count() -> None:
    spec = Exercise("square", (np.abs(X),), lambda x: x * x, more=[(X,)], explore=False)
    absolute = square(lambda x: x * np.abs(x), lambda dout, x: 2 * np.abs(x) * dout)
    assert verdicts(absolute, spec) == {"value": "wrong", "x": "wrong", "contracts": "not looked at"}
    alone = Exercise("square", (np.abs(X),), lambda x: x * x, explore=False)
    assert verdicts(absolute, alone)["x"] == "right"


def test_other_inputs_of_the_same_shape_are_tried() -> None:
    """A gradient that is right at the given input alone; and one that only takes the shape that was given."""
    spec = Exercise("square", (np.abs(X),), lambda x: x * x)
    (_, mark, _) = grade(square(None, lambda dout, x: 2 * np.abs(x) * dout), [spec])
    assert mark.verdict == "wrong"
    assert "at negated" in mark.diagnosis
    assert verdicts(square(None, lambda dout, x: 2 * x * dout.reshape(3)), spec)["x"] == "right"


@pytest.mark.parametrize(
    "backward, said",
    [
        (lambda dout, x: np.multiply(dout, 2 * x, out=dout).copy(), "overwrites its upstream"),
        (lambda dout, x: np.multiply(2 * dout, x, out=x).copy(), "changes its input in place"),
        (lambda dout, x: 2 * x * (dout + 1e-3 * (dout > 0)), "linear"),
    ],
)
def test_contracts(backward: Any, said: str) -> None:
    grades = grade(square(None, backward), [SQUARE])
    (mark,) = grades.of(part="contracts")
    if said != "linear":
        assert [each.verdict for each in grades] == ["right", "right", "wrong"]
        assert said in mark.diagnosis
    assert mark.points == 0.0


def test_a_wrong_gradient_is_seen_behind_a_broken_contract() -> None:
    for spoilt in (lambda dout, x: np.multiply(3 * dout, x, out=x), lambda dout, x: np.multiply(3 * x, dout, out=dout)):
        assert verdicts(square(None, spoilt))["x"] == "wrong"


def test_a_forward_that_changes_its_input_breaks_a_contract() -> None:
    assert verdicts(square(lambda x: np.multiply(x, x, out=x))) == {
        "value": "right", "x": "right", "contracts": "wrong"
    }  # fmt: skip


# ---- whatever the functions do --------------------------------------------------------------------------------------


def _endless(*args: Any) -> None:
    while True:
        pass


def _stubborn(*args: Any) -> None:
    until = time.monotonic() + 1.0  # so that no thread is left behind by the test
    while time.monotonic() < until:
        with contextlib.suppress(Exception):
            _endless_for(0.05)


def _endless_for(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def _raising(*args: Any) -> None:
    raise IndexError("no such row")


class _UnreadableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def _unreadable(*args: Any) -> None:
    raise _UnreadableError


@pytest.mark.parametrize(
    "function, verdict",
    [
        (_endless, "too slow"),
        (_stubborn, "too slow"),
        (_raising, "raised"),
        (_unreadable, "raised"),
        (lambda *args: sys.exit(), "raised"),
        (lambda *args: input(), "raised"),
        (lambda *args: (_ for _ in ()).throw(KeyboardInterrupt), "raised"),
        (lambda: 1, "raised"),
    ],
)
def test_nothing_ends_the_grading(function: Any, verdict: str) -> None:
    grades = grade({"square": function, "square_back": function, **{f"{k}2": v for k, v in RIGHT.items()}},
                   [SQUARE, Exercise("square2", (X,), lambda x: x * x, back="square_back2")], seconds=0.3)  # fmt: skip
    assert [mark.verdict for mark in grades] == [verdict, verdict, "not looked at", "right", "right", "right"]
    assert grades[0].diagnosis


@pytest.mark.parametrize(
    "result, value, gradient",
    [
        (None, "wrong", "wrong"),
        ("text", "wrong", "wrong shape"),
        (1.0, "wrong shape", "wrong shape"),
        (np.zeros((3, 1)), "wrong shape", "wrong shape"),
        (np.full(3, np.nan), "wrong", "wrong"),
        (object(), "wrong", "wrong shape"),
        ("1.5", "wrong", "wrong shape"),
        (1j * X, "wrong", "wrong"),
        ({"y": 1.0}, "wrong", "wrong"),
        ([1.0, [2.0]], "wrong", "raised"),
    ],
)
def test_whatever_is_returned_gets_a_verdict(result: Any, value: str, gradient: str) -> None:
    found = verdicts(square(lambda x: result, lambda dout, x: result), seconds=5.0)
    assert found == {"value": value, "x": gradient, "contracts": "not looked at"}


def test_a_forward_without_end_is_not_tried_again_for_its_gradients() -> None:
    calls = []

    def forward(x: Any) -> Any:
        calls.append(x)
        _endless()

    spec = Exercise("square", (X,), lambda x: x * x, cache=True)
    assert verdicts(square(forward, lambda dout, cache: 2 * dout * cache), spec, seconds=0.2) == {
        "value": "too slow", "x": "too slow", "contracts": "not looked at"
    }  # fmt: skip
    assert len(calls) == 1


def test_what_a_function_does_to_the_process_is_undone(capsys: pytest.CaptureFixture[str]) -> None:
    def loud(x: Any) -> Any:
        print("hello")
        print("trouble", file=sys.stderr)
        warnings.warn("mind", stacklevel=1)
        np.seterr(all="raise")
        np.random.seed(0)
        sys.path.append("nowhere")
        x[:] *= 1.0
        return x * x

    numbers, state = np.geterr(), np.random.get_state()[1].tolist()
    assert set(verdicts(square(loud)).values()) == {"right"}
    assert capsys.readouterr() == ("", "")
    assert np.geterr() == numbers
    assert np.random.get_state()[1].tolist() == state
    assert "nowhere" not in sys.path
    assert SQUARE.inputs[0].tolist() == [1.0, -2.0, 0.5]


def test_the_same_seed_gives_the_same_marks() -> None:
    wrong = square(None, lambda dout, x: 3 * x * dout)
    assert str(grade(wrong, [SQUARE], seed=4)) == str(grade(wrong, [SQUARE], seed=4))


# ---- the spec -------------------------------------------------------------------------------------------------------


def test_points_by_part() -> None:
    spec = Exercise("affine", (X, W, B), affine, points={"value": 2, "w": 3})
    grades = grade({"affine": affine, "affine_back": affine_back}, [spec])
    assert [(mark.part, mark.points) for mark in grades] == [("value", 2.0), ("w", 3.0)]


def test_a_spec_of_dicts() -> None:
    assert grade(RIGHT, {"square": {"inputs": (X,), "reference": lambda x: x * x}})


def test_a_spec_that_does_not_hold_is_an_error() -> None:
    with pytest.raises(TypeError, match="inputs are a tuple"):
        Exercise("square", X, lambda x: x * x)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="the reference is None"):
        Exercise("square", (X,), None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"write \['x'\]"):
        Exercise("square", (X,), lambda x: x * x, wrt="x")
    with pytest.raises(ValueError, match="no part 'y'; it has value, x, contracts"):
        Exercise("square", (X,), lambda x: x * x, points={"y": 1})
    with pytest.raises(ValueError, match="-1 points"):
        Exercise("square", (X,), lambda x: x * x, points=-1)
    with pytest.raises(ValueError, match="nothing to differentiate"):
        Exercise("square", (3,), lambda x: x * x)
    with pytest.raises(ValueError, match="the reference does not take the inputs"):
        grade(RIGHT, [Exercise("square", (X,), lambda x: x @ W)])
    with pytest.raises(ValueError, match="the spec is empty"):
        grade(RIGHT, [])
    with pytest.raises(TypeError, match="a list of Exercise"):
        grade(RIGHT, ["square"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="finds no functions in int"):
        grade(3, [SQUARE])


def test_a_module() -> None:
    module = ModuleType("handed_in")
    module.__dict__.update(RIGHT)
    grades = grade(module, [SQUARE])
    assert grades
    assert grades.students == ("handed_in",)
