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

from autograd.errors import DTypeError, GraphError, ShapeError
from autograd.node import Node, check_unchanged, is_recording, topological_order
from autograd.primitives.elementwise import identity
from autograd.primitives.structural import cast
from autograd.recording import enable_grad
from autograd.rule import array_arithmetic
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


# ---- the two walks ------------------------------------------------------------------------------------------------


def _between(root: Any, variables: Sequence[Any]) -> list[Any]:
    """The nodes that the root's gradient passes through on its way to the variables, the root first."""
    if not root.requires_grad or not variables:
        return []
    oldest = min(variable._id for variable in variables)
    ends = {variable._id for variable in variables}
    order = [node for node in topological_order(root) if node._id >= oldest]
    if order:
        check_unchanged(order)
    return [node for node in order if node.rule is not None and node._id not in ends]


def _must_record(order: Sequence[Any], variables: Sequence[Any], seeds: Sequence[Any]) -> bool:
    """True where an outer derivative passes through: through a variable, a node from outside, or a seed."""
    if not is_recording():
        return False
    known = {node._id for node in order} | {variable._id for variable in variables}
    outside = any(p.requires_grad and p._id not in known for node in order for p in node.parents)
    return (
        outside
        or any(isinstance(x, Node) and (x.rule is not None or x.requires_grad) for x in seeds)
        or any(variable.rule is not None for variable in variables)
    )


@array_arithmetic
def _pull_back(root: Any, gradient: Any, variables: Sequence[Any], name: str) -> list[Any]:
    """d(root)/d(variable) for each variable, as numbers, or as nodes where an outer derivative needs them."""
    order = _between(root, variables)
    recording = _must_record(order, variables, [gradient])
    gradients: dict[int, Any] = {root._id: _seed(root, gradient, recording)}
    for node in order:
        upstream = gradients.pop(node._id, None)
        if upstream is None:
            continue
        received = _recorded_contributions(node, upstream) if recording else node._contributions(upstream)
        for parent, contribution in zip(node.parents, received, strict=True):
            if contribution is not None and parent.requires_grad:
                contribution = _conformed(contribution, parent)
                earlier = gradients.get(parent._id)
                gradients[parent._id] = contribution if earlier is None else earlier + contribution
    return [gradients.get(variable._id, _zero(variable)) for variable in variables]


@array_arithmetic
def _push_forward(root: Any, variables: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The root's tangent, from the variables' tangents."""
    order = _between(root, variables)
    recording = _must_record(order, variables, tangents)
    known: dict[int, Any] = {
        variable._id: _seed(variable, tangent, recording) for variable, tangent in zip(variables, tangents, strict=True)
    }
    for node in reversed(order):
        own = [known.get(parent._id) for parent in node.parents]
        if all(tangent is None for tangent in own):
            continue
        tangent = node.rule.jvp(own, node, node.parents, node.params) if recording else node._tangent(own)
        known[node._id] = _conformed(tangent, node)
    return known.get(root._id, _zero(root))


def _zero(node: Any) -> Any:
    return 0.0 if isinstance(node, Value) else np.zeros_like(node._data)


def _recorded_contributions(node: Any, upstream: Any) -> list[Any]:
    needed = [parent.requires_grad for parent in node.parents]
    contributions = node.rule.contributions(upstream, node, node.parents, needed, node.params)
    if isinstance(node, Value) and upstream._data == 0.0:  # what received nothing hands on nothing
        contributions = [0.0 * upstream if c is not None and c._data != c._data else c for c in contributions]
    return contributions  # type: ignore[no-any-return]


def _seed(node: Any, gradient: Any, recording: bool) -> Any:
    if isinstance(gradient, Node):
        if np.shape(gradient._data) != np.shape(node._data):
            raise ShapeError(
                f"a gradient of shape {np.shape(gradient._data)} was given for {node.describe()}, of shape "
                f"{np.shape(node._data)}"
            )
        return gradient if recording else gradient._data
    numbers = node._seed(gradient)
    if not recording:
        return numbers
    return Value(numbers, requires_grad=False) if isinstance(node, Value) else constant(numbers)


def _conformed(derivative: Any, node: Any) -> Any:
    """A derivative with the shape and dtype of the node it belongs to."""
    if isinstance(node, Value):
        return derivative
    if not isinstance(derivative, Tensor):
        derivative = np.asarray(derivative)
    if derivative.shape != node.shape:
        raise ShapeError(
            f"a derivative of shape {derivative.shape} reached {node.describe()} of shape {node.shape}; the rule "
            f"of the operation that made or uses it is wrong"
        )
    if derivative.dtype == node.dtype:
        return derivative
    return cast(derivative, dtype=node.dtype) if isinstance(derivative, Tensor) else derivative.astype(node.dtype)


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
        found = _pull_back(root, None, variables, "grad")
        gradients = tuple(_like(each, args[place]) for each, place in zip(found, places, strict=True))
        value = _plain(root if _outer(root, variables) else root.detach(), args)
        _retire(variables)
        return value, gradients[0] if isinstance(argnums, int) else gradients

    return derivative


def _outer(root: Any, variables: Sequence[Any]) -> bool:
    """True where the root stays differentiable outside the transform."""
    return _must_record(_between(root, variables), variables, [])


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
        found = _pull_back(root, gradient, variables, "vjp")
        _retire(variables)
        return tuple(_like(each, arg) for each, arg in zip(found, args, strict=True))

    value = _plain(root if _outer(root, variables) else root.detach(), args)
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
    tangent = _push_forward(root, variables, tangents)
    value = _plain(root if _outer(root, variables) else root.detach(), primals)
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

    @wraps(function)
    def derivative(*args: Any, **options: Any) -> Any:
        root, variables = _run(function, args, (argnums,), "jacobian", options)
        if isinstance(root, Value):
            (slope,) = _pull_back(root, None, variables, "jacobian")
            _retire(variables)
            return _like(slope, args[argnums])
        rows = []
        for place in np.ndindex(*root.shape):
            one = np.zeros(root.shape, root.dtype)
            one[place] = 1.0
            rows.append(_pull_back(root, one, variables, "jacobian")[0])
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
    return jacobian(grad(function, argnums), argnums)


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
