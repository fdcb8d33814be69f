"""Where a NaN or an infinity came from: as it happens, and after the fact."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import nn.functional as F
from autograd import AnomalyError, GraphError, ShapeError, Tensor, Value, detect_anomaly, functions, nonfinite_origin
from autograd import recording as engine
from autograd.recording import modes
from tests.autograd.stepping import bits, forget, gradient_bits, random_root
from tests.autograd.support import leaf

KINDS = pytest.mark.parametrize("kind", [Value, leaf], ids=["Value", "Tensor"])


@pytest.fixture(autouse=True)
def quiet_numpy() -> Iterator[None]:
    """Without NumPy's own warnings, which say less."""
    with np.errstate(all="ignore"):
        yield


def message(caught: Any, *expected: str) -> str:
    """The message of an error, in which each of the patterns is found."""
    text = str(caught.value)
    for pattern in expected:
        assert re.search(pattern, text), f"{pattern!r} is not in\n{text}"
    return text


# ---- the forward pass ---------------------------------------------------------------------------------------------

FORWARD = {
    "log of 0": (lambda x: x.log(), 0.0, r"log\(0\) = −∞", "log of 0 is −∞: keep the argument above 0"),
    "log of a negative number": (lambda x: x.log(), -1.0, r"log\(−1\) = NaN", "a negative number has no log"),
    "log of a sigmoid": (lambda x: x.sigmoid().log(), -2000.0, r"log\(0\) = −∞", "sigmoid came out as 0: .*softplus"),
    "log1p at -1": (ag.log1p, -1.0, r"log\(1 \+ \(−1\)\) = −∞", "needs x > −1"),
    "root of a negative number": (lambda x: x.sqrt(), -4.0, r"√\(−4\) = NaN", "no square root"),
    "division by 0": (lambda x: 1.0 / x, 0.0, "1/0 = ∞", "add a small eps to the divisor"),
    "0 by 0": (lambda x: x / x, 0.0, "0/0 = NaN", "a division by 0"),
    "exp": (lambda x: x.exp(), 1e4, r"e\^10000 = ∞", "exp overflows beyond 709"),
    "0 to a negative power": (lambda x: x**-1.0, 0.0, r"0\^\(−1\) = ∞", "0 to a negative power"),
    "a fractional power": (lambda x: x**0.5, -2.0, r"\(−2\)\^0.5 = NaN", "no fractional power"),
    "an overflow": (lambda x: x * 1e200, 1e200, r"1e200·1e200 = ∞", "too large for its dtype"),
}


@KINDS
@pytest.mark.parametrize("case", FORWARD)
def test_the_first_result_that_is_not_finite_raises_with_numbers_line_and_remedy(kind: Any, case: str) -> None:
    make, at, numbers, remedy = FORWARD[case]
    x = kind(at)
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        make(x)
    message(caught, numbers, f"remedy: .*{remedy}", r"test_anomaly\.py:\d+: ", "argument ")
    assert not math.isfinite(float(make(x)))


def test_the_line_is_that_of_the_first_fault() -> None:
    x = Value(0.0, "x")
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        x.log() * 2.0  # here
    text = message(caught, r"^log: the result is not finite: log\(0\) = −∞\n  argument 'x': 0\n")
    assert "x.log() * 2.0  # here" in text


def test_an_array_says_how_many_elements_and_where_the_first_lies() -> None:
    x = leaf([[1.0, 2.0, 0.0], [-1.0, 3.0, 0.0]], "x")
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        ag.log(x)
    message(
        caught, r"^log: 3 of 6 elements are not finite, the first at \[0, 2\]: log\(0\) = −∞", r"argument 'x': \(2, 3\)"
    )
    y = leaf([[1.0], [0.0]], "y")
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        x / y
    message(caught, r"^divide: 3 of 6 elements .* the first at \[1, 0\]: −1/0 = −∞")


def test_a_product_of_matrices_that_overflows() -> None:
    x = leaf(np.full((2, 2), 1e200), "x")
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        x @ x
    message(caught, r"^matmul: 4 of 4 elements are not finite, the first at \[0, 0\]: ∞", "too large for its dtype")


def test_the_log_of_a_softmax_is_told_what_to_write_instead() -> None:
    scores = leaf([0.0, 2000.0])
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        ag.log(F.softmax(scores, dim=0))
    message(caught, r"log\(0\) = −∞", "the softmax came out as 0: take nn.functional.log_softmax")
    with detect_anomaly():
        F.log_softmax(scores, dim=0).sum().backward()


def test_a_cast_that_does_not_fit_and_a_mean_of_nothing() -> None:
    x = leaf([1e300])
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        x.astype("float32")
    message(caught, "^cast: ", "too large for the narrower dtype")
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        functions.mean(leaf(np.zeros(0)))
    message(caught, "mean of an empty array is NaN")


def test_data_that_are_nan_are_told_apart_from_operations_that_make_it() -> None:
    x = leaf([1.0, np.nan], "x")
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        x * 2.0
    message(caught, "NaN·2 = NaN", "an argument is NaN already")
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        leaf([np.inf]) - leaf([np.inf])
    message(caught, "∞ − ∞ = NaN", "an argument is infinite already")
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        leaf([0.0]) * leaf([np.inf])
    message(caught, "0·∞ = NaN", "0·∞ is NaN; an argument is infinite already")


def test_constants_are_watched_too() -> None:
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"^log: "), ag.no_grad():
        leaf([0.0]).log()
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"^log: "):
        Tensor([0.0]).log()
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"^log: "):
        Value(0.0, requires_grad=False).log()


def test_masks_of_minus_infinity_and_padding_with_it_are_no_fault() -> None:
    rng = np.random.default_rng(0)
    with detect_anomaly():
        scores = leaf(rng.normal(size=(3, 3)))
        masked = ag.where(np.tri(3, dtype=bool), scores, -np.inf)
        (F.softmax(masked, dim=1) * rng.normal(size=(3, 3))).sum().backward()
        F.max_pool2d(leaf(rng.normal(size=(1, 1, 4, 4))), 3, padding=1).sum().backward()
        (leaf([-np.inf]) + 1.0).exp().sum().backward()
        F.scaled_dot_product_attention(
            *(leaf(rng.normal(size=(1, 3, 2))) for _ in range(3)), is_causal=True
        ).sum().backward()


# ---- the backward pass --------------------------------------------------------------------------------------------

BACKWARD = {
    "root at 0": (lambda x: x.sqrt(), 0.0, r"1 × ∞ = ∞", r"1/\(2·√x\), at x = 0", r"sqrt\(x \+ 1e-12\)"),
    "power at 0": (lambda x: x**0.5, 0.0, r"1 × ∞ = ∞", "at x = 0\n", "slope of x .. y at 0 is infinite"),
    "tiny divisor": (
        lambda x: 1.0 / x,
        1e-200,
        "1 × −∞ = −∞",
        ", at x = 1e−200",
        "too large for such a small",
    ),
    "too steep": (
        lambda x: (x * 1e200) * 1e200,
        1e-300,
        "1e200 × 1e200 = ∞",
        "local derivative is 1e200|1e\\+200|10",
        "clip gradients",
    ),
}


@KINDS
@pytest.mark.parametrize("case", BACKWARD)
def test_the_first_contribution_that_is_not_finite_raises(kind: Any, case: str) -> None:
    make, at, product, derivative, remedy = BACKWARD[case]
    x = kind(at)
    x.name = "x"
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        make(x).backward()
    message(
        caught,
        "^backward of ",
        f"x receives {product} from ",
        derivative,
        f"remedy: .*{remedy}",
        r"test_anomaly\.py:\d+",
    )


def test_an_edge_between_arrays_says_which_element_receives_what() -> None:
    x = leaf([4.0, 0.0, 0.0], "x")
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        ag.sqrt(x).sum().backward()
    message(caught, r"^backward of sqrt: x\[1\] receives 1 × ∞ = ∞ from v₁; so do 2 of 3 elements in all\n", "at x = 0")


def test_a_matrix_product_hands_on_too_much() -> None:
    x, w = leaf([[1e-300]], "x"), leaf([[1e200]])
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        (x @ w).backward(np.array([[1e200]]))
    message(caught, r"^backward of matmul: x\[0,0\] receives ∞ from", "clip gradients")


def test_a_sum_of_contributions_a_seed_and_a_hook() -> None:
    x = leaf([1e-200], "x")
    with detect_anomaly(), pytest.raises(AnomalyError, match="the sum of what reaches x overflows"):
        (x + x).backward(np.array([1.5e308]))
    with detect_anomaly(), pytest.raises(AnomalyError, match="the gradient that the pass starts from"):
        (x + x).backward(np.array([np.nan]))
    y = x * 2.0
    y.register_hook(lambda gradient: gradient * np.inf)
    with detect_anomaly(), pytest.raises(AnomalyError, match="a hook of v₁ made a number"):
        y.sum().backward()


def test_a_closure_written_by_hand_is_watched() -> None:
    a = Value(1.0, "a")
    out = Value(1.0, (a,), "odd")

    def by_hand() -> None:
        a.grad += math.inf

    out._backward = by_hand
    with detect_anomaly(), pytest.raises(AnomalyError, match="the _backward of v₁, written by hand"):
        out.backward()


@KINDS
def test_an_infinite_slope_where_nothing_came_in_is_no_fault(kind: Any) -> None:
    x = kind(0.0)
    with detect_anomaly():
        ag.where(x.data > 0.0, ag.sqrt(x), x * 3.0).backward()
    assert float(x.grad) == 3.0


def test_gradients_are_those_of_a_pass_without_it() -> None:
    for seed in range(20):
        root = random_root(seed)
        root.backward()
        expected = gradient_bits(root)
        if not all(np.isfinite(node.grad).all() for node in ag.graph_nodes(root) if node.has_grad):
            continue
        forget(root)
        with detect_anomaly():
            root.backward()
        assert gradient_bits(root) == expected


@KINDS
def test_keep_leaves_keeps_the_leaves_alone(kind: Any) -> None:
    x = kind(2.0)
    inner = x * x
    with detect_anomaly():
        (inner * 3.0).backward(keep="leaves")
        with pytest.raises(ValueError, match="keep="):
            inner.backward(keep="none")
    assert float(x.grad) == 12.0
    assert not inner.has_grad


def test_errors_of_backward_stay_what_they_are() -> None:
    with detect_anomaly():
        with pytest.raises(GraphError, match="requires no gradient"):
            Value(1.0).detach().backward()
        with pytest.raises(ShapeError):
            (leaf([1.0, 2.0]) * 2.0).backward(np.ones(3))


@KINDS
def test_transforms_are_watched(kind: Any) -> None:
    at = 0.0 if kind is Value else np.array([0.0, 1.0])
    root = (lambda x: ag.sqrt(x)) if kind is Value else lambda x: ag.sqrt(x).sum()
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"^backward of sqrt"):
        ag.grad(root)(at)
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"sqrt|divide|power"):
        ag.grad(lambda x: functions.sum(ag.grad(root)(x)) if kind is leaf else ag.grad(root)(x))(at)
    with detect_anomaly():
        assert float(np.sum(ag.grad(root)(at + 4.0))) > 0.0


# ---- the context --------------------------------------------------------------------------------------------------


def test_outside_the_context_nothing_is_watched() -> None:
    before = engine.special
    with detect_anomaly(), detect_anomaly():
        assert engine.special > before
    with pytest.raises(KeyError), detect_anomaly():
        raise KeyError
    assert (engine.special, modes.watch, modes.source) == (before, None, False)
    x = Value(0.0)
    x.log().backward()
    assert not math.isfinite(x.grad)

    @detect_anomaly()
    def watched() -> Any:
        return Value(0.0).log()

    for _ in range(2):
        with pytest.raises(AnomalyError):
            watched()


def test_another_thread_is_not_watched() -> None:
    found: list[float] = []
    with detect_anomaly():
        thread = threading.Thread(target=lambda: found.append(Value(1.0).__truediv__(Value(0.0)).data))
        thread.start()
        thread.join()
    assert found == [math.inf]


def test_an_anomaly_is_an_arithmetic_error() -> None:
    assert issubclass(AnomalyError, ArithmeticError)
    assert ag.errors.AnomalyError is AnomalyError


def test_a_network_trains_under_watch() -> None:
    nn.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3))
    x = np.random.default_rng(0).normal(size=(4, 1, 4, 4)).astype("float32")
    with detect_anomaly():
        F.cross_entropy(model(Tensor(x)), np.array([0, 1, 2, 0])).backward(keep="leaves")
    watched = [bits(parameter.grad) for parameter in model.parameters()]
    model.zero_grad()
    F.cross_entropy(model(Tensor(x)), np.array([0, 1, 2, 0])).backward(keep="leaves")
    assert [bits(parameter.grad) for parameter in model.parameters()] == watched


# ---- after the fact -----------------------------------------------------------------------------------------------


@KINDS
def test_the_first_value_in_order_of_creation_is_named(kind: Any) -> None:
    x, y = kind(0.0), kind(2.0)
    x.name = "x"
    first = ag.log(x / y)
    ag.log(x)  # a fault outside of the graph
    loss = first * 2.0 + ag.log(x)
    origin = nonfinite_origin(loss)
    assert origin is not None
    assert origin.node is first
    assert origin.value is not None
    assert origin.value.remedy.startswith("the log of 0 is −∞")
    assert origin.edge is None, "all derivatives that are not finite come from values that are not"
    text = str(origin)
    assert text.startswith("the first value that is not finite is of v₃\nlog: the result is not finite: log(0) = −∞")
    assert "detect_anomaly() or record_source()" in text


def test_the_users_line_is_named_where_it_was_recorded() -> None:
    with ag.record_source():
        x = leaf([1.0, 0.0], "x")
        loss = (ag.log(x) * 2.0).sum()
    assert re.search(r"test_anomaly\.py:\d+: loss = \(ag\.log\(x\) \* 2\.0\)\.sum\(\)", str(nonfinite_origin(loss)))


@KINDS
def test_the_first_edge_in_order_of_the_pass_is_named(kind: Any) -> None:
    x = kind(0.0)
    x.name = "x"
    root = ag.sqrt(x)
    loss = root + ag.sqrt(x * 1.0) * 2.0
    origin = nonfinite_origin(loss)
    assert origin is not None
    assert (origin.node, origin.value) == (None, None)
    assert origin.edge is not None
    assert origin.edge.node.op == "√"
    assert origin.edge.node is not root, "the square root made last comes first in the pass"
    assert (origin.edge.upstream, origin.edge.local, origin.edge.contribution) == (2.0, math.inf, math.inf)
    assert re.search(r"receives 2 × ∞ = ∞ from ", str(origin))
    assert repr(origin).startswith("<NonfiniteOrigin: the first derivative")
    assert origin._repr_html_().startswith("<pre>the first derivative")


def test_a_value_and_an_edge_of_different_causes_are_both_named() -> None:
    x, y = Value(0.0, "x"), Value(-1.0, "y")
    loss = x.sqrt() + y.log()
    origin = nonfinite_origin(loss)
    assert origin is not None
    assert origin.node.op == "log"
    assert origin.edge is not None
    assert origin.edge.parent is x


def test_nothing_is_found_where_everything_is_finite_and_nothing_is_changed() -> None:
    for seed in range(10):
        root = random_root(seed)
        root.backward()
        before = gradient_bits(root)
        finite = all(np.isfinite(node.grad).all() for node in ag.graph_nodes(root) if node.has_grad)
        assert (nonfinite_origin(root) is None) == finite
        assert gradient_bits(root) == before


def test_a_leaf_that_holds_nan_is_the_origin_where_no_operation_is() -> None:
    x, mask = leaf([1.0, np.nan], "x"), leaf([0.0, -np.inf], "mask")
    origin = nonfinite_origin((x * 2.0).sum() + F.softmax(mask, dim=0).sum())
    assert origin is not None
    assert origin.node is x
    assert "\nx: 1 of 2 elements are not finite, the first at [1]: NaN\n  remedy: look at" in str(origin)
    assert nonfinite_origin(F.softmax(mask, dim=0).sum()) is None, "a mask that the softmax takes in"
    masked = nonfinite_origin(ag.where(np.array([True, False]), x, mask).sum())
    assert masked is not None
    assert masked.node is mask
    younger = leaf([np.nan, 1.0], "younger")
    both = nonfinite_origin((younger * x).sum())
    assert both is not None
    assert both.node is x


def test_infinity_minus_infinity_is_an_origin_of_its_own() -> None:
    x = leaf([np.inf], "x")
    origin = nonfinite_origin((x - x) * 2.0, np.array([1.0]))
    assert origin is not None
    assert origin.node.op == "−"


def test_a_root_of_several_elements_and_one_without_gradient() -> None:
    x = leaf([0.0, 4.0], "x")
    origin = nonfinite_origin(ag.sqrt(x))
    assert origin is not None
    assert origin.edge is not None
    assert (origin.edge.into, origin.edge.wrong) == ((0,), 1)
    assert nonfinite_origin(ag.sqrt(x), np.array([0.0, 1.0])) is None
    with ag.no_grad():
        constant = ag.log(x)
    assert nonfinite_origin(constant) is not None
    with pytest.raises(TypeError, match="takes a Value or a Tensor"):
        nonfinite_origin(3.0)  # type: ignore[arg-type]
    with pytest.raises(ShapeError):
        nonfinite_origin(ag.sqrt(x), np.ones(3))


def test_a_deep_graph_is_searched_without_recursion() -> None:
    x = Value(0.0, "x")
    with ag.collector_paused():
        node = bad = x.sqrt()
        for _ in range(20_000):
            node = node + 1.0
        origin = nonfinite_origin(node)
        assert origin is not None
        assert origin.edge is not None
        assert origin.edge.node is bad
        del node, bad, origin


def test_a_sum_of_many_values_says_how_many_arguments_it_leaves_out() -> None:
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        functions.sum([Value(1e308), Value(1e308), *map(Value, range(8))])
    text = message(
        caught, "^sum: the result is not finite: 1e308 .* 1e308", "and 6 more arguments", "too large for its"
    )
    assert text.count("  argument ") == 4
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        functions.sum(leaf([np.inf, -np.inf]))
    message(caught, "^sum: the result is not finite: NaN", "∞ − ∞ and ∞/∞ are NaN")


def test_an_operation_of_the_users_own_gets_the_general_remedy() -> None:
    solve = ag.Elementwise("solve_of_three", lambda x, y, z: x * np.inf, [1.0, 1.0, 1.0])
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        solve(leaf([1.0]), leaf([2.0]), leaf([3.0]))
    message(caught, "^solve_of_three: 1 of 1 elements are not finite", "too large for its dtype")


def test_the_origin_of_a_matrix_product_that_hands_on_too_much() -> None:
    x, w = leaf([[1e-300]], "x"), leaf([[1e200]], "w")
    origin = nonfinite_origin(x @ w, np.array([[1e200]]))
    assert origin is not None
    assert origin.edge is not None
    assert (origin.edge.parent, origin.edge.upstream, origin.edge.local) == (x, None, None)


def test_a_node_made_by_hand_may_bear_the_name_of_an_operation() -> None:
    a, b = Value(1.0, "a"), Value(2.0, "b")
    origin = nonfinite_origin(Value(math.inf, (a, b), "log"))
    assert origin is not None
    assert "log: the result is not finite: log(1, 2) = ∞" in str(origin)
