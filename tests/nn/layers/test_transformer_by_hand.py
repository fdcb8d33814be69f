"""Transformers by hand: dropout, copies, scopes, causality, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import ShapeError, topological_order

RNG = np.random.default_rng(10)


def encoder_layer(dropout: float = 0.0, seed: int = 0, **options: Any) -> Any:
    return nn.TransformerEncoderLayer(4, 2, 6, dropout, rng=np.random.default_rng(seed), **options)


def test_an_encoder_is_its_layers_one_after_the_other() -> None:
    layer = encoder_layer()
    encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(4))
    x = RNG.normal(size=(3, 1, 4))
    mask = np.array([[False, True, True], [False, False, True], [True, False, False]])
    expected = layer(layer(x, mask), mask).data  # the copies have its initial values
    expected = (expected - expected.mean(-1, keepdims=True)) / np.sqrt(expected.var(-1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(encoder(x, mask).data, expected, rtol=1e-12)
    encoder.layers[1].linear1.weight.data[...] = 0.0
    assert np.any(encoder.layers[0].linear1.weight.data != 0.0)
    assert np.any(layer.linear1.weight.data != 0.0)


def test_a_decoder_is_its_layers_one_after_the_other() -> None:
    layer = nn.TransformerDecoderLayer(4, 2, 6, 0.0)
    x, memory = RNG.normal(size=(3, 1, 4)), RNG.normal(size=(5, 1, 4))
    masks = {"memory_key_padding_mask": [[False, True, False, False, True]], "tgt_is_causal": True}
    found = nn.TransformerDecoder(layer, 2)(x, memory, **masks)
    np.testing.assert_allclose(found.data, layer(layer(x, memory, **masks), memory, **masks).data, rtol=1e-14)


def test_causality_reaches_through_every_layer() -> None:
    model = nn.Transformer(4, 2, 2, 2, 6, 0.0)
    src, tgt = RNG.normal(size=(3, 1, 4)), RNG.normal(size=(5, 1, 4))
    changed = tgt.copy()
    changed[3:] += 1.0
    found, other = (model(src, each, tgt_is_causal=True).data for each in (tgt, changed))
    np.testing.assert_array_equal(found[:3], other[:3])
    assert np.all(found[3:] != other[3:])
    assert np.any(model(src, tgt).data[:3] != found[:3])
    memory, later = (model.encoder(each, is_causal=True).data for each in (tgt, changed))
    np.testing.assert_array_equal(memory[:3], later[:3])


def test_dropout_only_in_training_and_never_alike_in_two_layers() -> None:
    x = np.ones((2, 1, 4))
    plain, dropping = encoder_layer(), encoder_layer(0.5)
    assert np.any(dropping(x).data != plain(x).data)
    np.testing.assert_array_equal(dropping.eval()(x).data, plain(x).data)

    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 500, 0.5, rng=np.random.default_rng(3)), 2)
    masks: list[Any] = []
    for layer in encoder.layers:
        layer.dropout.register_forward_hook(lambda _module, inputs, output: masks.append(output.data == 0.0))
        layer.linear1.weight.data[...] = 0.0
        layer.linear1.bias.data[...] = 1.0
    encoder(x)
    assert 0.4 < masks[0].mean() < 0.6
    assert np.any(masks[0] != masks[1])


def test_activations_by_name_as_function_and_as_module() -> None:
    x = RNG.normal(size=(2, 1, 4))
    by_name = encoder_layer(activation="gelu")(x).data
    np.testing.assert_array_equal(encoder_layer(activation=nn.functional.gelu)(x).data, by_name)
    np.testing.assert_array_equal(encoder_layer(activation=nn.GELU())(x).data, by_name)
    np.testing.assert_array_equal(encoder_layer(activation="relu")(x).data, encoder_layer()(x).data)
    assert np.any(by_name != encoder_layer()(x).data)
    with pytest.raises(ValueError, match=r"TransformerEncoderLayer: activation='tanh' is neither 'relu' nor 'gelu'"):
        encoder_layer(activation="tanh")


def test_a_transformer_begins_glorot_uniform() -> None:
    model = nn.Transformer(40, 4, 1, 1, 60, rng=np.random.default_rng(4))
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1:
            bound = np.sqrt(6.0 / sum(parameter.shape))
            assert 0.95 * bound < np.abs(parameter.data).max() <= bound, name


def test_parts_of_ones_own_take_the_place_of_either() -> None:
    encoder = nn.TransformerEncoder(encoder_layer(), 1)
    model = nn.Transformer(4, 2, 1, 1, 6, 0.0, custom_encoder=encoder)
    assert model.encoder is encoder
    assert "encoder.layers.0.self_attn.in_proj_weight" in model.state_dict()
    assert not any(name.startswith("encoder.norm") for name in model.state_dict())


def test_scopes_follow_the_layers() -> None:
    encoder = nn.TransformerEncoder(encoder_layer(), 2)
    scopes = {node.scope for node in topological_order(encoder(np.ones((2, 1, 4)))) if node.rule}
    for part in ("linear1/linear", "norm2/layer_norm", "self_attn/scaled_dot_product_attention/softmax"):
        for place in range(2):
            assert f"transformerencoder/layers.{place}/{part}" in scopes


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="TransformerEncoder: num_layers=0"):
        nn.TransformerEncoder(encoder_layer(), 0)
    with pytest.raises(ValueError, match="num_heads=3 must divide embed_dim=4"):
        nn.TransformerDecoderLayer(4, 3)
    with pytest.raises(ShapeError, match=r"MultiheadAttention 'self_attn': query of shape \(2, 1, 5\)"):
        encoder_layer()(np.ones((2, 1, 5)))
    with pytest.raises(ShapeError, match=r"'multihead_attn': query of shape \(2, 1, 4\), key of shape \(2, 2, 4\)"):
        nn.TransformerDecoderLayer(4, 2, 6)(np.ones((2, 1, 4)), np.ones((2, 2, 4)))
