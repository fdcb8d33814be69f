"""A program as straight-line Python that a learner can read, run and change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograd.errors import GraphError
from autograd.replay.source.helpers import helpers_for
from autograd.replay.source.layout import laid_out
from autograd.replay.source.variables import Variables
from autograd.replay.source.writer import Writer
from autograd.replay.tape import Tape

__all__ = ["Source", "to_source"]

MOST_STEPS = 5000


class Source(str):
    """The text of a program, with what is too large to stand in it.

    Attributes:
        leaves: the data of the captured leaves now, under the names that ``forward`` takes them by.
        arrays: the constants that are too large to print; ``forward`` takes the dict, if there are any.
        functions: what a primitive without a text of its own does; ``forward`` and ``backward`` take the dict, if any.
    """

    leaves: Mapping[str, Any]
    arrays: Mapping[str, Any]
    functions: Mapping[str, Callable[..., Any]]


def to_source(tape: Tape, *, most_steps: int = MOST_STEPS) -> Source:
    """The program written out: ``forward`` line by line, ``backward`` as the chain rule, line by line.

    The text runs by itself, with no import but NumPy's and Python's `math`. ``forward(inputs, leaves)`` returns the
    outputs and what ``backward`` needs of them; ``backward(saved, d_output)`` returns the gradients by name. A variable
    has its node's name, or its operation's and a number; its gradient has ``d_`` before that. Of a tape of Values the
    text computes with Python's floats, and products that are only added up stand in the line of their sum.

    The text does the plain products of the chain rule: 0·inf is NaN in it, where a program hands on nothing; and of
    Values a division by zero or a logarithm of zero is an error, as in Python. What Python decided by while it was
    recorded is asserted to come out the same.

    A primitive of the user's own, which has no text here, is called: ``functions["cube"](x)``. ``source.functions`` has
    it, as ``source.leaves`` and ``source.arrays`` have the weights and the large constants.

    Args:
        tape: the recorded graph; `Program.to_source` hands it on.
        most_steps: refuse a longer tape, since nobody reads so many lines.

    Raises:
        GraphError: the tape has more steps.

    Example:
        >>> from autograd import Tensor
        >>> from autograd.replay import record
        >>> w = Tensor([2.0, 3.0], requires_grad=True, name="w")
        >>> source = record(lambda x: ((w * x).tanh() * w).sum(), Tensor([1.0, 1.0])).to_source()
        >>> print(source)
        import numpy as np
        <BLANKLINE>
        <BLANKLINE>
        def forward(x, w):
            x = np.asarray(x, dtype=np.float64)  # (2,)
            w = np.asarray(w, dtype=np.float64)  # (2,)
            multiply_1 = w * x
            tanh_1 = np.tanh(multiply_1)
            multiply_2 = tanh_1 * w
            sum_1 = multiply_2.sum()  # (2,) -> ()
            saved = x, w, tanh_1
            return sum_1, saved
        <BLANKLINE>
        <BLANKLINE>
        def backward(saved, d_sum_1=1.0):
            x, w, tanh_1 = saved
            d_sum_1 = np.asarray(d_sum_1, dtype=np.float64)  # ()
            # sum_1 = multiply_2.sum()
            d_multiply_2 = np.broadcast_to(d_sum_1, (2,))  # () -> (2,)
            # multiply_2 = tanh_1 * w
            d_tanh_1 = d_multiply_2 * w
            d_w = d_multiply_2 * tanh_1
            # tanh_1 = np.tanh(multiply_1)
            d_multiply_1 = d_tanh_1 * (1 - tanh_1 ** 2)
            # multiply_1 = w * x
            d_w = d_w + d_multiply_1 * x
            return {"w": d_w}
        <BLANKLINE>
        >>> namespace = {}
        >>> exec(source, namespace)
        >>> output, saved = namespace["forward"]([1.0, 1.0], **source.leaves)
        >>> namespace["backward"](saved)["w"].round(4)
        array([1.1053, 1.0247])
    """
    steps = int((tape.codes >= 0).sum())
    if steps > most_steps:
        raise GraphError(
            f"to_source: the program has {steps:,} operations, a line for each, and most_steps={most_steps:,} allows "
            f"no more; record one sample instead of a batch of Values, or take Tensors"
        )
    variables = Variables(tape)
    writer = Writer(tape, variables)
    body = laid_out(writer.forward()) + "\n\n" + laid_out(writer.backward())
    helpers = helpers_for(body, scalars=tape.kind == "value")
    imports = "".join(
        f"import {module}\n"
        for module, used in (("math", "math."), ("numpy as np", "np."))
        if used in body or used in helpers
    )
    text = "\n\n".join(part for part in (imports, helpers and helpers[1:], body) if part)
    source = Source(text)
    source.leaves = variables.leaf_data()
    source.arrays = variables.arrays
    source.functions = writer.functions
    return source
