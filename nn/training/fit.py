"""The training loop: forward, backward, step, over and over, with a progress bar and a record of each epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nn.module import Module, mode
from nn.optim import Optimizer
from nn.training.evaluate import Means, Metric, evaluate, measure
from nn.training.history import History


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

    means = Means()
    with tqdm(train, desc=label, disable=not progress, unit="batch") as batches:
        for number, (inputs, targets) in enumerate(batches, start=1):
            optimizer.zero_grad()
            outputs = model(inputs)
            value = loss(outputs, targets)
            measured = measure(value, outputs, targets, metrics)
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
