"""Programs of Values against eager's own forward and backward pass, on other numbers than those recorded."""

from __future__ import annotations

import importlib.util
import itertools
from typing import Any

import numpy as np
import pytest

from autograd import Elementwise, KinkError, Value, functions, kinks
from autograd.replay import record, replay
from autograd.replay.scalars import executor
from autograd.replay.scalars.plan import make_plan
from tests.replay.random_values import ARITHMETIC, SMOOTH, random_function

needs_numba = pytest.mark.skipif(
    importlib.util.find_spec("numba") is None, reason="compiled programs need numba: pip install gradwalk[fast]"
)
BACKENDS = ["numpy", pytest.param("numba", marks=needs_numba)]


def eager(function: Any, numbers: Any) -> tuple[float, list[float]]:
    values = [Value(float(number)) for number in numbers]
    out = function(*values)
    out.backward()
    return out.data, [value.grad for value in values]


def close(found: Any, expected: Any, tolerance: float) -> None:
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert found.shape == expected.shape
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("seed", range(40))
def test_arithmetic_is_eager_to_the_bit(seed: int, backend: Any) -> None:
    rng = np.random.default_rng(seed)
    function = random_function(rng, 60, ARITHMETIC)
    program = record(function, *map(Value, rng.normal(size=4)), backend=backend, check=False)
    for numbers in rng.normal(size=(3, 4)):
        out, gradients = program.value_and_grad(*numbers)
        expected, expected_gradients = eager(function, numbers)
        assert out == expected
        assert [float(each) for each in gradients] == expected_gradients


@pytest.mark.uncounted
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("seed", range(40))
def test_functions_agree_to_rounding(seed: int, backend: Any) -> None:
    rng = np.random.default_rng(1000 + seed)
    function = random_function(rng, 60, (*SMOOTH, "multiply", "add"))
    program = record(function, *map(Value, rng.normal(size=4)), backend=backend)
    for numbers in rng.normal(size=(3, 4)):
        out, gradients = program.value_and_grad(*numbers)
        expected, expected_gradients = eager(function, numbers)
        close(out, expected, 1e-13)
        close(gradients, expected_gradients, 1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("most_numbers", [4_000_000, 500])
def test_a_batch_is_each_sample_by_itself(backend: Any, most_numbers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "_MOST_NUMBERS", most_numbers)  # the smaller one runs the batch in pieces
    rng = np.random.default_rng(5)
    function = random_function(rng, 50, (*ARITHMETIC, "tanh"))
    program = record(function, *map(Value, rng.normal(size=4)), backend=backend)
    first, second = rng.normal(size=(2, 37))
    shared = rng.normal(size=2)
    upstream = rng.normal(size=37)
    out, gradients = program.value_and_grad(first, shared[0], second, shared[1], gradient=upstream)
    alone = [eager(function, (a, shared[0], b, shared[1])) for a, b in zip(first, second, strict=True)]
    close(out, [value for value, _ in alone], 1e-13)
    weighted = np.array([each for _, each in alone]) * upstream[:, np.newaxis]
    close(gradients[0], weighted[:, 0], 1e-12)
    close(gradients[2], weighted[:, 2], 1e-12)
    close(gradients[1], weighted[:, 1].sum(), 1e-12)
    close(gradients[3], weighted[:, 3].sum(), 1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_list_of_values_is_one_input(backend: Any) -> None:
    def function(weights: list[Value], x: Value) -> Value:
        return sum(w * x**k for k, w in enumerate(weights))

    program = record(function, [Value(1.0), Value(2.0), Value(3.0)], Value(0.5), backend=backend)
    weights, x = np.array([0.5, -1.5, 2.0]), 1.25
    out, (to_weights, to_x) = program.value_and_grad(weights, x)
    close(out, 0.5 - 1.5 * x + 2.0 * x * x, 1e-15)
    close(to_weights, [1.0, x, x * x], 1e-15)
    close(to_x, -1.5 + 4.0 * x, 1e-15)
    batch = np.array([[0.5, -1.5, 2.0], [1.0, 1.0, 1.0]])
    out, (to_weights, to_x) = program.value_and_grad(batch, x)
    close(out, [0.5 - 1.5 * x + 2.0 * x * x, 1 + x + x * x], 1e-15)
    close(to_weights, [[1.0, x, x * x]] * 2, 1e-15)
    close(to_x, -1.5 + 4.0 * x + 1 + 2 * x, 1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_weights_found_elsewhere_are_read_and_receive_gradients(backend: Any) -> None:
    w, b = Value(2.0), Value(-1.0)
    program = record(lambda x: (w * x + b).tanh(), Value(0.5), backend=backend)
    w.data = 0.25
    out = program.forward(3.0)
    (to_x,) = program.backward()
    slope = 1 - np.tanh(0.25 * 3 - 1) ** 2
    close(out, np.tanh(0.25 * 3 - 1), 1e-15)
    close([w.grad, b.grad, to_x], [3 * slope, slope, 0.25 * slope], 1e-15)
    program.backward()
    close(w.grad, 6 * slope, 1e-15)
    program.value_and_grad(3.0)
    close(w.grad, 6 * slope, 1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_graph_that_exists_runs_again(backend: Any) -> None:
    x, y = Value(2.0), Value(3.0)
    program = replay(x * y + x * x, backend=backend)
    x.data, y.data = 5.0, 7.0
    assert program.forward() == 60.0
    assert program.backward(2.0) == ()
    assert (x.grad, y.grad) == (2 * 17.0, 2 * 5.0)


ORDERS = {
    "from the left": lambda v: ((v[0] + v[1]) + v[2]) + v[3],
    "from the right": lambda v: v[0] + (v[1] + (v[2] + v[3])),
    "in pairs": lambda v: (v[0] + v[1]) + (v[2] + v[3]),
    "with a part used twice": lambda v: ((v[0] + v[1]) + v[2]) * (v[0] + v[1]) + v[3],
    "with one term again": lambda v: ((v[0] + v[0]) + v[0]) + v[1] * v[2] * v[3],
    "of two chains": lambda v: sum(v) * sum(each * each for each in v),
    "of forty": lambda v: sum(v[k % 4] * (1e8 if k % 3 else 1e-8) for k in range(40)),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
def test_additions_keep_their_order(order: Any, backend: Any) -> None:
    numbers = [1e16, 1.0, -1e16, 0.1]  # of which each order has another sum
    program = record(lambda *v: order(v), *map(Value, (1.0, 2.0, 3.0, 4.0)), backend=backend)
    out, gradients = program.value_and_grad(*numbers)
    expected, expected_gradients = eager(lambda *v: order(v), numbers)
    assert out == expected
    assert [float(each) for each in gradients] == expected_gradients


def test_partial_sums_need_no_rows() -> None:
    values = [Value(float(k)) for k in range(10)]
    plan = make_plan(replay(sum(values)).tape)
    assert len(plan.groups) == 1
    assert plan.rows == 10 + 1 + 1  # the leaves, the 0 that `sum` begins with, the sum


@pytest.mark.parametrize("backend", BACKENDS)
def test_several_outputs_take_an_upstream_gradient_each(backend: Any) -> None:
    program = record(lambda x, y: (x * y, x + y, x), Value(2.0), Value(3.0), backend=backend)
    assert program(4.0, 5.0) == (20.0, 9.0, 4.0)
    _, gradients = program.value_and_grad(4.0, 5.0, gradient=(2.0, 3.0, 10.0))
    assert gradients == (2 * 5.0 + 3.0 + 10.0, 2 * 4.0 + 3.0)
    _, gradients = program.value_and_grad(4.0, 5.0, gradient=(None, 3.0, None))
    assert gradients == (3.0, 3.0)
    _, gradients = program.value_and_grad(4.0, 5.0)
    assert gradients == (5.0 + 1.0 + 1.0, 4.0 + 1.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_reductions_of_values(backend: Any) -> None:
    def function(values: Any) -> Any:
        return functions.max(values) * functions.sum(values) + functions.min(values)

    recorded = np.array([Value(number) for number in (3.0, 1.0, 2.0)], dtype=object)
    program = record(function, recorded, backend=backend)
    out, (gradient,) = program.value_and_grad(np.array([0.5, 4.0, 0.25]))
    assert out == 4.0 * 4.75 + 0.25
    assert gradient.tolist() == [4.0, 4.75 + 4.0, 4.0 + 1.0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_primitive_of_ones_own(backend: Any) -> None:
    cube = Elementwise("cube of a program", lambda x: x * x * x, [lambda out, x: 3 * x * x])
    program = record(lambda x, y: cube(x) * y + cube(y).relu(), Value(1.0), Value(2.0), backend=backend)
    out, gradients = program.value_and_grad(3.0, -2.0)
    assert out == 27.0 * -2.0
    assert gradients == (27.0 * -2.0, 27.0)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("ties", ["split", "first", "all"])
def test_the_rule_at_a_kink_is_the_recorded_one(backend: Any, ties: str) -> None:
    def function(x: Any, y: Any) -> Any:
        with kinks(ties=ties, relu=0.25, abs=-0.5, clip=0.75):
            return x.maximum(y) + 10.0 * (x - y).relu() + 100.0 * abs(x - y) + 1000.0 * x.clip(0.0, 1.0)

    program = record(function, Value(1.0), Value(2.0), backend=backend)
    for numbers in ((1.0, 1.0), (2.0, 0.0), (0.0, 1.0)):
        out, gradients = program.value_and_grad(*numbers)
        assert (out, list(gradients)) == eager(function, numbers)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_kink_can_raise_in_a_later_run(backend: Any) -> None:
    with kinks(relu="raise"):
        program = record(lambda x: x.relu() * 2.0, Value(1.0), backend=backend)
    assert program(3.0) == 6.0
    with pytest.raises(KinkError, match="relu"):
        program(0.0)
    assert program(-1.0) == 0.0


NOT_FINITE = [
    ("an infinite square root", lambda x, y: (x.sqrt() * 0.0 + y).relu(), (0.0, 1.0)),
    ("a closed gate over a pole", lambda x, y: (1.0 / x).relu() * y, (-0.0, 2.0)),
    ("a NaN that nothing came to", lambda x, y: (x.log().relu() * 0.0) + y, (-1.0, 2.0)),
    ("an overflow", lambda x, y: (x * 1e200).exp() * y, (1e3, 0.5)),
    ("infinity less infinity", lambda x, y: x - x * y, (np.inf, 1.0)),
    ("a power of zero", lambda x, y: x**y, (0.0, 2.0)),
    ("zero to the zero", lambda x, y: x**y * 3.0, (0.0, 0.0)),
    ("a negative base", lambda x, y: x**3.0 * y, (-2.0, 1.0)),
    ("a division by zero", lambda x, y: (y / x).tanh(), (0.0, 1.0)),
    ("the largest of NaN", lambda x, y: x.maximum(y), (np.nan, 1.0)),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("function, numbers", [case[1:] for case in NOT_FINITE], ids=[case[0] for case in NOT_FINITE])
def test_what_is_not_finite_is_as_in_eager(function: Any, numbers: Any, backend: Any) -> None:
    program = record(function, Value(0.7), Value(1.3), backend=backend, check=False)
    clean = program.value_and_grad(0.7, 1.3)
    out, gradients = program.value_and_grad(*numbers)
    expected, expected_gradients = eager(function, numbers)
    np.testing.assert_equal([out, *map(float, gradients)], [expected, *expected_gradients])
    assert program.value_and_grad(0.7, 1.3) == clean


def test_what_is_returned_is_the_callers_own() -> None:
    program = record(lambda w, x: w[0] * x + w[1], [Value(1.0), Value(2.0)], Value(3.0))
    out, (to_w, to_x) = program.value_and_grad(np.array([4.0, 5.0]), np.array([6.0, 7.0]))
    kept = [out.copy(), to_w.copy(), to_x.copy()]
    again = program.value_and_grad(np.array([8.0, 9.0]), np.array([1.0, 2.0]))
    for before, now in zip(kept, (out, to_w, to_x), strict=True):
        assert before.tolist() == now.tolist()
    again[0][:] = 0.0
    assert program(np.array([8.0, 9.0]), np.array([1.0, 2.0])).tolist() == [17.0, 25.0]


def test_batches_of_many_lengths_in_turn() -> None:
    program = record(lambda x, y: x * y + x, Value(1.0), Value(2.0))
    rng = np.random.default_rng(3)
    for length in (1, 5, 2, 0, 5, 3):
        x = rng.normal(size=length)
        out, (to_x, to_y) = program.value_and_grad(x, 2.0)
        np.testing.assert_array_equal(out, x * 2.0 + x)
        np.testing.assert_array_equal(to_x, np.full(length, 3.0))
        close(to_y, x.sum(), 1e-15)
    assert program(1.5, 2.0) == 4.5


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_perceptron_is_eager_to_the_bit(backend: Any) -> None:
    from nn.scalar import MLP

    model = MLP(3, [4, 4, 1])
    rng = np.random.default_rng(1)
    points, labels = rng.normal(size=(6, 3)), rng.choice([-1.0, 1.0], size=6)

    def loss() -> Value:
        scores = [model([Value(x) for x in point]) for point in points.tolist()]
        losses = [(1 + -label * score).relu() for label, score in zip(labels.tolist(), scores, strict=True)]
        return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())

    program = replay(loss(), backend=backend)
    for _ in range(3):
        expected = loss()
        model.zero_grad()
        expected.backward()
        gradients = [p.grad for p in model.parameters()]
        model.zero_grad()
        assert program.forward() == expected.data
        program.backward()
        assert [p.grad for p in model.parameters()] == gradients
        for p in model.parameters():
            p.data -= 0.1 * p.grad


def test_a_wide_program_has_few_groups() -> None:
    rng = np.random.default_rng(2)
    inputs = [Value(number) for number in rng.normal(size=50)]
    products = [a * b for a, b in itertools.product(inputs, inputs)]
    plan = make_plan(replay(sum(each.tanh() for each in products)).tape)
    assert [(group.rule.name, group.count) for group in plan.groups] == [("multiply", 2500), ("tanh", 2500), ("add", 1)]
