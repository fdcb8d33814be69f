"""`forward_steps`: the forward pass as an iterator over what it did."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.node import Node, graph_nodes
from autograd.numbers import LISTED, number_text, shape_text
from autograd.steps.formulas import applied, number_symbol
from autograd.steps.names import Names
from autograd.steps.step import Step
from autograd.steps.wording import Cells, quantity, quantity_latex
from autograd.symbol import Symbol
from autograd.variables import called_by

__all__ = ["ForwardStep", "forward_steps"]


def forward_steps(root: Node, *, names: Mapping[int, str] | None = None) -> Iterator[ForwardStep]:
    """What the forward pass did, node by node in order of creation, constants and leaves too.

    Args:
        root: a Value or Tensor.
        names: what nodes are called, by node id, beside their own names; by the caller's variables unless given.

    Raises:
        TypeError: `root` is no node.

    Example:
        >>> from autograd import Value
        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> for step in forward_steps((a * b + 10.0).tanh()):
        ...     print(step)
        step 1: a = 2
        step 2: b = −3
        step 3: v₁ = a·b = 2·(−3) = −6
        step 4: the constant 10
        step 5: v₂ = v₁ + 10 = −6 + 10 = 4
        step 6: v₃ = tanh(v₂) = tanh(4) = 0.9993
    """
    nodes = graph_nodes(root)
    called = Names(root, called_by(sys._getframe(1), root) if names is None else names)
    return (ForwardStep(number, node, called) for number, node in enumerate(nodes, start=1))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ForwardStep(Step):
    """A node comes into being: a leaf or constant is given, a result is computed of its arguments."""

    @property
    def kind(self) -> str:
        """What the node is: "leaf", "constant" or "operation"."""
        if self.node.rule is not None:
            return "operation"
        return "leaf" if self.node.requires_grad else "constant"

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The data of the operation's arguments, as numbers or read-only arrays."""
        return tuple(_read_only(parent._data) for parent in self.node.parents)

    @property
    def result(self) -> Any:
        """The node's data, as a number or a read-only array."""
        return _read_only(self.node._data)

    @property
    def expression(self) -> str:
        """How the node was made, in symbols; empty for a leaf."""
        return self._written([self.names.symbol(parent) for parent in self.node.parents]).text

    @property
    def expression_latex(self) -> str:
        """How the node was made, in LaTeX; empty for a leaf."""
        return self._written([self.names.symbol(parent) for parent in self.node.parents]).latex

    @property
    def substituted(self) -> str:
        """The expression with numbers in the place of names; empty for a leaf and where arrays are too large for it."""
        return self._with_numbers().text

    @property
    def substituted_latex(self) -> str:
        """The same in LaTeX."""
        return self._with_numbers().latex

    def sentence(self) -> str:
        if self.kind != "operation":
            if self.names.is_number(self.node):
                return f"the constant {self.name}"
            what = f"{self.name} = {_value(self.result)}"
            return what if self.kind == "leaf" else f"{what}, a constant"
        parts = [self.name, self.expression, self.substituted, _value(self.result)]
        return " = ".join(part for part in parts if part)

    def latex(self) -> str:
        value = quantity_latex(self.result)
        if self.names.is_number(self.node):
            return value
        parts = [self.names.latex(self.node), self.expression_latex, self.substituted_latex, value]
        return " = ".join(part for part in parts if part)

    def cells(self) -> Cells:
        rule = self.expression or self.kind
        return Cells(self.number, self.name, rule, "", self.substituted, _value(self.result), "")

    def _with_numbers(self) -> Symbol:
        if self.node.rule is None or any(np.size(parent._data) > LISTED for parent in self.node.parents):
            return Symbol("")
        return self._written([number_symbol(parent._data) for parent in self.node.parents])

    def _written(self, arguments: list[Symbol]) -> Symbol:
        return Symbol("") if self.node.rule is None else applied(self.node.rule, arguments)


def _value(data: Any) -> str:
    return f"{shape_text(data)}: {quantity(data)}" if np.ndim(data) else number_text(data)


def _read_only(data: Any) -> Any:
    if not isinstance(data, np.ndarray):
        return data
    view = data.view()
    view.setflags(write=False)
    return view
