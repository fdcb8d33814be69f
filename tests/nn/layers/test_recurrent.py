"""Recurrent cells and sequences against PyTorch, which gets the same state: outputs, last states, two derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from tests.nn.oracle import assert_near, hold, hold_module, module_case, torch

Array = Any


def of_flat_arguments(module: type) -> type:
    """The class with a `forward` of arrays: an input, and the states, as a pair where there are two."""

    class Flat(module):  # type: ignore[misc]
        def forward(self, x: Any, *states: Any) -> Any:
            return super().forward(x, *([states] if len(states) == 2 else states))

    return Flat


def pair(name: str, *arguments: Any, **options: Any) -> tuple[Any, Any]:
    return (of_flat_arguments(getattr(library, name))(*arguments, **options) for library in (nn, torch.nn))  # type: ignore[return-value]


@pytest.mark.parametrize("name", ["RNNCell", "GRUCell", "LSTMCell"])
def test_a_cell(name: str) -> None:
    def draw(rng: np.random.Generator) -> Any:
        inputs, hidden, batch = (int(n) for n in rng.integers(1, 5, size=3))
        options: dict[str, Any] = {"bias": bool(rng.integers(2))}
        if name == "RNNCell":
            options["nonlinearity"] = str(rng.choice(["tanh", "relu"]))
        lead = (batch,) if rng.random() < 0.7 else ()
        count = rng.integers(2) * (2 if name == "LSTMCell" else 1)  # a state, or zeros by default
        states = [rng.normal(size=(*lead, hidden)) for _ in range(count)]
        return *pair(name, inputs, hidden, **options), [rng.normal(size=(*lead, inputs)), *states]

    hold_module(draw)


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
def test_a_sequence(name: str) -> None:
    def draw(rng: np.random.Generator) -> Any:
        inputs, hidden, steps, batch, layers = (int(n) for n in rng.integers(1, (4, 4, 4, 3, 3)))
        names = ("bias", "batch_first", "bidirectional")
        options: dict[str, Any] = {each: bool(rng.integers(2)) for each in names}
        if name == "RNN":
            options["nonlinearity"] = str(rng.choice(["tanh", "relu"]))
        if name == "LSTM" and hidden > 1 and rng.random() < 0.3:
            options["proj_size"] = int(rng.integers(1, hidden))
        lead = (batch,) if rng.random() < 0.7 else ()
        shape = (*lead, steps) if options["batch_first"] else (steps, *lead)
        states: list[Array] = []
        if rng.random() < 0.5:
            count = layers * (1 + options["bidirectional"])
            lengths = [options.get("proj_size", hidden)] + [hidden] * (name == "LSTM")
            states = [rng.normal(size=(count, *lead, length)) for length in lengths]
        return *pair(name, inputs, hidden, layers, **options), [rng.normal(size=(*shape, inputs)), *states]

    hold_module(draw)


@pytest.mark.uncounted
@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
def test_a_hundred_and_fifty_steps(name: str) -> None:
    rng = np.random.default_rng(2)
    ours, theirs = pair(name, 3, 5, 2, bidirectional=True)
    case = module_case(ours, theirs, [rng.normal(size=(150, 2, 3))], second=False)
    hold(lambda _: case, 1)


@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
def test_a_state_dict_of_pytorch_gives_its_outputs(name: str) -> None:
    theirs = getattr(torch.nn, name)(3, 4, 2, bidirectional=True)
    ours = getattr(nn, name)(3, 4, 2, bidirectional=True, dtype=np.float32)
    assert ours.load_state_dict(theirs.state_dict()) == ([], [])
    x = np.random.default_rng(3).normal(size=(5, 2, 3)).astype(np.float32)
    found, expected = ours(x), theirs(torch.from_numpy(x))
    for own, reference in zip(flat(found), flat(expected), strict=True):
        assert_near(own.data, reference.detach().numpy(), 1e-5, name)


def flat(result: Any) -> list[Any]:
    return [each for part in result for each in flat(part)] if isinstance(result, tuple) else [result]


@pytest.mark.parametrize("arguments", [(2, 3), (2, 3, 2, False, True, 0.5, True), (2, 3, 1, True, False, 0, True)])
@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
def test_reprs_are_pytorchs(name: str, arguments: tuple[Any, ...]) -> None:
    if name == "RNN" and len(arguments) > 3:
        arguments = (*arguments[:3], "relu", *arguments[3:])
    assert repr(getattr(nn, name)(*arguments)) == repr(getattr(torch.nn, name)(*arguments))


def test_the_repr_of_a_projection_and_of_cells() -> None:
    assert repr(nn.LSTM(2, 4, proj_size=3)) == repr(torch.nn.LSTM(2, 4, proj_size=3))
    for arguments in ((2, 3), (2, 3, False), (2, 3, True, "relu"), (2, 3, False, "relu")):
        assert repr(nn.RNNCell(*arguments)) == repr(torch.nn.RNNCell(*arguments))
    assert repr(nn.GRUCell(2, 3, False)) == repr(torch.nn.GRUCell(2, 3, False))


def test_an_input_that_is_learnt_gets_its_gradient_over_a_long_sequence() -> None:
    rng = np.random.default_rng(4)
    ours, theirs = nn.GRU(2, 3), torch.nn.GRU(2, 3).double()
    ours.load_state_dict(theirs.state_dict())
    data = rng.normal(size=(200, 1, 2))
    x, reference = Tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
    ours(x)[0][-1].sum().backward()
    theirs(reference)[0][-1].sum().backward()
    np.testing.assert_allclose(x.grad, reference.grad.numpy(), rtol=1e-9, atol=1e-30)
    assert 0.0 < np.abs(x.grad[0]).max() < 1e-10  # what vanishes is still there, and right
