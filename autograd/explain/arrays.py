"""The derivation of a number by a whole array: the gradient of each array on the way, from the root to it.

No sum over paths of single numbers is written, but what a backward pass does with arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.explain.derivation import Derivation, Line, more_lines
from autograd.explain.layers import layer_nodes
from autograd.explain.notation import Notation, name_symbol, partial_symbol
from autograd.explain.pullbacks import MEANINGS, handed_back
from autograd.numbers import array_text
from autograd.paths.graph import nodes_between
from autograd.paths.routes import Arrow, count
from autograd.paths.wording import count_text, elided
from autograd.rule import array_arithmetic
from autograd.steps.names import Names
from autograd.steps.wording import quantity, quantity_latex
from autograd.symbol import Symbol, function

__all__ = ["explain_arrays"]

_ROUNDING = 64  # in units of the last place


def explain_arrays(root: Any, wrt: Any, by: Any, max_terms: int, given: Mapping[int, str]) -> Derivation:
    """The derivation of a tensor of one element by a whole tensor."""
    notation = Notation(Names(root, given), given)
    nodes = nodes_between(root, wrt)
    if not nodes or nodes[-1] is not wrt:
        return _of_nothing(root, wrt, notation)
    layer = [] if by is None else layer_nodes(by, nodes, root)
    gradients = _gradients(root, nodes)
    shown = elided(_below(layer, nodes) if layer else nodes[1:], more_lines, max_terms)
    users = _users(nodes)
    lines = [
        Line("=", Symbol(quantity(x), quantity_latex(x)), notation.partial(root, node), _shape(x))
        for node, x in ((node, gradients[node.id]) for node in layer)
    ]
    lines += [
        each if isinstance(each, Line) else _line(each, users[each.id], notation, root, gradients[each.id])
        for each in shown
    ]
    where = [*_meanings(lines), *_definitions(lines, nodes, notation)]
    stored, matches = _stored(wrt, gradients[wrt.id])
    lines[-1] = lines[-1]._replace(note=lines[-1].note + stored)
    paths = _count(nodes)
    return Derivation(
        heading=f"{notation.partial(root, wrt).text}, of shape {wrt.shape}: {count_text(paths, 'path')} of arrays",
        lines=tuple(lines),
        where=tuple(elided(where, more_lines)),
        count=paths,
        products=(),
        left_out=0,
        rest=0.0,
        total=gradients[wrt.id],
        gradient=wrt.grad,
        matches=matches,
    )


def _of_nothing(root: Any, wrt: Any, notation: Notation) -> Derivation:
    total = np.zeros(wrt.shape, wrt.dtype)
    stored, matches = _stored(wrt, total)
    leaf = wrt.name or wrt.describe()
    heading = f"no path from {leaf} to {notation.name(root).text}: the one does not depend on the other"
    left = partial_symbol(notation.name(root), name_symbol(leaf))
    return Derivation(heading, (Line("=", Symbol("0"), left, stored),), (), 0, (), 0, 0.0, total, wrt.grad, matches)


# ---- numbers ------------------------------------------------------------------------------------------------------


@array_arithmetic
def _gradients(root: Any, nodes: Sequence[Any]) -> dict[int, Any]:
    """d(root)/d(node) for each node, as a backward pass has it, without leaving it on the nodes."""
    inside = {node.id for node in nodes}
    gradients: dict[int, Any] = {root.id: np.ones(root.shape, root.dtype)}
    for node in nodes[:-1]:
        for parent, contribution in zip(node.parents, node._contributions(gradients[node.id]), strict=True):
            if parent.id in inside and contribution is not None:
                received = np.asarray(contribution).astype(parent.dtype, copy=False)
                earlier = gradients.get(parent.id)
                gradients[parent.id] = received if earlier is None else earlier + received
    return gradients


def _stored(wrt: Any, total: Any) -> tuple[str, bool | None]:
    """What is stored as the leaf's gradient, in words, and whether it is the total, up to rounding."""
    if wrt.grad is None:
        return "", None
    rounding = _ROUNDING * float(np.finfo(wrt.dtype).eps)
    scale = float(np.max(np.abs(total), initial=0.0, where=np.isfinite(total)))
    matches = bool(np.allclose(wrt.grad, total, rtol=rounding, atol=rounding * scale, equal_nan=True))
    name = wrt.name or "the leaf"
    return (f" = {name}.grad" if matches else f", but {name}.grad is {array_text(wrt.grad)}"), matches


def _count(nodes: Sequence[Any]) -> int:
    place = {node.id: at for at, node in enumerate(nodes)}
    edges = [[parent for parent in node.parents if parent.id in place] for node in nodes[:-1]]
    return count([*([Arrow(place[parent.id], 1.0) for parent in parents] for parents in edges), []])


# ---- lines --------------------------------------------------------------------------------------------------------


def _below(layer: Sequence[Any], nodes: Sequence[Any]) -> list[Any]:
    """The nodes that the layer's nodes were made of."""
    above = {node.id for node in layer}
    below: set[int] = set()
    for node in nodes[:-1]:
        if node.id in above or node.id in below:
            below.update(parent.id for parent in node.parents)
    return [node for node in nodes if node.id in below - above]


def _users(nodes: Sequence[Any]) -> dict[int, list[tuple[Any, int]]]:
    """For each node the nodes that use it, each with the argument that it is, in the order of a backward pass."""
    users: dict[int, list[tuple[Any, int]]] = {node.id: [] for node in nodes}
    for node in nodes[:-1]:
        for argument, parent in enumerate(node.parents):
            if parent.id in users:
                users[parent.id].append((node, argument))
    return users


def _line(node: Any, users: Sequence[tuple[Any, int]], notation: Notation, root: Any, gradient: Any) -> Line:
    """A node's gradient: the sum of what its users hand back."""
    terms = [
        handed_back(notation, user, argument, Symbol("1") if user is root else notation.partial(root, user))
        for user, argument in users
    ]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return Line("=", total, notation.partial(root, node), _number(gradient, total.text))


def _number(gradient: Any, said: str) -> str:
    """A gradient beside its formula; nothing where that says the same."""
    text = quantity(gradient)
    if gradient.ndim:
        return f"{_shape(gradient)}: {text}"
    return "" if text == said else f" = {text}"


def _shape(array: Any) -> str:
    return f", shape {array.shape}" if array.ndim else ""


def _meanings(lines: Sequence[Line]) -> list[Line]:
    """What the names of the transposes say that are used."""
    used = [name for name in MEANINGS if any(f"{name}(" in line.right.text for line in lines)]
    return [
        Line("=", Symbol(f"G, {MEANINGS[name]}", rf"G \text{{, {MEANINGS[name]}}}"), _called_g(name)) for name in used
    ]


def _called_g(name: str) -> Symbol:
    return function(name, rf"\mathrm{{{name}}}".replace("_", r"\_"))(Symbol("G"))


def _definitions(lines: Sequence[Line], nodes: Sequence[Any], notation: Notation) -> list[Line]:
    """How the nodes without a name were made that the lines mention."""
    said = " ".join(f"{line.left.text if line.left else ''} {line.right.text}" for line in lines)
    known = {each.id: each for node in nodes for each in (node, *node.parents)}
    unnamed = [known[id] for id in sorted(known) if notation.is_unnamed(known[id])]
    return [
        Line("=", notation.made(node), notation.name(node), _shape(node._data))
        for node in unnamed
        if node.rule is not None and notation.name(node).text in said
    ]
