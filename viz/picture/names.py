"""What each node of a picture is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from autograd.naming import goes_by_number, name_of, numbered
from autograd.node import Node
from autograd.numbers import number_text
from autograd.safe_text import short_name, shorten

_FULL_LENGTH = 500  # of a name in a tooltip


class Called(Protocol):
    """What nodes are called in a formula."""

    def __getitem__(self, node: Node) -> str: ...

    def is_number(self, node: Node) -> bool:
        """True for a constant that goes by its number."""


class Names:
    """What each node of a graph is called: a given name; else its own; else a constant's number; else v₁, v₂, ...

    Args:
        nodes: the whole graph in order of creation, so that a node has the same number in every picture of it.
        given: names by node id.
    """

    def __init__(self, nodes: Iterable[Node], given: Mapping[int, str]) -> None:
        self._full: dict[int, str] = {}
        self._drawn: dict[int, str] = {}
        self._numbers: set[int] = set()
        self._named: set[int] = set()
        unnamed = 0
        for node in nodes:
            name = name_of(node, given)
            if name:
                self._named.add(node.id)
            elif goes_by_number(node, given):
                self._numbers.add(node.id)
                name = number_text(node._data)
            else:
                unnamed += 1
                name = numbered(unnamed)
            self._full[node.id] = name

    def __getitem__(self, node: Node) -> str:
        """The name as it is drawn: never empty, never long, every character visible."""
        return self.of_id(node.id)

    def full(self, node: Node) -> str:
        """The name as it was given; the middle of one that no tooltip could show is left out."""
        return shorten(self._full[node.id], _FULL_LENGTH)

    def __contains__(self, id: int) -> bool:
        return id in self._full

    def of_id(self, id: int) -> str:
        """The name, as it is drawn, of the node of that id."""
        if id not in self._drawn:
            self._drawn[id] = short_name(self._full[id])
        return self._drawn[id]

    def is_named(self, node: Node) -> bool:
        """True for a node that goes by a name that the user gave it, or a variable of the user's."""
        return node.id in self._named

    def variables(self) -> set[int]:
        """The ids of nodes with a name of their own, which is no element and no attribute of something named."""
        return {id for id in self._named if not {"[", "."} & set(self._full[id])}

    def is_number(self, node: Node) -> bool:
        """True for a constant that goes by its number."""
        return node.id in self._numbers
