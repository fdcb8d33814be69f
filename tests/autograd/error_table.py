"""What each public function refuses: a call, the error it must raise, and what the message must say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd import DTypeError, GraphError, ShapeError, Tensor, Value
from autograd import functions as F
from tests.autograd.support import leaf

X, V = leaf(np.arange(6.0).reshape(2, 3)), Value(1.0)

UNARY = [
    "absolute",
    "arctan",
    "cos",
    "cosh",
    "ceil",
    "floor",
    "sign",
    "trunc",
    "erf",
    "exp",
    "expm1",
    "log",
    "log1p",
    "negative",
    "relu",
    "sigmoid",
    "sin",
    "sinh",
    "softplus",
    "sqrt",
    "square",
    "tan",
    "tanh",
]
BINARY = ["add", "divide", "logaddexp", "maximum", "minimum", "multiply", "power", "subtract"]
REDUCTIONS = ["sum", "mean", "var", "std", "prod", "max", "min", "logsumexp"]
WHOLE = [*REDUCTIONS, "argmax", "argmin"]

Call = Callable[[], Any]
Row = tuple[Call, type[Exception] | tuple[type[Exception], ...], str]


def of(name: str) -> Any:
    return getattr(ag, name, None) or getattr(F, name, None) or getattr(F.linalg, name)


def takes_no(name: str, wrong: Any) -> Row:
    return lambda: of(name)(wrong), DTypeError, name


WRONG_DATA = [
    np.array([1j, 2.0]),
    1j,
    "a",
    np.array(["a", "b"]),
    np.array([1.0], dtype=object),
    np.array(["2020"], "M8[D]"),
]

TABLE: dict[str, list[Row]] = {name: [takes_no(name, wrong) for wrong in WRONG_DATA[:4]] for name in [*UNARY, *WHOLE]}
for _name in BINARY:
    _function = of(_name)
    TABLE[_name] = [
        (lambda f=_function: f(X, np.ones(2)), ShapeError, rf"{_name}.*\(2, 3\).*\(2,\)"),
        (lambda f=_function: f(np.ones((4, 1, 2)), X), ShapeError, rf"{_name}.*\(4, 1, 2\).*\(2, 3\)"),
        (lambda f=_function: f(X, leaf(np.ones((3, 2)))), ShapeError, rf"{_name}.*\(2, 3\).*\(3, 2\)"),
        (lambda f=_function: f(X, 1j), DTypeError, rf"{_name}.*complex"),
        (lambda f=_function: f("a", X), DTypeError, _name),
        (lambda f=_function: f(X, None), DTypeError, _name),
        (lambda f=_function: f(V, "a"), DTypeError, rf"{_name}.*str"),
        (lambda f=_function: f(V, np.ones(2)), DTypeError, _name),
        (lambda f=_function: f(V, X), DTypeError, rf"{_name}.*(Value.*Tensor|Tensor.*Value).*do not mix"),
        (lambda f=_function: f(np.array([1j]), 2.0), DTypeError, _name),
    ]
for _name in WHOLE:
    _function = of(_name)
    TABLE[_name] += [
        (lambda f=_function: f(X, axis=2), ShapeError, rf"{_name}: axis 2 .*2 axes.*-2 to 1"),
        (lambda f=_function: f(X, axis=-3), ShapeError, rf"{_name}: axis -3"),
        (lambda f=_function: f(X, axis=1.0), (DTypeError, ShapeError), _name),
        (lambda f=_function: f(X, axis="a"), (DTypeError, ShapeError), _name),
    ]
for _name in REDUCTIONS:
    _function = of(_name)
    TABLE[_name] += [
        (lambda f=_function: f(X, axis=(0, 0)), ShapeError, rf"{_name}.*\(0, 0\).*twice"),
        (lambda f=_function: f(X, axis=(1, -1)), ShapeError, rf"{_name}.*twice"),
    ]
for _name in ("max", "min", "logsumexp", "argmax", "argmin"):
    _function = of(_name)
    TABLE[_name] += [
        (lambda f=_function: f(np.zeros((0, 3)), axis=0), ShapeError, rf"{_name}.*\(0, 3\)"),
        (lambda f=_function: f(leaf(np.zeros(0))), ShapeError, rf"{_name}.*\(0,\)"),
    ]

TABLE |= {
    "reshape": [
        (lambda: ag.reshape(X, (4, 2)), ShapeError, r"reshape: 6 elements of shape \(2, 3\).*\(4, 2\)"),
        (lambda: X.reshape(-1, -1), ShapeError, r"reshape.*\(-1, -1\)"),
        (lambda: X.reshape(4, -1), ShapeError, r"reshape.*\(4, -1\)"),
        (lambda: X.reshape(-2, -3), ShapeError, r"reshape.*\(-2, -3\)"),
        (lambda: X.reshape(2.0, 3), DTypeError, "reshape"),
        (lambda: ag.reshape(X, "a"), DTypeError, "reshape"),
        (lambda: ag.reshape("a", 1), DTypeError, "reshape"),
    ],
    "ravel": [takes_no("ravel", "a"), takes_no("ravel", np.array([1j]))],
    "transpose": [
        (lambda: ag.transpose(X, (0,)), ShapeError, r"transpose: axes \(0,\).*2 axes.*\(2, 3\)"),
        (lambda: X.transpose(0, 0), ShapeError, "transpose.*twice"),
        (lambda: X.transpose(0, 5), ShapeError, "transpose: axis 5"),
        (lambda: ag.transpose(X, (0.0, 1.0)), (DTypeError, ShapeError), "transpose"),
        takes_no("transpose", "a"),
    ],
    "swapaxes": [
        (lambda: X.swapaxes(0, 2), ShapeError, "swapaxes: axis 2"),
        (lambda: X.swapaxes("a", 0), (DTypeError, ShapeError), "swapaxes"),
    ],
    "moveaxis": [
        (lambda: ag.moveaxis(X, 0, 2), ShapeError, "moveaxis: axis 2"),
        (lambda: ag.moveaxis(X, -3, 0), ShapeError, "moveaxis: axis -3"),
        (lambda: ag.moveaxis(X, (0, 1), 0), ShapeError, "moveaxis"),
    ],
    "squeeze": [
        (lambda: X.squeeze(0), ShapeError, r"squeeze: axis 0 of shape \(2, 3\)"),
        (lambda: X.squeeze(5), ShapeError, "squeeze: axis 5"),
    ],
    "expand_dims": [
        (lambda: ag.expand_dims(X, 4), ShapeError, "expand_dims: axis 4"),
        (lambda: ag.expand_dims(X, (0, 0)), ShapeError, "expand_dims.*twice"),
    ],
    "flip": [(lambda: X.flip(2), ShapeError, "flip: axis 2"), takes_no("flip", "a")],
    "broadcast_to": [
        (lambda: ag.broadcast_to(X, (2, 4)), ShapeError, r"broadcast_to.*\(2, 3\).*\(2, 4\)"),
        (lambda: ag.broadcast_to(X, (3,)), ShapeError, r"broadcast_to.*\(2, 3\).*\(3,\)"),
        (lambda: ag.broadcast_to(X, (-1, 3)), ShapeError, r"broadcast_to.*\(2, 3\)"),
        (lambda: ag.broadcast_to(X, "a"), DTypeError, "broadcast_to"),
    ],
    "getitem": [
        (lambda: X[2], (IndexError, ShapeError), r"getitem.*\(2, 3\).*index=2"),
        (lambda: X[0, 0, 0], (IndexError, ShapeError), r"getitem.*\(2, 3\)"),
        (lambda: X[[0, 5]], (IndexError, ShapeError), r"getitem.*\(2, 3\).*5"),
        (lambda: X[np.array([True, False, True])], (IndexError, ShapeError), r"getitem.*\(2, 3\)"),
        (lambda: X[1.0], (IndexError, DTypeError), "getitem"),
        (lambda: X["a"], (IndexError, DTypeError), "getitem"),
        (lambda: X[X], DTypeError, "getitem.*integers or booleans"),
        (lambda: X[V], DTypeError, "getitem.*integers or booleans"),
        (lambda: X[[0, 1], [0, 1, 2]], (IndexError, ShapeError), r"getitem.*\(2, 3\)"),
    ],
    "pad": [
        (lambda: ag.pad(X, ((1, 1),) * 3), ShapeError, r"pad: pad_width .*2 axes"),
        (lambda: ag.pad(X, -1), ShapeError, "pad: pad_width -1"),
        (lambda: ag.pad(X, 1.5), ShapeError, "pad: pad_width 1.5"),
        (lambda: ag.pad(X, "a"), (ShapeError, DTypeError), "pad"),
        (lambda: ag.pad(X, 1, "edge"), DTypeError, "pad.*one real number"),
        (lambda: ag.pad(X, 1, 1j), DTypeError, "pad"),
        (lambda: ag.pad(X, 1, V), DTypeError, "pad"),
    ],
    "concatenate": [
        (lambda: ag.concatenate([]), ShapeError, "concatenate: needs at least one"),
        (lambda: ag.concatenate([X, np.ones((2, 4))]), ShapeError, r"concatenate.*\(2, 3\).*\(2, 4\)"),
        (lambda: ag.concatenate([X, np.ones(3)]), ShapeError, r"concatenate.*\(2, 3\).*\(3,\)"),
        (lambda: ag.concatenate([X, X], axis=2), ShapeError, "concatenate: axis 2"),
        (lambda: ag.concatenate([leaf(1.0)]), ShapeError, "concatenate"),
        (lambda: ag.concatenate([X, "a"]), DTypeError, "concatenate"),
        (lambda: ag.concatenate([X, np.ones((2, 3)) * 1j]), DTypeError, "concatenate"),
        (lambda: ag.concatenate([X, V]), (DTypeError, ShapeError), "concatenate"),
    ],
    "stack": [
        (lambda: ag.stack([]), ShapeError, "stack: needs at least one"),
        (lambda: ag.stack([X, np.ones(3)]), ShapeError, r"stack.*\(2, 3\).*\(3,\)|stack.*\(3,\).*\(2, 3\)"),
        (lambda: ag.stack([X], axis=3), ShapeError, "stack: axis 3"),
        (lambda: ag.stack([X, np.ones((2, 3)) * 1j]), DTypeError, "stack|concatenate"),
    ],
    "windows": [
        (lambda: ag.windows(X, (4,)), ShapeError, r"windows.*\(2, 3\).*4"),
        (lambda: ag.windows(X, (2,), (1,), (3,)), ShapeError, r"windows.*spans 4"),
        (lambda: ag.windows(X, (1, 1, 1)), ShapeError, r"windows.*\(1, 1, 1\).*\(2, 3\)"),
        (lambda: ag.windows(X, (2,), (1, 1)), ShapeError, r"windows: kernel \(2,\), stride \(1, 1\)"),
        (lambda: ag.windows(X, (0,)), ShapeError, "windows.*at least 1"),
        (lambda: ag.windows(X, (2,), (0,)), ShapeError, "windows.*at least 1"),
        (lambda: ag.windows(X, (2,), (1,), (-1,)), ShapeError, "windows.*at least 1"),
        (lambda: ag.windows(X, 2), DTypeError, "windows: kernel.*2"),
        (lambda: ag.windows(X, (2,), 2), DTypeError, "windows: stride.*2"),
        (lambda: ag.windows(X, (1.5,)), DTypeError, "windows: kernel"),
    ],
    "where": [
        (lambda: ag.where(np.ones((2, 3)) > 0, X, np.ones(2)), ShapeError, r"where.*\(2, 3\).*\(2,\)"),
        (lambda: ag.where(np.ones(4) > 0, X, X), ShapeError, r"where.*\(2, 3\)"),
        (lambda: ag.where("a", X, X), DTypeError, "where"),
        (lambda: ag.where(True, X, "a"), DTypeError, "where"),
        (lambda: ag.where(True, X, V), DTypeError, "where.*do not mix"),
    ],
    "clip": [
        (lambda: ag.clip(X, leaf(0.0)), DTypeError, "clip.*maximum and minimum"),
        (lambda: ag.clip(V, V), DTypeError, "clip.*maximum and minimum"),
        (lambda: ag.clip(X, np.zeros(3)), DTypeError, "clip.*maximum and minimum"),
        (lambda: ag.clip(X, "a"), DTypeError, "clip"),
        (lambda: ag.clip(X, 1j), DTypeError, "clip"),
        (lambda: ag.clip("a", 0.0), DTypeError, "clip"),
    ],
    "matmul": [
        (lambda: X @ X, ShapeError, r"matmul: shapes \(2, 3\) and \(2, 3\).*3.*2"),
        (lambda: X @ np.ones(2), ShapeError, r"matmul.*\(2, 3\).*\(2,\).*3.*2"),
        (lambda: X @ 2.0, ShapeError, r"matmul.*\(\).*\*"),
        (lambda: leaf(np.ones((2, 2, 3))) @ np.ones((3, 3, 1)), ShapeError, r"matmul.*\(2, 2, 3\).*\(3, 3, 1\)"),
        (lambda: X @ "a", (DTypeError, ShapeError), "matmul"),
        (lambda: X @ (np.ones((3, 2)) * 1j), DTypeError, "matmul"),
        (lambda: ag.matmul(V, V), ShapeError, "matmul"),
    ],
    "einsum": [
        (lambda: ag.einsum("ij,jk->ik", X, X), ShapeError, r"einsum: label 'j'.*3.*2.*\(2, 3\), \(2, 3\)"),
        (lambda: ag.einsum("ij->ij", X, X), ShapeError, "einsum.*1 operands.*2"),
        (lambda: ag.einsum("ijk->i", X), ShapeError, "einsum.*'ijk'.*2 axes"),
        (lambda: ag.einsum("ij->k", X), ShapeError, "einsum.*'k'"),
        (lambda: ag.einsum("ij->ii", X), ShapeError, "einsum.*'ii'"),
        (lambda: ag.einsum("ii->i", X), ShapeError, "einsum: label 'i'"),
        (lambda: ag.einsum("i1->i", X), ShapeError, "einsum"),
        (lambda: ag.einsum("i..j->i", X), ShapeError, "einsum"),
        (
            lambda: ag.einsum(
                "",
            ),
            ShapeError,
            "einsum",
        ),
        (lambda: ag.einsum("i...->...i...", X), ShapeError, "einsum"),
        (lambda: ag.einsum("ij->i->j", X), ShapeError, "einsum"),
        (lambda: ag.einsum("ij->i", "a"), DTypeError, "einsum"),
        (lambda: ag.einsum(X, "ij->i"), DTypeError, "einsum"),
    ],
    "backward": [
        (lambda: ag.backward(X), GraphError, r"backward.*\(2, 3\).*sum"),
        (lambda: ag.backward(X.detach().sum()), GraphError, "backward.*requires no gradient"),
    ],
    "grad": [
        (lambda: ag.grad(lambda x: x)(np.ones(3)), GraphError, r"grad.*\(3,\)"),
        (lambda: ag.grad(3.0), TypeError, r"grad.*function"),
    ],
    "value_and_grad": [
        (lambda: ag.value_and_grad(lambda x: x)(np.ones(3)), GraphError, r"\(3,\)"),
        (lambda: ag.value_and_grad(3.0), TypeError, "function"),
    ],
    "vjp": [
        (lambda: ag.vjp(lambda x: x, np.ones(3))[1](np.ones(2)), ShapeError, r"\(2,\).*\(3,\)"),
        (lambda: ag.vjp(lambda x: "a", 1.0), DTypeError, "vjp.*return"),
    ],
    "jvp": [
        (lambda: ag.jvp(lambda x: x, (np.ones(3),), (np.ones(2),)), ShapeError, r"\(2,\).*\(3,\)"),
        (lambda: ag.jvp(lambda x: x, (1.0,), ()), ValueError, "jvp: 1 arguments but 0 tangents"),
    ],
    "jacobian": [
        (lambda: ag.jacobian(lambda x: "a")(1.0), DTypeError, "jacobian.*return"),
        (lambda: ag.jacobian(lambda x: x)(3), DTypeError, "jacobian.*int"),
    ],
    "hessian": [
        (lambda: ag.hessian(lambda x: x)(np.ones(3)), GraphError, r"\(3,\)"),
        (lambda: ag.hessian(lambda x: x)("a"), DTypeError, "str"),
    ],
    "hvp": [
        (lambda: ag.hvp(lambda x: x.sum(), (np.ones(3),), (np.ones(2),)), ShapeError, r"\(2,\).*\(3,\)"),
        (lambda: ag.hvp(lambda x: x.sum(), (np.ones(3),), ()), ValueError, "1 arguments but 0 tangents"),
    ],
    "Tensor": [
        (lambda: Tensor([1, 2]), DTypeError, "Tensor: int64.*1.0"),
        (lambda: Tensor([[1.0], [2.0, 3.0]]), (ShapeError, DTypeError), "Tensor.*length|Tensor.*shape"),
        (lambda: Tensor([V]), DTypeError, "Tensor.*Values"),
        (lambda: len(leaf(1.0)), TypeError, r"\(\)"),
        (lambda: X.item(), ShapeError, r"item.*\(2, 3\)"),
        (lambda: bool(X), ValueError, "."),
        (lambda: float(X), ShapeError, r"\(2, 3\)"),
        (lambda: (X * 2.0).requires_grad_(False), GraphError, "requires_grad_.*detach"),
        (lambda: setattr(leaf([1.0]), "data", [1.0, 2.0]), ShapeError, r"\(1,\).*\(2,\)"),
        (lambda: X.astype(int), DTypeError, "astype: int64"),
    ],
    "Value": [
        (lambda: Value(1j), DTypeError, "Value.*complex.*two Values"),
        (lambda: Value([1.0]), DTypeError, "Tensor"),
        (lambda: Value("a"), DTypeError, "Value.*str"),
    ],
    "kinks": [(lambda: ag.kinks(ties="no"), ValueError, "kinks: ties='no'.*'split'")],
    "scope": [(lambda: ag.scope("a/b").__enter__(), ValueError, "scope: 'a/b'")],
    "primitive": [(lambda: ag.primitive("none such"), LookupError, "'none such'.*primitives")],
    "composed": [(lambda: ag.composed("a"), TypeError, "composed")],
    "Elementwise": [(lambda: ag.Elementwise("exp", np.exp, [1.0]), ValueError, "'exp'.*another name")],
    "Linear": [(lambda: ag.Linear("matmul", np.matmul, []), ValueError, "'matmul'.*another name")],
    "Reduction": [(lambda: ag.Reduction("sum", np.sum, 1.0, weight_symbol=1.0), ValueError, "'sum'.*another name")],
    "topological_order": [(lambda: ag.topological_order(3.0), TypeError, "topological_order")],
    "graph_nodes": [(lambda: ag.graph_nodes(np.ones(3)), TypeError, "graph_nodes")],
}
