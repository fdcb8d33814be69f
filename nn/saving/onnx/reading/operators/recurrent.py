"""Recurrent layers, one step after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from autograd import ShapeError, functions
from nn import functional as F
from nn.saving.onnx.reading.graph import Step
from nn.saving.onnx.reading.registry import reads
from nn.saving.onnx.reading.values import Value, check_elements, plain

# Which of ONNX's rows stands where in PyTorch's: i, f, g, o of i, o, f, c; r, z, n of z, r, h.
_GATES = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2), "RNN": (0,)}
_ACTIVATIONS = {"LSTM": ("sigmoid", "tanh", "tanh"), "GRU": ("sigmoid", "tanh"), "RNN": ("tanh",)}
_DIRECTIONS = {"forward": 1, "reverse": 1, "bidirectional": 2}


@reads("LSTM", "GRU", "RNN")
def recurrent(
    step: Step,
    x: Value,
    weight: Value,
    recurrence: Value,
    bias: Value = None,
    lengths: Value = None,
    initial_h: Value = None,
    initial_c: Value = None,
    peepholes: Value = None,
) -> tuple[Value, ...]:
    """All outputs, (L, D, N, H), and the last states, (D, N, H); the batch first where `layout` is 1."""
    nonlinearity = _check(step, x, lengths, peepholes)
    directions, rows, _ = weight.shape
    hidden = rows // len(_GATES[step.kind])
    _check_shapes(step, x, weight, recurrence, bias, hidden)
    batch_first = bool(step.attributes.get("layout"))
    if batch_first:
        x = functions.swapaxes(x, 0, 1)
        initial_h, initial_c = (s if s is None else functions.swapaxes(s, 0, 1) for s in (initial_h, initial_c))
    check_elements(step, (x.shape[0], directions, x.shape[1], rows))
    sides, ends = [], []
    for side in range(directions):
        states = [_initial(step, state, side, x, hidden) for state in (initial_h, initial_c)]
        backwards = step.direction == "reverse" or side == 1
        outputs, end = _run(
            step,
            x,
            (weight[side], recurrence[side], None if bias is None else bias[side]),
            states,
            backwards,
            nonlinearity,
        )
        sides.append(outputs)
        ends.append(end)
    y = functions.stack(sides, axis=1)
    lasts = [functions.stack(each) for each in zip(*ends, strict=True)]
    if batch_first:
        y = functions.transpose(y, (2, 0, 1, 3))
        lasts = [functions.swapaxes(last, 0, 1) for last in lasts]
    return (y, *lasts)[: len(step.outputs)]


def _check(step: Step, x: Value, lengths: Value, peepholes: Value) -> str:
    """The nonlinearity of a plain network.

    Raises:
        ValueError: what the step asks for is not supported.
    """
    if step.direction not in _DIRECTIONS:
        raise ValueError(f"{step.describe()}: direction={step.direction!r} is unknown")
    names = step.attributes.get("activations")
    expected = _ACTIVATIONS[step.kind] * _DIRECTIONS[step.direction]
    given = tuple(name.lower() for name in names)[: len(expected)] if names else expected  # the default is for two
    plain_relu = step.kind == "RNN" and set(given) == {"relu"} and len(given) == len(expected)
    unsupported = {
        "peepholes": peepholes is not None,
        "clip": step.clip is not None,
        "input_forget": bool(step.attributes.get("input_forget")),
        f"activations={names}": given != expected and not plain_relu,
        "sequence_lens": lengths is not None
        and bool(np.any(plain(lengths) != x.shape[1 if _batch_first(step) else 0])),
    }
    for what, present in unsupported.items():
        if present:
            raise ValueError(f"{step.describe()}: {what} is not supported")
    return given[0]


def _batch_first(step: Step) -> bool:
    return bool(step.attributes.get("layout"))


def _check_shapes(step: Step, x: Value, weight: Value, recurrence: Value, bias: Value, hidden: int) -> None:
    gates, directions = len(_GATES[step.kind]), _DIRECTIONS[step.direction]
    fits = (
        x.ndim == 3
        and weight.shape == (directions, gates * hidden, x.shape[2])
        and recurrence.shape == (directions, gates * hidden, hidden)
        and (bias is None or bias.shape == (directions, 2 * gates * hidden))
        and step.hidden_size in (None, hidden)
        and hidden > 0
        and x.shape[0] > 0
    )
    if not fits:
        raise ShapeError(
            f"{step.describe()}: input {x.shape}, W {weight.shape}, R {recurrence.shape} and hidden_size="
            f"{step.hidden_size} do not fit"
        )


def _initial(step: Step, state: Value, side: int, x: Value, hidden: int) -> Value:
    if state is None:
        return np.zeros((x.shape[1], hidden), dtype=x.dtype)
    if state.ndim != 3 or side >= state.shape[0]:
        raise ShapeError(f"{step.describe()}: an initial state of shape {state.shape} does not fit")
    return state[side]


def _run(
    step: Step, x: Value, weights: Sequence[Value], states: list[Value], backwards: bool, nonlinearity: str
) -> tuple[Value, tuple[Value, ...]]:
    order = _GATES[step.kind]
    w_ih, w_hh = (_reordered(weight, order) for weight in weights[:2])
    b_ih = b_hh = None
    if weights[2] is not None:
        half = weights[2].shape[0] // 2
        b_ih, b_hh = _reordered(weights[2][:half], order), _reordered(weights[2][half:], order)
    h, c = states
    outputs: list[Any] = []
    for place in range(x.shape[0])[:: -1 if backwards else 1]:
        if step.kind == "LSTM":
            h, c = F.lstm_cell(x[place], (h, c), w_ih, w_hh, b_ih, b_hh)
        elif step.kind == "GRU":
            cell = F.gru_cell if step.linear_before_reset else _gru_cell_reset_first
            h = cell(x[place], h, w_ih, w_hh, b_ih, b_hh)
        else:
            cell = F.rnn_relu_cell if nonlinearity == "relu" else F.rnn_tanh_cell
            h = cell(x[place], h, w_ih, w_hh, b_ih, b_hh)
        outputs.append(h)
    return functions.stack(outputs[::-1] if backwards else outputs), (h, c) if step.kind == "LSTM" else (h,)


def _gru_cell_reset_first(x: Value, h: Value, w_ih: Value, w_hh: Value, b_ih: Value, b_hh: Value) -> Value:
    """A step of the paper's unit, in which the reset gate multiplies the state before its product."""
    hidden = h.shape[-1]
    from_input, from_state = (
        F.linear(x, w_ih, b_ih),
        F.linear(h, w_hh[: 2 * hidden], None if b_hh is None else b_hh[: 2 * hidden]),
    )
    gates = autograd.sigmoid(from_input[:, : 2 * hidden] + from_state)
    reset, update = gates[:, :hidden], gates[:, hidden:]
    candidate = F.linear(reset * h, w_hh[2 * hidden :], None if b_hh is None else b_hh[2 * hidden :])
    return (1.0 - update) * autograd.tanh(from_input[:, 2 * hidden :] + candidate) + update * h


def _reordered(weight: Value, order: tuple[int, ...]) -> Value:
    if len(order) == 1:
        return weight
    rows = weight.shape[0] // len(order)
    return functions.concatenate([weight[gate * rows : (gate + 1) * rows] for gate in order])
