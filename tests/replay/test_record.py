"""What `record` and `replay` take, what they write down, and what they refuse."""

from __future__ import annotations

import copy
import math
import pickle
from functools import partial
from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import (
    DTypeError,
    GraphError,
    MutationError,
    ShapeError,
    Tensor,
    Value,
    functions,
    grad,
    no_grad,
    where,
)
from autograd.replay import Program, record, replay


def tensor(rng: np.random.Generator, *shape: int, dtype: Any = np.float64) -> Tensor:
    return Tensor(rng.normal(size=shape).astype(dtype), requires_grad=True)


def agrees(function: Any, shapes: list[tuple[int, ...]], seed: int = 0, runs: int = 3) -> Program:
    """Record at some numbers, run at others, and compare with eager there: outputs and gradients, every element."""
    rng = np.random.default_rng(seed)
    program = record(function, *(tensor(rng, *shape) for shape in shapes))
    for _ in range(runs):
        inputs = [tensor(rng, *shape) for shape in shapes]
        out, gradients = program.value_and_grad(*inputs)
        expected = function(*inputs)
        expected.backward()
        np.testing.assert_allclose(out, expected.data, rtol=1e-12, atol=1e-13)
        for found, each in zip(gradients, inputs, strict=True):
            np.testing.assert_allclose(found, each.grad, rtol=1e-12, atol=1e-13)
    return program


# ---- numbers that Python looks at ---------------------------------------------------------------------------------

CHOOSING = {
    "where of a comparison": lambda x: (where(x > 0, x * 2.0, x * 3.0) * x).sum(),
    "where of the data": lambda x: (where(x.data > 0.1, x, 3.0 * x) * x).sum(),
    "where of two conditions": lambda x: (where((x > -0.5) & ~(x > 0.5), x, x * x) * x).sum(),
    "the data's maximum": lambda x: ((x - x.data.max(axis=1, keepdims=True)).exp() * x).sum(),
    "a detached part": lambda x: (x.detach() * x).sum(),
    "computed without gradient": lambda x: (_unrecorded(x) * x).sum(),
    "softmax": lambda x: (F.softmax(x, 1) * x).sum(),
    "log_softmax": lambda x: (F.log_softmax(x, 1) * x).sum(),
    "leaky relu": lambda x: (F.leaky_relu(x) * x).sum(),
    "elu": lambda x: (F.elu(x) * x).sum(),
    "hardshrink": lambda x: (F.hardshrink(x) * x).sum(),
    "layer_norm": lambda x: (F.layer_norm(x, (4,)) * x).sum(),
    "huber loss": lambda x: F.huber_loss(x, 0.5 * x),
    "binary cross-entropy": lambda x: F.binary_cross_entropy_with_logits(x, (x * x).sigmoid()),
    "standard deviation": lambda x: x.std(),
    "norm": lambda x: functions.norm(x),
    "product": lambda x: x.prod(),
    "attention": lambda x: (F.scaled_dot_product_attention(x, x * 2.0, x + 1.0) * x).sum(),
    "numpy's own function": lambda x: (np.clip(x.data, -0.5, 0.5) * x).sum(),
    "a part of the data": lambda x: (x.data[1:, ::2] * x[1:, ::2]).sum(),
    "the data in another shape": lambda x: (x.data.reshape(4, 5).T * x).sum(),
    "parts by methods": lambda x: (x.data.copy().ravel().take([3, 1]).repeat(2).sum() * x).sum(),
    "the data in another dtype": lambda x: (x.data.astype(np.float32).astype(np.float64) * x).sum(),
    "a copy": lambda x: (x.numpy() * x).sum(),
}


def _unrecorded(x: Any) -> Any:
    with no_grad():
        return x * x + 1.0


@pytest.mark.parametrize("function", CHOOSING.values(), ids=CHOOSING.keys())
def test_what_is_computed_beside_the_graph_is_computed_anew(function: Any) -> None:
    agrees(function, [(5, 4)])


def test_the_data_has_no_derivative() -> None:
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    program = record(lambda x: (x.data * x).sum(), x)
    _, (to_x,) = program.value_and_grad([4.0, 5.0, 6.0])
    assert to_x.tolist() == [4.0, 5.0, 6.0]
    w = Tensor([2.0, 2.0, 2.0], requires_grad=True)
    program = record(lambda x: (w.data * x).sum(), x)
    w.data = np.array([3.0, 3.0, 3.0])
    assert program.forward([1.0, 1.0, 1.0]) == 9.0
    program.backward()
    assert w.grad is None or not w.grad.any()


INDEXING = {
    "by argmax": lambda x: x[x.argmax()] * 2.0,
    "by argsort": lambda x: (x[np.argsort(x.data)] * np.arange(1.0, 6.0)).sum(),
    "by a sorted data": lambda x: (x * np.sort(x.data)).sum(),
}


@pytest.mark.parametrize("function", INDEXING.values(), ids=INDEXING.keys())
def test_computed_indices_are_computed_anew(function: Any) -> None:
    agrees(function, [(5,)])


def test_a_mask_that_decides_a_shape_is_guarded() -> None:
    program = record(lambda x: (x[x > 0] * 2.0).sum(), Tensor([1.0, -2.0, 3.0], requires_grad=True))
    assert program([5.0, -1.0, 1.0]) == 12.0
    with pytest.raises(GraphError, match="the program decides by"):
        program([5.0, 1.0, 1.0])


def test_a_padded_maximum_is_chosen_anew() -> None:
    agrees(lambda x: (F.max_pool2d(x, 3, stride=2, padding=1) * 2.0).sum(), [(2, 2, 5, 5)])


def test_a_path_that_numbers_decide_is_guarded() -> None:
    def function(x: Tensor) -> Tensor:
        if x.data.sum() > 0:
            return (x * 2.0).sum()
        return (x * -3.0).sum()

    program = record(function, Tensor([1.0, 2.0], requires_grad=True))
    assert program([5.0, -1.0]) == 8.0
    with pytest.raises(GraphError, match=r"greater.*was True.*is False.*test_record.py:\d+: if x.data.sum\(\) > 0:"):
        program([-5.0, 1.0])
    with pytest.raises(GraphError, match="has not run"):
        program.backward()
    assert program([5.0, 1.0]) == 12.0


COMPARISONS = {
    "the Value": lambda x: x * 2.0 if x > 1.0 else x * 3.0,
    "its data": lambda x: x * 2.0 if x.data > 1.0 else x * 3.0,
    "a result": lambda x: x * 2.0 if x * x >= 2.25 else x * 3.0,
    "the other way round": lambda x: x * 2.0 if not 1.0 > x else x * 3.0,  # noqa: SIM300
    "two Values": lambda x: x * 2.0 if 2.0 * x > x + 1.0 else x * 3.0,
    "its truth": lambda x: x * 2.0 if (x - 1.0).relu() else x * 3.0,
}


@pytest.mark.parametrize("function", COMPARISONS.values(), ids=COMPARISONS.keys())
def test_a_comparison_of_values_is_guarded(function: Any) -> None:
    program = record(function, Value(1.5))
    assert len(program.tape.guards) == 1
    assert program(2.5) == 5.0
    assert program(np.array([1.6, 7.0])).tolist() == [3.2, 14.0]
    with pytest.raises(GraphError, match="the program decides by"):
        program(0.5)
    with pytest.raises(GraphError, match="the program decides by"):
        program(np.array([1.6, 0.5]))


def test_a_decision_near_its_threshold_is_guarded() -> None:
    program = record(lambda x: x * 2.0 if x > 1.0 else x * 3.0, Value(1.02))
    assert program(1.01) == 2.02
    program = record(lambda x: x * 2.0 if x >= 1.0 else x * 3.0, Value(1.0))
    assert program(1.5) == 3.0


def test_a_program_that_compared_thousands_of_times() -> None:
    values = [Value(float(number)) for number in np.linspace(-1.0, 1.0, 2000)]
    program = record(lambda each: sum(x if x > 0 else 0.1 * x for x in each), values, check=False)
    assert len(program.tape.guards) == 2000
    numbers = np.linspace(-2.0, 2.0, 2000)
    assert math.isclose(program(numbers), np.where(numbers > 0, numbers, 0.1 * numbers).sum(), rel_tol=1e-12)
    numbers[77] = 5.0
    with pytest.raises(GraphError, match=r"was 0\.0 when it was recorded and is 1\.0"):
        program(numbers)


def test_numbers_that_leave_the_graph_are_refused() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(GraphError, match="held another constant"):
        record(lambda x: (x * float(x.sum())).sum(), x)
    with pytest.raises(GraphError, match="held another constant"):
        record(lambda x: (x * x.data.tolist()[0]).sum(), x)
    with pytest.raises(GraphError, match="held another constant"):
        record(lambda v: v * math.exp(v.data), Value(1.0))


ESCAPING = {
    "exp of zero": (lambda v: v * math.exp(v.data), lambda: Value(0.0)),
    "a leaf of the data": (lambda x: (x * Tensor(x.data, requires_grad=True)).sum(), lambda: Tensor([1.0, 2.0], True)),
    "a Value of the data": (lambda v: v * Value(v.data), lambda: Value(2.0)),
    "a mask of plain arrays": (lambda x: where(np.asarray(x.data) > 0, x, 2.0 * x).sum(), lambda: Tensor([1.0], True)),
}


@pytest.mark.parametrize("function, leaf", ESCAPING.values(), ids=ESCAPING.keys())
def test_numbers_that_escape_are_refused(function: Any, leaf: Any) -> None:
    with pytest.raises(GraphError, match=r"record: .* when the function ran again"):
        record(function, leaf())


@pytest.mark.parametrize("function", [lambda v: v if v.data - 1 > 0 else -v, lambda v: v * round(v.data, 1)])
def test_a_value_that_python_computes_with_must_stay(function: Any) -> None:
    program = record(function, Value(2.0), check=False)
    assert program(2.0) == function(Value(2.0)).data
    with pytest.raises(GraphError, match="the program decides by"):
        program(2.5)


ACTING = {
    "calls backward": lambda x: (x.backward(), x)[1],
    "differentiates": lambda x: x * grad(lambda y: y * y)(x),
    "assigns data": lambda x: (setattr(x, "data", 3.0), x)[1],
}


@pytest.mark.parametrize("what", ACTING)
def test_what_a_program_would_not_do_again_is_refused(what: str) -> None:
    with pytest.raises(GraphError, match=f"the recorded function {what}"):
        record(lambda x: ACTING[what](x), Value(2.0))


def test_arrays_of_recorded_numbers_are_not_written_to() -> None:
    def function(x: Tensor) -> Tensor:
        copy = x.data.copy()
        copy[copy < 0] = 0.0
        return (x * copy).sum()

    with pytest.raises(ValueError, match="read-only"):
        record(function, Tensor([1.0, -2.0], requires_grad=True))


def test_targets_of_one_and_minus_one_are_data() -> None:
    scores, signs = tensor(np.random.default_rng(6), 6), np.array([1.0, -1.0, -1.0, 1.0, 1.0, -1.0])
    program = record(lambda x, t: F.soft_margin_loss(x, t), scores, Tensor(signs))
    other = -signs
    np.testing.assert_allclose(program(scores, other), F.soft_margin_loss(scores, other).data, rtol=1e-14)


def test_a_variation_outside_the_domain_says_nothing() -> None:
    p, target = Tensor([0.99, 0.5], requires_grad=True), Tensor([1.0, 0.0])  # a tenth more is no probability
    program = record(F.binary_cross_entropy, p, target)
    np.testing.assert_allclose(program([0.75, 0.25], target), F.binary_cross_entropy(Tensor([0.75, 0.25]), target).data)


def test_a_function_that_never_decides_alike_cannot_be_checked() -> None:
    with pytest.raises(GraphError, match="cannot be checked"):
        record(lambda x: x * 2.0 if x == 1.0 else x * 3.0, Value(1.0))


def test_what_only_a_guard_reads_receives_no_gradient() -> None:
    program = record(lambda v: v * 2 if v * v > 0 else v * 3, Value(1.2))
    assert program.value_and_grad(3.0) == (6.0, (2.0,))


def test_integers_that_do_not_fit_are_refused() -> None:
    program = record(lambda x, at: x[at].sum(), Tensor([1.0, 2.0], True), np.array([0, 1], dtype=np.uint8))
    with pytest.raises(ValueError, match="do not fit uint8"):
        program([1.0, 2.0], np.array([256, 1]))


def test_a_random_draw_is_refused_unless_it_shall_stay() -> None:
    dropout = nn.Dropout(0.5, rng=np.random.default_rng(0))
    x = Tensor(np.arange(1.0, 41.0), requires_grad=True)
    with pytest.raises(GraphError, match="drawn at random"):
        record(lambda x: dropout(x).sum(), x)
    program = record(lambda x: dropout(x).sum(), x, check=False)
    assert program(x) == program(x)


def test_running_statistics_that_a_program_would_not_move_are_refused() -> None:
    x = Tensor(np.random.default_rng(0).normal(size=(3, 2, 4, 4)), requires_grad=True)
    norm = nn.BatchNorm2d(2)
    with pytest.raises(GraphError, match="running mean and variance"):
        record(lambda x: (norm(x) * x).sum(), x)
    assert norm.running_mean.tolist() == [0.0, 0.0]
    norm.eval()
    agrees(lambda x: (norm(x) * x).sum(), [(3, 2, 4, 4)])
    untracked = nn.BatchNorm2d(2, track_running_stats=False)
    agrees(lambda x: (untracked(x) * x).sum(), [(3, 2, 4, 4)])


def test_an_array_that_cannot_be_followed_is_refused() -> None:
    x = Tensor([[1.0, -2.0]], requires_grad=True)
    with pytest.raises(GraphError, match="in a way that a program cannot repeat"):
        record(lambda x: where(x.data.view() > 0, x, 0.0).sum(), x)
    with pytest.raises(GraphError, match=r"numpy.nonzero of recorded numbers gives a tuple"):
        record(lambda x: x[np.nonzero(x.data > 0)].sum(), x)


def test_another_number_of_nodes_is_refused() -> None:
    lengths = iter([3, 4])
    with pytest.raises(GraphError, match=r"recorded 4 nodes .* and 5"):
        record(lambda x: sum((x for _ in range(next(lengths))), start=x), Value(1.0))


def test_outside_a_recording_nothing_is_observed() -> None:
    x = Tensor([1.0, -2.0], requires_grad=True)
    record(lambda x: where(x.data > 0, x, 0.0).sum(), x)
    assert type(x.data) is np.ndarray
    assert type(x.data > 0) is np.ndarray
    v = Value(1.0)
    assert type(v.data) is float


def test_an_error_inside_the_function_ends_the_recording() -> None:
    with pytest.raises(ZeroDivisionError):
        record(lambda x: x / (0 // 0), Value(1.0))
    assert type(Value(1.0).data) is float


# ---- inputs -------------------------------------------------------------------------------------------------------


def test_labels_are_an_input() -> None:
    rng = np.random.default_rng(1)
    scores = tensor(rng, 6, 4)
    program = record(F.cross_entropy, scores, rng.integers(0, 4, 6))
    for _ in range(3):
        labels = rng.integers(0, 4, 6)
        out, (to_scores, nothing) = program.value_and_grad(scores, labels)
        scores.zero_grad()
        expected = F.cross_entropy(scores, labels)
        expected.backward()
        np.testing.assert_allclose(out, expected.data, rtol=1e-14)
        np.testing.assert_allclose(to_scores, scores.grad, rtol=1e-13)
        assert nothing is None
    with pytest.raises(ValueError, match="without negative numbers"):
        program(scores, np.array([0, 1, 2, 3, 0, -1]))
    with pytest.raises(GraphError, match="the program decides by"):
        program(scores, np.array([0, 1, 2, 3, 0, 4]))
    with pytest.raises(DTypeError, match="takes integers"):
        program(scores, np.zeros(6))


def test_integers_may_be_computed_with() -> None:
    x = Tensor(np.arange(12.0).reshape(3, 4), requires_grad=True)
    program = record(lambda x, at: (x[at % 2 + 1] * x[at]).sum(), x, np.array([0, 1]))
    out, (to_x, _) = program.value_and_grad(x, np.array([1, 1]))
    expected = (x[[2, 2]] * x[[1, 1]]).sum()
    expected.backward()
    assert out == expected.data
    np.testing.assert_array_equal(to_x, x.grad)


def test_an_ignored_label_is_ignored_in_later_runs_too() -> None:
    scores, labels = tensor(np.random.default_rng(2), 3, 3), np.array([0, 2, 0])
    program = record(lambda x, y: F.cross_entropy(x, y, ignore_index=1, reduction="sum"), scores, labels, check=False)
    np.testing.assert_allclose(program(scores, [2, 2, 0]), F.cross_entropy(scores, [2, 2, 0], reduction="sum").data)
    with pytest.raises(GraphError, match="the program decides by"):
        program(scores, np.array([1, 1, 0]))


def test_weights_that_labels_choose_outside_the_graph_are_refused() -> None:
    loss = partial(F.cross_entropy, weight=np.array([1.0, 2.0, 5.0]))
    with pytest.raises(GraphError, match="held another constant"):
        record(loss, tensor(np.random.default_rng(3), 4, 3), np.array([0, 1, 2, 0]))


def test_which_inputs_have_a_gradient() -> None:
    x, data = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0])

    def function(x: Any, data: Any, plain: Any, number: Any) -> Any:
        return (x * data * plain).sum() * number

    plain = np.array([5.0, 6.0])
    with pytest.raises(TypeError):
        record(function, x, data, plain, Value(2.0))
    program = record(lambda x, data, plain: function(x, data, plain, 2.0), x, data, plain)
    out, gradients = program.value_and_grad(x, data, plain)
    assert out == 2 * (15.0 + 48.0)
    assert gradients[0].tolist() == [30.0, 48.0]
    assert gradients[1:] == (None, None)
    program = record(lambda x, data, plain: function(x, data, plain, 2.0), x, data, plain, wrt=(1, 2))
    _, gradients = program.value_and_grad(x, data, plain)
    assert gradients[0] is None
    assert [each.tolist() for each in gradients[1:]] == [[10.0, 24.0], [6.0, 16.0]]
    with pytest.raises(DTypeError, match="holds integers"):
        record(lambda x, at: x[at].sum(), x, np.array([0]), wrt=(1,))


def test_an_input_that_is_not_used_has_a_gradient_of_zero() -> None:
    program = record(lambda x, y: (x * x).sum(), Tensor([1.0, 2.0], True), Tensor([[3.0]], True))
    _, (to_x, to_y) = program.value_and_grad([3.0, 4.0], [[5.0]])
    assert to_x.tolist() == [6.0, 8.0]
    assert to_y.tolist() == [[0.0]]
    program = record(lambda x, y: x * x, Value(1.0), Value(2.0))
    assert program.value_and_grad(3.0, 4.0) == (9.0, (6.0, 0.0))


WRONG = [
    (lambda p: p([1.0]), ShapeError, r"input x was recorded with shape \(2,\) and is given \(1,\)"),
    (lambda p: p(np.zeros((2, 2, 2))), ShapeError, r"a batch of it of shape \('B', 2\)"),
    (lambda p: p(), TypeError, "takes 1 inputs, not 0"),
    (lambda p: p(["a", "b"]), DTypeError, "real numbers"),
    (lambda p: p([1j, 2.0]), DTypeError, "real numbers"),
    (lambda p: p.backward(), GraphError, "has not run yet"),
    (lambda p: p.value_and_grad([1.0, 2.0], gradient=[1.0, 2.0]), ShapeError, r"gradient has shape \(2,\)"),
]


@pytest.mark.parametrize("call, error, message", WRONG, ids=[case[2] for case in WRONG])
def test_wrong_inputs(call: Any, error: type[Exception], message: str) -> None:
    program = record(lambda x: (x * x).sum(), Tensor([1.0, 2.0], requires_grad=True))
    with pytest.raises(error, match=message):
        call(program)


def test_an_output_of_several_numbers_needs_an_upstream_gradient() -> None:
    program = record(lambda x: x * x, Tensor([1.0, 2.0], requires_grad=True))
    program([3.0, 4.0])
    with pytest.raises(GraphError, match=r"has shape \(2,\)"):
        program.backward()
    assert program.backward([1.0, 10.0])[0].tolist() == [6.0, 80.0]


def test_two_batches_of_different_lengths() -> None:
    program = record(lambda x, y: x * y, Value(1.0), Value(2.0))
    with pytest.raises(ShapeError, match="a batch of 3, another one of 2"):
        program([1.0, 2.0], [1.0, 2.0, 3.0])


REFUSED = [
    (lambda: record(lambda x: 3.0, Value(1.0)), GraphError, "returned a float"),
    (lambda: record(lambda x: (x, Tensor([1.0], True)), Value(1.0)), GraphError, "both Values and Tensors"),
    (lambda: record(lambda x: Value(2.0, requires_grad=False), Value(1.0)), GraphError, "is a constant"),
    (lambda: record(Value(1.0), Value(1.0)), TypeError, "takes a function"),
    (lambda: record(lambda x: x, "text"), DTypeError, "input x"),
    (lambda: record(lambda x: x, [Value(1.0), "a"]), DTypeError, "holds a str"),
    (lambda: record(lambda x: x, Value(1.0), backend="cuda"), ValueError, "backend='cuda'"),
    (lambda: replay(3.0), GraphError, "returned a float"),
    (lambda: replay(Tensor([1.0])), GraphError, "is a constant"),
    (lambda: replay(()), GraphError, "returned a tuple"),
    (lambda: record(lambda x: (), Value(1.0)), GraphError, "returned a tuple"),
    (lambda: record(lambda x: x, Value(1.0), wrt=(-1,)), ValueError, "wrt="),
]


@pytest.mark.parametrize("call, error, message", REFUSED, ids=[case[2] for case in REFUSED])
def test_what_is_no_program(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


# ---- graphs that exist --------------------------------------------------------------------------------------------


def test_hooks_and_handmade_nodes_are_refused() -> None:
    x = Value(2.0)
    y = x * x
    y.register_hook(lambda gradient: gradient)
    with pytest.raises(GraphError, match="hook"):
        replay(y * 2.0)
    made = Value(4.0, (x,), "twice")
    with pytest.raises(GraphError, match="by hand"):
        replay(made * 2.0)


def test_a_compared_value_decides_what_came_after_it() -> None:
    x = Value(2.0)
    y = x * x
    loss = y + 1.0 if y > 3.0 else y - 1.0
    with pytest.raises(GraphError, match=r"compared .*record"):
        replay(loss)
    assert replay(loss, check=False).forward() == 5.0
    late = x * x
    assert late > 3.0
    assert replay(late).forward() == 4.0
    larger = max(x * 1.0, -x)
    with pytest.raises(GraphError, match=r"compared .*record"):
        replay(larger * 2.0 + (-x) * 0.0)


def test_a_mask_in_a_graph_that_exists_is_refused() -> None:
    w = Tensor([1.0, -2.0], requires_grad=True)
    loss = F.leaky_relu(w).sum()
    with pytest.raises(GraphError, match="has an array as its condition"):
        replay(loss)
    assert replay(loss, check=False).forward() == loss.data


def test_constants_are_what_they_were() -> None:
    images, w = Tensor([1.0, 2.0]), Tensor([3.0, 4.0], requires_grad=True)
    program = replay((images * w).sum())
    images.data[0] = 100.0
    assert program.forward() == 11.0
    w.data[0] = 5.0
    assert program.forward() == 13.0
    program.backward()
    np.testing.assert_array_equal(w.grad, [1.0, 2.0])


def test_a_program_is_saved_not_pickled() -> None:
    program = record(lambda x: x * x, Value(1.0))
    with pytest.raises(TypeError, match=r"program\.save\(path\)"):
        pickle.dumps(program)
    with pytest.raises(TypeError, match=r"program\.save\(path\)"):
        copy.deepcopy(program)


def test_between_forward_and_backward_inputs_may_change_and_leaves_may_not() -> None:
    w = Tensor([3.0, 4.0], requires_grad=True)
    program = record(lambda x: (x * x * w).sum(), Tensor([1.0, 2.0], requires_grad=True))
    x = np.array([5.0, 6.0])
    program.forward(x)
    x[:] = 0.0
    (to_x,) = program.backward()
    assert to_x.tolist() == [30.0, 48.0]
    program.forward(x)
    w.data = np.array([7.0, 8.0])
    with pytest.raises(MutationError, match="run forward again"):
        program.backward()
    program.forward([1.0, 1.0])
    assert program.backward()[0].tolist() == [14.0, 16.0]


def test_training_by_a_program_is_training() -> None:
    rng = np.random.default_rng(4)
    images, labels = rng.normal(size=(12, 1, 6, 6)).astype(np.float32), rng.integers(0, 3, 12)

    def model() -> nn.Sequential:
        own = np.random.default_rng(5)
        return nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1, rng=own), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 3, rng=own)
        ).astype(np.float32)

    eager, replayed = model(), model()
    program = record(lambda x, y: F.cross_entropy(replayed(x), y), Tensor(images[:4]), labels[:4])
    optimizers = [nn.Adam(each.parameters(), lr=0.01) for each in (eager, replayed)]
    for start in (0, 4, 8, 0, 4, 8):
        batch, truth = images[start : start + 4], labels[start : start + 4]
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss = F.cross_entropy(eager(Tensor(batch)), truth)
        loss.backward()
        np.testing.assert_allclose(program.forward(batch, truth), loss.data, rtol=1e-5)
        program.backward()
        for optimizer in optimizers:
            optimizer.step()
    for ours, theirs in zip(replayed.parameters(), eager.parameters(), strict=True):
        np.testing.assert_allclose(ours.data, theirs.data, rtol=0, atol=1e-5)
