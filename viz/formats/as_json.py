"""A picture as JSON, for other programs: the whole model, a box or arrow a line; `picture.schema.json` describes it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from viz.picture import HeatMap, Picture, PictureNode

FORMAT = "gradwalk-picture"
VERSION = 1
SCHEMA = Path(__file__).with_name("picture.schema.json")

_NOT_REPRODUCIBLE = {"node_id"}  # counts from the start of the process


def to_json(picture: Picture) -> str:
    """The JSON text of a picture: the same, to the byte, in every run.

    Values, gradients and derivatives are texts, as every format writes them ("−3", "—" for not computed, "NaN").
    The numbers of a heat map are numbers; JSON has none for what is not finite, so these are the texts "NaN",
    "Infinity" and "-Infinity".

    Example:
        >>> from autograd import Value
        >>> from viz.picture import make_picture
        >>> read = json.loads(to_json(make_picture(Value(2.0, "a").exp())))
        >>> read["format"], read["version"], [node["name"] for node in read["nodes"]]
        ('gradwalk-picture', 1, ['a', 'v₁'])
        >>> read["edges"][0]["symbol"]
        'e^a'
    """
    head = {"format": FORMAT, "version": VERSION, "title": picture.title, "notice": picture.notice}
    lines = [f"{_text(key)}: {_text(value)}" for key, value in (head | {"total": picture.total}).items()]
    lines += [_listed("nodes", picture.nodes), _listed("edges", picture.edges), _listed("clusters", picture.clusters)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _listed(key: str, elements: Iterable[Any]) -> str:
    lines = ",\n".join(_text(_as_dict(element)) for element in elements)
    return f"{_text(key)}: [\n{lines}\n]" if lines else f"{_text(key)}: []"


def _as_dict(element: Any) -> dict[str, Any]:
    names = [field.name for field in fields(element) if field.name not in _NOT_REPRODUCIBLE]
    read = {name: getattr(element, name) for name in names}
    if isinstance(element, PictureNode):
        read["heat"] = [_as_dict(heat) for heat in element.heat]
    if isinstance(element, HeatMap):
        read["rows"] = [[_number(number) for number in row] for row in element.rows]
    return read


def _number(number: float) -> float | str:
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
