"""Each primitive as a function of `jax.numpy`, whose derivatives are JAX's own.

Where JAX would answer otherwise at a kink than this engine, and where it costs little, the function is put so that the
answer is the same: the first maximum takes all, clip has derivative 1 on its bounds, a Cholesky factor reads the lower
triangle. The options of `autograd.kinks` are followed; only "raise" is not, since compiled code cannot raise.
"""

# fmt: off
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Function = Callable[..., Any]
Axes = tuple[int, ...]

# ---- functions with kinks -----------------------------------------------------------------------------------------


def _relu(x: Any, relu: Any = 0.0) -> Any:
    return _with_slope(jax.nn.relu(x), x, x == 0, relu, 0.0)


def _absolute(x: Any, abs: Any = 0.0) -> Any:
    return _with_slope(jnp.abs(x), x, x == 0, 0.0 if abs == "raise" else abs, None)  # JAX alone would give 1


def _with_slope(out: Any, x: Any, at_kink: Any, slope: Any, default: float | None) -> Any:
    """The result, with a chosen derivative where the argument lies on the kink."""
    if slope in ("raise", default):
        return out
    still = jax.lax.stop_gradient(out)
    return jnp.where(at_kink, still + slope * (x - jax.lax.stop_gradient(x)), out)


def _clip(x: Any, lower: Any = None, upper: Any = None, clip: Any = 1.0) -> Any:
    out, on_bound = x, jnp.zeros(jnp.shape(x), bool)
    if lower is not None:
        out, on_bound = jnp.where(out < lower, lower, out), on_bound | (x == lower)
    if upper is not None:
        out, on_bound = jnp.where(out > upper, upper, out), on_bound | (x == upper)
    return _with_slope(out, x, on_bound, clip, 1.0)


def _extreme_of_two(usual: Function, wins: Function) -> Function:
    def function(x: Any, y: Any, ties: str = "split") -> Any:
        if ties == "first":
            return jnp.where(x == y, x, usual(x, y))
        if ties != "all":
            return usual(x, y)  # JAX gives half to each at a tie
        x, y = jnp.broadcast_arrays(x, y)
        out = jax.lax.stop_gradient(usual(x, y))
        return out + _slope_of(x, wins(x, y) | (x == y)) + _slope_of(y, wins(y, x) | (x == y))

    return function


def _slope_of(x: Any, chosen: Any) -> Any:
    """0, with derivative 1 where chosen."""
    return jnp.where(chosen, x - jax.lax.stop_gradient(jnp.where(chosen, x, 0)), 0)


def _extreme(usual: Function, place: Function) -> Function:
    def function(x: Any, axis: Axes | None = None, keepdims: bool = False, ties: str = "first") -> Any:
        if ties == "split":
            return usual(x, axis=axis, keepdims=keepdims)  # JAX shares among the tied
        if ties == "all":
            out = jax.lax.stop_gradient(usual(x, axis=axis, keepdims=True))
            out = out + jnp.sum(_slope_of(x, x == out), axis=axis, keepdims=True)
            return out if keepdims else jnp.squeeze(out, axis=_axes(x, axis))
        return _first(x, _axes(x, axis), keepdims, place)

    return function


def _axes(x: Any, axis: Axes | None) -> Axes:
    return tuple(range(x.ndim)) if axis is None else axis


def _first(x: Any, axes: Axes, keepdims: bool, place: Function) -> Any:
    """The first extreme element in row-major order, gathered from its place."""
    rows = jnp.moveaxis(x, axes, range(x.ndim - len(axes), x.ndim))
    rows = rows.reshape(*rows.shape[: x.ndim - len(axes)], math.prod(x.shape[axis] for axis in axes))
    at = place(jax.lax.stop_gradient(rows), axis=-1, keepdims=True)
    out = jnp.take_along_axis(rows, at, axis=-1)[..., 0]
    return out.reshape([1 if axis in axes else n for axis, n in enumerate(x.shape)]) if keepdims else out


# ---- structure ----------------------------------------------------------------------------------------------------


def _cast(x: Any, dtype: Any) -> Any:
    return x.astype(dtype)


def _scatter(values: Any, index: Any, shape: Axes) -> Any:
    return jnp.zeros(shape, values.dtype).at[index].add(values)


def _pad(x: Any, pad_width: Any, constant_value: float = 0.0) -> Any:
    return jnp.pad(x, pad_width, constant_values=constant_value)


def _windows(x: Any, kernel: Axes, stride: Axes, dilation: Axes) -> Any:
    """For each axis a stack of its shifted slices, which XLA copies, and adds up again in the derivative."""
    leading = x.ndim - len(kernel)
    for number, (k, s, d) in enumerate(zip(kernel, stride, dilation, strict=True)):
        axis = leading + number
        count = (x.shape[axis] - d * (k - 1) - 1) // s + 1
        slices = [jax.lax.slice_in_dim(x, o * d, o * d + s * (count - 1) + 1, s, axis) for o in range(k)]
        x = jnp.stack(slices, axis=-1)
    return x


def _overlap_add(x: Any, shape: Axes, kernel: Axes, stride: Axes, dilation: Axes) -> Any:
    counts = x.shape[x.ndim - 2 * len(kernel) : x.ndim - len(kernel)]
    out = jnp.zeros(shape, x.dtype)
    for offset in np.ndindex(*kernel):
        steps = zip(offset, dilation, stride, counts, strict=True)
        places = tuple(slice(o * d, o * d + s * (n - 1) + 1, s) for o, d, s, n in steps)
        out = out.at[(..., *places)].add(x[(..., *offset)])
    return out


def _cholesky(x: Any) -> Any:
    below = jnp.tril(x, -1)  # the upper triangle is not read
    return jnp.linalg.cholesky(jnp.tril(x) + jnp.swapaxes(below, -1, -2))


# ---- the table ----------------------------------------------------------------------------------------------------

FUNCTIONS: dict[str, Function] = {
    "identity": lambda x: x,
    "add": jnp.add, "subtract": jnp.subtract, "multiply": jnp.multiply, "divide": jnp.divide,
    "negative": jnp.negative, "power": jnp.power, "square": jnp.square,
    "exp": jnp.exp, "expm1": jnp.expm1, "log": jnp.log, "log1p": jnp.log1p, "sqrt": jnp.sqrt,
    "logaddexp": jnp.logaddexp,
    "sin": jnp.sin, "cos": jnp.cos, "tan": jnp.tan, "arctan": jnp.arctan,
    "sinh": jnp.sinh, "cosh": jnp.cosh, "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid, "softplus": jax.nn.softplus, "erf": jax.lax.erf,
    "relu": _relu, "absolute": _absolute, "clip": _clip,
    "maximum": _extreme_of_two(jnp.maximum, jnp.greater), "minimum": _extreme_of_two(jnp.minimum, jnp.less),
    "where": lambda x, y, condition: jnp.where(condition, x, y),
    "floor": jnp.floor, "ceil": jnp.ceil, "trunc": jnp.trunc, "sign": jnp.sign,
    "round": lambda x, decimals=0: jnp.round(x, decimals),
    "sum": lambda x, axis=None, keepdims=False: jnp.sum(x, axis=axis, keepdims=keepdims),
    "max": _extreme(jnp.max, jnp.argmax), "min": _extreme(jnp.min, jnp.argmin),
    "logsumexp": lambda x, axis=None, keepdims=False: jax.nn.logsumexp(x, axis=axis, keepdims=keepdims),
    "reshape": lambda x, shape: jnp.reshape(x, shape),
    "transpose": lambda x, axes: jnp.transpose(x, axes),
    "cast": _cast,
    "broadcast_to": lambda x, shape: jnp.broadcast_to(x, shape),
    "getitem": lambda x, index: x[index],
    "scatter": _scatter, "pad": _pad, "windows": _windows, "overlap_add": _overlap_add,
    "concatenate": lambda *xs, axis: jnp.concatenate(xs, axis=axis),
    "cumsum": lambda x, axis: jnp.cumsum(x, axis=axis),
    "matmul": jnp.matmul,
    "contract": lambda x, y, subscripts: jnp.einsum(subscripts, x, y),
    "inv": jnp.linalg.inv, "solve": jnp.linalg.solve, "det": jnp.linalg.det,
    "logabsdet": lambda x: jnp.linalg.slogdet(x)[1], "cholesky": _cholesky,
}
REDUCTIONS = ("sum", "max", "min", "logsumexp")


def of_values(name: str, numbers: Sequence[Any], params: dict[str, Any]) -> Any:
    """A reduction of single numbers."""
    return FUNCTIONS[name](jnp.stack([jnp.asarray(each) for each in numbers]), **params)


def plain(name: str, call: Any, options: dict[str, Any]) -> Any:
    """What a NumPy function without derivative gives.

    Raises:
        LookupError: `jax.numpy` has no such function.
    """
    if name == "getitem":
        return call[0][call[1]]
    if name == "astype":
        return call[0].astype(call[1])
    if name == "detach":
        return call[0]
    function: Any = jnp
    for part in name.split("."):
        function = getattr(function, part, None)
    if function is None:
        raise LookupError(f"to_jax: jax.numpy has no function {name!r}, which the program uses")
    return function(*call, **options)
