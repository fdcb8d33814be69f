"""The rule by which nodes are called: a given name; else their own; else a constant's number; else v₁, v₂, ..."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd.safe_text import subscript


def name_of(node: Any, given: Mapping[int, str]) -> str:
    """The name that the node was given, or its own; empty where it has neither.

    Args:
        given: names by node id.
    """
    return str(given.get(node.id) or node.name or "")


def goes_by_number(node: Any, given: Mapping[int, str]) -> bool:
    """True for a constant without a name: it is called by its number."""
    return not (node.requires_grad or getattr(node._data, "ndim", 0) or name_of(node, given))


def numbered(place: int) -> str:
    """What the node is called that is the first, second, ... of those with neither a name nor a number.

    Example:
        >>> numbered(12)
        'v₁₂'
    """
    return f"v{subscript(place)}"
