"""The demo's first half: the hand-worked network, differentiated, drawn, and compared with its document."""

from __future__ import annotations

import time

from gradwalk import seed003
from gradwalk.demo.findings import Descent, GraphPicture, Route, WorkedExample
from viz import draw
from viz.render import RenderUnavailable

__all__ = ["work_example"]


def work_example() -> WorkedExample:
    """Differentiate the network, compare every gradient that its document prints, and draw the graph.

    >>> worked = work_example()
    >>> worked.reproduced == len(worked.rows) and worked.largest_gap < 1e-14
    True
    """
    start = time.perf_counter()
    rows = seed003.comparison()
    without_slips = seed003.hand_gradients(slips=())
    return WorkedExample(
        rows=rows,
        slips=seed003.SLIPS,
        parameters=len(seed003.PARAMETERS),
        reproduced=_reproduced(rows),
        largest_gap=max(abs(row.true - without_slips[row.symbol]) for row in rows),
        routes=_routes(),
        descent=_descent(rows),
        picture=_picture(),
        seconds=time.perf_counter() - start,
    )


def _reproduced(rows: list[seed003.Row]) -> int:
    by_hand = seed003.hand_gradients()
    return sum(f"{by_hand[row.symbol]:z.4f}" == f"{float(row.document):z.4f}" for row in rows)


def _routes() -> list[Route]:
    """o1_in reaches the loss through both outputs, since softmax ties them; the document follows its own alone."""
    nodes = seed003.network()
    nodes["E_total"].backward()
    upstream = {output: nodes[output].grad for output in ("o1_out", "o2_out")}
    routes = []
    for output, gradient in upstream.items():
        nodes[output].backward()  # now every grad is d output / d node
        routes.append(Route(output, gradient, nodes["o1_in"].grad, in_document=output == "o1_out"))
    return routes


def _descent(rows: list[seed003.Row]) -> Descent:
    """One step along the document's printed gradients, and one along the true ones."""

    def loss(gradients: dict[str, float] | None = None) -> float:
        parameters = seed003.descend(gradients) if gradients is not None else seed003.PARAMETERS
        return seed003.network(parameters, convolution=True)["E_total"].data

    document = {row.symbol: float(row.document) for row in rows}
    return Descent(loss(), loss(document), loss({row.symbol: row.true for row in rows}))


def _picture() -> GraphPicture:
    nodes = seed003.network()
    nodes["E_total"].backward()
    drawing = draw(nodes["E_total"], names={}, rankdir="TB")  # as wide as a page, where "LR" is four pages wide
    try:
        return GraphPicture(drawing.svg, drawing.text, "")
    except RenderUnavailable as error:
        return GraphPicture("", drawing.text, f"The graph is here as text: {error}.")
