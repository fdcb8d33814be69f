"""Derivations as on paper: the chain rule in symbols, with the local derivatives, with numbers, and the result."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from autograd.element import as_element
from autograd.explain.arrays import explain_arrays
from autograd.explain.derivation import Derivation
from autograd.explain.scalars import explain_scalars
from autograd.naming import name_of
from autograd.node import Node, graph_nodes
from autograd.paths.question import check_gradient, check_pair, check_single, scalar_question
from autograd.progress import Progress
from autograd.scalarize import MAX_NODES
from autograd.tensor import Tensor
from autograd.variables import called_by

__all__ = ["Derivation", "explain"]


def explain(
    root: Node,
    wrt: Node,
    *,
    by: Any = None,
    max_terms: int = 12,
    names: Mapping[int, str] | None = None,
    max_nodes: int = MAX_NODES,
) -> Derivation:
    """The derivation of d(root)/d(wrt) as on paper: the chain rule in symbols, then numbers, then the result.

    Of a number by a number the chain rule is the sum over paths, with a factor for each step from one named node to the
    next; where no node between has a name, from each node to the next. The symbols are those of the derivative table.
    A gate, as of relu or max, keeps its sign in the formula, and is told beside it with its number.

    By a whole array, the gradient of each array on the way is written with what its users hand back to it: ⊙ multiplies
    element by element, and an operation that moves or sums elements hands the gradient through its transpose.

    Args:
        root: a Value, or a Tensor of one element. Without a name it is called L.
        wrt: a Value or Tensor of its graph, or an element as `conv.weight[0, 0, 1, 1]`.
        by: the layer that the derivation goes through: nodes, a name or a scope, or a sequence of these. The derivative
            of the root by each of its nodes stays one factor. Paths that pass it by are terms of their own.
        max_terms: how many terms are written: of more, the largest by absolute value, and the others as one sum. By a
            whole array, how many lines.
        names: names by node id. Unless given, nodes go by `node.name`, or by the caller's variables that hold them. The
            others have numbers.
        max_nodes: the most nodes that the scalar twin of tensors may have, for an element.

    Returns:
        a `Derivation`: text when printed, LaTeX in a notebook, also as `.latex`, `.markdown` and `.html`.

    Raises:
        GraphError: the root is not one number or requires no gradient, `wrt` is a constant, `by` means nothing that
            lies between them, or the scalar twin has too many nodes.
        MutationError: data was changed after the graph had used it.

    Example:
        >>> from autograd import Value, explain
        >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
        >>> explain((a * b + c).tanh(), a)
        ∂L/∂a: 1 path
        ∂L/∂a = ∂L/∂v₂·∂v₂/∂v₁·∂v₁/∂a
              = (1 − tanh(v₂)²)·1·b
              = 0.001341·1·(−3)
              = −0.004023
        where
          v₁ = a·b = −6
          v₂ = v₁ + c = 4
    """
    if max_terms < 1:
        raise ValueError(f"explain: max_terms={max_terms} leaves nothing to write; at least 1")
    with Progress("explain"):
        given = called_by(sys._getframe(1), root) if names is None else dict(names)
        return _explained(root, wrt, by, max_terms, given, max_nodes)


def _explained(root: Any, wrt: Any, by: Any, max_terms: int, given: dict[int, str], max_nodes: int) -> Derivation:
    if isinstance(root, Node) and not (given.get(root.id) or root.name):
        given.update(_called_l(root, given))
    check_pair("explain", root, wrt)
    if isinstance(root, Tensor) and as_element(wrt, root).index is None:
        check_single("explain", root)
        check_gradient("explain", wrt)
        return explain_arrays(root, wrt, by, max_terms, given)
    question = scalar_question("explain", root, wrt, given, max_nodes)
    return explain_scalars(question, root, by, max_terms, given if question.twin is None else {})


def _called_l(root: Node, given: Mapping[int, str]) -> dict[int, str]:
    """The name L for a root without one, if no other node has it."""
    taken = any(name_of(node, given) == "L" for node in graph_nodes(root))
    return {} if taken else {root.id: "L"}
