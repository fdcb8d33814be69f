"""One step of a recurrent network: from an input and a state to the next state. None has a backward of its own."""

from __future__ import annotations

from typing import Any

import autograd
from autograd import ShapeError, composed
from nn.functional.activations import linear
from nn.functional.arguments import Numbers, check_one_kind, numbers


@composed
def rnn_tanh_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Numbers:
    """One step of Elman's network.

    h' = tanh(W_ih x + b_ih + W_hh h + b_hh)

    Args:
        input: x, (N, I), or (I,) without a batch: Tensor, array of floats, or nested list of Values.
        hx: the state h, (N, H) or (H,).
        w_ih: (H, I).
        w_hh: (H, H).
        b_ih: (H,).
        b_hh: (H,).

    Returns:
        The next state, (N, H) or (H,), which is the output too.

    Raises:
        ShapeError: the axes do not fit.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.

    Source: J. L. Elman, "Finding structure in time" (1990).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.rnn_tanh_cell(Tensor([1.0]), Tensor([0.0]), [[2.0]], [[1.0]]).data.round(6)
        array([0.964028])
    """
    from_input, from_state, _ = _affine("rnn_tanh_cell", 1, input, hx, w_ih, w_hh, b_ih, b_hh)
    return autograd.tanh(from_input + from_state)


@composed
def rnn_relu_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Numbers:
    """One step of Elman's network with relu in the place of tanh.

    h' = max(W_ih x + b_ih + W_hh h + b_hh, 0)

    The arguments, result and errors are those of `rnn_tanh_cell`.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.rnn_relu_cell(Tensor([1.0]), Tensor([3.0]), [[2.0]], [[1.0]])
        Tensor([5.])
    """
    from_input, from_state, _ = _affine("rnn_relu_cell", 1, input, hx, w_ih, w_hh, b_ih, b_hh)
    return autograd.relu(from_input + from_state)


@composed
def gru_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Numbers:
    """One step of a gated recurrent unit.

    r = σ(W_ir x + b_ir + W_hr h + b_hr)        the reset gate
    z = σ(W_iz x + b_iz + W_hz h + b_hz)        the update gate
    n = tanh(W_in x + b_in + r·(W_hn h + b_hn)) the new state
    h' = (1 - z)·n + z·h

    The rows of the weights and biases are those of r, z and n, in this order. As in PyTorch, the reset gate multiplies
    W_hn h + b_hn; in the paper it multiplies h.

    Args:
        input: x, (N, I), or (I,) without a batch.
        hx: the state h, (N, H) or (H,).
        w_ih: (3·H, I).
        w_hh: (3·H, H).
        b_ih: (3·H,).
        b_hh: (3·H,).

    Returns:
        The next state, (N, H) or (H,), which is the output too.

    Raises:
        ShapeError: the axes do not fit.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.

    Source: K. Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.gru_cell(Tensor([1.0]), Tensor([4.0]), [[0.0], [0.0], [0.0]], [[0.0], [0.0], [0.0]])
        Tensor([2.])
    """
    from_input, from_state, h = _affine("gru_cell", 3, input, hx, w_ih, w_hh, b_ih, b_hh)
    input_r, input_z, input_n = _parts(from_input, 3)
    state_r, state_z, state_n = _parts(from_state, 3)
    reset = autograd.sigmoid(input_r + state_r)
    update = autograd.sigmoid(input_z + state_z)
    new = autograd.tanh(input_n + reset * state_n)
    return (1.0 - update) * new + update * h


@composed
def lstm_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> tuple[Numbers, Numbers]:
    """One step of a long short-term memory.

    i = σ(W_ii x + b_ii + W_hi h + b_hi)    the input gate
    f = σ(W_if x + b_if + W_hf h + b_hf)    the forget gate
    g = tanh(W_ig x + b_ig + W_hg h + b_hg) what may be remembered
    o = σ(W_io x + b_io + W_ho h + b_ho)    the output gate
    c' = f·c + i·g
    h' = o·tanh(c')

    The rows of the weights and biases are those of i, f, g and o, in this order.

    Args:
        input: x, (N, I), or (I,) without a batch.
        hx: the pair of the state h, (N, P) or (P,), and the memory c, (N, H) or (H,); P is H unless the state is a
            projection of o·tanh(c').
        w_ih: (4·H, I).
        w_hh: (4·H, P).
        b_ih: (4·H,).
        b_hh: (4·H,).

    Returns:
        The next state, which is the output too, and the next memory, both (N, H) or (H,).

    Raises:
        ShapeError: the axes do not fit.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.
        TypeError: `hx` is no pair.

    Source: S. Hochreiter and J. Schmidhuber, "Long short-term memory" (1997); the forget gate is of F. A. Gers et al.
    (2000).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> zeros = [[0.0]] * 4
        >>> h, c = F.lstm_cell(Tensor([1.0]), (Tensor([0.0]), Tensor([4.0])), zeros, zeros)
        >>> h.data.round(6), c.data
        (array([0.482014]), array([2.]))
    """
    if not isinstance(hx, tuple | list) or len(hx) != 2:
        raise TypeError(f"lstm_cell: hx is the pair (h, c), not {type(hx).__name__}; give both")
    c = numbers("lstm_cell", "c", hx[1])
    from_input, from_state, _ = _affine("lstm_cell", 4, input, hx[0], w_ih, w_hh, b_ih, b_hh, c)
    input_gate, forget_gate, candidate, output_gate = _parts(from_input + from_state, 4)
    kept = autograd.sigmoid(forget_gate) * c
    memory = kept + autograd.sigmoid(input_gate) * autograd.tanh(candidate)
    return autograd.sigmoid(output_gate) * autograd.tanh(memory), memory


def _affine(
    function: str, parts: int, input: Any, state: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, memory: Any = None
) -> tuple[Numbers, Numbers, Numbers]:
    """W_ih x + b_ih, W_hh h + b_hh, and h."""
    x, h = numbers(function, "input", input), numbers(function, "hx", state)
    weights = numbers(function, "w_ih", w_ih), numbers(function, "w_hh", w_hh)
    given = {"b_ih": b_ih, "b_hh": b_hh}
    biases = [None if b is None else numbers(function, name, b) for name, b in given.items()]
    check_one_kind(function, input=x, hx=h, w_ih=weights[0], w_hh=weights[1], b_ih=biases[0], b_hh=biases[1], c=memory)
    _check_shapes(function, parts, x, h, weights, biases, memory)
    return linear(x, weights[0], biases[0]), linear(h, weights[1], biases[1]), h


def _check_shapes(
    function: str, parts: int, x: Numbers, h: Numbers, weights: Any, biases: list[Numbers | None], memory: Any
) -> None:
    if x.ndim not in (1, 2) or h.ndim != x.ndim or h.shape[:-1] != x.shape[:-1]:
        raise ShapeError(
            f"{function}: input of shape {x.shape} and state of shape {h.shape} must be (N, I) and (N, H), of one "
            f"N, or (I,) and (H,)"
        )
    rows = weights[0].shape[0] if weights[0].ndim else 0
    hidden = rows // parts
    expected = ((parts * hidden, x.shape[-1]), (parts * hidden, h.shape[-1]))
    state = h if memory is None else memory
    if (weights[0].shape, weights[1].shape) != expected or state.shape != (*x.shape[:-1], hidden):
        times = "" if parts == 1 else f"{parts}·"
        described = f"state of shape {h.shape}" if memory is None else f"h of shape {h.shape}, c of shape {state.shape}"
        raise ShapeError(
            f"{function}: w_ih of shape {weights[0].shape} and w_hh of shape {weights[1].shape} must be ({times}H, I) "
            f"and ({times}H, H), for an input of shape {x.shape} and a {described}"
        )
    for name, b in zip(("b_ih", "b_hh"), biases, strict=True):
        if b is not None and b.shape != (rows,):
            raise ShapeError(
                f"{function}: {name} must have shape ({rows},), one number for each row of the weights, not {b.shape}"
            )


def _parts(x: Numbers, count: int) -> list[Numbers]:
    """The last axis in equal parts, one for each gate."""
    length = x.shape[-1] // count
    return [x[..., part * length : (part + 1) * length] for part in range(count)]
