"""NumPy's calls on nodes: `np.exp(t)` and `np.sum(t, axis=1)` are ours; one that is not in these tables is refused."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd import functions
from autograd.node import Node
from autograd.primitives import elementwise, rounding
from autograd.rules import Elementwise

_UFUNCS: dict[Any, Any] = {
    getattr(np, rule.name): rule
    for table in (elementwise, rounding)
    for rule in vars(table).values()
    if isinstance(rule, Elementwise) and isinstance(getattr(np, rule.name, None), np.ufunc)
}
_UFUNCS[np.matmul] = functions.matmul
_UFUNCS[np.true_divide] = elementwise.divide
_UFUNCS[np.float_power] = elementwise.power
_UFUNCS[np.positive] = operator.pos
_UFUNCS[np.rint] = rounding.round_

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
        *("pad", "concatenate", "stack", "where", "clip", "tile", "repeat", "roll", "split", "nan_to_num", "round"),
        *("cumsum", "cumprod", "sort", "argsort", "take_along_axis", "dot", "outer", "tensordot"),
        *("diag", "diagonal", "trace", "tril", "triu"),
    )
}
_FUNCTIONS |= {getattr(np.linalg, name): getattr(functions.linalg, name) for name in ("norm", "inv", "solve", "det")}
_FUNCTIONS |= {getattr(np.linalg, name): getattr(functions.linalg, name) for name in ("slogdet", "cholesky")}
_FUNCTIONS[np.amax], _FUNCTIONS[np.amin] = functions.max, functions.min
_FUNCTIONS[np.einsum] = functions.einsum
_FUNCTIONS[np.shape], _FUNCTIONS[np.ndim], _FUNCTIONS[np.size] = (
    operator.attrgetter(name) for name in ("shape", "ndim", "size")
)
_FUNCTIONS[np.zeros_like] = lambda x, **options: np.zeros_like(x._data, **options)
_FUNCTIONS[np.ones_like] = lambda x, **options: np.ones_like(x._data, **options)

_FUNCTIONS[np.around] = functions.round

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
        raise TypeError(_unsupported(_full_name(function), args))
    if function is np.where and len(args) != 3:
        raise TypeError("np.where: takes a condition and two branches here; for the places that hold, ask the data")
    if function not in _POSITIONAL:
        return ours(*args, **options)
    options = {**dict(zip(_POSITIONAL[function], args[1:], strict=False)), **options}
    options = {_RENAMED.get(name, name): value for name, value in options.items() if value is not np._NoValue}
    if function is np.pad and options.pop("mode", "constant") != "constant":
        raise TypeError("np.pad: only mode='constant' is recorded; build other modes from indexing and concatenate")
    known = _OURS[function]
    _refuse_options(function.__name__, {name: value for name, value in options.items() if name not in known})
    return ours(args[0], **{name: value for name, value in options.items() if name in known})


# NumPy's own order of the arguments after the first, where it is not ours.
_POSITIONAL: dict[Any, tuple[str, ...]] = {
    **dict.fromkeys((np.sum, np.prod), ("axis", "dtype", "out", "keepdims", "initial", "where")),
    **dict.fromkeys((np.max, np.min, np.amax, np.amin), ("axis", "out", "keepdims", "initial", "where")),
    **dict.fromkeys((np.argmax, np.argmin), ("axis", "out", "keepdims")),
    **dict.fromkeys((np.var, np.std), ("axis", "dtype", "out", "ddof", "keepdims", "where", "mean", "correction")),
    np.mean: ("axis", "dtype", "out", "keepdims", "where"),
    **dict.fromkeys((np.concatenate, np.stack), ("axis", "out", "dtype", "casting")),
    np.clip: ("a_min", "a_max", "out"),
    np.pad: ("pad_width", "mode", "constant_values"),
    np.reshape: ("shape", "order", "newshape", "copy"),
    np.ravel: ("order",),
    **dict.fromkeys((np.cumsum, np.cumprod), ("axis", "dtype", "out")),
    **dict.fromkeys((np.sort, np.argsort), ("axis", "kind", "order", "stable")),
    **dict.fromkeys((np.round, np.around), ("decimals", "out")),
    np.nan_to_num: ("copy", "nan", "posinf", "neginf"),
    np.trace: ("offset", "axis1", "axis2", "dtype", "out"),
}
_RENAMED = {
    "a_min": "lower",
    "min": "lower",
    "a_max": "upper",
    "max": "upper",
    "newshape": "shape",
    "constant_values": "constant_value",
    "correction": "ddof",
}
_OURS: dict[Any, tuple[str, ...]] = {
    **dict.fromkeys((np.sum, np.prod, np.mean, np.max, np.min, np.amax, np.amin), ("axis", "keepdims")),
    **dict.fromkeys((np.argmax, np.argmin), ("axis", "keepdims")),
    **dict.fromkeys((np.var, np.std), ("axis", "ddof", "keepdims")),
    **dict.fromkeys((np.concatenate, np.stack), ("axis",)),
    np.clip: ("lower", "upper"),
    np.pad: ("pad_width", "constant_value"),
    np.reshape: ("shape",),
    np.ravel: (),
    **dict.fromkeys((np.cumsum, np.cumprod, np.sort, np.argsort), ("axis",)),
    **dict.fromkeys((np.round, np.around), ("decimals",)),
    np.nan_to_num: ("nan", "posinf", "neginf"),
    np.trace: ("offset", "axis1", "axis2"),
}


def _full_name(function: Any) -> str:
    module = getattr(function, "__module__", "numpy").removeprefix("numpy").lstrip(".")
    return f"{module}.{function.__name__}" if module else str(function.__name__)


def _refuse_options(name: str, options: dict[str, Any]) -> None:
    given = [option for option, value in options.items() if value is not None and value is not np._NoValue]
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
