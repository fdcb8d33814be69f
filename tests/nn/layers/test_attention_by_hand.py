"""Multi-head attention by hand: masks, weights, scopes, dropout, initial values, and arguments refused."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest

import nn
from autograd import DTypeError, ShapeError, Tensor, no_grad, topological_order

RNG = np.random.default_rng(9)


def attention(*arguments: Any, **options: Any) -> Any:
    return nn.MultiheadAttention(*arguments, rng=np.random.default_rng(4), **options)


def test_one_head_with_unit_projections_is_the_function() -> None:
    model = attention(3, 1, bias=False)
    model.in_proj_weight.data = np.concatenate([np.eye(3)] * 3)
    model.out_proj.weight.data = np.eye(3)
    query, memory = RNG.normal(size=(2, 3)), RNG.normal(size=(4, 3))
    output, weights = model(query, memory, memory)
    expected = nn.functional.scaled_dot_product_attention(query, memory, memory)
    np.testing.assert_allclose(output.data, expected, rtol=1e-14)
    np.testing.assert_allclose(weights.data @ memory, expected, rtol=1e-14)


def test_weights_of_every_head_and_their_mean() -> None:
    model, x = attention(4, 2), RNG.normal(size=(3, 5, 4))
    output, heads = model(x, x, x, average_attn_weights=False)
    again, mean = model(x, x, x)
    assert heads.shape == (5, 2, 3, 3)
    np.testing.assert_array_equal(output.data, again.data)
    np.testing.assert_allclose(heads.data.mean(axis=1), mean.data, rtol=1e-14)
    np.testing.assert_allclose(heads.data.sum(axis=-1), 1.0, rtol=1e-14)
    assert model(x, x, x, need_weights=False)[1] is None


@pytest.mark.parametrize("need_weights", [False, True])
def test_an_example_that_is_all_padding_spoils_no_gradient(need_weights: bool) -> None:
    """PyTorch's gradients of every weight are NaN here where the attention's weights are asked for."""
    model = attention(4, 2)
    x = Tensor(RNG.normal(size=(3, 2, 4)), requires_grad=True)
    padding = np.array([[False, False, True], [True, True, True]])
    output, weights = model(x, x, x, key_padding_mask=padding, need_weights=need_weights)
    np.testing.assert_allclose(output.data[:, 1], [model.out_proj.bias.data] * 3, rtol=1e-15)
    if need_weights:
        np.testing.assert_array_equal(weights.data[1], np.zeros((3, 3)))
        np.testing.assert_array_equal(weights.data[0, :, 2], np.zeros(3))
    output.backward(RNG.normal(size=output.shape))
    np.testing.assert_array_equal(x.grad[:, 1], np.zeros((3, 4)))
    alone = attention(4, 2)
    single = Tensor(x.data[:, :1], requires_grad=True)
    for parameter in model.parameters():
        assert np.isfinite(parameter.grad).all()
    np.testing.assert_allclose(alone(single, single, single, padding[:1])[0].data, output.data[:, :1], rtol=1e-14)


def test_causal_attention_is_the_causal_mask() -> None:
    model, x = attention(4, 2), RNG.normal(size=(5, 1, 4))
    found, weights = model(x, x, x, is_causal=True)
    mask = ~np.tri(5, dtype=bool)
    np.testing.assert_array_equal(found.data, model(x, x, x, attn_mask=mask)[0].data)
    np.testing.assert_array_equal(found.data, model(x, x, x, attn_mask=mask, is_causal=True)[0].data)
    np.testing.assert_array_equal(weights.data[0][mask], 0.0)
    changed = x.copy()
    changed[3:] = 7.0
    np.testing.assert_array_equal(model(changed, changed, changed, is_causal=True)[0].data[:3], found.data[:3])


def test_booleans_and_numbers_hide_alike() -> None:
    model, x = attention(4, 2), RNG.normal(size=(3, 2, 4))
    hide, padding = np.array([[False, True, False]] * 3), np.array([[False, False, True], [False, False, False]])
    expected = model(x, x, x, padding, True, hide)[0].data
    numbers, padded = np.where(hide, -np.inf, 0.0), np.where(padding, -np.inf, 0.0)
    for masks in ((padded, True, numbers), (padding, True, numbers), (padded, True, hide)):
        np.testing.assert_allclose(model(x, x, x, *masks)[0].data, expected, rtol=1e-14)


def test_no_mask_hides_the_learnt_key_nor_the_key_of_zeros() -> None:
    model, x = attention(4, 2, add_bias_kv=True, add_zero_attn=True), RNG.normal(size=(3, 2, 4))
    everything = np.ones((3, 3), dtype=bool)
    for masks in ({"attn_mask": everything}, {"attn_mask": np.where(everything, -np.inf, 0.0)}):
        weights = model(x, x, x, **masks)[1].data
        np.testing.assert_array_equal(weights[..., :3], 0.0)
        np.testing.assert_allclose(weights.sum(axis=-1), 1.0, rtol=1e-14)
        assert np.all(weights[..., 3:] > 0.0)
    assert np.all(model(x, x, x, is_causal=True)[1].data[..., 3:] > 0.0)


def test_dropout_of_attention_only_in_training() -> None:
    model, plain = attention(4, 2, 0.5), attention(4, 2)
    x = RNG.normal(size=(20, 1, 4))
    weights = model(x, x, x, average_attn_weights=False)[1].data
    expected = plain(x, x, x, average_attn_weights=False)[1].data
    assert 0.3 < (weights == 0.0).mean() < 0.7
    kept = weights != 0.0
    np.testing.assert_allclose(weights[kept], 2.0 * expected[kept], rtol=1e-12)
    np.testing.assert_array_equal(model.eval()(x, x, x)[0].data, plain(x, x, x)[0].data)


def test_initial_values_of_attention_are_pytorchs() -> None:
    model = attention(40, 4, add_bias_kv=True)
    bound = math.sqrt(6.0 / (40 + 120))
    assert 0.97 * bound < np.abs(model.in_proj_weight.data).max() <= bound
    assert 0.97 / math.sqrt(40) < np.abs(model.out_proj.weight.data).max() <= 1.0 / math.sqrt(40)
    for bias in (model.in_proj_bias, model.out_proj.bias):
        np.testing.assert_array_equal(bias.data, 0.0)
    assert abs(model.bias_k.data.std() * math.sqrt(40) - 1.0) < 0.4
    assert np.any(model.bias_k.data != model.bias_v.data)
    apart = attention(40, 4, kdim=20, vdim=80)
    for weight, columns in ((apart.q_proj_weight, 40), (apart.k_proj_weight, 20), (apart.v_proj_weight, 80)):
        bound = math.sqrt(6.0 / (40 + columns))
        assert 0.95 * bound < np.abs(weight.data).max() <= bound


def test_parts_of_attention_are_told_apart_by_scope() -> None:
    x = np.ones((3, 1, 4))
    scopes = {node.scope for node in topological_order(attention(4, 2)(x, x, x)[0]) if node.rule}
    for part in (
        "query/linear",
        "key/linear",
        "value/linear",
        "scaled_dot_product_attention/softmax",
        "out_proj/linear",
    ):
        assert f"multiheadattention/{part}" in scopes


def test_attention_in_float32_copied_and_without_gradients() -> None:
    model = attention(4, 2, add_bias_kv=True, add_zero_attn=True, dtype=np.float32)
    x = RNG.normal(size=(3, 2, 4)).astype(np.float32)
    output, weights = model(x, x, x, attn_mask=np.zeros((3, 3)), key_padding_mask=np.zeros((2, 3)))
    assert output.dtype == weights.dtype == np.float32
    output.sum().backward()
    assert {parameter.grad.dtype for parameter in model.parameters()} == {np.dtype(np.float32)}
    with no_grad():
        assert not model(x, x, x)[0].requires_grad
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(other(x, x, x)[0].data, model(x, x, x)[0].data)


def test_an_empty_batch_and_a_list() -> None:
    model = attention(4, 2)
    output, weights = model(*[np.zeros((3, 0, 4))] * 3)
    assert (output.shape, weights.shape) == ((3, 0, 4), (0, 3, 3))
    x = RNG.normal(size=(3, 4))
    np.testing.assert_array_equal(model(x.tolist(), x.tolist(), x)[0].data, model(x, x, x)[0].data)


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: attention(4, 3), "MultiheadAttention: num_heads=3 must divide embed_dim=4"),
        (lambda: attention(0, 1), "MultiheadAttention: embed_dim=0"),
        (lambda: attention(4, 0), "MultiheadAttention: num_heads=0"),
        (lambda: attention(4, 2, kdim=0), "MultiheadAttention: kdim=0"),
        (lambda: attention(4, 2, vdim=1.5), "MultiheadAttention: vdim=1.5"),
        (lambda: attention(4, 2, dropout=-0.1), "MultiheadAttention: p=-0.1 must be a probability"),
    ],
)
def test_attention_refuses_arguments_out_of_range(build: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize(
    "shapes",
    [
        [(3, 2, 5), (3, 2, 4), (3, 2, 4)],
        [(3, 2, 4), (4, 2, 4), (3, 2, 4)],
        [(3, 2, 4), (3, 1, 4), (3, 1, 4)],
        [(3, 4), (3, 2, 4), (3, 2, 4)],
        [(4,), (4,), (4,)],
        [(1, 3, 2, 4)] * 3,
    ],
)
def test_attention_names_itself_and_the_shapes(shapes: Any) -> None:
    net = nn.ModuleList([attention(4, 2)])
    with pytest.raises(ShapeError, match=r"MultiheadAttention '0': query of shape .* must be \(L, N, 4\), \(S, N, 4\)"):
        net[0](*map(np.ones, shapes))
    with pytest.raises(ShapeError, match=r"\(N, L, 4\), \(N, S, 3\) and \(N, S, 2\), or all without N"):
        attention(4, 2, kdim=3, vdim=2, batch_first=True)(*map(np.ones, shapes))


def test_attention_names_a_mask_that_does_not_fit() -> None:
    model, x = attention(4, 2), np.ones((3, 2, 4))
    with pytest.raises(ShapeError, match=r"key_padding_mask must have shape \(2, 3\), not \(3, 2\)"):
        model(x, x, x, np.zeros((3, 2), dtype=bool))
    with pytest.raises(ShapeError, match=r"attn_mask must have shape \(3, 3\) or \(4, 3, 3\), not \(2, 3, 3\)"):
        model(x, x, x, attn_mask=np.zeros((2, 3, 3)))
    with pytest.raises(ShapeError, match=r"key_padding_mask must have shape \(3,\), not \(1, 3\)"):
        model(x[:, 0], x[:, 0], x[:, 0], np.zeros((1, 3)))
    with pytest.raises(DTypeError, match=r"MultiheadAttention: key_padding_mask holds integers"):
        model(x, x, x, np.zeros((2, 3), dtype=int))
    with pytest.raises(DTypeError, match=r"MultiheadAttention: query has dtype int64"):
        model(x.astype(int), x, x)
