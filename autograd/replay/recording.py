"""`record` and `replay`: from a function, or from a graph that exists, to a `Program`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from autograd.progress import with_progress
from autograd.replay.arguments import argument_names, argument_of, with_gradient
from autograd.replay.checking import check_again, traced
from autograd.replay.program import Program
from autograd.replay.writing import check_roots, refuse_what_may_vary, write_tape

Backend = Literal["numpy", "numba"]


@with_progress
def record(
    function: Callable[..., Any],
    *inputs: Any,
    wrt: Sequence[int] | None = None,
    backend: Backend = "numpy",
    check: bool = True,
) -> Program:
    """Run a function once and keep what it computed as a `Program`, which runs again on other inputs without nodes.

    The leaves that the function finds elsewhere and that require a gradient, such as the weights of a model, are read
    anew in each run. All else is recorded as it is now: shapes, the path that Python took, constants, random draws.

    Args:
        function: returns a node or a tuple of nodes; it is called with fresh leaves that hold the inputs.
        inputs: a Tensor or array of floats, a Value or number, a list or object array of Values, or an array of
            integers (labels, indices), which the function may hand to a primitive as it is.
        wrt: the numbers of the inputs to differentiate with respect to. By default the Tensors and Values that require
            a gradient; plain numbers and arrays are data.
        backend: "numpy", or "numba" for compiled loops (``pip install 'gradwalk[fast]'``).
        check: call the function a second time, on inputs that differ slightly, and compare: a path or a constant that
            changes with the inputs, or from call to call as a random draw does, would be wrong in every later run.

    Raises:
        GraphError: the second call recorded another graph (the message names the node that differs); or the result
            depends on nothing. Where Python compares recorded numbers, as `if x.data.sum() > 0:` does, the decision
            is kept, and a later run in which it would come out otherwise raises the error, with the user's line.
        DTypeError: an input is of another kind.
        ValueError: `wrt` names an input that does not exist.

    Example:
        >>> from autograd import Tensor
        >>> from autograd.replay import record
        >>> program = record(lambda x: (x * x).sum(), Tensor([1.0, 2.0], requires_grad=True))
        >>> program([3.0, 4.0])
        array(25.)
        >>> program.value_and_grad([3.0, 4.0])
        (array(25.), (array([6., 8.]),))
    """
    names = argument_names(function, len(inputs))
    arguments = [argument_of(each, name) for each, name in zip(inputs, names, strict=True)]
    if wrt is not None:
        if not all(0 <= number < len(inputs) for number in wrt):
            raise ValueError(f"record: wrt={wrt!r} names inputs that do not exist; there are {len(inputs)}, from 0 on")
        arguments = [with_gradient(each, number in wrt) for number, each in enumerate(arguments)]
    tape = traced(function, arguments)
    if check:
        check_again(function, arguments, tape)
    return Program(tape, backend=backend)


@with_progress
def replay(root: Any, *, backend: Backend = "numpy", check: bool = True) -> Program:
    """The `Program` of a graph that exists: it runs again on whatever its leaves then hold.

    Only leaves that require a gradient are read again. What was computed from constants alone was never recorded, and
    stays what it was.

    Args:
        root: the node to compute, or a tuple of them.
        backend: as in `record`.
        check: refuse a graph that may hang on the numbers it was made with: Python compared Values meanwhile, or an
            operation holds an array, such as a mask or labels. What Python read from `data` is not known; `record`
            sees it.

    Raises:
        GraphError: the graph may be another one for other numbers (see `check`); a node has a hook; or the root
            requires no gradient.

    Example:
        >>> from autograd import Value
        >>> from autograd.replay import replay
        >>> w = Value(2.0)
        >>> program = replay(w * w + 1.0)
        >>> w.data = 3.0
        >>> program.forward()
        10.0
        >>> program.backward()
        ()
        >>> w.grad
        6.0
    """
    roots = root if isinstance(root, tuple) and root else (root,)
    check_roots(roots)
    if check:
        refuse_what_may_vary(roots)
    return Program(write_tape(roots, several=isinstance(root, tuple)), backend=backend)
