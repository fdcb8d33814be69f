"""Which nodes a derivation goes through: what `by` means in the graph that lies between the leaf and the root."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.element import as_element
from autograd.errors import GraphError
from autograd.node import Node
from autograd.recording import Scope

__all__ = ["layer_nodes"]

_LISTED = 8


def layer_nodes(by: Any, nodes: Sequence[Any], root: Node, twin: Any = None) -> list[Any]:
    """The nodes among `nodes` that `by` means, in their order.

    Args:
        by: a node, an element of a tensor, a name, or a scope's name or path; or a sequence of such. A name stands for
            all elements of what is called so, a scope for its results: what goes out of it into other nodes.
        nodes: what lies between the root and the leaf, both of them included: the root first.
        root: what was asked about: a tensor where `nodes` are of its scalar twin.
        twin: where the elements of tensors are among the nodes; None where there is none.

    Raises:
        GraphError: it means none of the nodes.
        TypeError: it is neither nodes nor names.
    """
    inner = nodes[1:-1]
    meant: set[int] = set()
    for each in [by] if isinstance(by, Node | str) else list(by):
        if isinstance(each, str):
            meant.update(node.id for node in _called(each, inner) or _results_of(each, nodes))
        elif isinstance(each, Node):
            meant.update(node.id for node in _of_node(each, root, twin))
        else:
            raise TypeError(f"explain: `by` takes nodes, and names of nodes and scopes, not {type(each).__name__}")
    layer = [node for node in inner if node.id in meant]
    if not layer:
        raise GraphError(
            f"explain: nothing that `by` means lies between {nodes[-1].describe()} and {nodes[0].describe()}. "
            f"{_what_does(inner)}"
        )
    return layer


def _of_node(node: Node, root: Node, twin: Any) -> list[Any]:
    """A node itself, or the twins of its elements."""
    if twin is None:
        return [node]
    whole, index = as_element(node, root)
    elements = twin.elements(whole)
    return [each for each in np.ravel(elements if index is None else elements[index]) if each is not None]


def _called(name: str, nodes: Sequence[Any]) -> list[Any]:
    """The node of a name, or the elements of a tensor of that name."""
    return [node for node in nodes if node.name == name or node.name.startswith(f"{name}[")]


def _results_of(name: str, nodes: Sequence[Any]) -> list[Any]:
    """The nodes that were made in a scope and go out of it: into nodes of another scope."""
    users: dict[int, list[Any]] = {}
    for node in nodes:
        for parent in node.parents:
            users.setdefault(parent.id, []).append(node)
    return [
        node
        for node in nodes[1:-1]
        for scope in _scopes_called(name, node)
        if any(scope not in user.scopes for user in users[node.id])
    ]


def _scopes_called(name: str, node: Any) -> list[Scope]:
    return [scope for scope in node.scopes if name in (scope.name, scope.path) or scope.path.endswith(f"/{name}")]


def _what_does(nodes: Sequence[Any]) -> str:
    """The names and scopes that would do, in words."""
    names = list(dict.fromkeys(node.name.partition("[")[0] for node in nodes if node.name))
    scopes = list(dict.fromkeys(scope.path for node in nodes for scope in node.scopes))
    known = [*map(repr, names[:_LISTED]), *(f"scope {path!r}" for path in scopes[:_LISTED])]
    return f"There are {', '.join(known)}" if known else "The nodes there have no names; give the nodes themselves"
