"""The training loop: forward, backward, step, over and over, with a progress bar and a record of each epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd import no_grad
from nn.module import Module, mode
from nn.optim import Optimizer

Metric = Callable[[Any, Any], Any]


@dataclass
class History:
    """What each epoch of `fit` brought: lists with one number for each epoch.

    Attributes:
        loss: the mean training loss, over the examples, while the parameters moved.
        metrics: the mean of each metric over the same predictions.
        validation_loss: the loss on the validation data after the epoch; empty without such data.
        validation_metrics: the metrics on it.
        seconds: how long the epoch took.
    """

    loss: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    validation_loss: list[float] = field(default_factory=list)
    validation_metrics: dict[str, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        """How many epochs were finished."""
        return len(self.loss)


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


def fit(
    model: Module,
    train: Iterable[tuple[Any, Any]],
    *,
    epochs: int,
    optimizer: Optimizer,
    loss: Callable[[Any, Any], Any],
    validation: Iterable[tuple[Any, Any]] | None = None,
    metrics: Mapping[str, Metric] | None = None,
    progress: bool = True,
    callback: Callable[[History], bool | None] | None = None,
) -> History:
    """Train a model: for each batch, zero the gradients, run forward and backward, and step.

    Args:
        model: its parameters move; its mode is put back at the end.
        train: batches (inputs, targets), which can be iterated anew for each epoch, as a `DataLoader`.
        epochs: passes over the training data.
        optimizer: holds the parameters to move.
        loss: (predictions, targets) -> a scalar node, such as `F.cross_entropy`.
        validation: batches to judge by after each epoch.
        metrics: (predictions, targets) -> a number, by name, such as ``{"accuracy": nn.accuracy}``.
        progress: show a progress bar on standard error.
        callback: called with the history after each epoch; training ends early where it returns True.

    Returns:
        The history.

    Raises:
        TypeError: `train` can be iterated only once.
        ValueError: there is no batch, a metric is called "loss", or the optimiser moves none of the model's parameters.
        ArithmeticError: the loss became infinite or NaN; the last step was not taken.

    Example:
        >>> import nn
        >>> import nn.functional as F
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=(64, 2))
        >>> y = (x[:, 0] > x[:, 1]).astype(int)
        >>> model = nn.Linear(2, 2, rng=rng)
        >>> history = nn.fit(
        ...     model, nn.DataLoader((x, y), batch_size=8, shuffle=True), epochs=20, progress=False,
        ...     optimizer=nn.SGD(model.parameters(), lr=0.5), loss=F.cross_entropy, metrics={"accuracy": nn.accuracy},
        ... )
        >>> history.loss[-1] < 0.2 < history.loss[0] and history.metrics["accuracy"][-1] > 0.95
        True
    """
    metrics = dict(metrics or {})
    _check(model, train, validation, optimizer, metrics)
    history = History()
    for epoch in range(1, epochs + 1):
        start = time.perf_counter()
        label = f"epoch {epoch}/{epochs}"
        with mode(model, training=True):
            measured = _train_epoch(model, train, optimizer, loss, metrics, progress, label)
        _record(history.loss, history.metrics, measured)
        if validation is not None:
            measured = evaluate(model, validation, loss=loss, metrics=metrics)
            _record(history.validation_loss, history.validation_metrics, measured)
        history.seconds.append(time.perf_counter() - start)
        if callback is not None and callback(history):
            break
    return history


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
    means = _Means()
    with mode(model, training=False), no_grad():
        for inputs, targets in data:
            outputs = model(inputs)
            means.add(len(targets), _measure(loss(outputs, targets), outputs, targets, metrics or {}))
    return means.result()


class _Means:
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


def _train_epoch(
    model: Module,
    train: Iterable[tuple[Any, Any]],
    optimizer: Optimizer,
    loss: Callable[[Any, Any], Any],
    metrics: Mapping[str, Metric],
    progress: bool,
    label: str,
) -> dict[str, float]:
    from tqdm import tqdm

    means = _Means()
    with tqdm(train, desc=label, disable=not progress, unit="batch") as batches:
        for number, (inputs, targets) in enumerate(batches, start=1):
            optimizer.zero_grad()
            outputs = model(inputs)
            value = loss(outputs, targets)
            measured = _measure(value, outputs, targets, metrics)
            if not math.isfinite(measured["loss"]):
                raise ArithmeticError(
                    f"fit: the loss is {measured['loss']} in {label}, batch {number}; the step was not taken. Take a "
                    f"lower learning rate than {optimizer.lr}, and look whether the inputs are finite"
                )
            value.backward(keep="leaves")
            optimizer.step()
            means.add(len(targets), measured)
            if progress:
                batches.set_postfix({name: f"{mean:.4f}" for name, mean in means.result().items()}, refresh=False)
    return means.result()


def _measure(loss: Any, outputs: Any, targets: Any, metrics: Mapping[str, Metric]) -> dict[str, float]:
    with no_grad():
        return {"loss": float(loss), **{name: float(metric(outputs, targets)) for name, metric in metrics.items()}}


def _record(losses: list[float], metrics: dict[str, list[float]], measured: dict[str, float]) -> None:
    losses.append(measured["loss"])
    for name, value in measured.items():
        if name != "loss":
            metrics.setdefault(name, []).append(value)


def _check(model: Module, train: Any, validation: Any, optimizer: Optimizer, metrics: Mapping[str, Metric]) -> None:
    if "loss" in metrics:
        raise ValueError("fit: a metric cannot be called 'loss', which names the loss; choose another name")
    for name, data in (("train", train), ("validation", validation)):
        if data is not None and iter(data) is data:
            raise TypeError(
                f"fit: {name} is an iterator, spent after one epoch; give a DataLoader or a list of batches"
            )
    own = {id(parameter) for parameter in model.parameters()}
    if not any(id(parameter) in own for parameter in optimizer.parameters):
        raise ValueError(
            f"fit: the optimiser moves none of the parameters of {model.describe()}; build it from model.parameters()"
        )
