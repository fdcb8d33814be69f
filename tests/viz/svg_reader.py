"""Reads an SVG of the project's: its groups, texts, boxes and wires, in the page's coordinates."""

import re
import xml.etree.ElementTree as ET
from typing import NamedTuple

from viz.scene.measure import text_width

SVG = "{http://www.w3.org/2000/svg}"


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box", slack: float = 0.6) -> bool:
        return (
            self.left < other.right - slack
            and other.left < self.right - slack
            and self.top < other.bottom - slack
            and other.top < self.bottom - slack
        )

    def distance(self, point: tuple[float, float]) -> float:
        """From a point to the nearest place on the border."""
        x, y = point
        outside = max(self.left - x, x - self.right, 0.0), max(self.top - y, y - self.bottom, 0.0)
        if any(outside):
            return max(outside)
        return min(abs(x - self.left), abs(x - self.right), abs(y - self.top), abs(y - self.bottom))


def groups(svg: str) -> dict[str, ET.Element]:
    """The groups of an SVG by id; every id of the document stands once."""
    root = ET.fromstring(svg)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    return {str(group.get("id")): group for group in root.findall(f"{SVG}g")}


def classes(group: ET.Element) -> list[str]:
    return str(group.get("class")).split()


def texts(group: ET.Element, part: str = "") -> list[ET.Element]:
    return [text for text in group.iter(f"{SVG}text") if part in ("", text.get("class"))]


def lines_of(group: ET.Element) -> list[str]:
    """The lines of text in a group, without the numbers in the cells of arrays."""
    return ["".join(text.itertext()) for text in texts(group) if text.get("class") != "cell"]


def title_of(group: ET.Element) -> str | None:
    (title,) = group.findall(f"{SVG}title")
    return title.text


def shift(element: ET.Element) -> tuple[float, float]:
    found = re.fullmatch(r"translate\((\S+),(\S+)\)", element.get("transform") or "translate(0,0)")
    assert found is not None
    return float(found[1]), float(found[2])


def box_of(group: ET.Element, part: str = "box") -> Box:
    """The last rectangle of a part; the sheets behind a box for several come before it."""
    x, y = shift(group)
    rectangle = [rect for rect in group.findall(f"{SVG}rect") if rect.get("class") == part][-1]
    left, top, width, height = (float(str(rectangle.get(key))) for key in ("x", "y", "width", "height"))
    return Box(x + left, y + top, x + left + width, y + top + height)


def points_of(group: ET.Element, part: str) -> list[list[tuple[float, float]]]:
    """The points of each path of a part."""
    paths = [path for path in group.findall(f"{SVG}path") if path.get("class") == part]
    return [
        [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", str(path.get("d")))] for path in paths
    ]


def along(group: ET.Element) -> list[tuple[float, float]]:
    """Places on an arrow's line, close to one another."""
    places = []
    for points in points_of(group, "wire"):
        for start in range(0, len(points) - 3, 3):
            a, b, c, d = points[start : start + 4]
            for step in range(41):
                t = step / 40
                weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
                x, y = (sum(w * p[axis] for w, p in zip(weights, (a, b, c, d), strict=True)) for axis in (0, 1))
                places.append((x, y))
    return places


def text_boxes(group: ET.Element) -> list[Box]:
    """The rectangles that the texts of a group fill, an arrow's too."""
    found = []
    for holder in (group, *group.findall(f"{SVG}g")):
        x, y = shift(holder)
        for text in holder.findall(f"{SVG}text"):
            size = float(str(text.get("font-size")))
            width = text_width("".join(text.itertext()), size)
            before = {"start": 0.0, "end": 1.0}.get(str(text.get("text-anchor")), 0.5)
            left = x + float(str(text.get("x"))) - before * width
            foot = y + float(str(text.get("y")))
            found.append(Box(left, foot - 0.75 * size, left + width, foot + 0.2 * size))
    return found


def text_places(group: ET.Element, part: str) -> list[tuple[float, float]]:
    """Where the texts of an arrow's part stand: of each its anchor on its baseline."""
    inner = group.find(f"{SVG}g")
    if inner is None:
        return []
    x, y = shift(inner)
    return [(x + float(str(text.get("x"))), y + float(str(text.get("y")))) for text in texts(inner, part)]
