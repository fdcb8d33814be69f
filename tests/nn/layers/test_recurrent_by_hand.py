"""Recurrent layers by hand: arguments refused, states, scopes, dropout, initial values, copies."""

from __future__ import annotations

import copy
import math
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

import nn
from autograd import DTypeError, ShapeError, Tensor, topological_order

RNG = np.random.default_rng(9)
SEQUENCES = [nn.RNN, nn.GRU, nn.LSTM]
CELLS = [nn.RNNCell, nn.GRUCell, nn.LSTMCell]


def first(states: Any) -> Any:
    return states[0] if isinstance(states, tuple) else states


@pytest.mark.parametrize("kind", SEQUENCES)
def test_a_sequence_is_its_cell_step_by_step(kind: Any) -> None:
    sequence = kind(3, 4)
    cell = getattr(nn, kind.__name__ + "Cell")(3, 4)
    cell.load_state_dict({name.removesuffix("_l0"): array for name, array in sequence.state_dict().items()})
    x = RNG.normal(size=(5, 2, 3))
    output, last = sequence(x)
    state = None
    for place in range(5):
        state = cell(x[place], state)
        np.testing.assert_array_equal(output[place].data, first(state).data)
    np.testing.assert_array_equal(first(last)[0].data, first(state).data)


@pytest.mark.parametrize("kind", SEQUENCES)
def test_the_backward_direction_is_the_forward_one_of_the_reversed_sequence(kind: Any) -> None:
    both, one = kind(2, 3, bidirectional=True), kind(2, 3)
    state = both.state_dict()
    one.load_state_dict({name: state[f"{name}_reverse"] for name in one.state_dict()})
    x = RNG.normal(size=(4, 2))
    output, last = both(x)
    reversed_output, reversed_last = one(x[::-1])
    np.testing.assert_array_equal(output[:, 3:].data, reversed_output[::-1].data)
    np.testing.assert_array_equal(first(last)[1].data, first(reversed_last)[0].data)


@pytest.mark.parametrize("kind", SEQUENCES)
def test_a_sequence_may_be_cut_where_the_state_is_handed_on(kind: Any) -> None:
    model = kind(2, 3, num_layers=2)
    x = RNG.normal(size=(6, 1, 2))
    whole, last = model(x)
    head, state = model(x[:4])
    tail, end = model(x[4:], state)
    np.testing.assert_allclose(np.concatenate([head.data, tail.data]), whole.data, rtol=1e-13)
    np.testing.assert_allclose(first(end).data, first(last).data, rtol=1e-13)


@pytest.mark.parametrize("kind", SEQUENCES)
def test_an_empty_batch(kind: Any) -> None:
    output, last = kind(2, 3, bidirectional=True)(np.zeros((4, 0, 2)))
    assert output.shape == (4, 0, 6)
    assert first(last).shape == (2, 0, 3)


@pytest.mark.parametrize("kind", SEQUENCES)
def test_a_sequence_in_float32(kind: Any) -> None:
    model = kind(2, 3, 2, dtype=np.float32)
    output, last = model(RNG.normal(size=(4, 1, 2)).astype(np.float32))
    assert output.dtype == first(last).dtype == np.float32
    output.sum().backward()
    assert {parameter.grad.dtype for parameter in model.parameters()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("kind", SEQUENCES + CELLS)
def test_nested_lists_and_views_are_inputs(kind: Any) -> None:
    model = kind(2, 3)
    wide = RNG.normal(size=(4, 4))
    found = first(model(wide[::2, 1:3]))
    np.testing.assert_array_equal(found.data, first(model(wide[::2, 1:3].tolist())).data)


@pytest.mark.parametrize("kind", SEQUENCES + CELLS)
def test_initial_values_are_uniform_within_pytorchs_bound(kind: Any) -> None:
    model = kind(30, 25, rng=np.random.default_rng(0))
    for parameter in model.parameters():
        assert np.abs(parameter.data).max() <= 0.2
        assert np.abs(parameter.data).max() > 0.18
        assert abs(parameter.data.std() / (0.2 / math.sqrt(3.0)) - 1.0) < 0.25
    again = kind(30, 25, rng=np.random.default_rng(0))
    for own, other in zip(model.parameters(), again.parameters(), strict=True):
        np.testing.assert_array_equal(own.data, other.data)


@pytest.mark.parametrize("kind", SEQUENCES)
def test_steps_and_layers_are_told_apart_by_scope(kind: Any) -> None:
    name, cell = kind.__name__.lower(), {"RNN": "rnn_tanh_cell"}.get(kind.__name__, f"{kind.__name__.lower()}_cell")
    scopes = {node.scope for node in topological_order(kind(2, 3)(np.ones((3, 2)))[0]) if node.rule}
    assert {f"{name}/step {step}/{cell}/linear" for step in range(3)} <= scopes
    deep = kind(2, 3, 2, bidirectional=True)
    scopes = {node.scope for node in topological_order(deep(np.ones((2, 2)))[0]) if node.rule}
    for layer in ("layer 0", "layer 0 reverse", "layer 1", "layer 1 reverse"):
        assert {f"{name}/{layer}/step {step}/{cell}/linear" for step in range(2)} <= scopes
    part = nn.Sequential({"reader": kind(2, 3)})
    assert first(part(np.ones((2, 2)))).scope.startswith("sequential/reader/")


@pytest.mark.parametrize("kind", SEQUENCES)
def test_models_are_copied_and_pickled(kind: Any) -> None:
    model = kind(2, 3, 2, bidirectional=True)
    x = RNG.normal(size=(3, 2))
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(first(other(x)).data, first(model(x)).data)


@pytest.mark.parametrize("kind", SEQUENCES)
def test_dropout_follows_every_layer_but_the_last_and_only_in_training(kind: Any) -> None:
    plain, dropping = kind(2, 50, 2), kind(2, 50, 2, dropout=0.5, rng=np.random.default_rng(3))
    dropping.load_state_dict(plain.state_dict())
    x = RNG.normal(size=(4, 1, 2))
    expected, wanted = plain(x)
    output, last = dropping(x)
    np.testing.assert_array_equal(first(last)[0].data, first(wanted)[0].data)  # the first layer's own state
    assert np.all(output.data != expected.data)
    np.testing.assert_array_equal(dropping.eval()(x)[0].data, expected.data)

    everything = kind(2, 5, 2, dropout=1.0)
    silent = kind(2, 5, 2)
    silent.load_state_dict(everything.state_dict())
    silent.weight_ih_l1.data[...] = 0.0
    np.testing.assert_array_equal(everything(x)[0].data, silent(x)[0].data)


def test_dropout_without_a_layer_to_follow_is_told() -> None:
    for kind in SEQUENCES:
        with pytest.warns(UserWarning, match=r"dropout=0.5 does nothing with num_layers=1") as caught:
            kind(2, 3, dropout=0.5)
        assert caught[0].filename == __file__
    with warnings.catch_warnings():
        nn.LSTM(2, 3, 2, dropout=0.5)


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: nn.RNN(0, 2), "RNN: input_size=0"),
        (lambda: nn.GRU(2, 0), "GRU: hidden_size=0"),
        (lambda: nn.LSTM(2, 2.5), "LSTM: hidden_size=2.5"),
        (lambda: nn.LSTM(2, 3, 0), "LSTM: num_layers=0"),
        (lambda: nn.LSTM(2, 3, 2, dropout=1.5), "LSTM: p=1.5 must be a probability"),
        (lambda: nn.GRU(2, 3, 2, dropout=True), "GRU: p=True must be a probability"),
        (lambda: nn.LSTM(2, 3, proj_size=3), "LSTM: proj_size=3 must be less than hidden_size=3"),
        (lambda: nn.LSTM(2, 3, proj_size=-1), "LSTM: proj_size=-1"),
        (lambda: nn.RNN(2, 3, nonlinearity="sigmoid"), "RNN: nonlinearity='sigmoid' is neither 'tanh' nor 'relu'"),
        (lambda: nn.RNNCell(2, 3, nonlinearity=None), "RNNCell: nonlinearity=None is neither"),
        (lambda: nn.GRUCell(0, 3), "GRUCell: input_size=0"),
        (lambda: nn.LSTMCell(2, -1), "LSTMCell: hidden_size=-1"),
    ],
)
def test_arguments_out_of_range_are_refused_when_the_layer_is_built(build: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize("kind", SEQUENCES)
def test_sequences_name_themselves_and_the_shapes(kind: Any) -> None:
    net = nn.Sequential({"reader": kind(2, 3)})
    name = f"{kind.__name__} 'reader'"
    for shape in ((2,), (4, 3), (1, 2, 4, 2)):
        with pytest.raises(ShapeError, match=rf"{name}: expected an input of shape \(L, N, 2\) or \(L, 2\), got \("):
            net(np.ones(shape))
    with pytest.raises(ShapeError, match=rf"{name}: the input of shape \(0, 2\) has no step"):
        net(np.ones((0, 2)))
    with pytest.raises(ShapeError, match=r"shape \(N, L, 2\) or \(L, 2\)"):
        kind(2, 3, batch_first=True)(np.ones((4, 5, 3)))
    with pytest.raises(ShapeError, match=r"the input of shape \(2, 0, 2\) has no step"):
        kind(2, 3, batch_first=True)(np.ones((2, 0, 2)))
    with pytest.raises(DTypeError, match=f"{kind.__name__}: input has dtype int64"):
        kind(2, 3)(np.ones((4, 2), dtype=int))


@pytest.mark.parametrize("shape", [(1, 3), (2, 3), (2, 4, 3), (1, 2, 3), (2, 2, 4)])
def test_states_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    x, state = np.ones((4, 2, 2)), np.ones(shape)
    for kind in (nn.RNN, nn.GRU):
        with pytest.raises(ShapeError, match=rf"{kind.__name__}: expected hx of shape \(2, 2, 3\), layers times"):
            kind(2, 3, 2)(x, state)
    good = np.ones((2, 2, 3))
    with pytest.raises(ShapeError, match=r"LSTM: expected h of shape \(2, 2, 3\)"):
        nn.LSTM(2, 3, 2)(x, (state, good))
    with pytest.raises(ShapeError, match=r"LSTM: expected c of shape \(2, 2, 3\)"):
        nn.LSTM(2, 3, 2)(x, (good, state))


def test_cells_name_themselves_and_the_shapes() -> None:
    for kind in CELLS:
        message = (
            rf"{kind.__name__}: expected an input of shape \(N, 2\) or \(2,\), got .*nn.{kind.__name__[:-4]} a seq"
        )
        for shape in ((3,), (4, 3), (1, 4, 2), ()):
            with pytest.raises(ShapeError, match=message):
                kind(2, 3)(np.ones(shape))
    for kind in CELLS[:2]:
        with pytest.raises(ShapeError, match=r"hx of shape \(4, 3\) for an input of shape \(4, 2\), got \(3,\)"):
            kind(2, 3)(np.ones((4, 2)), np.ones(3))
    with pytest.raises(ShapeError, match=r"LSTMCell: expected c of shape \(3,\)"):
        nn.LSTMCell(2, 3)(np.ones(2), (np.ones(3), np.ones(2)))
    for model in (nn.LSTMCell(2, 3), nn.LSTM(2, 3)):
        with pytest.raises(TypeError, match=rf"{type(model).__name__}: hx is the pair \(h, c\), not Tensor; give both"):
            model(np.ones((1, 2)), Tensor(np.ones((2, 1, 3))))
