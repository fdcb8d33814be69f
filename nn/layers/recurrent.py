"""Recurrent networks over sequences: `RNN`, `GRU`, `LSTM`. Names, defaults and initial values are PyTorch's.

Each is its cell's function, called once for each step. The scopes tell the steps apart: ``lstm/step 3/lstm_cell``, and
where there are several layers or directions ``lstm/layer 1/step 3/lstm_cell`` or
``lstm/layer 1 reverse/step 3/lstm_cell``.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, ClassVar

import numpy as np

from autograd import ShapeError, concatenate, scope, stack
from nn import functional as F
from nn.functional.arguments import Numbers, numbers, per_axis
from nn.functional.regularization import check_probability
from nn.layers.recurrent_cells import check_nonlinearity, draw_recurrent, state_pair, zeros_like_state
from nn.module import Module

State = tuple[Numbers, ...]  # (h,), or (h, c)


class _Recurrent(Module):
    _gates: ClassVar[int]
    _states: ClassVar[tuple[str, ...]] = ("hx",)
    proj_size = 0

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        kind = type(self).__name__
        (self.input_size,) = per_axis(kind, "input_size", input_size, 1, least=1)
        (self.hidden_size,) = per_axis(kind, "hidden_size", hidden_size, 1, least=1)
        (self.num_layers,) = per_axis(kind, "num_layers", num_layers, 1, least=1)
        self.dropout = check_probability(kind, dropout)
        if dropout and num_layers == 1:
            warnings.warn(
                f"{kind}: dropout={dropout} does nothing with num_layers=1, since it follows every layer but the last",
                stacklevel=2 + (type(self).__init__ is not _Recurrent.__init__),
            )
        self.bias, self.batch_first, self.bidirectional = bool(bias), bool(batch_first), bool(bidirectional)
        self.rng = rng
        self._directions = ("", "_reverse") if bidirectional else ("",)
        draw_recurrent(self, self._shapes(), self.hidden_size, rng, dtype)

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """Of every parameter, in PyTorch's order."""
        rows, length = self._gates * self.hidden_size, self._length("hx")
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in range(self.num_layers):
            inputs = length * len(self._directions) if layer else self.input_size
            for direction in self._directions:
                suffix = f"_l{layer}{direction}"
                shapes |= {f"weight_ih{suffix}": (rows, inputs), f"weight_hh{suffix}": (rows, length)}
                if self.bias:
                    shapes |= {f"bias_ih{suffix}": (rows,), f"bias_hh{suffix}": (rows,)}
                if self.proj_size:
                    shapes[f"weight_hr{suffix}"] = (self.proj_size, self.hidden_size)
        return shapes

    def _length(self, state: str) -> int:
        """Of a state's last axis."""
        return self.proj_size if self.proj_size and state != "c" else self.hidden_size

    # ---- forward --------------------------------------------------------------------------------------------------

    def forward(self, input: Any, hx: Any = None) -> Any:
        """(L, N, input_size) -> (L, N, D·H) and the last states (num_layers·D, N, H), with D directions.

        With `batch_first` the input and output are (N, L, ...); without a batch they are (L, ...), and the states
        (num_layers·D, H).
        """
        x = self._checked_input(input)
        time = 1 if self.batch_first and x.ndim == 3 else 0
        steps = [x[:, step] if time else x[step] for step in range(x.shape[time])]
        begins = self._initial(x, hx, steps[0].shape[:-1])
        ends: list[State] = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                steps = [F.dropout(step, self.dropout, self.training, rng=self.rng) for step in steps]
            sides = []
            for direction in self._directions:
                outputs, end = self._run(f"_l{layer}{direction}", steps, begins[len(ends)])
                sides.append(outputs)
                ends.append(end)
            steps = sides[0] if len(sides) == 1 else [concatenate(pair, axis=-1) for pair in zip(*sides, strict=True)]
        lasts = tuple(stack(states) for states in zip(*ends, strict=True))
        return stack(steps, axis=time), lasts[0] if len(lasts) == 1 else lasts

    def _run(self, suffix: str, steps: Sequence[Numbers], state: State) -> tuple[list[Numbers], State]:
        """One layer in one direction: its output at each step, and its last state."""
        reverse = suffix.endswith("_reverse")
        weights = [getattr(self, f"{name}{suffix}", None) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        projection = getattr(self, f"weight_hr{suffix}", None)
        outputs = []
        with self._layer_scope(suffix):
            for place in reversed(range(len(steps))) if reverse else range(len(steps)):
                with scope(f"step {place}"):
                    state = self._step(steps[place], state, weights)
                    if projection is not None:
                        state = (F.linear(state[0], projection), *state[1:])
                outputs.append(state[0])
        return outputs[::-1] if reverse else outputs, state

    def _step(self, x: Numbers, state: State, weights: Sequence[Any]) -> State:
        raise NotImplementedError

    def _layer_scope(self, suffix: str) -> Any:
        if self.num_layers == len(self._directions) == 1:
            return nullcontext()
        return scope(suffix.replace("_l", "layer ").replace("_", " "))

    # ---- arguments ------------------------------------------------------------------------------------------------

    def _checked_input(self, input: Any) -> Numbers:
        x = numbers(type(self).__name__, "input", input)
        batched = "(N, L, {})" if self.batch_first else "(L, N, {})"
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            raise ShapeError(
                f"{self.describe()}: expected an input of shape {batched.format(self.input_size)} or "
                f"(L, {self.input_size}), got {x.shape}; reshape it, or build the layer with the input's last axis as "
                f"input_size"
            )
        if not x.shape[1 if self.batch_first and x.ndim == 3 else 0]:
            raise ShapeError(f"{self.describe()}: the input of shape {x.shape} has no step; give one at least")
        return x

    def _initial(self, x: Numbers, hx: Any, batch: tuple[int, ...]) -> list[State]:
        """The state that each layer begins with in each direction."""
        if hx is None:
            given: tuple[Any, ...] = (None,) * len(self._states)
        else:
            given = (hx,) if len(self._states) == 1 else state_pair(self.describe(), hx)
        count = self.num_layers * len(self._directions)
        kinds = []
        for name, state in zip(self._states, given, strict=True):
            shape = (count, *batch, self._length(name))
            state = zeros_like_state(x, shape) if state is None else numbers(type(self).__name__, name, state)
            if state.shape != shape:
                raise ShapeError(
                    f"{self.describe()}: expected {name} of shape {shape}, layers times directions first, for an input "
                    f"of shape {x.shape}, got {state.shape}"
                )
            kinds.append(state)
        return [tuple(state[place] for state in kinds) for place in range(count)]

    def extra_repr(self) -> str:
        """The layer's arguments, those at their default left out as in PyTorch."""
        parts = [f"{self.input_size}, {self.hidden_size}"]
        defaults = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0}
        for name, default in {**defaults, "bidirectional": False}.items():
            if getattr(self, name) != default:
                parts.append(f"{name}={getattr(self, name)}")
        return ", ".join(parts)


class RNN(_Recurrent):
    """Elman's network over a sequence: h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh); see `F.rnn_tanh_cell`.

    Args:
        input_size: the length of each step of the input.
        hidden_size: the length H of the state.
        num_layers: how many networks stand one on the other's outputs.
        nonlinearity: "tanh" or "relu".
        bias: whether there are biases.
        batch_first: whether a batch is (N, L, ...) rather than (L, N, ...); states are (num_layers·D, N, H) with both.
        dropout: the probability by which each output of every layer but the last is set to 0 in training.
        bidirectional: whether a second network runs from the end to the beginning; each output is then the forward
            one's and the backward one's joined, of length 2·H. D is the number of directions, 1 or 2.
        rng: the generator of the dropout and of the initial values, which are uniform within ±1/√hidden_size.
        dtype: of the parameters.

    Attributes:
        weight_ih_l0: (H, input_size); of layers above, ``weight_ih_l1`` and so on, (H, D·H).
        weight_hh_l0: (H, H).
        bias_ih_l0, bias_hh_l0: (H,). The backward network's end in ``_reverse``.

    Raises:
        ValueError: a length below 1, a dropout outside 0 to 1, or another nonlinearity.
        ShapeError: called with an input or state of another shape, or with no step.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> rnn = nn.RNN(3, 4, num_layers=2)
        >>> output, state = rnn(np.ones((6, 2, 3)))
        >>> output.shape, state.shape
        ((6, 2, 4), (2, 2, 4))
        >>> bool((output[-1].data == state[1].data).all())  # the last layer's last state
        True
    """

    _gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        check_nonlinearity("RNN", nonlinearity)
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng=rng, dtype=dtype
        )
        self.nonlinearity = nonlinearity

    def _step(self, x: Numbers, state: State, weights: Sequence[Any]) -> State:
        step = F.rnn_tanh_cell if self.nonlinearity == "tanh" else F.rnn_relu_cell
        return (step(x, *state, *weights),)


class GRU(_Recurrent):
    """Gated recurrent units over a sequence; see `F.gru_cell` for a step, and `RNN` for the arguments and errors.

    Attributes:
        weight_ih_l0: (3·H, input_size), the rows of the reset gate, the update gate and the new state; of layers above,
            ``weight_ih_l1`` and so on, (3·H, D·H).
        weight_hh_l0: (3·H, H).
        bias_ih_l0, bias_hh_l0: (3·H,). The backward network's end in ``_reverse``.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> output, state = nn.GRU(3, 4, batch_first=True, bidirectional=True)(np.ones((2, 6, 3)))
        >>> output.shape, state.shape
        ((2, 6, 8), (2, 2, 4))
    """

    _gates = 3

    def _step(self, x: Numbers, state: State, weights: Sequence[Any]) -> State:
        return (F.gru_cell(x, *state, *weights),)


class LSTM(_Recurrent):
    """Long short-term memories over a sequence; see `F.lstm_cell` for a step, and `RNN` for the other arguments.

    A call returns the output and the pair of the last states and memories, each (num_layers·D, N, H), and takes such a
    pair to begin with.

    Args:
        proj_size: where above 0, each state is W_hr·o·tanh(c), of this length P, less than H (H. Sak et al., 2014).

    Attributes:
        weight_ih_l0: (4·H, input_size), the rows of the input gate, the forget gate, the candidate and the output gate;
            of layers above, ``weight_ih_l1`` and so on, (4·H, D·H), or (4·H, D·P).
        weight_hh_l0: (4·H, H), or (4·H, P).
        bias_ih_l0, bias_hh_l0: (4·H,). The backward network's end in ``_reverse``.
        weight_hr_l0: (P, H), where there is a projection.

    Raises:
        ValueError, ShapeError: as `RNN`; or a `proj_size` that is not less than `hidden_size`.
        TypeError: called with a state that is no pair.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> output, (h, c) = nn.LSTM(3, 4)(np.ones((6, 2, 3)))
        >>> output.shape, h.shape, c.shape
        ((6, 2, 4), (1, 2, 4), (1, 2, 4))
        >>> output.scopes[0].name
        'lstm'
    """

    _gates = 4
    _states = ("h", "c")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        (self.proj_size,) = per_axis("LSTM", "proj_size", proj_size, 1, least=0)
        if self.proj_size and self.proj_size >= hidden_size:
            raise ValueError(f"LSTM: proj_size={proj_size} must be less than hidden_size={hidden_size}")
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng=rng, dtype=dtype
        )

    def _step(self, x: Numbers, state: State, weights: Sequence[Any]) -> State:
        return F.lstm_cell(x, state, *weights)
