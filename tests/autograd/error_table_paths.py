"""What the functions that look into a graph refuse: scalar twins, paths and derivations."""

from __future__ import annotations

import autograd as ag
from autograd import GraphError, Tensor, Value
from tests.autograd.error_table import Row, V, X
from tests.autograd.support import leaf

CONSTANT, INVERSE = Tensor([1.0], name="c"), ag.functions.linalg.inv(leaf([[2.0, 1.0], [1.0, 3.0]]))
SCALAR_CONSTANT = Value(1.0, "c", requires_grad=False)

TABLE: dict[str, list[Row]] = {
    "scalarize": [
        (lambda: ag.scalarize(3.0), TypeError, "scalarize: takes a Value or a Tensor, not float"),
        (lambda: ag.scalarize(X * 2.0, (2, 0)), GraphError, r"scalarize.*\(2, 3\).*\(2, 0\).*one integer for"),
        (lambda: ag.scalarize(V, 0), GraphError, "scalarize: a Value has no elements"),
        (lambda: ag.scalarize(X * X, max_nodes=3), GraphError, r"scalarize.*up to 12 nodes.*max_nodes=3.*element="),
        (lambda: ag.scalarize(INVERSE), GraphError, "scalarize.*inv.*whole matrices"),
    ],
    "scalar_twin": [
        (lambda: ag.scalar_twin("a"), TypeError, "scalarize: takes a Value or a Tensor, not str"),
        (lambda: ag.scalar_twin(X * 2.0, of=CONSTANT), GraphError, "scalarize: 'c' is a constant"),
        (lambda: ag.scalar_twin(X * 2.0, of=3.0), TypeError, "as_element|not iterable"),
        (lambda: ag.scalar_twin(X * 2.0).element(leaf(1.0)), GraphError, "scalarize.*does not feed"),
    ],
    "paths": [
        (lambda: ag.paths(X.sum(), X), GraphError, r"paths.*6 elements.*w\[0, 0\]"),
        (lambda: ag.paths(X * 2.0, X[0, 0]), GraphError, r"paths.*\(2, 3\).*\.sum\(\)"),
        (lambda: ag.paths(V, X), TypeError, "paths.*Value.*Tensor"),
        (lambda: ag.paths(V * SCALAR_CONSTANT, SCALAR_CONSTANT), GraphError, "paths: 'c' is a constant.*requires_grad"),
        (lambda: ag.paths(SCALAR_CONSTANT, V), GraphError, "paths: 'c' requires no gradient"),
        (lambda: ag.paths(V, V, top=-1), ValueError, "paths: top=-1"),
    ],
    "explain": [
        (lambda: ag.explain(X * 2.0, X), GraphError, r"explain.*\(2, 3\).*\.sum\(\)"),
        (lambda: ag.explain(V * 2.0, V, by="layer"), GraphError, "explain: nothing that `by` means"),
        (lambda: ag.explain(V, V, max_terms=0), ValueError, "explain: max_terms=0"),
        (lambda: ag.explain(V, "a"), TypeError, "explain: takes a Value or a Tensor, not str"),
    ],
}
