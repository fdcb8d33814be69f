"""How a layer that cannot be converted is told of."""

from __future__ import annotations

from typing import Any


def refusal(path: str, theirs: Any, problem: str, remedy: str = "") -> ValueError:
    """The error that names the layer: the attributes that lead to it, and its class."""
    layer = f"the layer {path!r}" if path else "the module"
    return ValueError(
        f"from_torch: {layer} ({type(theirs).__name__}) {problem}" + (f". Remedy: {remedy}" if remedy else "")
    )
