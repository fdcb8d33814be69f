"""`play`: a graph's forward and backward pass as a film to step through."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from autograd.node import Node
from autograd.progress import Progress
from autograd.variables import caller_variables
from viz.drawing import Drawing
from viz.formats.dot import RankDir
from viz.picture.parts import MAX_NODES
from viz.player.filming import make_film
from viz.player.nudges import NO_NUDGES, make_nudges
from viz.player.player import GraphPlayer
from viz.request import requested
from viz.style import Style


def play(
    root: Node,
    *,
    names: Mapping[str, Any] | None = None,
    rankdir: RankDir = "LR",
    style: Style = "box",
    max_nodes: int | None = MAX_NODES,
    of: Node | Iterable[Node] = (),
    depth: int | None = None,
    fold: str | Iterable[str] = (),
    unfold: str | Iterable[str] = (),
    element: Any = None,
    heat: bool = False,
    nudge: bool = True,
) -> GraphPlayer:
    """Play a graph: values appear forwards, then gradients flow backwards, arrow by arrow.

    Each step shows its formula, its numbers and the sum so far; a source line lights up where it was recorded
    (`autograd.record_source`). In a notebook or a page: keys, slider, a click on a node; "predict first" asks for the
    next number before it shows it; "nudge" raises an input by h and compares the change that derivatives predict with
    the true one. Everything that is shown was computed here, before; the page itself computes nothing.

    The pass is made for the film alone: every gradient is afterwards what it was. Hooks run once.

    Args:
        root: a Value, or a Tensor of one element, that requires a gradient.
        names, rankdir, style, max_nodes, of, depth, fold, unfold, element, heat: as in `viz.draw`.
        nudge: also record what happens where inputs are raised, in a graph of Values.

    Returns:
        The player: shown by a notebook, as steps of text by `print`, written by `.save("film.html")`.

    Raises:
        TypeError: `root` is no node.
        GraphError: `root` has several elements, or requires no gradient.

    Example:
        >>> from autograd import Value
        >>> a, b = Value(2.0), Value(-3.0)
        >>> L = a * b + a
        >>> print(play(L))
         1  a = 2
         2  b = −3
         3  v₁ = a·b = 2·(−3) = −6
         4  L = v₁ + a = −6 + 2 = −4
         5  L receives 1, the seed
         6  v₁ receives 1 × 1 = 1
         7  a receives 1 × 1 = 1
         8  a receives 1 × −3 = −3
         9  b receives 1 × 2 = 2
    """
    with Progress("play") as told:
        told.step("what its nodes are called")
        request = requested(
            "play", root, caller_variables(sys._getframe(1)) if names is None else names, names is None,
            rankdir=rankdir, style=style, max_nodes=max_nodes, of=of, depth=depth, fold=fold, unfold=unfold,
            element=element, heat=heat,
        )  # fmt: skip
        told.step("its steps")
        film, boxes = make_film(*request)
        told.step("its nudges")
        nudges = make_nudges(request.root, boxes, film) if nudge else NO_NUDGES
    return GraphPlayer(Drawing(film.picture, rankdir, style), film, nudges, request)
