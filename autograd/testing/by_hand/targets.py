"""What the keys of a sheet of answers stand for: nodes of the graph, and elements of them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd.element import as_element, element_place, index_text
from autograd.errors import GraphError, ShapeError
from autograd.node import Node, graph_nodes

__all__ = ["Place", "Symbols", "Target"]

_INDEXED = re.compile(r"(.+?)((?:\[[^\[\]]*\])+)")
_QUOTIENT = re.compile(r"[d∂]\w*\s*/\s*[d∂](.+)")  # dL/dw11 asks for w11


class Place(NamedTuple):
    """One number of the graph: an element of a node, by its place in row-major order, and what it is called."""

    symbol: str
    node: Node
    place: int


class Target(NamedTuple):
    """What a key stands for: one place, or an array of them."""

    symbol: str
    shape: tuple[int, ...]
    places: tuple[Place, ...]  # in row-major order


class Symbols:
    """Finds what a key stands for.

    Args:
        root: the graph's result.
        names: more names, which go before the nodes' own: for each a node, or a list or array of them. What is neither
            is passed over, so that `locals()` will do.

    Attributes:
        given: those names by node id.
    """

    def __init__(self, root: Node, names: Mapping[str, Any] | None = None) -> None:
        self._root = root
        self._named: dict[str, Any] = {}
        self._twice: set[str] = set()
        for node in graph_nodes(root):
            if node.name:
                if node.name in self._named:
                    self._twice.add(node.name)
                self._named[node.name] = node
        for name, held in (names or {}).items():
            if (found := _nodes_in(held)) is not None:
                self._named[str(name)] = found
                self._twice.discard(str(name))
        self.given: dict[int, str] = {}  # by node id
        for name in names or ():
            held = self._named.get(str(name))
            if isinstance(held, Node):
                self.given.setdefault(held.id, str(name))
            elif held is not None:
                for index in np.ndindex(*held.shape):
                    self.given.setdefault(held[index].id, index_text(str(name), index))

    def find(self, key: Any) -> Target:
        """What a key stands for.

        Raises:
            GraphError: no node has that name, two have it, or the node has no gradient.
            TypeError: the key is neither a name nor a node.
        """
        if isinstance(key, Node):
            return self._of_node(key, "")
        if not isinstance(key, str):
            raise TypeError(f"check_by_hand: answers are for names or nodes, not for {type(key).__name__}")
        name = key.strip()
        quotient = _QUOTIENT.fullmatch(name)
        for text in (name, quotient.group(1).strip() if quotient else ""):
            if target := self._named_so(text):
                return target
        raise GraphError(self._unknown(name))

    def _named_so(self, name: str) -> Target | None:
        if name in self._twice:
            raise GraphError(
                f"check_by_hand: the graph has several nodes named {name!r}; give the node itself instead of its name, "
                f"or names={{{name!r}: node}}"
            )
        held, index = self._named.get(name), None
        if held is None:
            indexed = _INDEXED.fullmatch(name)
            held = self._named.get(indexed.group(1)) if indexed else None
            if indexed is None or held is None:
                return None
            index = tuple(int(part) for part in re.findall(r"-?\d+", indexed.group(2)))
        if isinstance(held, Node):
            if index is None:
                return self._of_node(held, name)
            return self._of_element(held, element_place(held, index, "check_by_hand"), name)
        try:
            inner = held if index is None else held[index]
        except IndexError:
            raise GraphError(f"check_by_hand: {name!r} is no element of an array of shape {held.shape}") from None
        return self._of_node(inner, name) if isinstance(inner, Node) else self._of_nodes(inner, name)

    def _of_element(self, node: Node, place: int, symbol: str) -> Target:
        self._require_gradient(node, symbol)
        return Target(symbol, (), (Place(symbol, node, place),))

    def _require_gradient(self, node: Node, symbol: str) -> None:
        if not node.requires_grad:
            raise GraphError(
                f"check_by_hand: {symbol or node.describe()} requires no gradient, so there is none to compare with; "
                f"make the leaf with requires_grad=True"
            )

    def _of_node(self, node: Node, symbol: str) -> Target:
        element = as_element(node, self._root)
        node, shape = element.node, np.shape(element.node.data)
        self._require_gradient(node, symbol)
        own = node.name or self.given.get(node.id) or symbol or node.describe()
        if element.index is not None and (shape or not symbol):
            place = element_place(node, element.index, "check_by_hand")
            return self._of_element(node, place, symbol or index_text(own, element.index))
        symbol = symbol or own
        places = [Place(index_text(symbol, index), node, at) for at, index in enumerate(np.ndindex(*shape))]
        return Target(symbol, shape, tuple(places))

    def _of_nodes(self, nodes: Any, symbol: str) -> Target:
        places: list[Place] = []
        for index in np.ndindex(*nodes.shape):
            places += self._of_node(nodes[index], index_text(symbol, index)).places
        if len(places) != nodes.size:
            raise ShapeError(f"check_by_hand: {symbol} holds arrays; give the answer for each by itself")
        return Target(symbol, nodes.shape, tuple(places))

    def _unknown(self, name: str) -> str:
        close = difflib.get_close_matches(name, self._named, n=3)
        if not self._named:
            return (
                f"check_by_hand: no node is called {name!r}: none of the graph has a name. Name them "
                f"(Value(2.0, 'a'), node.name = 'h'), or give names={{'a': a}} or names=locals()"
            )
        known = ", ".join(close or list(self._named)[:8])
        return f"check_by_hand: no node is called {name!r}; {'did you mean' if close else 'the graph has'} {known}?"


def unnamed_in(variables: Mapping[str, Any], root: Any) -> dict[str, Any]:
    """The variables that hold nodes of the graph without names of their own, for names that no node of it has."""
    graph = graph_nodes(root) if isinstance(root, Node) else []
    own, unnamed = {node.name for node in graph}, {node.id for node in graph if not node.name}
    found: dict[str, Any] = {}
    for name, held in variables.items():
        nodes = None if name in own else _nodes_in(held)
        several = [nodes] if isinstance(nodes, Node) else [] if nodes is None else list(nodes.flat)
        if several and all(each.id in unnamed for each in several):
            found[name] = nodes
    return found


def _nodes_in(held: Any) -> Any:
    """A node as it is, a list or array of nodes as an array; None for anything else."""
    if isinstance(held, Node):
        return held
    if isinstance(held, list | tuple) and held and all(isinstance(each, Node) for each in held):
        row = np.empty(len(held), dtype=object)
        for place, node in enumerate(held):
            row[place] = node
        return row
    try:
        nodes = np.array(held, dtype=object) if isinstance(held, list | tuple) else held
    except (ValueError, TypeError):  # lists of several lengths, or with Tensors in them
        return None
    if not isinstance(nodes, np.ndarray) or nodes.dtype != object or not nodes.size:
        return None
    return nodes if all(isinstance(each, Node) for each in nodes.flat) else None
