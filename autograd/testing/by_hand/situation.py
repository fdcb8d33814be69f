"""What a slip is looked for in: the graph, the answers, and what would arrive at each if something were changed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.rule import array_arithmetic
from autograd.safe_text import shorten
from autograd import symbol as notation
from autograd.symbol import Symbol
from autograd.steps.names import Names
from autograd.testing.by_hand.circuit import Change, Circuit, element_of
from autograd.testing.by_hand.marking import WRONG, Marks
from autograd.testing.by_hand.sheet import Sheet

__all__ = ["Situation"]

_LONG = 30  # characters of a formula that may stand for a node without a name


class Situation:
    """The question that every hypothesis answers: what would this slip have made of each answer?

    The learner's own wrong numbers are handed on where there are some, so that a slip is found once, at its source.

    Attributes:
        own: for each answer, what arrives without a further slip.
        values: the answers themselves.
        wrong: which answers call for an explanation.
        results: the recorded operations between the wrong answers and the next answers above them, latest first.
    """

    def __init__(self, circuit: Circuit, sheet: Sheet, marks: Marks, given: Mapping[int, str]) -> None:
        self.circuit = circuit
        self.sheet = sheet
        self.marks = marks
        self.names = Names(circuit.root, given)
        self._given = given
        self.own = marks.own
        self.values = np.array([cell.given.value for cell in sheet.cells])
        self.wrong = np.array([verdict == WRONG for verdict in marks.verdicts])
        self._replaces = {node_id for node_id, held in marks.held.items() if not np.ndim(held)}
        self.results, self.parents = self._between()
        self._usual: dict[int, list[Any]] = {}
        self._weights: dict[int, list[float]] = {}

    # ---- the graph ------------------------------------------------------------------------------------------------

    @property
    def scalar(self) -> bool:
        """Whether the graph is one of single numbers."""
        return self.circuit.scalar

    def _between(self) -> tuple[list[Any], list[Any]]:
        asked = {cell.node.id for cell, wrong in zip(self.sheet.cells, self.wrong, strict=True) if wrong}
        passes: set[int] = set()
        results = []
        parents: dict[int, Any] = {}
        for node in reversed(self.circuit.order):
            below = [
                parent
                for parent in node.parents
                if parent.requires_grad and (parent.id in asked or (parent.id in passes and not self.ends_at(parent)))
            ]
            if below:
                passes.add(node.id)
                results.append(node)
                parents.update((parent.id, parent) for parent in below)
        return results[::-1], sorted(parents.values(), key=lambda node: -node.id)


    @cached_property
    def arrived(self) -> dict[int, Any]:
        """The gradient that arrives at each node, by node id."""
        return self.circuit.walk(arrive=self._arrive)

    @cached_property
    def true(self) -> dict[int, Any]:
        """The true gradient of each node, by node id."""
        return self.circuit.walk()

    def _arrive(self, node: Any, gradient: Any) -> Any:
        return self.marks.held.get(node.id, gradient)

    def upstream(self, node: Any) -> Any:
        """The gradient that a node hands on; None where nothing arrives."""
        return self.marks.held.get(node.id, self.arrived.get(node.id))

    @array_arithmetic
    def usual(self, node: Any) -> list[Any]:
        """What a node hands to each of its parents; nothing where nothing arrives."""
        if node.id not in self._usual:
            upstream = self.upstream(node)
            handed = [None] * len(node.parents) if upstream is None else list(node._contributions(upstream))
            self._usual[node.id] = handed
        return self._usual[node.id]

    def is_named(self, node: Node) -> bool:
        """Whether a node has a name of its own."""
        return bool(node.name) or node.id in self._given

    @cached_property
    def named(self) -> list[Any]:
        """The nodes that have a name, the root left out, latest first."""
        return [node for node in self.circuit.order if node is not self.circuit.root and self.is_named(node)]

    @cached_property
    def root(self) -> str:
        """What the root is called."""
        return self.names[self.circuit.root] if self.is_named(self.circuit.root) else "L"

    def name(self, node: Node) -> str:
        """What a node is called; an unnamed result by the operation that made it."""
        return self.symbol(node).text

    def symbol(self, node: Any, depth: int = 2) -> Symbol:
        """A node in symbols: its name, or the operation that made it, of arguments that are written out so deep."""
        if node is self.circuit.root:
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
        """The operation that made a node: as an equation where the node has a name, and with the scope that it is in."""
        named = self.is_named(node) or node is self.circuit.root
        equation = f"{self.name(node)} = " if named else ""
        scope = f" in {node.scopes[-1].name}" if node.scopes else ""
        return f"{equation}{shorten(self.formula(node).text)}{scope}"

    def waypoint(self, node: Any) -> str:
        """The name that is met first on the way up from a node, as long as there is one way; else the node itself."""
        place = node
        while not self.is_named(place) and len(self.uses.get(place.id, ())) == 1:
            ((place, _),) = self.uses[place.id]
        return self.name(node if place is self.circuit.root else place)

    # ---- what would arrive ----------------------------------------------------------------------------------------

    def read(self, arrived: Mapping[int, Any]) -> Any:
        """What a walk brought to each answer."""
        return np.array([element_of(arrived.get(cell.node.id), cell.place) for cell in self.sheet.cells])

    def predicted(self, changes: Mapping[int, Change]) -> Any:
        """What would arrive at each answer if these nodes handed on something else."""
        if self.scalar and len(changes) == 1:
            ((node_id, change),) = changes.items()
            node = self._by_id[node_id]
            upstream = self.upstream(node)
            if upstream is None:
                return self.own
            usual = self.usual(node)
            return self.own + self._reaching(node, usual, change(node, upstream, list(usual)))
        return self.read(self.circuit.walk(changes, self._arrive))

    def _reaching(self, node: Any, usual: list[Any], handed: list[Any]) -> Any:
        moved: Any = 0.0
        for parent, before, after in zip(node.parents, usual, handed, strict=True):
            reach = self.passing.get(parent.id)
            if reach is not None and after is not None and after is not before:
                moved = moved + reach * (after - before)
        return moved

    def shifted(self, node: Any, difference: Any) -> Any:
        """What would arrive at each answer if this much more arrived at a node."""
        if self.scalar:
            reach = self.passing.get(node.id)
            return self.own if reach is None else self.own + reach * difference

        def arrive(each: Any, gradient: Any) -> Any:
            return self._arrive(each, gradient + difference if each is node else gradient)

        arrived = self.circuit.walk(arrive=arrive)
        if node.id in arrived:
            arrived[node.id] = arrived[node.id] + difference
        return self.read(arrived)

    def ends_at(self, node: Any) -> bool:
        """Whether the learner's own number is handed on at a node, so that what arrives there goes no further."""
        return node.id in self._replaces

    @array_arithmetic
    def weights(self, node: Any) -> list[float]:
        """In a graph of single numbers: the local derivatives of a node by its arguments."""
        if node.id not in self._weights:
            self._weights[node.id] = [float(weight) for weight in node._contributions(1.0)]
        return self._weights[node.id]

    @cached_property
    def _by_id(self) -> dict[int, Any]:
        return {node.id: node for node in self.circuit.order}

    @cached_property
    def passing(self) -> dict[int, Any]:
        """In a graph of single numbers: d(node)/d(answer) for each answer, as far as it is not cut off, by node id."""
        return self._slopes[0]

    @cached_property
    def slopes(self) -> dict[int, Any]:
        """In a graph of single numbers: d(node)/d(answer) for each answer, of nodes that are answers too, by node id."""
        return self._slopes[1]

    @cached_property
    def _slopes(self) -> tuple[dict[int, Any], dict[int, Any]]:
        cells = self.sheet.cells
        own: dict[int, Any] = {}
        for place, cell in enumerate(cells):
            own.setdefault(cell.node.id, np.zeros(len(cells)))[place] = 1.0
        passing: dict[int, Any] = {}
        slopes: dict[int, Any] = {}
        for node in reversed(self.circuit.order):
            slope: Any = None
            if node.rule is not None:
                for parent, weight in zip(node.parents, self.weights(node), strict=True):
                    reach = passing.get(parent.id) if parent.requires_grad else None
                    if reach is not None and weight:
                        slope = reach * weight if slope is None else slope + reach * weight
            if slope is not None:
                slopes[node.id] = slope
            here = own.get(node.id)
            through = None if self.ends_at(node) else slope
            if here is not None or through is not None:
                passing[node.id] = here if through is None else through if here is None else through + here
        return passing, slopes

    @cached_property
    def first_users(self) -> set[int]:
        """The operations that use a wrong answer themselves, by node id."""
        asked = {cell.node.id for cell, wrong in zip(self.sheet.cells, self.wrong, strict=True) if wrong}
        return {user.id for node_id in asked for user, _ in self.uses.get(node_id, ())}

    @cached_property
    def depths(self) -> dict[int, int]:
        """How many operations lie between a node and the root at most, additions not counted, by node id."""
        depths = {self.circuit.root.id: 0}
        for node in self.circuit.order:
            step = depths[node.id] + (node.op not in ("+", "Σ"))
            for parent in node.parents:
                depths[parent.id] = max(depths.get(parent.id, 0), step)
        return depths

    @cached_property
    def uses(self) -> dict[int, list[tuple[Any, int]]]:
        """For each node the operations that use it, each with the argument that it is, latest first, by node id."""
        found: dict[int, list[tuple[Any, int]]] = {}
        for node in self.circuit.order:
            for argument, parent in enumerate(node.parents):
                if parent.requires_grad:
                    found.setdefault(parent.id, []).append((node, argument))
        return found
