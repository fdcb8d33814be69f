"""`record` and `replay`: from a function, or from a graph that exists, to a `Program`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace as changed
from numbers import Real
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd.errors import DTypeError, GraphError
from autograd.node import NO_PARAMS, is_recording, new_node
from autograd.observed import Observed, Plain, observing
from autograd.recording import enable_grad
from autograd.replay.program import Program
from autograd.replay.tape import Input, Tape
from autograd.replay.writing import check_roots, refuse_what_may_vary, write_tape
from autograd.rule import as_operand
from autograd.tensor import Tensor
from autograd.value import Value

Backend = Literal["numpy", "numba"]


class Argument(NamedTuple):
    """One argument of a function that is being recorded.

    Attributes:
        given: what the function is called with: fresh leaves, or an array of integers.
        input: what the program will know of it.
        leaves: the fresh leaves.
    """

    given: Any
    input: Input
    leaves: tuple[Any, ...]


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
    names = _argument_names(function, len(inputs))
    arguments = [_argument(each, name) for each, name in zip(inputs, names, strict=True)]
    if wrt is not None:
        if not all(0 <= number < len(inputs) for number in wrt):
            raise ValueError(f"record: wrt={wrt!r} names inputs that do not exist; there are {len(inputs)}, from 0 on")
        arguments = [_with_gradient(each, number in wrt) for number, each in enumerate(arguments)]
    tape = _traced(function, arguments)
    if check:
        _check_again(function, arguments, tape)
    return Program(tape, backend=backend)


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


# ---- arguments ----------------------------------------------------------------------------------------------------


def _argument_names(function: Callable[..., Any], count: int) -> list[str]:
    if not callable(function):
        raise TypeError(f"record: takes a function of nodes, not {type(function).__name__}; give lambda x: ... itself")
    try:
        names = [
            each.name
            for each in inspect.signature(function).parameters.values()
            if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        ][:count]
    except (TypeError, ValueError):  # a builtin that does not tell
        names = []
    return names + [f"input{number}" for number in range(len(names), count)]


def _argument(given: Any, name: str) -> Argument:
    """A fresh leaf, or several, that hold what was given; all are recorded, whether or not a gradient is wanted."""
    if isinstance(given, Value | Real) and not isinstance(given, bool):
        differentiable = isinstance(given, Value) and given.requires_grad
        leaf: Any = Value(given._data if isinstance(given, Value) else given, label=name)
        return Argument(leaf, Input(name, "value", (), np.dtype(float), differentiable=differentiable), (leaf,))
    array = given._data if isinstance(given, Tensor) else np.asarray(as_operand(given))
    if array.dtype == object or isinstance(given, list | tuple):
        return _of_values(given, np.array(array, dtype=object), name)
    if array.dtype.kind == "f":
        leaf = Tensor(array, requires_grad=True, name=name)
        differentiable = isinstance(given, Tensor) and given.requires_grad
        return Argument(leaf, Input(name, "tensor", array.shape, array.dtype, differentiable=differentiable), (leaf,))
    if array.dtype.kind in "iub":
        least = int(array.min()) if array.size else 0
        return _of_integers(np.array(array), Input(name, "integers", array.shape, array.dtype, least=least))
    raise DTypeError(
        f"record: the input {name} is of dtype {array.dtype}; give Tensors, Values, lists of them, floats or integers, "
        f"and let the function find anything else for itself (a closure)"
    )


def _of_integers(array: Any, spec: Input) -> Argument:
    leaf = new_node(Tensor, array, None, (), NO_PARAMS, False)
    leaf.name = spec.name
    return Argument(Observed.of(leaf), spec, (leaf,))


def _of_values(given: Any, array: Any, name: str) -> Argument:
    leaves = np.empty(array.shape, dtype=object)
    differentiable = False
    for place, each in np.ndenumerate(array):
        if not isinstance(each, Value | Real):
            raise DTypeError(f"record: the input {name} holds a {type(each).__name__}; a list holds Values and numbers")
        differentiable = differentiable or (isinstance(each, Value) and each.requires_grad)
        leaves[place] = Value(each._data if isinstance(each, Value) else each)
    spec = Input(name, "values", array.shape, np.dtype(float), differentiable=differentiable)
    return Argument(leaves if isinstance(given, np.ndarray) else leaves.tolist(), spec, tuple(leaves.flat))


def _with_gradient(argument: Argument, wanted: bool) -> Argument:
    if wanted and argument.input.kind == "integers":
        raise DTypeError(f"record: the input {argument.input.name} holds integers, which have no derivative")
    return argument._replace(input=changed(argument.input, differentiable=wanted))


# ---- tracing ------------------------------------------------------------------------------------------------------


def _traced(function: Callable[..., Any], arguments: Sequence[Argument]) -> Tape:
    with nullcontext() if is_recording() else enable_grad(), observing() as guards:
        result = function(*(each.given for each in arguments))
    several = isinstance(result, tuple | list) and len(result) > 0
    roots = tuple(result) if several else (result,)
    return write_tape(
        roots,
        inputs=[(each.input, each.leaves) for each in arguments],
        guards=guards,
        several=several,
    )


# By how much the inputs move, relative to themselves: the first moves any number, and hardly leaves a logarithm's
# domain; the others try not to cross a threshold by which Python decides, on either side.
_VARIATIONS = (0.1, 1e-3, -1e-3, 1e-6, -1e-6)


def _check_again(function: Callable[..., Any], arguments: Sequence[Argument], first: Tape) -> None:
    """Raise `GraphError` where the function, on other inputs, does something else unguarded."""
    compared = False
    for variation in _VARIATIONS:
        second = _traced(function, [_varied(each, variation) for each in arguments])
        if _decisions(first) == _decisions(second):
            _compare(first, second)
            compared = True
            break
    try:
        opposite = _traced(function, list(map(_opposite, arguments)))
    except Exception:  # numbers outside the function's domain say nothing
        return
    if _decisions(first) == _decisions(opposite):
        _compare(first, opposite)
    elif not compared:
        raise GraphError(
            "record: every slight change of the inputs changes a decision of the recorded function, so that it cannot "
            "be checked; record it for inputs that lie less on the edge, or say check=False"
        )


def _decisions(tape: Tape) -> list[Any]:
    """How Python decided, in order. A guard of a number itself, which Python may have computed with, is none."""
    decisions = []
    for guard in tape.guards:
        rule = _rule(tape, guard.place)
        if isinstance(rule, Plain) and (guard.expected.dtype == bool or tape.kind == "value"):
            decisions.append(guard.expected.tolist())
    return decisions


def _varied(argument: Argument, variation: float) -> Argument:
    """The argument with other numbers: what is to be differentiated moves a little, and data, which may have to be 0 or
    1, or the number of a class, changes places."""
    rng = np.random.default_rng(0)
    return _with_data(argument, [_moved(leaf, argument.input, variation, rng) for leaf in argument.leaves])


def _opposite(argument: Argument) -> Argument:
    """The argument with what is to be differentiated negated, and data as it was."""
    sign = -1.0 if argument.input.differentiable else 1.0
    return _with_data(argument, [sign * leaf._data if sign < 0 else leaf._data for leaf in argument.leaves])


def _with_data(argument: Argument, data: list[Any]) -> Argument:
    """The argument with fresh leaves of other data."""
    if argument.input.kind == "integers":
        return _of_integers(data[0], argument.input)
    fresh = [_leaf_like(leaf, each) for leaf, each in zip(argument.leaves, data, strict=True)]
    if argument.input.kind != "values":
        return argument._replace(given=fresh[0], leaves=tuple(fresh))
    boxed = np.empty(len(fresh), dtype=object)
    boxed[:] = fresh
    boxed = boxed.reshape(argument.input.shape)
    given = boxed if isinstance(argument.given, np.ndarray) else boxed.tolist()
    return argument._replace(given=given, leaves=tuple(fresh))


def _moved(leaf: Any, spec: Input, variation: float, rng: np.random.Generator) -> Any:
    data = leaf._data
    if spec.kind == "integers":
        span = int(data.max()) - spec.least + 1 if data.size else 1
        return (spec.least + (np.arange(data.size) + 1) % span).reshape(data.shape).astype(data.dtype)
    if not spec.differentiable and spec.kind == "tensor":
        return data.reshape(-1)[::-1].reshape(data.shape)
    amount = variation * rng.uniform(0.5, 1.0, size=np.shape(data))
    return data * (1.0 + amount) + np.where(data == 0, np.abs(amount), 0.0)


def _leaf_like(leaf: Any, data: Any) -> Any:
    if isinstance(leaf, Value):
        return Value(float(data), label=leaf.name)
    return Tensor(np.asarray(data, dtype=leaf.dtype), requires_grad=True, name=leaf.name)


def _compare(first: Tape, second: Tape) -> None:
    """Raise `GraphError` where two recordings of one function are not the same program."""
    if len(first) != len(second):
        raise GraphError(
            f"record: the function recorded {len(first)} nodes for these inputs and {len(second)} for slightly "
            f"different ones, so what it does depends on their numbers, and a program could not follow. Choose with "
            f"where, maximum or relu, which choose anew in each run"
        )
    arguments = first.arguments_of_each(), second.arguments_of_each()
    for place in range(len(first)):
        same = arguments[0][place] == arguments[1][place]
        difference = _difference(first, second, place) if same else "had other arguments"
        if difference:
            raise GraphError(
                f"record: {first.label(place)} {difference} when the function ran again on slightly different inputs. "
                f"It was computed outside the graph from their numbers, or drawn at random, and would stay the same in "
                f"every later run. Compute it from nodes, make it an input, or say check=False if it shall stay"
            )


def _difference(first: Tape, second: Tape, place: int) -> str:
    if _rule(first, place) != _rule(second, place):
        return f"became {second.label(place)}"
    if not _same(first.constants.get(place), second.constants.get(place)):
        return "held another constant"
    if first.leaves.get(place) is not second.leaves.get(place):
        return "was a leaf made anew"
    if first.shapes and first.shapes[place] != second.shapes[place]:
        return f"had the shape {second.shapes[place]} instead of {first.shapes[place]}"
    own, other = first.params.get(place, {}), second.params.get(place, {})
    for name in own.keys() | other.keys():
        if not _same(own.get(name), other.get(name)):
            return f"had another parameter {name!r}"
    return ""


def _rule(tape: Tape, place: int) -> Any:
    code = int(tape.codes[place])
    return tape.rules[code] if code >= 0 else code


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.shape(a) == np.shape(b) and bool(np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f"))
    if a.__class__ is tuple and b.__class__ is tuple:
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b) or (a != a and b != b)
