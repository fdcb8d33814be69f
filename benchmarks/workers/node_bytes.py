"""What a graph of scalars takes in memory, per node: built, or recorded as a program that has run once."""

from __future__ import annotations

import gc
import importlib
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

from . import modes

VALUES = {"gradwalk": "autograd", "micrograd": "micrograd.engine"}


def measurement(
    library: str, mode: str, loss: Callable[..., Any], parameters: Sequence[float], step: Callable[[], None]
) -> Callable[[int], float]:
    """The bytes per node of `loss`; `step` computes the results that are compared."""
    value = importlib.import_module(VALUES[library]).Value

    def measure(count: int) -> float:
        leaves = [value(each) for each in parameters]
        if mode == "eager":
            taken, graph = traced(lambda: loss(leaves))
            nodes = count_nodes(graph)
        else:
            nodes = count_nodes(loss(leaves))
            used_program(mode, loss, leaves)  # so that what is imported and compiled is not counted
            taken, _ = traced(lambda: used_program(mode, loss, leaves))
        step()
        return taken / (nodes - len(leaves))

    return measure


def used_program(mode: str, loss: Callable[..., Any], leaves: Sequence[Any]) -> Any:
    """The program of the loss, which keeps its buffers once it has run."""
    program = modes.record(mode, loss, list(leaves))
    program.value_and_grad([leaf.data for leaf in leaves])
    return program


def traced(make: Callable[[], Any]) -> tuple[int, Any]:
    """The bytes that remain allocated after making something, and what was made."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    made = make()
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return taken, made


def count_nodes(root: Any) -> int:
    """The nodes that a root was made from, constants and the root too."""
    seen, waiting = {root}, [root]
    while waiting:
        for parent in waiting.pop()._prev:
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return len(seen)
