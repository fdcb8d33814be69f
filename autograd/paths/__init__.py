"""The chain rule as a sum over paths: the product of the local derivatives along each route from a leaf to the root.

There are often more routes than can be listed. They are counted, added up and ranked without being enumerated.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from itertools import islice

from autograd.node import Node
from autograd.paths.graph import Between, between
from autograd.paths.ledger import Ledger, Path
from autograd.paths.question import Question, scalar_question
from autograd.paths.routes import count, product_of, total
from autograd.paths.search import CLOSED, by_size, ranked
from autograd.progress import Progress
from autograd.scalarize import MAX_NODES
from autograd.variables import called_by

__all__ = ["Ledger", "Path", "paths"]


def paths(
    root: Node, leaf: Node, *, top: int = 20, names: Mapping[int, str] | None = None, max_nodes: int = MAX_NODES
) -> Ledger:
    """Every route by which a leaf reaches the root, with its product: d(root)/d(leaf) is the sum of them.

    d(root)/d(leaf) = Σ over routes leaf → v₁ → ... → root of the product of the local derivatives dv₁/dleaf, ...

    Args:
        root: a Value, or a Tensor of one element.
        leaf: a Value of its graph, or an element of a Tensor as `w[0, 0, 1, 1]`, or a Tensor of one element. It may be
            an inner node too. Between tensors the routes are those of the scalar twin; see `scalarize`.
        top: how many of them are listed: those of the largest products.
        names: names by node id. Unless given, nodes go by `node.name`, or by the caller's variables that hold them. The
            others have numbers.
        max_nodes: the most nodes that the scalar twin of tensors may have.

    Raises:
        GraphError: the root is not one number or requires no gradient, the leaf is a constant or not one number, or the
            scalar twin has too many nodes.
        MutationError: data was changed after the graph had used it.

    A factor 0 closes a path: it is counted, and comes last. Infinite and NaN factors make infinite and NaN products
    where nothing closes the path before them, as in a backward pass; those come first.

    Example:
        >>> from autograd import Value, paths
        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> L = a * b + a
        >>> L.name = "L"
        >>> L.backward()
        >>> paths(L, a)
        2 paths from a to L
          a → v₁ → L: (−3) · 1 = −3
          a → L: 1
        total −2 = a.grad
    """
    if top < 0:
        raise ValueError(f"paths: top={top} is no number of paths")
    with Progress("paths"):
        given = called_by(sys._getframe(1), root) if names is None else names
        return ledger(scalar_question("paths", root, leaf, given, max_nodes), top)


def ledger(question: Question, top: int) -> Ledger:
    """The ledger of a derivative."""
    name = question.names[question.root]
    if question.leaf is None:
        return Ledger(name, question.leaf_name, 0, (), 0.0, 0.0, question.gradient, _matches(question, 0.0, 0.0))
    inside = between(question.root, question.leaf)
    best = list(islice(ranked(inside.arrows), top + 1))
    listed = tuple(
        _path(route.places, inside, question)
        for route in sorted(best[:top], key=lambda each: by_size(inside.arrows, each))
    )
    whole = total(inside.arrows)
    closed = len(best) <= top or best[top].rank == CLOSED
    rest = 0.0 if closed else whole - math.fsum(path.product for path in listed)
    scale = total(inside.arrows, absolute=True) if question.rounding else 0.0
    return Ledger(
        name, question.leaf_name, count(inside.arrows), listed, rest, whole, question.gradient,
        _matches(question, whole, scale),
    )  # fmt: skip


def _path(places: tuple[int, ...], inside: Between, question: Question) -> Path:
    nodes, arguments, locals = [inside.nodes[0]], [], []
    at = 0
    for place in places:
        arguments.append(inside.arguments[at][place])
        at, weight = inside.arrows[at][place]
        nodes.append(inside.nodes[at])
        locals.append(weight)
    product = product_of(locals)
    numbers = tuple(float(local) for local in reversed(locals))
    return Path(tuple(reversed(nodes)), tuple(reversed(arguments)), numbers, product, question.names)


def _matches(question: Question, whole: float, scale: float) -> bool | None:
    """Whether the stored gradient is the sum of all paths; None where there is no gradient."""
    stored = question.gradient
    if stored is None:
        return None
    if stored == whole or (math.isnan(stored) and math.isnan(whole)):
        return True
    return abs(stored - whole) <= question.rounding * scale < math.inf
