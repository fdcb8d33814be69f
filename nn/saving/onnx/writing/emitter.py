"""From a recorded forward pass to a list of ONNX operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from nn.parts import Array
from nn.saving.onnx.writing.program import ExportError, Operation, Port, Program
from nn.saving.onnx.writing.trace import Trace


class Emitter:
    """Collects operations, and knows under which name each Tensor's value stands.

    A converter asks for the names of what it reads, and gives back those of what it makes.
    """

    def __init__(self, trace: Trace, input_names: Sequence[str]) -> None:
        self.program = Program()
        self.scope = ""  # of what is converted now
        self._weights = trace.weights
        self._names: dict[int, str] = {}
        self._kept: list[Any] = []  # whose identities are in `_names`
        self._counts: dict[str, int] = {}
        for name, x in zip(input_names, trace.inputs, strict=True):
            self.remember(x, name)
            self.program.inputs.append(Port(name, x.dtype, x.shape))

    # ---- values ---------------------------------------------------------------------------------------------------

    def remember(self, x: Any, name: str) -> None:
        """Let x's value stand under this name."""
        self._names[id(x)] = name
        self._kept.append(x)

    def knows(self, x: Any) -> bool:
        """Whether x is an input, a weight, or computed already."""
        return id(x) in self._names or id(x) in self._weights

    def value(self, x: Any, dtype: Any = None) -> str:
        """The name of a value: of a Tensor or array that is known, or of a new constant.

        Args:
            x: a Tensor, an array or a number.
            dtype: what the value must have, as operands of one operation must agree.
        """
        if id(x) in self._names or id(x) in self._weights:
            return self._as_dtype(self._known(x), x.dtype, dtype)
        if isinstance(x, Tensor):
            if x.requires_grad:
                raise ExportError(f"to_onnx: {x.describe()} in {self.scope or 'the model'} was not converted in time")
            array = x.numpy()
        else:
            array = np.asarray(x)
        return self.constant(array if dtype is None else array.astype(dtype))

    def _known(self, x: Any) -> str:
        if id(x) not in self._names:
            path, held = self._weights[id(x)]
            self.program.weights[path] = np.array(held.numpy() if isinstance(held, Tensor) else held)
            self.remember(x, path)
        return self._names[id(x)]

    def _as_dtype(self, name: str, actual: Any, wanted: Any) -> str:
        return name if wanted is None or actual == wanted else self.operation("Cast", name, to=np.dtype(wanted))

    def constant(self, array: Array) -> str:
        """A new constant."""
        name = self._new_name("constant")
        self.program.constants[name] = np.array(array)
        self.program.scopes[name] = self.scope
        return name

    def integers(self, numbers: Any) -> str:
        """A constant of 64-bit integers, as shapes and axes are given; one that follows the batch is made to."""
        return self.constant(np.asarray(numbers, dtype=np.int64))

    def weight(self, path: str, array: Array) -> str:
        """Numbers that a weight is laid out as, under a path of their own."""
        self.program.weights[path] = np.array(array)
        return path

    def path_of(self, x: Any) -> str | None:
        """The dotted path of a parameter or buffer, or None of anything else."""
        return self._weights[id(x)][0] if id(x) in self._weights else None

    # ---- operations -----------------------------------------------------------------------------------------------

    def operation(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add an operation, and give the name of its output. An input "" is left out, an attribute None too."""
        return self.outputs(kind, 1, *inputs, **attributes)[0]

    def outputs(self, kind: str, count: int, *inputs: str, **attributes: Any) -> tuple[str, ...]:
        """Add an operation with so many outputs, and give their names."""
        names = tuple(self._new_name(kind) for _ in range(count))
        given = {name: value for name, value in attributes.items() if value is not None}
        self.program.operations.append(Operation(kind, list(inputs), list(names), given, self.scope))
        return names

    def _new_name(self, kind: str) -> str:
        stem = f"{self.scope}/{kind}" if self.scope else kind
        count = self._counts[stem] = self._counts.get(stem, 0) + 1
        return stem if count == 1 else f"{stem}_{count}"

    # ---- what many converters need --------------------------------------------------------------------------------

    def reshape(self, name: str, shape: Sequence[int]) -> str:
        """Reshape to lengths, of which a 0 is a length."""
        return self.operation("Reshape", name, self.integers(shape), allowzero=1 if 0 in shape else None)

    def transpose(self, name: str, axes: Sequence[int]) -> str:
        """Transpose, where the axes are not in order already."""
        order = list(map(int, axes))
        return name if order == sorted(order) else self.operation("Transpose", name, perm=order)

    def unsqueeze(self, name: str, *axes: int) -> str:
        """New axes of length 1."""
        return self.operation("Unsqueeze", name, self.integers(axes))

    def squeeze(self, name: str, *axes: int) -> str:
        """Axes of length 1 taken away."""
        return self.operation("Squeeze", name, self.integers(axes))

    def scalar(self, number: float, dtype: Any) -> str:
        """A constant of no axes."""
        return self.constant(np.asarray(number, dtype=dtype))
