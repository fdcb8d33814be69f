"""The arguments of a function that is recorded: fresh leaves in the place of what was given."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace as changed
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import DTypeError
from autograd.node import NO_PARAMS, new_node
from autograd.observed import Observed
from autograd.replay.tape import Input
from autograd.rule import as_operand
from autograd.tensor import Tensor
from autograd.value import Value


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


def argument_names(function: Callable[..., Any], count: int) -> list[str]:
    """The function's own names for its first arguments."""
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


def argument_of(given: Any, name: str) -> Argument:
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
        return of_integers(np.array(array), Input(name, "integers", array.shape, array.dtype, least=least))
    raise DTypeError(
        f"record: the input {name} is of dtype {array.dtype}; give Tensors, Values, lists of them, floats or integers, "
        f"and let the function find anything else for itself (a closure)"
    )


def of_integers(array: Any, spec: Input) -> Argument:
    """An argument that holds integers, which the function sees observed."""
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


def with_gradient(argument: Argument, wanted: bool) -> Argument:
    """The argument, differentiated or not as is wanted."""
    if wanted and argument.input.kind == "integers":
        raise DTypeError(f"record: the input {argument.input.name} holds integers, which have no derivative")
    return argument._replace(input=changed(argument.input, differentiable=wanted))
