"""Right, rounded, following from a mistake above, or wrong: each answer against the gradient that arrives there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.testing.by_hand.circuit import Circuit, element_of
from autograd.testing.by_hand.given import Nearness
from autograd.testing.by_hand.sheet import Sheet

__all__ = ["ASIDE", "FOLLOWS", "RIGHT", "ROUNDING", "WRONG", "Marks", "from_the_true", "mark"]

RIGHT, ROUNDING, FOLLOWS, WRONG = "right", "rounding", "follows", "wrong"
ASIDE = "aside"  # of a wrong answer that is not being looked at
_OF_FLOATS = (1e-9, 1e-12)  # how far off a gradient may be: relative to itself, and to the terms that made it
_PRECISION = {np.dtype(np.float32): (1e-5, 1e-6), np.dtype(np.float16): (1e-2, 1e-2)}


class Marks(NamedTuple):
    """What the sheet is worth, answer by answer.

    Attributes:
        true: the true gradients.
        own: what arrives if each wrong answer above is handed on in the true gradient's place.
        noise: how far off the computed gradients may be themselves.
        verdicts: one of `RIGHT`, `ROUNDING`, `FOLLOWS` and `WRONG` for each answer.
        held: by node id, what the learner hands on there.
        sources: for each answer the nearest wrong ones above that reach it.
    """

    true: Any
    own: Any
    noise: Any
    verdicts: tuple[str, ...]
    held: Mapping[int, Any]
    sources: tuple[tuple[int, ...], ...]


def from_the_true(marks: Marks, left: Sequence[int]) -> Marks:
    """The marks by which some wrong answers are looked at as if they had been worked out from true numbers above."""
    verdicts = list(marks.verdicts)
    for place, verdict in enumerate(verdicts):
        if verdict in (FOLLOWS, WRONG) and place not in left:
            verdicts[place] = ASIDE
    return marks._replace(own=marks.true, held={}, verdicts=tuple(verdicts))


def mark(circuit: Circuit, sheet: Sheet) -> Marks:
    """Mark every answer; an answer that follows from the learner's own wrong number above is no mistake of its own."""
    cells = sheet.cells
    arrived = circuit.walk()
    true = np.array([element_of(arrived.get(cell.node.id), cell.place) for cell in cells])
    noise = _noise(circuit, sheet, true)
    at_node: dict[int, list[int]] = {}
    for place, cell in enumerate(cells):
        at_node.setdefault(cell.node.id, []).append(place)
    own = true.copy()
    verdicts = [RIGHT] * len(cells)
    held: dict[int, Any] = {}

    def arrive(node: Any, gradient: Any) -> Any:
        for place in at_node.get(node.id, ()):
            cell = cells[place]
            own[place] = element_of(gradient, cell.place)
            verdicts[place] = _verdict(cell.given, true[place], own[place], noise[place])
        changed = [cells[place] for place in at_node.get(node.id, ()) if verdicts[place] != RIGHT]
        if changed:
            gradient = held[node.id] = _replaced(gradient, changed)
        return gradient

    circuit.walk(arrive=arrive)
    for node_id, places in at_node.items():  # nothing arrives there: every way is closed
        if node_id not in arrived:
            for place in places:
                verdicts[place] = _verdict(cells[place].given, 0.0, 0.0, 0.0)
    sources = _sources(circuit, at_node, verdicts, held)
    return Marks(true, own, noise, tuple(verdicts), held, sources)


def _noise(circuit: Circuit, sheet: Sheet, true: Any) -> Any:
    sizes = circuit.sizes()
    size = np.array([sizes.get(cell.node.id, 0.0) for cell in sheet.cells])
    of_kind = [_PRECISION.get(getattr(cell.node.data, "dtype", None), _OF_FLOATS) for cell in sheet.cells]
    relative, of_terms = np.array(of_kind).T
    noise = relative * np.abs(true) + of_terms * size
    return np.where(np.isfinite(noise), noise, 0.0)


def _verdict(given: Any, true: float, own: float, noise: float) -> str:
    nearness = given.nearness(true, noise)
    if nearness == Nearness.SAME:
        return RIGHT
    if nearness == Nearness.ROUNDED:
        return ROUNDING
    follows = given.nearness(own, noise) > Nearness.FAR and abs(own - true) > noise
    return FOLLOWS if follows else WRONG


def _replaced(gradient: Any, cells: list[Any]) -> Any:
    if not np.ndim(gradient):
        return type(gradient)(cells[0].given.value) if gradient.__class__ is float else np.array(cells[0].given.value)
    array = np.array(gradient)
    for cell in cells:
        array.reshape(-1)[cell.place] = cell.given.value
    return array


def _sources(
    circuit: Circuit, at_node: Mapping[int, list[int]], verdicts: list[str], held: Mapping[int, Any]
) -> tuple[tuple[int, ...], ...]:
    """For each answer the answers not right that are met first on the ways up from it, in the order of the sheet."""
    carried: dict[int, dict[int, None]] = {}

    def note(node: Any, upstream: Any, handed: list[Any]) -> list[Any]:
        own = [place for place in at_node.get(node.id, ()) if verdicts[place] in (FOLLOWS, WRONG)]
        given_here = dict.fromkeys(own) or carried.get(node.id, {})
        for parent, contribution in zip(node.parents, handed, strict=True):
            if given_here and contribution is not None and parent.requires_grad and np.any(contribution):
                carried.setdefault(parent.id, {}).update(given_here)
        return handed

    circuit.walk(dict.fromkeys((node.id for node in circuit.order), note), arrive=lambda node, g: held.get(node.id, g))
    found: list[tuple[int, ...]] = [()] * len(verdicts)
    for node_id, places in at_node.items():
        for place in places:
            found[place] = tuple(sorted(carried.get(node_id, ())))
    return tuple(found)
