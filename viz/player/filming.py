"""From a graph to its film: the forward pass, then the backward pass edge by edge, told in terms of the picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograd.node import Node, graph_nodes
from autograd.numbers import NOT_COMPUTED
from autograd.recording import Source
from autograd.steps import BackwardStep, EdgeStep, ForwardStep, HandmadeStep, backward_steps, forward_steps
from autograd.steps.wording import quantity
from viz.picture.make import Placed, place_picture
from viz.picture.view import View
from viz.player.clean_pass import gradients_put_back
from viz.player.frame import Film, Frame

_SHOWN, _LEAST = 6e-4, 1e-9  # of a number with four digits


def make_film(root: Node, names: Mapping[int, str], view: View) -> tuple[Film, dict[int, str]]:
    """The film of a graph's forward and backward pass. No gradient is different afterwards; hooks run once.

    Args:
        root: a scalar Value or Tensor that requires a gradient.
        names: names by node id.

    Returns:
        the film, and the id of the box that stands for each node, by the node's id.

    Raises:
        GraphError: the root is no scalar, or requires no gradient.
    """
    nodes = graph_nodes(root)
    with gradients_put_back(nodes):
        steps = list(backward_steps(root, names=names))
        placed = place_picture(root, names, view)
        telling = _Telling(placed, root)
        frames = [*telling.forward(forward_steps(root, names=names)), *telling.backward(steps)]
    film = Film(
        placed.picture,
        tuple(frames),
        tuple(telling.lines),
        {node.id: node.name for node in placed.picture.nodes},
        telling.hidden,
        "the hooks of the graph ran once more for this film" if telling.hooks else "",
    )
    return film, placed.boxes()


class _Telling:
    """Steps of nodes made into frames of boxes and arrows.

    A box or an arrow that stands for several nodes has one frame, when the last of its steps is done; what happens
    inside of a box has none.
    """

    def __init__(self, placed: Placed, root: Node) -> None:
        self.lines: dict[tuple[str, str], int] = {}
        self.hidden = 0
        self.hooks = False
        self._root = root
        self._boxes = placed.boxes()
        self._arrows = placed.arrows()
        self._drawn = {node.id: node for node in placed.picture.nodes}
        self._edges = {edge.id: edge for edge in placed.picture.edges}

    def forward(self, steps: Iterator[ForwardStep]) -> Iterator[Frame]:
        left = Counter(self._boxes.values())
        for step in steps:
            box = self._boxes.get(step.node.id)
            if box is None:
                continue
            left[box] -= 1
            if left[box]:
                self.hidden += 1
                continue
            yield self._appearing(step, box)

    def _appearing(self, step: ForwardStep, box: str) -> Frame:
        drawn = self._drawn[box]
        value = "; ".join(drawn.value) or drawn.name
        single = drawn.node_id is not None
        sentence = step.sentence() if single else f"{drawn.name} = {drawn.formula} = {value}"
        formula = (step.expression if single else drawn.formula) or step.kind
        return Frame(
            "forward", box, "", sentence, formula, drawn.op or step.kind, "", step.substituted if single else "", "",
            NOT_COMPUTED, value, True, self._line(step.source),
            _answer(step.node._data) if single and step.kind == "operation" else None,
        )  # fmt: skip

    def backward(self, steps: list[BackwardStep]) -> Iterator[Frame]:
        left = Counter(
            self._arrows.get((step.node.id, step.argument), "") for step in steps if isinstance(step, EdgeStep)
        )
        shown = dict.fromkeys(self._drawn, NOT_COMPUTED)
        for step in steps:
            if isinstance(step, EdgeStep):
                arrow = self._arrows.get((step.node.id, step.argument), "")
                left[arrow] -= 1
                if not arrow or left[arrow]:
                    self.hidden += 1
                    continue
                yield self._flowing(step, arrow, shown)
            else:
                self.hooks = self.hooks or type(step).__name__ == "HookStep"
                yield from self._other(step, shown)

    def _flowing(self, step: EdgeStep, arrow: str, shown: dict[str, str]) -> Frame:
        edge = self._edges[arrow]
        source, was = self._drawn[edge.source], shown[edge.source]
        if source.node_id is not None:
            now = NOT_COMPUTED if step.after is None else quantity(step.after)
        else:
            now = source.gradient or NOT_COMPUTED
        shown[edge.source] = now
        cells = step.cells()
        if edge.uses == 1:
            told = _received(step), _chain_rule(step), cells.rule, cells.upstream, cells.local, cells.contribution
            answer = _answer(step.contribution)
        else:
            answer = None
            received = f"together {edge.contribution}" if edge.contribution else "contributions"
            uses = f"{edge.uses:,} use{'s' * (edge.uses > 1)}"
            sentence = f"{source.name} receives {received} by {uses} in {self._drawn[edge.target].name}"
            told = sentence, "", self._drawn[edge.target].name, "", "", edge.contribution
        return Frame("edge", edge.source, arrow, *told, was, now, step.complete, self._line(step.source), answer)

    def _other(self, step: BackwardStep, shown: dict[str, str]) -> Iterator[Frame]:
        """The seed, a hook, a closure that was written by hand: one frame for each box that changes."""
        after: dict[int, Any]
        if isinstance(step, HandmadeStep):
            after = {parent.id: held for parent, held in zip(step.node.parents, step.after, strict=True)}
        else:
            after = {step.node.id: getattr(step, "after", None)}
        cells = step.cells()
        for id, held in after.items():
            box = self._boxes.get(id)
            if box is None or self._drawn[box].node_id is None:
                self.hidden += 1
                continue
            was, shown[box] = shown[box], NOT_COMPUTED if held is None else quantity(held)
            kind = type(step).__name__.removesuffix("Step").lower()
            yield Frame(
                kind, box, "", step.sentence(), "", cells.rule, cells.upstream, cells.local, cells.contribution,
                was, shown[box], kind != "handmade", self._line(step.source),
            )  # fmt: skip

    def _line(self, source: Source | None) -> int:
        if source is None:
            return -1
        return self.lines.setdefault((source.place, source.text), len(self.lines))


def _received(step: EdgeStep) -> str:
    """What the argument receives: d receives 1 × −4 = −4."""
    return step.sentence().partition(" (by ")[0]


def _answer(number: Any) -> tuple[float, float] | None:
    """A number to ask for, and how far off an answer may be that has the digits that are shown of it."""
    if number is None or np.size(number) != 1 or not np.isfinite(number).all():
        return None
    exact = float(np.asarray(number).reshape(()))
    return exact, max(_SHOWN * abs(exact), _LEAST)


def _chain_rule(step: EdgeStep) -> str:
    """The step in symbols: ∂L/∂a += ∂L/∂v₁ · b."""
    root = step.names[step.root]
    target, through = step.receiver, step.name
    upstream = "1" if step.node is step.root else f"∂{root}/∂{through}"
    local = step.formula
    if not local:
        return f"∂{root}/∂{target} += {upstream} through {through}"
    factor = f"({local})" if " " in local and not local.startswith("[") else local
    return f"∂{root}/∂{target} += {upstream} · {factor}"
