"""Boxes and arrows made by hand, for pictures that no small graph has."""

from typing import Any

from viz import PictureEdge, PictureNode


def picture_node(id: str, **given: Any) -> PictureNode:
    return PictureNode(**{"id": id, "kind": "value", "is_root": False, "name": id, **given})


def picture_edge(id: str, source: str, target: str, **given: Any) -> PictureEdge:
    ends = {"id": id, "source": source, "target": target}
    return PictureEdge(**{**ends, "argument": None, "carries_gradient": True, **given})
