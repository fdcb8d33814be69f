"""What a recorded node reads, once what ONNX does by itself is left out."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor


def operands(node: Tensor) -> tuple[Any, ...]:
    """The node's parents; of an elementwise one as they were before they were broadcast, which ONNX does by itself."""
    if node.rule is None:
        return ()
    parents = node.parents
    if not node.rule.elementwise or len(parents) < 2:
        return parents
    narrow = tuple(_before_broadcast(parent) for parent in parents)
    shapes = [x.shape for x in narrow]
    if "condition" in node.params:
        shapes.append(np.shape(node.params["condition"]))
    return narrow if np.broadcast_shapes(*shapes) == node.shape else parents


def _before_broadcast(node: Tensor) -> Tensor:
    while node.rule is not None and node.rule.name == "broadcast_to":
        (node,) = node.parents
    return node
