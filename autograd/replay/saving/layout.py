"""JSON laid out to be read: what holds others takes a line for each, what is last of its kind stands in one line."""

from __future__ import annotations

import json
from typing import Any

_LINE = 110


def pretty(value: Any, indent: str = "") -> str:
    """The JSON text.

    >>> print(pretty({"version": 1, "nodes": [{"place": 0}, {"place": 1}]}))
    {"version": 1, "nodes": [{"place": 0}, {"place": 1}]}
    """
    line = json.dumps(value, allow_nan=False)
    if len(line) + len(indent) <= _LINE or not _opens(value):
        return line
    inner = indent + " "
    if isinstance(value, dict):
        parts = [f"{inner}{json.dumps(key)}: {pretty(held, inner)}" for key, held in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + pretty(held, inner) for held in value) + f"\n{indent}]"


def _opens(value: Any) -> bool:
    """Whether a value holds dicts or lists of them, and is neither a node of the graph nor an input."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict) and ("place" in value or "places" in value):
        return False
    return any(isinstance(each, dict | list) for each in held)
