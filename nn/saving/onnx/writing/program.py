"""A model as a list of ONNX operations, before it becomes a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class ExportError(ValueError):
    """A model cannot be written as ONNX. The message names the operation, where it stands, and the remedy."""


class Port(NamedTuple):
    """An input or output of the model."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]


@dataclass
class Operation:
    """One node of the ONNX graph."""

    kind: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any]
    scope: str  # of the recorded node it stands for, as "cnn/conv1/conv2d"


@dataclass
class Program:
    """The operations in order, and the numbers they begin with, by the names of their values."""

    inputs: list[Port] = field(default_factory=list)
    outputs: list[Port] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    weights: dict[str, Array] = field(default_factory=dict)  # parameters and buffers, under their dotted paths
    constants: dict[str, Array] = field(default_factory=dict)
    scopes: dict[str, str] = field(default_factory=dict)  # where each constant is used first

    def name_output(self, value: str, port: Port) -> None:
        """Let a value be an output, under the output's name."""
        self.outputs.append(port)
        made = [operation for operation in self.operations if value in operation.outputs]
        if not made or any(other.name == value for other in self.outputs):  # an input, a weight, or an output already
            self.operations.append(Operation("Identity", [value], [port.name], {}, ""))
            return
        for operation in self.operations:
            for names in (operation.inputs, operation.outputs):
                names[:] = [port.name if name == value else name for name in names]

    def without_dead_parts(self) -> Program:
        """The same program without what leads to no output."""
        needed = {port.name for port in self.outputs}
        kept = []
        for operation in reversed(self.operations):
            if needed.intersection(operation.outputs):
                kept.append(operation)
                needed.update(operation.inputs)
        return Program(
            self.inputs,
            self.outputs,
            kept[::-1],
            {name: array for name, array in self.weights.items() if name in needed},
            {name: array for name, array in self.constants.items() if name in needed},
            self.scopes,
        )
