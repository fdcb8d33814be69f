"""What the nodes of a graph are called in sentences: by name, or by the formula that made them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from autograd import symbol as notation
from autograd.node import Node
from autograd.safe_text import shorten
from autograd.steps.names import Names
from autograd.symbol import ATOM, Symbol

__all__ = ["Called"]

_LONG = 30  # characters of a formula that may stand for a node without a name


class Called:
    """Names and formulas of the nodes of a graph.

    Args:
        root: the graph's result.
        given: names by node id, beside the nodes' own.
    """

    def __init__(self, root: Node, given: Mapping[int, str]) -> None:
        self.names = Names(root, given)
        self._root = root
        self._given = given

    def is_named(self, node: Node) -> bool:
        """Whether a node has a name of its own."""
        return bool(node.name) or node.id in self._given

    @cached_property
    def root(self) -> str:
        """What the root is called."""
        return self.names[self._root] if self.is_named(self._root) else "L"

    def name(self, node: Node) -> str:
        """What a node is called; an unnamed result by the operation that made it."""
        return self.symbol(node).text

    def derivative(self, node: Node) -> str:
        """The root's derivative by a node, as a quotient."""
        return f"∂{self.root}/∂{self.symbol(node).at_level(ATOM)[0]}"

    def symbol(self, node: Any, depth: int = 2) -> Symbol:
        """A node in symbols: its name, or the operation that made it, of arguments that are written out so deep."""
        if node is self._root:
            return Symbol(self.root)
        if self.names.is_number(node):
            return notation.as_symbol(node._data)
        if self.is_named(node) or node.rule is None or not depth:
            return self.names.symbol(node)
        formula = self.formula(node, depth - 1)
        return formula if len(formula.text) <= _LONG else self.names.symbol(node)

    def formula(self, node: Any, depth: int = 1) -> Symbol:
        """The operation that made a node, in symbols."""
        arguments = [self.symbol(parent, depth) for parent in node.parents]
        if node.rule.name == "sum" and len(arguments) == 1:
            return notation.function("Σ", r"\sum")(*arguments)
        try:
            return notation.as_symbol(node.rule.expression(*arguments))
        except Exception:  # a notation for other arguments than these
            return Symbol(f"{node.op} ({self.names[node]})")

    def operation(self, node: Any) -> str:
        """The operation that made a node, as an equation where the node has a name, and its scope."""
        named = self.is_named(node) or node is self._root
        equation = f"{self.name(node)} = " if named else ""
        scope = f" in {node.scopes[-1].name}" if node.scopes else ""
        return f"{equation}{shorten(self.formula(node).text)}{scope}"
