"""The operations of a program by their names: primitives of the table, and NumPy's functions from a fixed list."""

from __future__ import annotations

from typing import Any

from autograd.errors import GraphError
from autograd.observed import Plain
from autograd.replay.saving.files import ProgramFileError, shortened
from autograd.rule import Primitive, primitive

# What a file may name: functions of arrays that read and write nothing else.
_UFUNCS = (
    "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "bitwise_and",
    "bitwise_or", "bitwise_xor", "cbrt", "ceil", "conj", "copysign", "cos", "cosh", "deg2rad", "degrees", "divide",
    "divmod", "equal", "exp", "exp2", "expm1", "fabs", "float_power", "floor", "floor_divide", "fmax", "fmin", "fmod",
    "frexp", "gcd", "greater", "greater_equal", "heaviside", "hypot", "invert", "isfinite", "isinf", "isnan",
    "isneginf", "isposinf", "lcm",
    "ldexp", "left_shift", "less", "less_equal", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2",
    "logical_and", "logical_not", "logical_or", "logical_xor", "matmul", "maximum", "minimum", "modf", "multiply",
    "negative", "nextafter", "not_equal", "positive", "power", "rad2deg", "radians", "reciprocal", "remainder",
    "right_shift", "rint", "sign", "signbit", "sin", "sinh", "spacing", "sqrt", "square", "subtract", "tan", "tanh",
    "true_divide", "trunc",
)  # fmt: skip
_REDUCIBLE = (
    "add", "bitwise_and", "bitwise_or", "bitwise_xor", "fmax", "fmin", "logaddexp", "logical_and", "logical_or",
    "logical_xor", "maximum", "minimum", "multiply",
)  # fmt: skip
_OTHERS = (
    "all", "allclose", "amax", "amin", "angle", "any", "append", "argmax", "argmin", "argpartition", "argsort",
    "argwhere", "around", "array_equal", "atleast_1d", "atleast_2d", "atleast_3d", "average", "bincount",
    "broadcast_to", "choose", "clip", "compress", "concatenate", "copy", "count_nonzero", "cross", "cumprod", "cumsum",
    "delete", "diag", "diagflat", "diagonal", "diff", "digitize", "dot", "dsplit", "dstack", "einsum", "expand_dims",
    "extract", "flatnonzero", "flip", "fliplr", "flipud", "full_like", "gradient", "histogram", "hstack", "inner",
    "insert", "interp", "isclose", "isin", "kron", "linalg.cholesky", "linalg.cond", "linalg.det", "linalg.eigh",
    "linalg.eigvalsh", "linalg.inv", "linalg.matrix_rank", "linalg.norm", "linalg.qr", "linalg.slogdet",
    "linalg.solve", "linalg.svd", "max", "mean", "median", "min", "moveaxis", "nan_to_num", "nanargmax", "nanargmin",
    "nanmax", "nanmean", "nanmin", "nansum", "ndim", "nonzero", "ones_like", "outer", "pad", "partition", "percentile",
    "prod", "ptp", "quantile", "ravel", "repeat", "reshape", "resize", "roll", "rollaxis", "rot90",
    "round", "searchsorted", "select", "shape", "size", "sort", "split", "squeeze", "stack", "std", "sum", "swapaxes",
    "take", "take_along_axis", "tensordot", "tile", "trace", "transpose", "tril", "triu", "unique", "unravel_index",
    "vander", "var", "vdot", "vstack", "where", "zeros_like",
)  # fmt: skip
_METHODS = ("getitem", "astype", "detach")
PLAIN = frozenset(
    [*_UFUNCS, *(f"{name}.{method}" for name in _REDUCIBLE for method in ("reduce", "accumulate")), *_OTHERS, *_METHODS]
)


def write_rule(rule: Primitive) -> dict[str, str]:
    """The name of an operation, and where loading finds it.

    Raises:
        GraphError: loading would not find it, or find another.
    """
    if isinstance(rule, Plain):
        if rule.name not in PLAIN:
            raise GraphError(
                f"save: the program calls numpy.{rule.name}, which is none of the functions that a file may name; "
                f"compute what it gives from nodes"
            )
        return {"function": rule.name}
    try:
        known = primitive(rule.name) is rule
    except LookupError:
        known = False
    if not known:
        raise GraphError(
            f"save: the operation {rule.name!r} is no longer the primitive of that name, so that loading would find "
            f"another one; record again"
        )
    module = type(rule).__module__ if rule.builtin else getattr(rule.forward, "__module__", "")
    return {"name": rule.name, "declared in": str(module)}


def read_rule(said: dict[str, Any], path: str) -> Primitive:
    """The operation of a name. Nothing is imported for it.

    Raises:
        LookupError: no such primitive is declared.
        ProgramFileError: a function of NumPy's that is not on the list.
    """
    if "function" in said:
        if said["function"] not in PLAIN:
            raise ProgramFileError(f"{path}: names the function {shortened(said['function'])}, which no file may name")
        return Plain(said["function"])
    name, module = said["name"], said["declared in"]
    try:
        return primitive(name)
    except LookupError:
        raise LookupError(
            f"{path}: uses the primitive {shortened(name)}, which is not declared here; import the module that "
            f"declares it ({shortened(module)} when it was saved), then load again"
        ) from None
