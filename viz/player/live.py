"""Live films: a leaf's value is changed in the page, and the kernel computes the graph anew and sends another film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

from autograd.errors import GraphError
from autograd.node import graph_nodes
from autograd.numbers import number_text
from autograd.optional import optional
from autograd.value import Value
from viz.drawing import Drawing
from viz.formats.dot import RankDir
from viz.player.block import film_data, film_svg, table_rows
from viz.player.filming import make_film
from viz.player.nudges import NO_NUDGES, evaluated_anew, make_nudges
from viz.player.packing import live_script, style_sheet
from viz.request import Request
from viz.style import Style


def live_widget(request: Request, rankdir: RankDir, style: Style, nudge: bool) -> Any:
    """A widget that shows the film of a graph of Values, with a field for each leaf.

    Its traits: `inputs`, what the leaves are called; `values`, their numbers, which the page sets, and Python may;
    `film`, what the page shows; `problem`, why the last numbers gave no film. The graph itself stays as it is.

    Raises:
        ImportError: anywidget is not installed.
        GraphError: the graph does not consist of Values.
        RenderUnavailable: there is no layout engine.
    """
    kind = _widget_kind()
    nodes = graph_nodes(request.root)
    if not all(isinstance(node, Value) for node in nodes):
        raise GraphError(
            f"live: {request.root.describe()} is made of Tensors, whose fields would be too many; "
            f"open the element that matters with play(loss, element=...)"
        )
    leaves = [node for node in nodes if node.rule is None and node.requires_grad]
    film, names = _film(request, rankdir, style, nudge)
    widget = kind(
        film=film,
        inputs=[names.get(leaf.id) or leaf.name or number_text(leaf.data) for leaf in leaves],
        values=[leaf.data for leaf in leaves],
    )

    def compute(change: Any) -> None:
        try:
            given = {leaf.id: float(value) for leaf, value in zip(leaves, change["new"], strict=True)}
            widget.film, _ = _film(with_values(request, given), rankdir, style, nudge)
            widget.problem = ""
        except Exception as error:  # the page is told; a callback has nobody else to tell
            widget.problem = f"{type(error).__name__}: {error}"

    widget.observe(compute, "values")
    return widget


def with_values(request: Request, values: Mapping[int, float]) -> Request:
    """The request for a copy of its graph, evaluated anew with other leaves.

    Args:
        values: by the leaf's id.
    """
    nodes = graph_nodes(request.root)
    memo: dict[int, Any] = {}
    root = deepcopy(request.root, memo)
    copies: dict[int, Any] = {node.id: memo[id(node)] for node in nodes}
    evaluated_anew([copies[node.id] for node in nodes], {copies[id].id: value for id, value in values.items()})
    names = {copies[id].id: name for id, name in request.names.items() if id in copies}
    starts = tuple(copies[node.id] for node in request.view.of)
    return Request(root, names, replace(request.view, of=starts))


def _film(request: Request, rankdir: RankDir, style: Style, nudge: bool) -> tuple[dict[str, Any], dict[int, str]]:
    """What the page needs, and the names of the nodes that have a box."""
    film, boxes = make_film(*request)
    nudges = make_nudges(request.root, boxes, film) if nudge else NO_NUDGES
    scene = Drawing(film.picture, rankdir, style).scene
    rows: Sequence[Sequence[str]] = [["", *row] for row in table_rows(film)]
    data = {**film_data(film, style, nudges), "svg": film_svg(film, scene, style), "rows": rows, "css": style_sheet()}
    names = {node.node_id: node.name for node in film.picture.nodes if node.node_id is not None}
    return data, names


@cache
def _widget_kind() -> Any:
    anywidget, traitlets = (
        optional(module, of="anywidget", extra="live", needed_by="live") for module in ("anywidget", "traitlets")
    )
    traits = {
        "_esm": live_script(),
        "film": traitlets.Dict().tag(sync=True),
        "inputs": traitlets.List(traitlets.Unicode()).tag(sync=True),
        "values": traitlets.List(traitlets.Float()).tag(sync=True),
        "problem": traitlets.Unicode().tag(sync=True),
    }
    return type("LiveFilm", (anywidget.AnyWidget,), traits)
