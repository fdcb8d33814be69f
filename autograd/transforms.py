"""Derivatives as functions of functions: `grad`, `vjp`, `jvp`, `jacobian`, `hessian`, `hvp`, nested to any order.

Each runs the function once on fresh variables and walks the graph that was recorded: backwards with gradients, or
forwards with tangents. Where the result must itself be differentiable, because an outer transform is at work, the walk
computes with nodes instead of numbers, so that it records the graph of the derivative.

Arguments may be Python floats, arrays, `Tensor`s and `Value`s. A derivative has its argument's kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import wraps
from typing import Any

import numpy as np

from autograd.errors import DTypeError, GraphError
from autograd.node import Node, is_recording
from autograd.passes import pull_back, push_forward, stays_differentiable
from autograd.primitives.elementwise import identity
from autograd.progress import Progress
from autograd.recording import enable_grad
from autograd.tensor import Tensor, constant
from autograd.value import Value

Function = Callable[..., Any]


# ---- variables ----------------------------------------------------------------------------------------------------


def _variable(x: Any, name: str) -> Any:
    """A fresh node for an argument: a node of its own even where an outer graph goes through x."""
    if isinstance(x, Node):
        if x.requires_grad and is_recording():
            return identity(x)
        kind: Any = type(x)
        return kind(x._data, requires_grad=True)
    if isinstance(x, np.ndarray | float | np.floating):
        try:
            return Tensor(x, requires_grad=True)
        except DTypeError as error:
            raise DTypeError(f"{name}: {error}") from None
    raise DTypeError(
        f"{name}: differentiates with respect to floats, arrays of floats, Tensors and Values, not {type(x).__name__}"
    )


def _as_node(result: Any, name: str) -> Any:
    if isinstance(result, Node):
        return result
    if isinstance(result, int | float | np.number) or (isinstance(result, np.ndarray) and result.dtype.kind in "fiub"):
        return constant(np.asarray(result, dtype=float))
    raise DTypeError(f"{name}: the function must return one Tensor, Value or number, not {type(result).__name__}")


def _like(result: Any, argument: Any) -> Any:
    """A derivative in its argument's kind; a node where it must stay differentiable or the argument was a node."""
    if isinstance(result, Node) and result.requires_grad:
        return result
    numbers = result._data if isinstance(result, Node) else result
    if isinstance(argument, Value):
        return Value(numbers, requires_grad=False)
    if isinstance(argument, Tensor):
        return constant(numbers)
    return float(numbers) if isinstance(argument, float) and np.ndim(numbers) == 0 else np.array(numbers)


def _retire(variables: Sequence[Any]) -> None:
    """Take a finished transform's own leaves out of the graph, so that an outer walk passes them by."""
    for variable in variables:
        if variable.rule is None:
            variable.requires_grad = False


def _plain(node: Any, arguments: Sequence[Any]) -> Any:
    """A function's value: a node if an argument was one or an outer transform needs it, else numbers."""
    if node.requires_grad or any(isinstance(each, Node) for each in arguments):
        return node
    return node._data if node._data.__class__ is float or node._data.ndim else float(node._data)


def _run(
    function: Function, args: Sequence[Any], places: Sequence[int], name: str, options: dict[str, Any] | None = None
) -> tuple[Any, list[Any]]:
    """The function's result on arguments of which those at `places` are fresh variables.

    It records even inside `no_grad`, which then says only that the derivative itself needs no graph.
    """
    full = list(args)
    for place in places:
        if not -len(args) <= place < len(args):
            raise ValueError(f"{name}: argnums names argument {place}, but {len(args)} positional arguments were given")
        full[place] = _variable(args[place], name)
    with nullcontext() if is_recording() else enable_grad():
        result = function(*full, **(options or {}))
    return _as_node(result, name), [full[place] for place in places]


def _require_function(function: Any, name: str) -> None:
    if not callable(function):
        raise TypeError(f"{name}: takes a function of nodes, not {type(function).__name__}; give lambda x: ... itself")


# ---- first derivatives --------------------------------------------------------------------------------------------


def value_and_grad(function: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that returns f's value and its gradient.

    Args:
        function: returns one number: a Value, or a Tensor of one element.
        argnums: which positional arguments to differentiate with respect to; several give a tuple of gradients.

    Raises:
        GraphError: the function returned more than one number.

    Example:
        >>> value_and_grad(lambda x: x**3)(2.0)
        (8.0, 12.0)
    """
    _require_function(function, "grad")
    places = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    @wraps(function)
    def derivative(*args: Any, **options: Any) -> tuple[Any, Any]:
        root, variables = _run(function, args, places, "grad", options)
        if np.size(root._data) != 1:
            raise GraphError(
                f"grad: the function returned shape {np.shape(root._data)}; a gradient belongs to one number. Reduce "
                f"it with .sum() or .mean(), or use jacobian or vjp"
            )
        found = pull_back(root, None, variables)
        gradients = tuple(_like(each, args[place]) for each, place in zip(found, places, strict=True))
        value = _plain(root if stays_differentiable(root, variables) else root.detach(), args)
        _retire(variables)
        return value, gradients[0] if isinstance(argnums, int) else gradients

    return derivative


def grad(function: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that returns the gradient of f; see `value_and_grad`.

    Example:
        >>> grad(lambda x: x**3)(2.0), grad(grad(lambda x: x**3))(2.0)
        (12.0, 12.0)
    """
    both = value_and_grad(function, argnums)

    @wraps(function)
    def gradient(*args: Any, **options: Any) -> Any:
        return both(*args, **options)[1]

    return gradient


def vjp(function: Function, *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """f's value, and the function u -> uᵀJ for each argument: reverse mode.

    Returns:
        (value, pullback), where pullback takes an upstream gradient of the value's shape and returns one gradient for
        each argument.

    Raises:
        ShapeError: the upstream gradient has not the value's shape.

    Example:
        >>> import numpy as np
        >>> value, pullback = vjp(lambda x: x * x, np.array([1.0, 2.0]))
        >>> pullback(np.array([1.0, 10.0]))
        (array([ 2., 40.]),)
    """
    root, variables = _run(function, args, range(len(args)), "vjp")

    def pullback(gradient: Any) -> tuple[Any, ...]:
        for variable in variables:
            variable.requires_grad = True
        found = pull_back(root, gradient, variables)
        _retire(variables)
        return tuple(_like(each, arg) for each, arg in zip(found, args, strict=True))

    value = _plain(root if stays_differentiable(root, variables) else root.detach(), args)
    _retire(variables)
    return value, pullback


def jvp(function: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """f's value, and J v: the directional derivative, forward mode.

    Args:
        primals: f's arguments.
        tangents: a direction for each, of its shape.

    Raises:
        ShapeError: a tangent has not its argument's shape.
        ValueError: there are not as many tangents as arguments.

    Example:
        >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
        (6.0, 23.0)
    """
    if len(primals) != len(tangents):
        raise ValueError(
            f"jvp: {len(primals)} arguments but {len(tangents)} tangents; give one direction for each argument"
        )
    root, variables = _run(function, primals, range(len(primals)), "jvp")
    tangent = push_forward(root, variables, tangents)
    value = _plain(root if stays_differentiable(root, variables) else root.detach(), primals)
    _retire(variables)
    return value, _like(tangent, value)


# ---- matrices of derivatives --------------------------------------------------------------------------------------


def jacobian(function: Function, argnums: int = 0) -> Function:
    """A function that returns every derivative of every element of f's value: shape (*value.shape, *argument.shape).

    One reverse pass for each element of the value.

    Example:
        >>> import numpy as np
        >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
        array([[2., 0.],
               [0., 4.]])
    """
    _require_function(function, "jacobian")
    return _rows(function, argnums, "jacobian")


def _rows(function: Function, argnums: int, name: str) -> Function:
    @wraps(function)
    def derivative(*args: Any, **options: Any) -> Any:
        root, variables = _run(function, args, (argnums,), name, options)
        if isinstance(root, Value):
            (slope,) = pull_back(root, None, variables)
            _retire(variables)
            return _like(slope, args[argnums])
        rows = []
        with Progress(name, total=root.size) as told:
            for place in np.ndindex(*root.shape):
                told.step("row")
                one = np.zeros(root.shape, root.dtype)
                one[place] = 1.0
                rows.append(pull_back(root, one, variables)[0])
        _retire(variables)
        shape = (*root.shape, *np.shape(args[argnums] if not isinstance(args[argnums], Node) else args[argnums]._data))
        return _like(_stacked(rows, shape, root.dtype), args[argnums])

    return derivative


def _stacked(rows: list[Any], shape: tuple[int, ...], dtype: Any) -> Any:
    if not rows:
        return np.zeros(shape, dtype)
    if isinstance(rows[0], Value):
        raise DTypeError("jacobian: a function of a Value returns one Value")
    return np.stack(rows).reshape(shape)


def hessian(function: Function, argnums: int = 0) -> Function:
    """A function that returns the second derivatives of a scalar f: shape (*argument.shape, *argument.shape).

    Example:
        >>> import numpy as np
        >>> hessian(lambda x: (x * x * x).sum())(np.array([1.0, 2.0]))
        array([[ 6.,  0.],
               [ 0., 12.]])
    """
    _require_function(function, "hessian")
    return _rows(grad(function, argnums), argnums, "hessian")


def hvp(function: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """H v for a scalar f of one or more arguments, forward mode over reverse mode: the Hessian is never built.

    Returns:
        one array for a single argument, else a tuple.

    Example:
        >>> import numpy as np
        >>> hvp(lambda x: (x * x * x).sum(), (np.array([1.0, 2.0]),), (np.array([1.0, 10.0]),))
        array([  6., 120.])
    """
    places = range(len(primals))
    products = tuple(jvp(grad(function, place), primals, tangents)[1] for place in places)
    return products[0] if len(products) == 1 else products
