"""How good a model is: its loss and its metrics on batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sized
from typing import Any

import numpy as np

from autograd import no_grad
from autograd.progress import Progress
from nn.module import Module, mode

Metric = Callable[[Any, Any], Any]


def accuracy(scores: Any, labels: Any) -> float:
    """The share of examples whose highest score is at their label.

    Args:
        scores: (N, classes) logits or probabilities.
        labels: (N,) integers from 0 to classes - 1.

    Raises:
        ValueError: the shapes are others.

    Example:
        >>> import nn
        >>> nn.accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
        0.5
    """
    numbers, expected = np.asarray(getattr(scores, "data", scores)), np.asarray(labels)
    if numbers.ndim != 2 or expected.shape != numbers.shape[:1]:
        raise ValueError(
            f"accuracy: expected scores (N, classes) and labels (N,), got shapes {numbers.shape} and {expected.shape}"
        )
    return float(np.mean(np.argmax(numbers, axis=1) == expected))


def evaluate(
    model: Module,
    data: Iterable[tuple[Any, Any]],
    *,
    loss: Callable[[Any, Any], Any],
    metrics: Mapping[str, Metric] | None = None,
) -> dict[str, float]:
    """The loss and the metrics on batches, without recording a graph: means over the examples.

    Args:
        model: runs in its evaluation mode, which is then put back.
        data: batches (inputs, targets).
        loss: (predictions, targets) -> a scalar.
        metrics: (predictions, targets) -> a number, by name.

    Returns:
        The means, by name; that of the loss is "loss".

    Raises:
        ValueError: there is no batch.

    Example:
        >>> import nn
        >>> import nn.functional as F
        >>> nn.evaluate(nn.Flatten(), [([[2.0, 0.0]], [[1.0, 1.0]])], loss=F.mse_loss)
        {'loss': 1.0}
    """
    means = Means()
    batches = len(data) if isinstance(data, Sized) else None
    with mode(model, training=False), no_grad(), Progress("evaluate", total=batches) as told:
        for inputs, targets in data:
            told.step("batch")
            outputs = model(inputs)
            means.add(len(targets), measure(loss(outputs, targets), outputs, targets, metrics or {}))
    return means.result()


class Means:
    """Means over examples, from the means of batches."""

    def __init__(self) -> None:
        self.sums: dict[str, float] = {}
        self.examples = 0

    def add(self, examples: int, measured: Mapping[str, float]) -> None:
        self.examples += examples
        for name, value in measured.items():
            self.sums[name] = self.sums.get(name, 0.0) + examples * value

    def result(self) -> dict[str, float]:
        if not self.examples:
            raise ValueError("fit and evaluate: the data gave no example; give batches (inputs, targets)")
        return {name: total / self.examples for name, total in self.sums.items()}


def measure(loss: Any, outputs: Any, targets: Any, metrics: Mapping[str, Metric]) -> dict[str, float]:
    with no_grad():
        return {"loss": float(loss), **{name: float(metric(outputs, targets)) for name, metric in metrics.items()}}
