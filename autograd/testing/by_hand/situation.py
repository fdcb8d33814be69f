"""What a slip is looked for in: the graph, the answers, and what would arrive at each if something were changed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from autograd.rule import array_arithmetic
from autograd.testing.by_hand.called import Called
from autograd.testing.by_hand.circuit import Change, Circuit
from autograd.testing.by_hand.given import nearness
from autograd.testing.by_hand.marking import FOLLOWS, RIGHT, ROUNDING, WRONG, Marks
from autograd.testing.by_hand.sheet import Sheet

__all__ = ["ADDITIONS", "Situation"]

ADDITIONS = ("+", "−", "Σ")  # of a sum of many terms each is as deep as the others
_MANY = 1_000_000
_MOST_VISITS = 400_000  # nodes that all walks together may visit before wide changes are no longer tried


class Situation(Called):
    """The question that every hypothesis answers: what would this slip have made of each answer?

    The learner's own wrong numbers are handed on where there are some, so that a slip is found once, at its source.

    Attributes:
        own: for each answer, what arrives without a further slip.
        values: the answers themselves.
        wrong: which answers call for an explanation.
        others: which ones speak against a slip that would have changed them.
        results: the recorded operations between the wrong answers and the next answers above them, latest first.
    """

    def __init__(self, circuit: Circuit, sheet: Sheet, marks: Marks, given: Mapping[int, str]) -> None:
        super().__init__(circuit.root, given)
        self.circuit = circuit
        self.sheet = sheet
        self.marks = marks
        self.own = marks.own
        self.values = np.array([cell.given.value for cell in sheet.cells])
        self._units = np.array([cell.given.unit for cell in sheet.cells])
        self._slacks = np.array([cell.given.slack for cell in sheet.cells])
        self.wrong = np.array([verdict == WRONG for verdict in marks.verdicts])
        self._replaces = {node_id for node_id, held in marks.held.items() if not np.ndim(held)}
        self.results, self.parents = self._between()
        widest = np.maximum(5.0 * self._units, self._slacks) + marks.noise
        self.widest = np.where(self.wrong, widest, -1.0)  # how far off a number that explains an answer may be at most
        self.others = np.array([verdict in (RIGHT, ROUNDING, FOLLOWS) for verdict in marks.verdicts])
        self.cut_short = False  # whether there was no time for all that could be tried
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
        return self.circuit.walk(arrive=self.arrive)

    @cached_property
    def true(self) -> dict[int, Any]:
        """The true gradient of each node, by node id."""
        return self.circuit.walk()

    def arrive(self, node: Any, gradient: Any) -> Any:
        """What a node hands on of what has arrived: the learner's own number where there is a wrong one."""
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

    @cached_property
    def named(self) -> list[Any]:
        """The nodes that have a name, the root left out, latest first."""
        return [node for node in self.circuit.order if node is not self.circuit.root and self.is_named(node)]

    def waypoint(self, node: Any) -> str:
        """The name that is met first on the way up from a node, as long as there is one way; else the node itself."""
        place = node
        while not self.is_named(place) and len(self.uses.get(place.id, ())) == 1:
            ((place, _),) = self.uses[place.id]
        return self.name(node if place is self.circuit.root else place)

    # ---- what would arrive ----------------------------------------------------------------------------------------

    def nearness(self, predicted: Any) -> Any:
        """How well each answer agrees with a number for it, as a `Nearness`."""
        return nearness(self.values, self._units, self._slacks, predicted, self.marks.noise)

    def read(self, arrived: Mapping[int, Any]) -> Any:
        """What a walk brought to each answer."""
        found = np.zeros(len(self.own))
        for node_id, (answers, places) in self._places.items():
            gradient = arrived.get(node_id)
            if gradient is not None:
                found[answers] = np.ravel(gradient)[places]
        return found

    @cached_property
    def _places(self) -> dict[int, tuple[Any, Any]]:
        """By node id, the answers that are for a node, and the places of its elements that they are for."""
        found: dict[int, tuple[list[int], list[int]]] = {}
        for answer, cell in enumerate(self.sheet.cells):
            answers, places = found.setdefault(cell.node.id, ([], []))
            answers.append(answer)
            places.append(cell.place)
        return {node_id: (np.array(answers), np.array(places)) for node_id, (answers, places) in found.items()}

    def predicted(self, changes: Mapping[int, Change]) -> Any:
        """What would arrive at each answer if these nodes handed on something else."""
        if self.scalar and len(changes) == 1:
            ((node_id, change),) = changes.items()
            return self.own + self.moved(self._by_id[node_id], change)
        return self.read(self.circuit.walk(changes, self.arrive))

    def moved(self, node: Any, change: Change) -> Any:
        """In a graph of single numbers: how much more each answer would receive if a node handed on other numbers."""
        upstream = self.upstream(node)
        moved: Any = np.zeros(len(self.own))
        if upstream is None:
            return moved
        usual = self.usual(node)
        for parent, before, after in zip(node.parents, usual, change(node, upstream, list(usual)), strict=True):
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
            return self.arrive(each, gradient + difference if each is node else gradient)

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

    def affords_walk(self) -> bool:
        """Whether there is time for one more walk over the whole graph."""
        if self.circuit.visits + len(self.circuit.order) <= _MOST_VISITS:
            return True
        self.cut_short = True
        return False

    @cached_property
    def _by_id(self) -> dict[int, Any]:
        return {node.id: node for node in self.circuit.order}

    @cached_property
    def passing(self) -> dict[int, Any]:
        """In a graph of single numbers: d(node)/d(answer) for each answer, as far as it is not cut off, by node id."""
        return self._slopes[0]

    @cached_property
    def slopes(self) -> dict[int, Any]:
        """In a graph of single numbers: d(node)/d(answer) for each answer, at answers too, by node id."""
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
    def ways(self) -> dict[int, int]:
        """In a graph of single numbers: how many open routes lead up from a node, `_MANY` at most, by node id."""
        ways: dict[int, int] = {self.circuit.root.id: 1}
        for node in self.circuit.order:
            here = 1 if self.ends_at(node) else ways.get(node.id, 0)
            if here and node.rule is not None:
                for parent, weight in zip(node.parents, self.weights(node), strict=True):
                    if parent.requires_grad and weight:
                        ways[parent.id] = min(ways.get(parent.id, 0) + here, _MANY)
        return ways

    @cached_property
    def depths(self) -> dict[int, int]:
        """How many operations lie between a node and the root at most, additions not counted, by node id."""
        depths = {self.circuit.root.id: 0}
        for node in self.circuit.order:
            step = depths[node.id] + (node.op not in ADDITIONS)
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
