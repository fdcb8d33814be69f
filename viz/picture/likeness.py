"""What nodes have in common, apart from what surrounds them: operation, shape, kind, and the names of their scopes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from autograd.node import Node
from autograd.recording import Scope
from viz.picture.parts import Part
from viz.picture.patterns import pattern_of


class Likeness:
    """Labels that two nodes share only if they are alike."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, ...], int] = {}  # of chains of scopes with one pattern
        self._number_of: dict[int, int] = {}  # by the innermost scope's serial number

    def of_part(self, part: Part) -> Hashable:
        """The label of a part: its kind, its result's label, how often it is there; of a scope its size."""
        result = self.of_node(part.results[0])
        if part.kind == "node":
            return result
        if part.scope is None:
            return part.kind, part.times, result
        return part.kind, part.times, self._scopes(part.scope), len(part.members)

    def roughly(self, part: Part) -> Hashable:
        """The coarsest label of a part: its operation, or its scope's name, and its kind."""
        node = part.results[0]
        if part.scope is not None:
            return "scope", pattern_of(part.scope.name)
        if node.rule is None:
            return "leaf" if node.requires_grad else "constant"
        return "sum" if part.kind == "sum" else ("operation", node.rule.name)

    def of_node(self, node: Node) -> Hashable:
        """The label of a node."""
        rule, scope = node.rule, node.innermost_scope
        return (
            type(node),
            None if rule is None else rule.name,
            node.requires_grad,
            getattr(node, "shape", None),
            getattr(node, "dtype", None),
            0 if scope is None else self._scopes(scope),
        )

    def of_block(self, nodes: Sequence[Node]) -> Hashable:
        """The inner structure of a scope's nodes, oldest first: what they are, in which calls, and which uses which."""
        place_of = {node.id: place for place, node in enumerate(nodes)}
        scopes: dict[int, int] = {}
        structure = []
        for node in nodes:
            scope = node.innermost_scope
            inner = 0 if scope is None else scopes.setdefault(scope.serial, len(scopes) + 1)
            structure.append((self.of_node(node), inner, tuple([place_of.get(parent.id) for parent in node.parents])))
        return tuple(structure)

    def _scopes(self, innermost: Scope) -> int:
        """A number for a chain of scopes, the same for all whose names have the same patterns."""
        number = self._number_of.get(innermost.serial)
        if number is None:
            patterns = tuple(pattern_of(scope.name) for scope in innermost.chain)
            number = self._number_of[innermost.serial] = self._numbers.setdefault(patterns, len(self._numbers) + 1)
        return number
