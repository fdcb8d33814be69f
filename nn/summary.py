"""A table of a model's layers, their output shapes, parameters and costs, as Keras prints it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd import Tensor, enable_grad
from nn.cost import Call, kept_bytes, multiply_adds, owner, share_nodes, watched_calls
from nn.module import Module, mode


@dataclass(frozen=True)
class Row:
    """One call of a layer.

    Attributes:
        layer: its path and class.
        output_shape: its result's shape, with None for the batch.
        parameters: how many numbers its own parameters hold; 0 where an earlier row has counted them.
        multiply_adds: multiplications with an addition each, in matrix products and convolutions, for the batch given.
        kept_bytes: of the arrays that its graph keeps for the backward pass, for the batch given.
    """

    layer: str
    output_shape: str
    parameters: int
    multiply_adds: int = 0
    kept_bytes: int = 0


@dataclass(frozen=True)
class Summary:
    """What `summarize` found; its text is the table.

    Attributes:
        model: the model's name.
        rows: one for each call of a layer, in order, and one for each layer with parameters that was not called.
        trainable: how many numbers the optimiser can move.
        frozen: how many it cannot, since their parameter requires no gradient.
        multiply_adds: of the whole forward pass, what happens between the layers included.
        kept_bytes: of all arrays that the graph keeps for the backward pass, beside parameters and inputs.
    """

    model: str
    rows: list[Row] = field(default_factory=list)
    trainable: int = 0
    frozen: int = 0
    multiply_adds: int = 0
    kept_bytes: int = 0

    @property
    def total(self) -> int:
        """How many numbers the model's parameters hold; a parameter that is used twice counts once."""
        return self.trainable + self.frozen

    def __str__(self) -> str:
        header = ("Layer (type)", "Output Shape", "Param #", "Mult-adds", "Kept")
        body = [
            (row.layer, row.output_shape, f"{row.parameters:,}", f"{row.multiply_adds:,}", _size_text(row.kept_bytes))
            for row in self.rows
        ]
        widths = [max(map(len, column)) + 2 for column in zip(header, *body, strict=True)]

        def line(cells: Sequence[str]) -> str:
            left = f" {cells[0]:<{widths[0]}}{cells[1]:<{widths[1]}}"
            return left + "".join(f"{cell:>{width}}" for cell, width in zip(cells[2:], widths[2:], strict=True))

        rule, double = "_" * (sum(widths) + 2), "=" * (sum(widths) + 2)
        totals = [
            f"Total params: {self.total:,}",
            f"Trainable params: {self.trainable:,}",
            f"Non-trainable params: {self.frozen:,}",
            f"Multiply-adds: {self.multiply_adds:,}",
            f"Kept for backward: {_size_text(self.kept_bytes)}",
        ]
        return "\n".join(
            [f'Model: "{self.model}"', rule, line(header), double, *map(line, body), double, *totals, rule]
        )

    __repr__ = __str__


def summarize(model: Module, *inputs: Any) -> Summary:
    """Run the model on one example, and note what each layer gives and costs.

    Args:
        model: the model; its mode and its gradients stay as they are.
        inputs: for each argument of `forward` the shape of one example, without the batch axis, which is then zeros; or
            a batch, as an array or Tensor, such as labels for an embedding.

    Raises:
        TypeError: a shape is not a sequence of integers.
        ShapeError: the model does not take such an example; the message names the layer.

    Example:
        >>> import nn
        >>> nn.summarize(nn.Sequential(nn.Flatten(), nn.Linear(64, 10)), (1, 8, 8))
        Model: "sequential"
        _________________________________________________________
         Layer (type)  Output Shape    Param #  Mult-adds   Kept
        =========================================================
         0 (Flatten)   (None, 64)            0          0    0 B
         1 (Linear)    (None, 10)          650        640  160 B
        =========================================================
        Total params: 650
        Trainable params: 650
        Non-trainable params: 0
        Multiply-adds: 640
        Kept for backward: 160 B
        _________________________________________________________
    """
    layers = [layer for layer in model.modules() if not layer.children() or layer._own_parameters()]
    arguments = [_example(given, model) for given in inputs]
    with enable_grad(), mode(model, training=False), watched_calls(layers) as calls:
        with _everything_needs_a_gradient(model, arguments):
            work_between = multiply_adds(share_nodes(calls, model(*arguments)))
        work = [multiply_adds(call.nodes) for call in calls]
        calls.clear()
        rest = share_nodes(calls, model(*arguments))
        held = {id(owner(each)) for each in (*model.parameters(), *arguments) if isinstance(each, Tensor)}
        kept = [kept_bytes(call.nodes, held) for call in calls]
        kept_between = kept_bytes(rest, held)
    parameters = model.parameters()
    trainable = sum(_size(parameter) for parameter in parameters if parameter.requires_grad)
    return Summary(
        model.scope_name,
        _rows(model, layers, calls, work, kept),
        trainable,
        sum(map(_size, parameters)) - trainable,
        sum(work) + work_between,
        sum(kept) + kept_between,
    )


def _rows(
    model: Module, layers: Sequence[Module], calls: Sequence[Call], work: Sequence[int], kept: Sequence[int]
) -> list[Row]:
    paths = {id(layer): path or model.scope_name for path, layer in model.named_modules()}
    counted: set[int] = set()

    def row(layer: Any, shape: str, *costs: int) -> Row:
        fresh = [parameter for _, parameter in layer._own_parameters() if id(parameter) not in counted]
        counted.update(map(id, fresh))
        return Row(f"{paths[id(layer)]} ({type(layer).__name__})", shape, sum(map(_size, fresh)), *costs)

    rows = [row(call.layer, _shape_text(call.output), *costs) for call, *costs in zip(calls, work, kept, strict=True)]
    called = {id(call.layer) for call in calls}
    return rows + [row(each, "not called") for each in layers if id(each) not in called and each._own_parameters()]


def _example(given: Any, model: Module) -> Any:
    if isinstance(given, np.ndarray | Tensor):
        return Tensor(given) if given.dtype.kind == "f" else given
    if isinstance(given, int) or not all(isinstance(length, int) for length in given):
        raise TypeError(f"summary: {given!r} is no shape; write model.summary((1, 28, 28)), without the batch axis")
    dtype = next((parameter.dtype for parameter in model.parameters() if isinstance(parameter, Tensor)), np.float64)
    return Tensor(np.zeros((1, *given), dtype=dtype))


@contextmanager
def _everything_needs_a_gradient(model: Module, arguments: Sequence[Any]) -> Iterator[None]:
    """So that the graph shows all work, that of frozen layers too."""
    leaves = [each for each in (*model.parameters(), *arguments) if isinstance(each, Tensor) and each.is_leaf]
    before = [leaf.requires_grad for leaf in leaves]
    try:
        for leaf in leaves:
            leaf.requires_grad_(True)
        yield
    finally:
        for leaf, needed in zip(leaves, before, strict=True):
            leaf.requires_grad_(needed)


def _size(parameter: Any) -> int:
    return int(getattr(parameter, "size", 1))


def _size_text(size: int) -> str:
    if size < 1000:
        return f"{size} B"
    return f"{size / 1e3:,.1f} kB" if size < 1e6 else f"{size / 1e6:,.1f} MB"


def _shape_text(output: Any) -> str:
    if isinstance(output, tuple | list):
        return ", ".join(map(_shape_text, output))
    lengths = np.shape(getattr(output, "data", output))
    if not lengths:
        return "()"
    return "(None,)" if len(lengths) == 1 else f"(None, {', '.join(map(str, lengths[1:]))})"
