"""An ONNX file as the steps of a computation, all of which are known before any of them runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nn.parts import Array


class Step(NamedTuple):
    """One node of the graph."""

    kind: str  # the operator
    name: str
    inputs: tuple[str, ...]  # "" for one that is left out
    outputs: tuple[str, ...]
    attributes: dict[str, Any]  # all that the operator has, with their defaults
    version: int  # of the operator: the opset that it is as in
    types: tuple[str, ...] = ()  # what the standard calls the type of each input; those of one name must agree

    def describe(self) -> str:
        """The step as messages call it."""
        name = shortened(self.name or ", ".join(self.outputs))
        return f"node {name!r} ({shortened(self.kind)}, opset {self.version})"

    def __getattr__(self, name: str) -> Any:
        try:
            return self.attributes[name]
        except KeyError:
            raise AttributeError(name) from None


class Port(NamedTuple):
    """An input or output of the graph."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int | str | None, ...] | None  # a name or None for a length that may be any; None for any shape


@dataclass
class Graph:
    """The steps, in an order in which each can run."""

    inputs: list[Port]
    outputs: list[Port]
    steps: list[Step]
    weights: dict[str, Array]  # the numbers that the file calls initializers, and some step reads


def shortened(text: str) -> str:
    """A name as messages give it."""
    return text if len(text) <= 80 else f"{text[:60]}... ({len(text):,} characters)"
