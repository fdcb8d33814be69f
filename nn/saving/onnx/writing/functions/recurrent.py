"""Recurrent layers: one operator for each layer, whatever the sequence's length."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.saving.onnx.writing.emitter import Emitter
from nn.saving.onnx.writing.functions.shared import array_of
from nn.saving.onnx.writing.registry import writes

# Which quarter or third of PyTorch's rows stands where in ONNX's: i, o, f, c of i, f, g, o; z, r, h of r, z, n.
_GATES = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2), "RNN": (0,)}


@writes("recurrent", when=lambda a: not a.self.proj_size)
def write_recurrent(emitter: Emitter, a: Any) -> tuple[str, ...]:
    """LSTM, GRU or RNN, for each layer in both directions at once. Sequences come first, as (L, N, I)."""
    module = a.self
    x = array_of(a.input)
    name = emitter.value(x, module.weight_ih_l0.dtype)
    swapped = module.batch_first and x.ndim == 3
    name = emitter.unsqueeze(name, 1) if x.ndim == 2 else emitter.transpose(name, (1, 0, 2) if swapped else (0, 1, 2))
    states = _initial_states(emitter, a, x)
    ends: list[tuple[str, ...]] = []
    for layer in range(module.num_layers):
        name, end = _write_layer(emitter, module, layer, name, states)
        ends.append(end)
    name = emitter.squeeze(name, 1) if x.ndim == 2 else emitter.transpose(name, (1, 0, 2) if swapped else (0, 1, 2))
    lasts = [_joined(emitter, list(each)) for each in zip(*ends, strict=True)]
    return name, *(emitter.squeeze(last, 1) if x.ndim == 2 else last for last in lasts)


def _joined(emitter: Emitter, names: list[str]) -> str:
    return names[0] if len(names) == 1 else emitter.operation("Concat", *names, axis=0)


def _initial_states(emitter: Emitter, a: Any, x: Any) -> list[list[str]]:
    """For each kind of state, that of each layer, (directions, N, H); none where all begin with zeros."""
    if a.hx is None:
        return []
    given = a.hx if isinstance(a.hx, tuple | list) else (a.hx,)
    directions, layers = 1 + a.self.bidirectional, a.self.num_layers
    kinds = []
    for state in given:
        name = emitter.value(array_of(state), a.self.weight_ih_l0.dtype)
        name = emitter.unsqueeze(name, 1) if x.ndim == 2 else name
        kinds.append(list(emitter.outputs("Split", layers, name, emitter.integers([directions] * layers), axis=0)))
    return kinds


def _write_layer(
    emitter: Emitter, module: Any, layer: int, x: str, states: list[list[str]]
) -> tuple[str, tuple[str, ...]]:
    kind = next(name for name in _GATES if name in (base.__name__ for base in type(module).__mro__))
    suffixes = [f"_l{layer}{direction}" for direction in (("", "_reverse") if module.bidirectional else ("",))]
    weights = [
        _stacked(emitter, module, kind, ("weight_ih",), suffixes, "W"),
        _stacked(emitter, module, kind, ("weight_hh",), suffixes, "R"),
        _stacked(emitter, module, kind, ("bias_ih", "bias_hh"), suffixes, "B") if module.bias else "",
    ]
    initial = [state[layer] for state in states]
    attributes: dict[str, Any] = {"hidden_size": module.hidden_size}
    if module.bidirectional:
        attributes["direction"] = "bidirectional"
    if kind == "RNN":
        attributes["activations"] = [module.nonlinearity.capitalize()] * len(suffixes)
    if kind == "GRU":
        attributes["linear_before_reset"] = 1
    inputs = [x, *weights, *(["", *initial] if initial else [])]
    while inputs[-1] == "":
        inputs.pop()
    y, *ends = emitter.outputs(kind, 3 if kind == "LSTM" else 2, *inputs, **attributes)
    if not module.bidirectional:
        return emitter.squeeze(y, 1), tuple(ends)
    side_by_side = emitter.transpose(y, (0, 2, 1, 3))  # (L, D, N, H) -> (L, N, D, H)
    flat = emitter.operation("Reshape", side_by_side, emitter.integers([0, 0, 2 * module.hidden_size]))
    return flat, tuple(ends)


def _stacked(emitter: Emitter, module: Any, kind: str, names: tuple[str, ...], suffixes: list[str], letter: str) -> str:
    """The weights of both directions, (directions, ...), the gates in ONNX's order."""
    rows = []
    for suffix in suffixes:
        parts = []
        for name in names:
            gates = np.split(getattr(module, f"{name}{suffix}").numpy(), len(_GATES[kind]))
            parts += [gates[gate] for gate in _GATES[kind]]
        rows.append(np.concatenate(parts))
    path = emitter.path_of(getattr(module, f"{names[0]}{suffixes[0]}")) or ""
    folder = path[: path.rindex(".") + 1] if "." in path else ""
    return emitter.weight(f"{folder}{letter}{suffixes[0]}", np.stack(rows))
