"""A table of a model's layers, their output shapes and parameter counts, as Keras prints it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd import Tensor, no_grad
from nn.module import Module, mode


@dataclass(frozen=True)
class Row:
    """One call of a layer: its path and class, its output's shape with None for the batch, its own parameters."""

    layer: str
    output_shape: str
    parameters: int


@dataclass(frozen=True)
class Summary:
    """What `summarize` found; its text is the table.

    Attributes:
        model: the model's name.
        rows: one for each call of a layer, in order, and one for each layer with parameters that was not called.
        trainable: how many numbers the optimiser can move.
        frozen: how many it cannot, since their parameter requires no gradient.
    """

    model: str
    rows: list[Row] = field(default_factory=list)
    trainable: int = 0
    frozen: int = 0

    @property
    def total(self) -> int:
        """How many numbers the model's parameters hold; a parameter that is used twice counts once."""
        return self.trainable + self.frozen

    def __str__(self) -> str:
        header = ("Layer (type)", "Output Shape", "Param #")
        body = [(row.layer, row.output_shape, f"{row.parameters:,}") for row in self.rows]
        widths = [max(map(len, column)) + 2 for column in zip(header, *body, strict=True)]
        width = max(sum(widths), 60)
        widths[0] += width - sum(widths)

        def line(cells: Sequence[str]) -> str:
            name, shape, count = cells
            return f" {name:<{widths[0]}}{shape:<{widths[1]}}{count:>{widths[2]}}".rstrip()

        rule, double = "_" * (width + 2), "=" * (width + 2)
        totals = [
            f"Total params: {self.total:,}",
            f"Trainable params: {self.trainable:,}",
            f"Non-trainable params: {self.frozen:,}",
        ]
        return "\n".join(
            [f'Model: "{self.model}"', rule, line(header), double, *map(line, body), double, *totals, rule]
        )

    __repr__ = __str__


def summarize(model: Module, *input_shapes: Sequence[int]) -> Summary:
    """Run the model on one example of zeros, and note what each layer gives.

    Args:
        model: the model; its mode and its gradients stay as they are.
        input_shapes: the shape of one example, without the batch axis, for each argument of `forward`.

    Raises:
        TypeError: a shape is not a sequence of integers.
        ShapeError: the model does not take such an example; the message names the layer.

    Example:
        >>> import nn
        >>> nn.summarize(nn.Sequential(nn.Flatten(), nn.Linear(64, 10)), (1, 8, 8))
        Model: "sequential"
        ______________________________________________________________
         Layer (type)                         Output Shape    Param #
        ==============================================================
         0 (Flatten)                          (None, 64)            0
         1 (Linear)                           (None, 10)          650
        ==============================================================
        Total params: 650
        Trainable params: 650
        Non-trainable params: 0
        ______________________________________________________________
    """
    named = [(path, layer) for path, layer in model.named_modules() if not layer.children() or layer._own_parameters()]
    calls: list[tuple[Module, str]] = []
    removers = [
        layer.register_forward_hook(lambda module, _, output: calls.append((module, _shape_text(output))))
        for _, layer in named
    ]
    try:
        _run_on_zeros(model, input_shapes)
    finally:
        for remove in removers:
            remove()
    called = {id(layer) for layer, _ in calls}
    calls += [(layer, "not called") for _, layer in named if id(layer) not in called and layer._own_parameters()]
    paths = {id(layer): path or model.scope_name for path, layer in named}
    rows: list[Row] = []
    counted: set[int] = set()
    for layer, shape in calls:
        fresh = [parameter for _, parameter in layer._own_parameters() if id(parameter) not in counted]
        counted.update(map(id, fresh))
        rows.append(Row(f"{paths[id(layer)]} ({type(layer).__name__})", shape, sum(map(_size, fresh))))
    parameters = model.parameters()
    trainable = sum(_size(parameter) for parameter in parameters if parameter.requires_grad)
    return Summary(model.scope_name, rows, trainable, sum(map(_size, parameters)) - trainable)


def _run_on_zeros(model: Module, input_shapes: Sequence[Sequence[int]]) -> None:
    for shape in input_shapes:
        if isinstance(shape, int) or not all(isinstance(length, int) for length in shape):
            raise TypeError(f"summary: {shape!r} is no shape; write model.summary((1, 28, 28)), without the batch axis")
    dtype = next((parameter.dtype for parameter in model.parameters() if isinstance(parameter, Tensor)), np.float64)
    with mode(model, training=False), no_grad():
        model(*[Tensor(np.zeros((1, *shape), dtype=dtype)) for shape in input_shapes])


def _size(parameter: Any) -> int:
    return int(getattr(parameter, "size", 1))


def _shape_text(output: Any) -> str:
    if isinstance(output, tuple | list):
        return ", ".join(map(_shape_text, output))
    lengths = np.shape(getattr(output, "data", output))
    if not lengths:
        return "()"
    return "(None,)" if len(lengths) == 1 else f"(None, {', '.join(map(str, lengths[1:]))})"
