"""Attention and recurrent steps by hand: on Values, in float32, with what is masked, and what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor, Value, topological_order
from tests.nn.functional.test_values import check_equal

RNG = np.random.default_rng(8)
INF = math.inf


def attention(*operands: Any, **options: Any) -> Any:
    return F.scaled_dot_product_attention(*operands, **options)


# ---- attention ------------------------------------------------------------------------------------------------------


def test_an_example_by_hand() -> None:
    """Scores log 3 and 0: weights 3/4 and 1/4."""
    query, key = Tensor([[math.log(3.0)]]), Tensor([[1.0], [0.0]])
    value = Tensor([[4.0], [8.0]], requires_grad=True)
    out = attention(query, key, value)
    np.testing.assert_allclose(out.data, [[5.0]], rtol=1e-15)
    out.backward()
    np.testing.assert_allclose(value.grad, [[0.75], [0.25]], rtol=1e-15)


def test_the_scale_is_one_over_the_root_of_the_features() -> None:
    """Four features, so that the products are halved; a scale of 1 leaves them."""
    query, key, value = np.ones((1, 4)), [[1.0] * 4, [0.0] * 4], [[1.0], [0.0]]
    np.testing.assert_allclose(attention(query, key, value), [[1.0 / (1.0 + math.exp(-2.0))]], rtol=1e-15)
    np.testing.assert_allclose(attention(query, key, value, scale=1.0), [[1.0 / (1.0 + math.exp(-4.0))]], rtol=1e-15)


MASKS = {
    "none": {},
    "causal": {"is_causal": True},
    "booleans": {"attn_mask": [[True, False, True], [False, False, False]]},
    "numbers": {"attn_mask": [[0.5, -INF, -1.0], [-INF, -INF, -INF]]},
}


@pytest.mark.parametrize("name", MASKS)
def test_values_have_the_same_numbers(name: str) -> None:
    arrays = [RNG.normal(size=(2, 2)), RNG.normal(size=(3, 2)), RNG.normal(size=(3, 2))]
    check_equal(lambda *x: attention(*x, **MASKS[name]), arrays)


def test_values_in_a_stack_and_in_groups_of_heads() -> None:
    arrays = [RNG.normal(size=(2, 2, 1)), RNG.normal(size=(1, 2, 1)), RNG.normal(size=(1, 2, 2))]
    check_equal(lambda *x: attention(*x, enable_gqa=True), arrays)
    check_equal(lambda q, k, v, m: attention(q, k, v, m), [*arrays, RNG.normal(size=(2, 1, 2))])


@pytest.mark.parametrize("name", ["booleans", "numbers"])
def test_a_query_that_may_look_nowhere_gets_0_and_hands_on_0(name: str) -> None:
    arrays = [RNG.normal(size=(2, 2)), RNG.normal(size=(3, 2)), RNG.normal(size=(3, 2))]
    query, key, value = (Tensor(array, requires_grad=True) for array in arrays)
    out = attention(query, key, value, **MASKS[name])
    np.testing.assert_array_equal(out.data[1], [0.0, 0.0])
    out.backward(RNG.normal(size=out.shape))
    np.testing.assert_array_equal(query.grad[1], [0.0, 0.0])
    for leaf in (query, key, value):
        assert np.isfinite(leaf.grad).all()
    assert np.all(query.grad[0] != 0.0)
    assert not any(np.isnan(node.data).any() for node in topological_order(out))


def test_what_is_hidden_has_no_part() -> None:
    """A huge key that the mask hides leaves output and gradients as they are without it."""
    query, key, value = RNG.normal(size=(2, 2)), RNG.normal(size=(3, 2)), RNG.normal(size=(3, 2))
    hidden = key.copy()
    hidden[1] = 1e300
    mask = np.array([True, False, True])
    leaves = [Tensor(query, requires_grad=True) for _ in range(2)]
    outs = [attention(leaves[0], hidden, value, mask), attention(leaves[1], key[mask], value[mask])]
    for out in outs:
        out.backward(np.array([[1.0, -2.0], [0.5, 3.0]]))
    np.testing.assert_allclose(outs[0].data, outs[1].data, rtol=1e-14)
    np.testing.assert_allclose(leaves[0].grad, leaves[1].grad, rtol=1e-13)


def test_a_mask_changed_later_changes_nothing() -> None:
    arrays = [RNG.normal(size=(2, 2)), RNG.normal(size=(3, 2)), RNG.normal(size=(3, 2))]
    query = Tensor(arrays[0], requires_grad=True)
    mask = np.array([[True, False, True], [True, True, False]])
    out = attention(query, *arrays[1:], mask)
    mask[...] = False
    out.sum().backward()
    again = Tensor(arrays[0], requires_grad=True)
    attention(again, *arrays[1:], [[True, False, True], [True, True, False]]).sum().backward()
    np.testing.assert_array_equal(query.grad, again.grad)
    assert np.all(query.grad != 0.0)


def test_float32_stays_float32_whatever_the_mask() -> None:
    operands = [Tensor(RNG.normal(size=(3, 2)).astype(np.float32), requires_grad=True) for _ in range(3)]
    for mask in (None, np.eye(3, dtype=bool), np.zeros((3, 3)), Tensor(np.zeros((3, 3)), requires_grad=True)):
        for dropout in (0.0, 0.5):
            out = attention(*operands, mask, dropout)
            assert out.dtype == np.float32
            out.sum().backward()
    assert {leaf.grad.dtype for leaf in operands} == {np.dtype(np.float32)}


def test_operands_that_are_not_contiguous() -> None:
    wide = RNG.normal(size=(3, 4, 6))
    views = [wide[:, ::2, ::3], wide[::-1, 1:, 2:4], wide[:, :3, ::2]]
    copies = [np.ascontiguousarray(view) for view in views]
    np.testing.assert_array_equal(attention(*map(Tensor, views)).data, attention(*map(Tensor, copies)).data)


def test_dropout_sets_weights_to_zero_and_scales_the_others() -> None:
    value = np.eye(200)  # so that the output is the weights
    out = attention(np.zeros((50, 1)), np.zeros((200, 1)), value, dropout_p=0.25, rng=np.random.default_rng(1))
    np.testing.assert_allclose(np.unique(out), [0.0, 1.0 / 200.0 / 0.75], rtol=1e-12)
    assert abs((out == 0.0).mean() - 0.25) < 0.02
    again = attention(np.zeros((50, 1)), np.zeros((200, 1)), value, dropout_p=0.25, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(out, again)


def test_a_picture_shows_a_product_a_softmax_and_a_product() -> None:
    query = Tensor(np.ones((2, 3)), requires_grad=True)
    out = attention(query, np.ones((4, 3)), np.ones((4, 2)))
    scopes = {node.scope for node in topological_order(out) if node.rule}
    assert scopes == {"scaled_dot_product_attention", "scaled_dot_product_attention/softmax"}


@pytest.mark.parametrize(
    "shapes, message",
    [
        (((3,), (4, 3), (4, 2)), r"query of shape \(3,\), .* must have two axes at least: \(\.\.\., L, E\)"),
        (((2, 3), (4, 2), (4, 2)), r"query of shape \(2, 3\), key of shape \(4, 2\) .* do not fit"),
        (((2, 3), (4, 3), (5, 2)), "do not fit"),
        (((2, 2, 3), (3, 4, 3), (4, 2)), "the leading axes of .* do not broadcast"),
    ],
)
def test_shapes_that_do_not_fit(shapes: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=f"scaled_dot_product_attention: .*{message}"):
        attention(*map(np.ones, shapes))


@pytest.mark.parametrize("shape", [(4, 2), (3,), (5, 2, 4)])
def test_a_mask_that_does_not_fit(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"the mask of shape .* does not broadcast to the scores of shape \(2, 4\)"):
        attention(np.ones((2, 3)), np.ones((4, 3)), np.ones((4, 2)), np.ones(shape))


@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"attn_mask": [[1, 0]]}, DTypeError, r"attn_mask holds integers; give booleans, as with .astype\(bool\)"),
        (
            {"attn_mask": [[True, False]], "is_causal": True},
            ValueError,
            "both given; put the causal mask into",
        ),
        ({"dropout_p": 1.5}, ValueError, "p=1.5 must be a probability"),
        ({"dropout_p": -0.5}, ValueError, "p=-0.5 must be a probability"),
        ({"enable_gqa": True}, ShapeError, "must be a multiple .* the heads are the last axis but two"),
        ({"attn_mask": [[1j, 0.0]]}, DTypeError, "attn_mask has dtype complex128"),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"scaled_dot_product_attention: .*{message}"):
        attention(np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 2)), **options)


def test_heads_that_form_no_groups() -> None:
    with pytest.raises(ShapeError, match=r"\(1, 4, 2, 3\), must be a multiple .* \(1, 3, 2, 3\)"):
        attention(np.ones((1, 4, 2, 3)), np.ones((1, 3, 2, 3)), np.ones((1, 3, 2, 3)), enable_gqa=True)


# ---- recurrent steps ------------------------------------------------------------------------------------------------

PARTS = {"rnn_tanh_cell": 1, "rnn_relu_cell": 1, "gru_cell": 3, "lstm_cell": 4}


def step(name: str, x: Any, states: Any, *weights: Any) -> Any:
    return getattr(F, name)(x, states if name == "lstm_cell" else states[0], *weights)


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("lead", [(), (2,)])
@pytest.mark.parametrize("name", PARTS)
def test_values_take_the_same_step(name: str, lead: tuple[int, ...], biased: bool) -> None:
    rows = PARTS[name] * 2
    states = 2 if name == "lstm_cell" else 1
    weights = [RNG.normal(size=(rows, 3)), RNG.normal(size=(rows, 2)), RNG.normal(size=rows), RNG.normal(size=rows)]
    arrays = [RNG.normal(size=(*lead, 3)), *(RNG.normal(size=(*lead, 2)) for _ in range(states))]
    arrays += weights if biased else weights[:2]
    for place in range(states):  # the state, then the memory
        check_equal(lambda *x, p=place: part(step(name, x[0], x[1 : 1 + states], *x[1 + states :]), p), arrays)


def part(result: Any, place: int) -> Any:
    return result[place] if isinstance(result, tuple) else result


def sigma(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def test_an_lstm_step_by_hand() -> None:
    """One number each: the gates are i, f, g, o, from top to bottom."""
    h, c = F.lstm_cell([2.0], ([0.5], [3.0]), [[1.0], [2.0], [3.0], [4.0]], [[0.1], [0.2], [0.3], [0.4]], [0.0] * 4)
    i, f, g, o = sigma(2.05), sigma(4.1), math.tanh(6.15), sigma(8.2)
    memory = f * 3.0 + i * g
    np.testing.assert_allclose(c, [memory], rtol=1e-15)
    np.testing.assert_allclose(h, [o * math.tanh(memory)], rtol=1e-15)


def test_a_gru_step_by_hand() -> None:
    """One number each: r, z, n from top to bottom, and r times all that comes from the state, its bias included."""
    biases = [0.1, 0.2, 0.3], [0.4, 0.5, 0.6]
    out = F.gru_cell([2.0], [0.5], [[1.0], [2.0], [3.0]], [[0.7], [0.8], [0.9]], *biases)
    r, z = sigma(2.0 + 0.1 + 0.35 + 0.4), sigma(4.0 + 0.2 + 0.4 + 0.5)
    n = math.tanh(6.0 + 0.3 + r * (0.45 + 0.6))
    np.testing.assert_allclose(out, [(1.0 - z) * n + z * 0.5], rtol=1e-15)


@pytest.mark.parametrize("name", PARTS)
def test_large_numbers_saturate_without_warnings(name: str) -> None:
    rows = PARTS[name]
    arrays = [np.array([1000.0]), np.array([0.5]), np.array([0.25])]
    for sign in (1.0, -1.0):
        leaf = Tensor(np.full((rows, 1), sign), requires_grad=True)
        out = part(step(name, arrays[0], arrays[1:], leaf, np.ones((rows, 1))), 0)
        out.sum().backward()
        assert np.isfinite(out.data).all()
        assert np.isfinite(leaf.grad).all()


@pytest.mark.parametrize("name", PARTS)
def test_a_step_in_float32(name: str) -> None:
    rows = PARTS[name] * 2
    shapes = [(4, 3), (4, 2), (4, 2), (rows, 3), (rows, 2), (rows,), (rows,)]
    x, h, c, *weights = [Tensor(RNG.normal(size=shape).astype(np.float32), requires_grad=True) for shape in shapes]
    out = part(step(name, x, (h, c), *weights), 0)
    assert out.dtype == np.float32
    out.sum().backward()
    assert {leaf.grad.dtype for leaf in (x, h, *weights)} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", PARTS)
def test_steps_refuse_what_does_not_fit(name: str) -> None:
    rows = PARTS[name] * 2
    x, h, w, u = np.ones((4, 3)), np.ones((4, 2)), np.ones((rows, 3)), np.ones((rows, 2))
    cases = [
        ((np.ones((5, 3)), (h, h), w, u), r"input of shape \(5, 3\) and state of shape \(4, 2\) must be \(N, I\)"),
        ((np.ones(3), (h, h), w, u), r"must be \(N, I\) and \(N, H\), of one N, or \(I,\)"),
        ((np.ones((1, 4, 3)), (h, h), w, u), r"input of shape \(1, 4, 3\)"),
        ((np.ones(3), (np.float64(1.0),) * 2, w, u), r"state of shape \(\) must be"),
        ((x, (h, h), w[:, :2], u), r"w_ih of shape \(\d, 2\) and w_hh of shape \(\d, 2\) must be"),
        ((x, (h, h), w, u[:, :1]), r"w_hh of shape \(\d, 1\) must be"),
        ((x, (h, h), w, u, np.ones(rows + 1)), rf"b_ih must have shape \({rows},\), .* not \({rows + 1},\)"),
        ((x, (h, h), w, u, np.ones(rows), np.ones((rows, 1))), rf"b_hh must have shape \({rows},\)"),
        ((x, (h, h), w[0], u), r"w_ih of shape \(3,\)"),
    ]
    for arguments, message in cases:
        with pytest.raises(ShapeError, match=f"{name}: .*{message}"):
            step(name, *arguments)
    with pytest.raises(DTypeError, match=f"{name}: input has dtype int64"):
        step(name, x.astype(int), (h, h), w, u)
    with pytest.raises(DTypeError, match=f"{name}: w_ih is made of Tensors, input of Values"):
        step(name, [Value(1.0)] * 3, ([0.0] * 2, [0.0] * 2), Tensor(w), u)


@pytest.mark.parametrize("name", ["gru_cell", "lstm_cell"])
def test_rows_that_are_no_whole_number_of_gates(name: str) -> None:
    rows = PARTS[name] * 2 + 1
    h = np.ones((4, 2))
    with pytest.raises(ShapeError, match=rf"{name}: w_ih of shape \({rows}, 3\)"):
        step(name, np.ones((4, 3)), (h, h), np.ones((rows, 3)), np.ones((rows, 2)))


def test_an_lstm_step_takes_a_pair() -> None:
    w, u, h = np.ones((8, 3)), np.ones((8, 2)), np.ones((4, 2))
    for state in (Tensor(np.ones((2, 4, 2))), (h,), h):
        with pytest.raises(TypeError, match=r"lstm_cell: hx is the pair \(h, c\)"):
            F.lstm_cell(np.ones((4, 3)), state, w, u)
    with pytest.raises(ShapeError, match=r"h of shape \(4, 2\), c of shape \(4, 1\)"):
        F.lstm_cell(np.ones((4, 3)), (h, h[:, :1]), w, u)
