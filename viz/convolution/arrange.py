"""Parts of a figure that are laid out, side by side and below each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from viz.scene.shapes import Group

GAP = 9.0  # between grids and signs, and between strips


class Placed(NamedTuple):
    """An item that is laid out: its size, the height of its middle line, and its groups, from its upper left corner."""

    width: float
    height: float
    middle: float
    groups: tuple[Group, ...]


def beside(items: Sequence[Placed], widths: Sequence[float] | None = None) -> Placed:
    """Items from left to right, their middle lines at one height."""
    above = max((item.middle for item in items), default=0.0)
    below = max((item.height - item.middle for item in items), default=0.0)
    groups: list[Group] = []
    x = 0.0
    for item, width in zip(items, widths or [item.width for item in items], strict=True):
        groups += moved(item.groups, x, above - item.middle)
        x += width + GAP
    return Placed(max(x - GAP, 0.0), above + below, above, tuple(groups))


def below(strips: Sequence[Sequence[Placed]]) -> Placed:
    """Strips from top to bottom, the items of each place in one column."""
    widths = [0.0] * max(map(len, strips), default=0)
    for strip in strips:
        widths[: len(strip)] = [max(width, item.width) for width, item in zip(widths, strip, strict=False)]
    groups: list[Group] = []
    y, width, middle = 0.0, 0.0, 0.0
    for strip in strips:
        placed = beside(strip, widths[: len(strip)])
        groups += moved(placed.groups, 0.0, y)
        middle = placed.middle  # of a single strip its own middle line, so that what stands beside it is level with it
        y += placed.height + GAP
        width = max(width, placed.width)
    height = max(y - GAP, 0.0)
    return Placed(width, height, middle if len(strips) == 1 else height / 2, tuple(groups))


def moved(groups: Iterable[Group], x: float, y: float) -> list[Group]:
    return [group._replace(x=group.x + x, y=group.y + y) for group in groups]
