"""One step of each recurrent network against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.functional as F
from tests.nn.oracle import Case, hold, torch

PARTS = {"rnn_tanh_cell": 1, "rnn_relu_cell": 1, "gru_cell": 3, "lstm_cell": 4}


@pytest.mark.parametrize("name", PARTS)
def test_a_step(name: str) -> None:
    def draw(rng: np.random.Generator) -> Case:
        inputs, hidden, batch = (int(n) for n in rng.integers(1, 5, size=3))
        rows = PARTS[name] * hidden
        lead = (batch,) if rng.random() < 0.7 else ()
        states = [rng.normal(size=(*lead, hidden)) for _ in range(2 if name == "lstm_cell" else 1)]
        weights = [rng.normal(size=(rows, inputs)), rng.normal(size=(rows, hidden))]
        weights += [rng.normal(size=rows), rng.normal(size=rows)] if rng.random() < 0.7 else []
        if name == "rnn_relu_cell" and rng.random() < 0.2:
            weights = [np.zeros_like(each) for each in weights]  # at the kink
        arrays = [rng.normal(size=(*lead, inputs)), *states, *weights]
        return Case(arrays, lambda *x: step(F, *x), lambda *x: step(torch, *x) if lead else unbatched(*x))

    def step(library: Any, *operands: Any) -> Any:
        function = getattr(library, name)
        if name == "lstm_cell":
            return function(operands[0], operands[1:3], *operands[3:])
        return function(*operands)

    def unbatched(*operands: Any) -> Any:
        """PyTorch's functions, unlike its modules, take a batch only."""
        count = 3 if name == "lstm_cell" else 2
        out = step(torch, *(each[None] for each in operands[:count]), *operands[count:])
        return tuple(each[0] for each in out) if name == "lstm_cell" else out[0]

    hold(draw)


@pytest.mark.parametrize("name", PARTS)
def test_an_empty_batch(name: str) -> None:
    rows = 2 * PARTS[name]
    state = np.zeros((0, 2))
    hx = (state, state) if name == "lstm_cell" else state
    out = getattr(F, name)(np.zeros((0, 3)), hx, np.ones((rows, 3)), np.ones((rows, 2)), np.ones(rows))
    assert [each.shape for each in (out if name == "lstm_cell" else (out,))] == [(0, 2)] * (1 + (name == "lstm_cell"))
