"""An automatic differentiation engine in which the chain rule can be read, stepped and drawn."""

import importlib
from typing import TYPE_CHECKING, Any

# ruff: noqa: E402 - first see whether another distribution owns the name `autograd`
from autograd._environment import refuse_foreign_autograd

refuse_foreign_autograd()

from autograd import errors, functions
from autograd.anomaly import detect_anomaly, nonfinite_origin
from autograd.collector import collector_paused
from autograd.errors import AnomalyError, DTypeError, GraphError, KinkError, MutationError, ShapeError
from autograd.explain import Derivation, explain
from autograd.functions import (
    argmax,
    argmin,
    argsort,
    broadcast_to,
    clip,
    concatenate,
    cumprod,
    cumsum,
    diag,
    diagonal,
    dot,
    einsum,
    expand_dims,
    flip,
    gather,
    linalg,
    logsumexp,
    matmul,
    mean,
    moveaxis,
    nan_to_num,
    norm,
    outer,
    pad,
    prod,
    ravel,
    repeat,
    reshape,
    roll,
    scatter,
    scatter_add,
    sort,
    split,
    squeeze,
    stack,
    std,
    swapaxes,
    take_along_axis,
    tensordot,
    tile,
    trace,
    transpose,
    tril,
    triu,
    var,
    where,
    windows,
)
from autograd.kinks import kinks
from autograd.memory import keep_freed_memory
from autograd.node import Node, backward, graph_nodes, topological_order
from autograd.paths import Ledger, Path, paths
from autograd.primitives.elementwise import (
    absolute,
    add,
    arctan,
    cos,
    cosh,
    divide,
    erf,
    exp,
    expm1,
    log,
    log1p,
    logaddexp,
    maximum,
    minimum,
    multiply,
    negative,
    power,
    relu,
    sigmoid,
    sin,
    sinh,
    softplus,
    sqrt,
    square,
    subtract,
    tan,
    tanh,
)
from autograd.primitives.rounding import ceil, floor, sign, trunc
from autograd.recording import Scope, Source, composed, enable_grad, no_grad, record_source, scope
from autograd.rule import Kink, Primitive, primitive, primitives, seal_table
from autograd.rules import Elementwise, Linear, Reduction, Whole
from autograd.scalarize import ScalarTwin, scalar_twin, scalarize
from autograd.steps import Breakpoint, Walk, backward_steps, forward_steps
from autograd.tensor import Tensor
from autograd.transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.testing import check_by_hand

seal_table()
keep_freed_memory()

__all__ = [
    "absolute",
    "add",
    "AnomalyError",
    "arctan",
    "argmax",
    "argmin",
    "argsort",
    "backward",
    "backward_steps",
    "Breakpoint",
    "broadcast_to",
    "ceil",
    "check_by_hand",
    "clip",
    "collector_paused",
    "composed",
    "concatenate",
    "cos",
    "cosh",
    "cumprod",
    "cumsum",
    "Derivation",
    "detect_anomaly",
    "diag",
    "diagonal",
    "divide",
    "dot",
    "DTypeError",
    "einsum",
    "Elementwise",
    "enable_grad",
    "erf",
    "errors",
    "exp",
    "expand_dims",
    "explain",
    "expm1",
    "flip",
    "floor",
    "forward_steps",
    "functions",
    "gather",
    "grad",
    "graph_nodes",
    "GraphError",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "Kink",
    "KinkError",
    "kinks",
    "Ledger",
    "linalg",
    "Linear",
    "log",
    "log1p",
    "logaddexp",
    "logsumexp",
    "matmul",
    "maximum",
    "mean",
    "minimum",
    "moveaxis",
    "multiply",
    "MutationError",
    "nan_to_num",
    "negative",
    "no_grad",
    "Node",
    "nonfinite_origin",
    "norm",
    "outer",
    "pad",
    "Path",
    "paths",
    "power",
    "primitive",
    "Primitive",
    "primitives",
    "prod",
    "ravel",
    "record_source",
    "Reduction",
    "relu",
    "repeat",
    "reshape",
    "roll",
    "scalar_twin",
    "scalarize",
    "ScalarTwin",
    "scatter",
    "scatter_add",
    "Scope",
    "scope",
    "ShapeError",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softplus",
    "sort",
    "Source",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "swapaxes",
    "take_along_axis",
    "tan",
    "tanh",
    "Tensor",
    "tensordot",
    "tile",
    "topological_order",
    "trace",
    "transpose",
    "tril",
    "triu",
    "trunc",
    "Value",
    "value_and_grad",
    "var",
    "vjp",
    "Walk",
    "where",
    "Whole",
    "windows",
]


_LATER = {"check_by_hand": "autograd.testing"}  # what is imported when it is asked for: `import autograd` stays quick


def __getattr__(name: str) -> Any:
    """`autograd.replay` and the tests of derivatives, which are imported when they are asked for."""
    if name == "replay":
        return importlib.import_module("autograd.replay")
    if name in _LATER:
        return getattr(importlib.import_module(_LATER[name]), name)
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")
