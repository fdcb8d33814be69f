"""One step of a recurrent network as a layer. Names, defaults and initial values are PyTorch's."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from autograd import ShapeError, Tensor
from nn import functional as F
from nn import init
from nn.functional.arguments import Numbers, numbers, per_axis
from nn.module import Module, Parameter

NONLINEARITIES = ("tanh", "relu")


def draw_recurrent(
    layer: Module,
    shapes: dict[str, tuple[int, ...]],
    hidden_size: int,
    rng: np.random.Generator | None,
    dtype: Any,
) -> None:
    """Give the layer parameters of these names, uniform within ±1/√hidden_size."""
    bound = 1.0 / math.sqrt(hidden_size)
    for name, shape in shapes.items():
        setattr(layer, name, init.uniform_(Parameter(np.zeros(shape), dtype), -bound, bound, rng=rng))


def check_nonlinearity(kind: str, nonlinearity: str) -> None:
    if nonlinearity not in NONLINEARITIES:
        raise ValueError(f"{kind}: nonlinearity={nonlinearity!r} is neither 'tanh' nor 'relu'")


def zeros_like_state(x: Numbers, shape: tuple[int, ...]) -> Any:
    """A state of zeros, in the dtype of the input; plain floats where that is made of Values."""
    return np.zeros(shape, dtype=float if x.dtype == object else x.dtype)


class _Cell(Module):
    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor | None
    bias_hh: Tensor | None
    _gates: ClassVar[int]  # how many vectors of the state's length each step computes from the input

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        kind = type(self).__name__
        (self.input_size,) = per_axis(kind, "input_size", input_size, 1, least=1)
        (self.hidden_size,) = per_axis(kind, "hidden_size", hidden_size, 1, least=1)
        self.bias = bool(bias)
        rows = self._gates * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (rows, self.input_size),
            "weight_hh": (rows, self.hidden_size),
        }
        self.bias_ih = self.bias_hh = None
        if bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        draw_recurrent(self, shapes, self.hidden_size, rng, dtype)

    def _weights(self) -> tuple[Any, ...]:
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh

    def _checked_input(self, input: Any) -> Numbers:
        x = numbers(type(self).__name__, "input", input)
        if x.ndim not in (1, 2) or x.shape[-1] != self.input_size:
            raise ShapeError(
                f"{self.describe()}: expected an input of shape (N, {self.input_size}) or ({self.input_size},), got "
                f"{x.shape}; a cell takes one step, nn.{type(self).__name__.removesuffix('Cell')} a sequence"
            )
        return x

    def _state(self, x: Numbers, name: str, given: Any) -> Numbers:
        shape = (*x.shape[:-1], self.hidden_size)
        if given is None:
            return zeros_like_state(x, shape)
        state = numbers(type(self).__name__, name, given)
        if state.shape != shape:
            raise ShapeError(
                f"{self.describe()}: expected {name} of shape {shape} for an input of shape {x.shape}, got "
                f"{state.shape}"
            )
        return state

    def extra_repr(self) -> str:
        """The layer's arguments, those at their default left out as in PyTorch."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(_Cell):
    """One step of Elman's network: h' = tanh(W_ih x + b_ih + W_hh h + b_hh); see `F.rnn_tanh_cell`.

    Args:
        input_size: the length I of an input.
        hidden_size: the length H of the state.
        bias: whether there are biases.
        nonlinearity: "tanh" or "relu".
        rng: the generator of the initial values, all uniform within ±1/√hidden_size.
        dtype: of the parameters.

    Attributes:
        weight_ih: (H, I).
        weight_hh: (H, H).
        bias_ih, bias_hh: (H,), or None.

    Raises:
        ValueError: a length below 1, or another nonlinearity.
        ShapeError: called with an input or state of another shape.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> cell = nn.RNNCell(3, 4)
        >>> state = None
        >>> for x in np.ones((6, 2, 3)):  # six steps of a batch of two
        ...     state = cell(x, state)
        >>> state.shape
        (2, 4)
    """

    _gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        check_nonlinearity("RNNCell", nonlinearity)
        super().__init__(input_size, hidden_size, bias, rng=rng, dtype=dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Any:
        """(N, I) and (N, H) -> (N, H); without N, all without. The state is zero by default."""
        x = self._checked_input(input)
        step = F.rnn_tanh_cell if self.nonlinearity == "tanh" else F.rnn_relu_cell
        return step(x, self._state(x, "hx", hx), *self._weights())

    def extra_repr(self) -> str:
        """The layer's arguments, those at their default left out as in PyTorch."""
        other = "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}"
        return super().extra_repr() + other


class GRUCell(_Cell):
    """One step of a gated recurrent unit; see `F.gru_cell`.

    Args:
        input_size: the length I of an input.
        hidden_size: the length H of the state.
        bias: whether there are biases.
        rng: the generator of the initial values, all uniform within ±1/√hidden_size.
        dtype: of the parameters.

    Attributes:
        weight_ih: (3·H, I), the rows of the reset gate, the update gate and the new state.
        weight_hh: (3·H, H).
        bias_ih, bias_hh: (3·H,), or None.

    Raises:
        ValueError: a length below 1.
        ShapeError: called with an input or state of another shape.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.GRUCell(3, 4)(np.ones((2, 3)), np.zeros((2, 4))).shape
        (2, 4)
    """

    _gates = 3

    def forward(self, input: Any, hx: Any = None) -> Any:
        """(N, I) and (N, H) -> (N, H); without N, all without. The state is zero by default."""
        x = self._checked_input(input)
        return F.gru_cell(x, self._state(x, "hx", hx), *self._weights())


class LSTMCell(_Cell):
    """One step of a long short-term memory; see `F.lstm_cell`.

    Args:
        input_size: the length I of an input.
        hidden_size: the length H of the state and of the memory.
        bias: whether there are biases.
        rng: the generator of the initial values, all uniform within ±1/√hidden_size.
        dtype: of the parameters.

    Attributes:
        weight_ih: (4·H, I), the rows of the input gate, the forget gate, the candidate and the output gate.
        weight_hh: (4·H, H).
        bias_ih, bias_hh: (4·H,), or None.

    Raises:
        ValueError: a length below 1.
        ShapeError: called with an input, state or memory of another shape.
        TypeError: called with a state that is no pair.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> h, c = nn.LSTMCell(3, 4)(np.ones((2, 3)))
        >>> h.shape, c.shape
        ((2, 4), (2, 4))
    """

    _gates = 4

    def forward(self, input: Any, hx: Any = None) -> Any:
        """(N, I) and a pair of (N, H) -> a pair of (N, H): the state and the memory. Both are zero by default."""
        x = self._checked_input(input)
        h, c = (None, None) if hx is None else state_pair(self.describe(), hx)
        return F.lstm_cell(x, (self._state(x, "h", h), self._state(x, "c", c)), *self._weights())


def state_pair(layer: str, hx: Any) -> tuple[Any, Any]:
    """The state and the memory of a long short-term memory."""
    if not isinstance(hx, tuple | list) or len(hx) != 2:
        raise TypeError(f"{layer}: hx is the pair (h, c), not {type(hx).__name__}; give both")
    return hx[0], hx[1]
