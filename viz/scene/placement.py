"""Where a layout engine has put everything: its answer in DOT, read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from viz.scene.shapes import Point

_BOUNDS = re.compile(r'\bbb="([^"]*)"')
_FRAME = re.compile(r'subgraph cluster_(\w+)\s*\{\s*graph \[bb="([^"]*)"')
_WORD = re.compile(r"\w+")


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
    found = list(_positions(text))
    points = _points([position for _, _, position in found], left, top)
    for is_route, name, position in found:
        own = tuple(islice(points, position.count(" ") + 1))
        if not is_route:
            placed.centres[name] = own[0]
        elif position[0] in "es":  # the tip of a head, before the curve: `e,x,y`, or `s,x,y`
            placed.routes[name] = Route(own[1:], own[0])
        else:
            placed.routes[name] = Route(own)
    return placed


def _positions(text: str) -> Iterator[tuple[bool, str, str]]:
    """Whether it is an arrow's, the arrow's id or the node's name, and the position as it is written."""
    for statement in text.split("];"):  # no text of the user's is in them, so no bracket can mislead
        name, _, attributes = statement.partition("\t[")
        _, found, rest = attributes.partition('pos="')
        if found:
            id = attributes.find("id=") + 3
            is_route = id > 2
            word = _WORD.match(attributes, id)
            yield is_route, word[0] if is_route and word else name.split()[-1], rest[: rest.index('"')]


def _points(positions: Iterable[str], left: float, top: float) -> Iterator[Point]:
    """All points of all positions, in order: read together, since there are many."""
    written = " ".join(positions).replace("e,", "").replace("s,", "").replace(",", " ")
    flat = np.fromstring(written, sep=" ")
    return zip((flat[::2] - left).tolist(), (top - flat[1::2]).tolist(), strict=True)
