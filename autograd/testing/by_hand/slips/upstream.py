"""The upstream gradient forgotten, applied twice, or another node's; a gradient that stops before it is finished."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.testing.by_hand.evidence import Candidate
from autograd.testing.by_hand.situation import Situation

__all__ = ["upstream_slips"]

FORGOTTEN = "upstream forgotten"
APPLIED_TWICE = "upstream applied twice"
ANOTHER = "another node's gradient"
_UNNAMED = 3.0  # bits more for a node that nobody has named


def upstream_slips(situation: Situation, most: int) -> Iterator[Candidate]:
    """The chain rule's upstream factor done wrong, for the answers one by one."""
    if len(situation.results) > most:
        return
    if situation.scalar:
        yield from _of_numbers(situation)
    else:
        yield from _of_arrays(situation)
    yield from _another(situation)


def _choice(situation: Situation, nodes: list[Any]) -> tuple[float, float]:
    """Bits to choose one of the nodes: of those that have a name, and of those that have none."""
    named = sum(map(situation.is_named, nodes))
    return math.log2(max(named, 1)), math.log2(max(len(nodes) - named, 1)) + _UNNAMED


def _of_numbers(situation: Situation) -> Iterator[Candidate]:
    """Of numbers: d(node)/d(answer) alone, and with the node's gradient twice."""
    nodes = [node for node in situation.circuit.order if node is not situation.circuit.root]
    nodes = [node for node in nodes if node.id in situation.slopes]
    named, unnamed = _choice(situation, nodes)
    for node in nodes:
        slope = situation.slopes[node.id]
        reached = np.where(slope != 0.0, slope, np.nan)
        bits = named if situation.is_named(node) else unnamed
        near = min(bits, named + 1) if node.id in situation.first_users else bits
        yield Candidate(FORGOTTEN, _forgotten(situation, node), 2 + near, reached, binding=False)
        upstream = situation.upstream(node)
        if upstream and abs(upstream) != 1.0:
            twice = np.where(slope != 0.0, situation.own + slope * upstream * (upstream - 1.0), np.nan)
            yield Candidate(APPLIED_TWICE, _twice(situation, node), 4 + bits, twice, binding=False)


def _forgotten(situation: Situation, node: Any) -> Any:
    def said() -> str:
        name, root = situation.name(node), situation.root
        upstream = f"the upstream gradient {situation.derivative(node)}"
        return f"this is the derivative of {name} alone; times {upstream} it is that of {root}"

    return said


def _twice(situation: Situation, node: Any) -> Any:
    return lambda: f"the upstream gradient {situation.derivative(node)} was applied twice"


def _of_arrays(situation: Situation) -> Iterator[Candidate]:
    """Of arrays: a node that hands on ones, or the square of its gradient."""
    nodes = [node for node in situation.results if node is not situation.circuit.root]
    named, unnamed = _choice(situation, nodes)
    for node in nodes:
        upstream = situation.upstream(node)
        if upstream is None:
            continue
        bits = named if situation.is_named(node) else min(unnamed, named + 2)
        ones = _handing_on(situation, node, np.ones_like(upstream))
        yield Candidate(FORGOTTEN, _forgotten(situation, node), 2 + bits, ones, binding=False)
        if not np.all(np.abs(upstream) == 1.0):
            squared = _handing_on(situation, node, upstream * upstream)
            yield Candidate(APPLIED_TWICE, _twice(situation, node), 4 + bits, squared, binding=False)


def _handing_on(situation: Situation, node: Any, gradient: Any) -> Any:
    def arrive(each: Any, arrived: Any) -> Any:
        return gradient if each is node else situation.arrive(each, arrived)

    return situation.read(situation.circuit.walk(arrive=arrive))


def _another(situation: Situation) -> Iterator[Candidate]:
    """The true gradient of another node of the graph, or the learner's own for a node above."""
    nodes = [node for node in situation.circuit.order if node.id in situation.true]
    nodes = [node for node in nodes if node is not situation.circuit.root]
    named, unnamed = _choice(situation, nodes)
    for node in nodes:
        true = np.asarray(situation.true[node.id], dtype=float)
        own = np.asarray(situation.marks.held.get(node.id, true), dtype=float)
        predicted = np.full(len(situation.own), np.nan)
        for place, cell in enumerate(situation.sheet.cells):
            if cell.node is not node and np.shape(cell.node._data) == true.shape:
                gradient = own if node.id > cell.node.id else true  # below an answer all follows from the answer itself
                predicted[place] = gradient.reshape(-1)[cell.place]
        bits = named if situation.is_named(node) else unnamed
        yield Candidate(ANOTHER, _of_node(situation, node), 3 + bits, predicted, binding=False)


def _of_node(situation: Situation, node: Any) -> Any:
    return lambda: (
        f"this is {situation.derivative(node)}, another node's gradient: a local derivative is missing "
        f"on the way, or the nodes were confused"
    )
