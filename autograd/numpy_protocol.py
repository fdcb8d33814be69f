"""NumPy's calls on nodes: `np.exp(t)` and `np.sum(t, axis=1)` are ours; one that is not in these tables is refused."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd import functions
from autograd.node import Node
from autograd.primitives import elementwise as table
from autograd.rules import Elementwise

_UFUNCS: dict[Any, Any] = {
    getattr(np, rule.name): rule
    for rule in vars(table).values()
    if isinstance(rule, Elementwise) and isinstance(getattr(np, rule.name, None), np.ufunc)
}
_UFUNCS[np.matmul] = functions.matmul
_UFUNCS[np.true_divide] = table.divide
_UFUNCS[np.float_power] = table.power
_UFUNCS[np.positive] = operator.pos

# Of the data alone, without a derivative.
_PREDICATES = {
    np.greater,
    np.greater_equal,
    np.less,
    np.less_equal,
    np.equal,
    np.not_equal,
    np.isnan,
    np.isinf,
    np.isfinite,
    np.signbit,
    np.logical_not,
    np.logical_and,
    np.logical_or,
}

_FUNCTIONS: dict[Any, Any] = {
    getattr(np, name): getattr(functions, name)
    for name in (
        *("sum", "mean", "var", "std", "prod", "max", "min", "argmax", "argmin"),
        *("reshape", "ravel", "transpose", "swapaxes", "moveaxis", "squeeze", "expand_dims", "flip", "broadcast_to"),
        *("pad", "concatenate", "stack", "where", "clip"),
    )
}
_FUNCTIONS[np.amax], _FUNCTIONS[np.amin] = functions.max, functions.min
_FUNCTIONS[np.einsum] = functions.einsum
_FUNCTIONS[np.shape], _FUNCTIONS[np.ndim], _FUNCTIONS[np.size] = (
    operator.attrgetter(name) for name in ("shape", "ndim", "size")
)
_FUNCTIONS[np.zeros_like] = lambda x, **options: np.zeros_like(x._data, **options)
_FUNCTIONS[np.ones_like] = lambda x, **options: np.ones_like(x._data, **options)

_REDUCTIONS = {np.add: functions.sum, np.multiply: functions.prod, np.maximum: functions.max, np.minimum: functions.min}


def apply_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What `np.exp(node)` does: the primitive of that name; on comparisons, the answer for the data.

    Raises:
        TypeError: the ufunc has no primitive here, or was given an option such as `out` that a graph cannot record.
    """
    if method == "reduce" and ufunc in _REDUCTIONS:
        axis = options.pop("axis", 0)
        keepdims = options.pop("keepdims", False)
        _refuse_options(f"{ufunc.__name__}.reduce", options)
        return _REDUCTIONS[ufunc](inputs[0], axis=axis, keepdims=keepdims)
    if method != "__call__":
        raise TypeError(f"np.{ufunc.__name__}.{method} is not supported on {_kinds(inputs)}; use the operation itself")
    _refuse_options(ufunc.__name__, options)
    if ufunc in _PREDICATES:
        return ufunc(*(each._data if isinstance(each, Node) else each for each in inputs))
    if ufunc not in _UFUNCS:
        raise TypeError(_unsupported(ufunc.__name__, inputs))
    return _UFUNCS[ufunc](*inputs)


def apply_function(function: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What `np.sum(tensor, axis=1)` does: the function of that name.

    Raises:
        TypeError: NumPy's function has no counterpart here, or not with these options.
    """
    ours = _FUNCTIONS.get(function)
    if ours is None:
        raise TypeError(_unsupported(getattr(function, "__name__", str(function)), args))
    _refuse_options(
        function.__name__, {name: options[name] for name in ("out", "dtype", "where", "initial") if name in options}
    )
    renamed = {_RENAMED.get(name, name): value for name, value in options.items()}
    if function is np.pad:
        renamed = _pad_options(renamed)
        args = args[:2] if len(args) > 2 and args[2] == "constant" else args
    return ours(*args, **renamed)


_RENAMED = {"a_min": "lower", "a_max": "upper", "newshape": "shape"}


def _pad_options(options: dict[str, Any]) -> dict[str, Any]:
    if options.pop("mode", "constant") != "constant":
        raise TypeError("np.pad: only mode='constant' is recorded; build other modes from indexing and concatenate")
    if "constant_values" in options:
        options["constant_value"] = options.pop("constant_values")
    return options


def _refuse_options(name: str, options: dict[str, Any]) -> None:
    given = [option for option, value in options.items() if value is not None]
    if given:
        raise TypeError(
            f"np.{name}: {', '.join(f'{option}=' for option in given)} is not supported on nodes of a graph"
        )


def _kinds(args: tuple[Any, ...]) -> str:
    return next((type(each).__name__ for each in args if isinstance(each, Node)), "a node") + "s"


def _unsupported(name: str, args: tuple[Any, ...]) -> str:
    return (
        f"np.{name} is not supported on {_kinds(args)}. Build it from the functions in autograd, declare it with "
        f"autograd.Elementwise, or call it on `.data`, which leaves the graph"
    )
