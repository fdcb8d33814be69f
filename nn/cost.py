"""What each layer's call costs: the multiplications it does, and the bytes that its graph keeps for backward."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import Node, graph_nodes
from autograd.recording import next_serial


class Call:
    """One call of a layer: what it gave, and when it began and ended, on the clock that also counts the nodes."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self.start = next_serial()
        self.end = 0
        self.output: Any = None
        self.nodes: list[Any] = []  # what it recorded, without what the layers inside it did

    def finish(self, output: Any) -> None:
        """Note the result, and that the call is over."""
        self.end, self.output = next_serial(), output


@contextmanager
def watched_calls(layers: Iterable[Any]) -> Iterator[list[Call]]:
    """The calls of these layers while the context is open, in the order in which they end."""
    ended: list[Call] = []
    begun: list[Call] = []

    def end(_: Any, __: Any, output: Any) -> None:
        ended.append(begun.pop())
        ended[-1].finish(output)

    removers = []
    for layer in layers:
        removers.append(layer.register_forward_pre_hook(lambda module, _: begun.append(Call(module))))
        removers.append(layer.register_forward_hook(end))
    try:
        yield ended
    finally:
        for remove in removers:
            remove()


def share_nodes(calls: Sequence[Call], result: Any) -> list[Any]:
    """Give each call the nodes that it recorded on the way to the result; returns those that no call did."""
    nodes = {node.id: node for root in _roots(result) for node in graph_nodes(root)}
    waiting = [nodes[serial] for serial in sorted(nodes)]
    for call in calls:  # an inner call ends before the one around it
        call.nodes = [node for node in waiting if call.start < node.id < call.end]
        waiting = [node for node in waiting if not call.start < node.id < call.end]
    return waiting


def multiply_adds(nodes: Iterable[Any]) -> int:
    """The multiplications with an addition each, in matrix products and contractions, as convolutions are made of."""
    return sum(_multiply_adds(node) for node in nodes)


def _multiply_adds(node: Any) -> int:
    if node.rule is None or node.rule.name not in ("matmul", "contract"):
        return 0
    if node.rule.name == "matmul":
        rows: tuple[int, ...] = node.shape
        return math.prod(rows) * int(node.parents[0].shape[-1])
    labels = node.params["subscripts"].split("->")[0].split(",")
    lengths = {
        label: length
        for own, parent in zip(labels, node.parents, strict=True)
        for label, length in zip(own, parent.shape, strict=True)
    }
    return math.prod(lengths.values())


def kept_bytes(nodes: Iterable[Any], held_already: set[int]) -> int:
    """The bytes of the arrays that these nodes keep; views of one array count once, and none that is held already."""
    total = 0
    for node in nodes:
        array = owner(node)
        if id(array) not in held_already:
            held_already.add(id(array))
            total += array.nbytes
    return total


def owner(node: Any) -> Any:
    """The array that has the memory of a node's data."""
    array: Any = np.asarray(node._data)
    holder = array
    while (holder := getattr(holder, "base", None)) is not None:  # a view by strides has a stand-in between
        array = holder if isinstance(holder, np.ndarray) else array
    return array


def _roots(result: Any) -> list[Any]:
    """The nodes of a result that a backward pass can start from."""
    if isinstance(result, tuple | list):
        return [root for part in result for root in _roots(part)]
    return [result] if isinstance(result, Node) and result.requires_grad else []
