"""Where a layout engine has put everything: its answer in DOT, read."""

from __future__ import annotations

import re
from typing import NamedTuple

from viz.scene.shapes import Point

_BOUNDS = re.compile(r'\bbb="([^"]*)"')
_FRAME = re.compile(r'subgraph cluster_(\w+)\s*\{\s*graph \[bb="([^"]*)"')
_ID = re.compile(r"\bid=(\w+)")
_POSITION = 'pos="'


class Route(NamedTuple):
    """One stretch of an arrow.

    Attributes:
        points: of its Bézier curves.
        tip: of its head, which begins where the curve ends; None without one.
    """

    points: tuple[Point, ...]
    tip: Point | None = None

    def reversed(self) -> Route:
        """The same stretch from its other end."""
        return Route(self.points[::-1], self.tip)


class Placement(NamedTuple):
    """Centres of blocks, routes of arrows and corners of frames, in points from the upper left corner.

    Attributes:
        frames: left, top, right and bottom.
    """

    width: float
    height: float
    centres: dict[str, Point]
    routes: dict[str, Route]
    frames: dict[str, tuple[float, float, float, float]]


def read_placement(answer: str) -> Placement:
    """The placement in an engine's answer to `viz.scene.skeleton`.

    Raises:
        ValueError: the answer is not one.
    """
    text = answer.replace("\\\n", "")  # long strings are broken so
    bounds = _BOUNDS.search(text)
    if bounds is None:
        raise ValueError(f"the layout engine answered without a layout: {answer[:80]!r}")
    left, bottom, right, top = map(float, bounds[1].split(","))
    placed = Placement(right - left, top - bottom, {}, {}, {})
    for frame, box in _FRAME.findall(text):
        x0, y0, x1, y1 = map(float, box.split(","))
        placed.frames[frame] = (x0 - left, top - y1, x1 - left, top - y0)
    for statement in text.split("];"):  # no text of the user's is in them, so no bracket can mislead
        name, _, attributes = statement.partition("\t[")
        start = attributes.find(_POSITION) + len(_POSITION)
        if start < len(_POSITION):
            continue
        points, tip = _points(attributes[start : attributes.index('"', start)], left, top)
        id = _ID.search(attributes)
        if id:
            placed.routes[id[1]] = Route(points, tip)
        else:
            placed.centres[name.split()[-1]] = points[0]
    return placed


def _points(position: str, left: float, top: float) -> tuple[tuple[Point, ...], Point | None]:
    """A node's middle, or a spline's points and the tip of its head, which stands before them as `e,x,y` or `s,x,y`."""
    has_tip = position[0] in "es"
    numbers = map(float, (position[2:] if has_tip else position).replace(",", " ").split())
    points = tuple([(x - left, top - y) for x, y in zip(numbers, numbers, strict=True)])
    return (points[1:], points[0]) if has_tip else (points, None)
