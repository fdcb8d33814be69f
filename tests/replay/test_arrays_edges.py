"""Programs of Tensors in NumPy where buffers could go stale: unusual numbers, batches, empty arrays, two programs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
import nn.functional as F
from autograd import KinkError, Tensor, functions, kinks
from autograd.replay import record
from tests.replay.comparison import Comparison, assert_close, eager_gradients, tensors

SHAPES = ((3, 2, 6, 6), (4, 2, 3, 3), (4,))


def pooled(x: Any, w: Any, b: Any) -> Any:
    return F.max_pool2d(F.conv2d(x, w, b, padding=1).relu(), 2)


def with_numbers(comparison: Comparison, where: Any, number: float) -> list[Any]:
    numbers = tensors(comparison.shapes, comparison.dtype, comparison.rng)
    numbers[0].data[where] = number
    return numbers


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (pooled, SHAPES),
        (lambda x: F.max_pool2d(x * 1.0, 2), (SHAPES[0],)),
        (lambda x: F.max_pool2d(x, 3, 2), (SHAPES[0],)),
        (lambda x: F.log_softmax(x * 1.0, 1), ((3, 4),)),
        (lambda x: functions.logsumexp(x, axis=1), ((3, 4),)),
        (lambda x, w: (x.relu() * w).relu(), ((3, 4), (3, 4))),
        (lambda x, w: functions.matmul(x, w).relu(), ((3, 4), (4, 2))),
        (lambda x, w: autograd.where(np.array([True, False, True, True]), autograd.exp(x), w), ((3, 4), (3, 4))),
        (lambda x: autograd.sqrt(x * x) / (x - x + 1.0), ((3, 4),)),
    ],
)
def test_unusual_numbers_as_eager_has_them_and_clean_ones_after_them(function: Any, shapes: Any, number: float) -> None:
    comparison = Comparison(function, shapes, np.float64)
    with np.errstate(all="ignore"):
        comparison.holds(with_numbers(comparison, (1, 1), number))
    comparison.holds_on_other_numbers()


@pytest.mark.parametrize("upstream", [0.0, np.nan, np.inf])
def test_what_receives_nothing_hands_on_nothing(upstream: float) -> None:
    """0 times an infinite derivative is 0, as in the eager pass; a NaN that comes in stays."""
    x = Tensor([0.0, 4.0, -1.0], requires_grad=True)

    def function(x: Any) -> Any:
        return autograd.sqrt(x.relu()) * 2.0

    program = record(function, x)
    gradient = np.array([0.0, upstream, upstream])
    _, (found,) = program.value_and_grad(x, gradient=gradient)
    (expected,) = eager_gradients([function(x)], [x], [gradient])
    np.testing.assert_array_equal(found, expected)


def test_a_closed_gate_and_a_branch_not_taken_hide_infinite_derivatives() -> None:
    x = Tensor([0.0, 4.0], requires_grad=True)

    def function(x: Any) -> Any:
        return functions.sum(autograd.where(np.array([False, True]), autograd.sqrt(x), x))

    program = record(function, x)
    for _ in range(2):
        np.testing.assert_array_equal(program.value_and_grad(x)[1][0], [1.0, 0.25])


def test_results_and_gradients_are_the_callers_own() -> None:
    comparison = Comparison(lambda x, w, b: (pooled(x, w, b), x * 2.0), SHAPES, np.float64)
    program, rng = comparison.program, np.random.default_rng(5)
    first = [each.data for each in tensors(SHAPES, np.float64, rng)]
    upstream = tuple(rng.standard_normal(program.tape.shapes[place]) for place in program.tape.outputs)
    results, gradients = program.value_and_grad(*first, gradient=upstream)
    kept = [each.copy() for each in (*results, *gradients)]
    given = [each.copy() for each in (*first, *upstream)]
    again = program.value_and_grad(*(each + 1.0 for each in first), gradient=upstream)
    for own, copy in zip((*results, *gradients), kept, strict=True):
        np.testing.assert_array_equal(own, copy)
        own[...] = 7.0
    for own, copy in zip((*first, *upstream), given, strict=True):
        np.testing.assert_array_equal(own, copy)
    other = program.value_and_grad(*(each + 1.0 for each in first), gradient=upstream)
    for own, earlier in zip((*other[0], *other[1]), (*again[0], *again[1]), strict=True):
        np.testing.assert_array_equal(own, earlier)


def test_two_programs_that_take_turns() -> None:
    one, other = Comparison(pooled, SHAPES, np.float64), Comparison(pooled, SHAPES, np.float64)
    x, y = ([each.data for each in tensors(SHAPES, np.float64, np.random.default_rng(seed))] for seed in (1, 2))
    upstream = np.random.default_rng(3).standard_normal((3, 4, 3, 3))
    expected = one.program.value_and_grad(*x, gradient=upstream)[1]
    one.program.forward(*x)
    other.program.value_and_grad(*y, gradient=upstream)
    for own, right in zip(one.program.backward(upstream), expected, strict=True):
        np.testing.assert_array_equal(own, right)


def test_backward_twice_after_one_forward() -> None:
    program = Comparison(pooled, SHAPES, np.float64).program
    program.forward(*(each.data for each in tensors(SHAPES, np.float64, np.random.default_rng(1))))
    upstream = np.random.default_rng(3).standard_normal((3, 4, 3, 3))
    first = program.backward(upstream)
    doubled = program.backward(2.0 * upstream)
    for own, twice in zip(first, doubled, strict=True):
        np.testing.assert_allclose(twice, 2.0 * own, rtol=1e-12)


def test_some_outputs_without_a_gradient() -> None:
    comparison = Comparison(lambda x, w: (x * w, autograd.exp(x), w * 2.0), ((3,), (3,)), np.float64)
    x, w = np.array([1.0, 2.0, 3.0]), np.array([0.5, -1.0, 2.0])
    g = np.array([1.0, -2.0, 0.5])
    for chosen, dx, dw in [
        ((g, None, None), g * w, g * x),
        ((None, g, None), g * np.exp(x), np.zeros(3)),
        ((None, None, g), np.zeros(3), 2.0 * g),
        ((g, g, g), g * w + g * np.exp(x), g * x + 2.0 * g),
    ] * 2:
        _, gradients = comparison.program.value_and_grad(x, w, gradient=chosen)
        np.testing.assert_allclose(gradients[0], dx, rtol=1e-14)
        np.testing.assert_allclose(gradients[1], dw, rtol=1e-14)


def test_an_output_that_is_an_input_or_is_used_further() -> None:
    Comparison(lambda x: (x, x * 2.0), ((3,),), np.float64).holds_on_other_numbers()
    Comparison(
        lambda x: (lambda y: (y, y.relu(), y.reshape(4)))(x + 1.0), ((2, 2),), np.float64
    ).holds_on_other_numbers()
    Comparison(lambda x: (lambda y: (y.T, y.T))(x * 3.0), ((2, 3),), np.float64).holds_on_other_numbers()


@pytest.mark.parametrize("length", [0, 1, 3])
def test_a_batch_over_an_input_shares_the_others(length: int) -> None:
    comparison = Comparison(pooled, SHAPES, np.float64)
    rng = np.random.default_rng(length)
    images = rng.standard_normal((length, *SHAPES[0]))
    w, b = (each.data for each in tensors(SHAPES[1:], np.float64, rng))
    upstream = rng.standard_normal((length, 3, 4, 3, 3))
    result, (dx, dw, db) = comparison.program.value_and_grad(images, w, b, gradient=upstream)
    assert result.shape == upstream.shape
    total = [np.zeros(w.shape), np.zeros(b.shape)]
    for sample in range(length):
        leaves = [Tensor(each, requires_grad=True) for each in (images[sample], w, b)]
        eager = pooled(*leaves)
        found = eager_gradients([eager], leaves, [upstream[sample]])
        assert_close(result[sample], eager.data, 1e-12)
        assert_close(dx[sample], found[0], 1e-12)
        total = [each + more for each, more in zip(total, found[1:], strict=True)]
    assert dx.shape == images.shape
    assert_close(dw, total[0], 1e-12)
    assert_close(db, total[1], 1e-12)


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (lambda x, w, b: F.conv2d(x, w, b, padding=1), ((0, 2, 6, 6), (4, 2, 3, 3), (4,))),
        (lambda x: F.max_pool2d(x.relu(), 2), ((0, 2, 6, 6),)),
        (lambda x, w, b: F.linear(x, w, b).relu(), ((0, 3), (2, 3), (2,))),
        (lambda x: (x * 2.0).reshape(0, 4).sum(), ((0, 2, 2),)),
    ],
)
def test_empty_batches(function: Any, shapes: Any) -> None:
    Comparison(function, shapes, np.float64).holds_on_other_numbers()


def test_kinks_that_raise_do_so_in_each_run() -> None:
    with kinks(relu="raise", ties="raise"):
        program = record(
            lambda x: F.max_pool1d(x.relu(), 2), Tensor(np.array([[1.0, 2.0, -1.0, 3.0]]), requires_grad=True)
        )
    np.testing.assert_array_equal(program([[1.0, 2.0, -1.0, 3.0]]), [[2.0, 3.0]])
    for tied in ([[1.0, 0.0, -1.0, 3.0]], [[1.0, 1.0, -1.0, 3.0]]):
        with pytest.raises(KinkError):
            program(tied)
    np.testing.assert_array_equal(program([[1.0, 2.0, -1.0, 3.0]]), [[2.0, 3.0]])


@pytest.mark.parametrize("ties", ["split", "all", "first"])
@pytest.mark.parametrize("at_zero", [0.0, 0.5, 1.0])
def test_other_rules_at_kinks(ties: str, at_zero: float) -> None:
    def function(x: Any) -> Any:
        with kinks(ties=ties, relu=at_zero):
            return F.max_pool1d(x.relu(), 2) + functions.max(x, axis=-1, keepdims=True)

    Comparison(function, ((2, 3, 6),), np.float64, rounded=True).holds_on_other_numbers()


def test_leaves_in_closures_are_read_again_and_receive_gradients() -> None:
    w = Tensor(np.array([[1.0, 2.0], [3.0, 4.0]]), requires_grad=True)
    program = record(lambda x: functions.matmul(x, w.T).relu().sum(), np.ones((1, 2)))
    for scale in (1.0, -2.0, 3.0):
        w.data = np.array([[1.0, 2.0], [3.0, 4.0]]) * scale
        w.zero_grad()
        assert program.forward([[1.0, 1.0]]) == max(3.0 * scale, 0.0) + max(7.0 * scale, 0.0)
        program.backward()
        assert w.grad is not None
        np.testing.assert_array_equal(w.grad, np.full((2, 2), float(scale > 0)))


def test_mixed_precision() -> None:
    def function(x: Any) -> Any:
        return functions.sum(x * np.array([1.0, 2.0, 3.0])) + x[0]

    x = Tensor(np.array([0.5, 1.5, 2.5], np.float32), requires_grad=True)
    result, (gradient,) = record(function, x).value_and_grad(x)
    eager = function(x)
    eager.backward()
    assert result.dtype == eager.dtype
    assert_close(gradient, x.grad, 1e-6)


STEPS: list[Any] = [
    lambda x, w: x + w,
    lambda x, w: x * w,
    lambda x, w: (x - w).relu(),
    lambda x, w: -x,
    lambda x, w: autograd.tanh(x) / (w * w + 1.0),
    lambda x, w: x.T.reshape(4, 4),
    lambda x, w: functions.matmul(x, w) * 0.25,
    lambda x, w: autograd.where(np.eye(4) > 0, x, w),
    lambda x, w: functions.broadcast_to(functions.sum(x, axis=0, keepdims=True) * 0.5, (4, 4)),
    lambda x, w: functions.concatenate([x[:2], w[1:3]], axis=0),
    lambda x, w: functions.pad(x[1:3], ((1, 1), (0, 0))),
    lambda x, w: x - functions.logsumexp(x, axis=1, keepdims=True),
    lambda x, w: autograd.maximum(x, w),
    lambda x, w: x[np.array([3, 1, 1, 0])],
]


@pytest.mark.parametrize("seed", range(60))
def test_random_programs(seed: int) -> None:
    """Twelve steps on what earlier steps gave, so that results are used several times, in several orders."""
    rng = np.random.default_rng(seed)
    choices = [(int(rng.integers(len(STEPS))), *rng.integers(0, 1 << 30, 2).tolist()) for _ in range(12)]

    def function(x: Any, w: Any) -> Any:
        made = [x, w]
        for step, first, second in choices:
            made.append(STEPS[step](made[-1 - first % min(len(made), 4)], made[-1 - second % len(made)]))
        return made[-1], made[len(made) // 2], x * w

    Comparison(function, ((4, 4), (4, 4)), np.float64).holds_on_other_numbers(2)
