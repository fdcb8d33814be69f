"""The training loop: epochs of steps, with validation, a record of each epoch, and files to take it up from again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, Literal

import numpy as np

from autograd.progress import unsaid
from nn.module import Module
from nn.optim import ExponentialMovingAverage, LRScheduler, Optimizer
from nn.saving.files import FileFormatError, Path
from nn.training.checkpoint import GENERATOR, Stateful, read_checkpoint, restore, save_checkpoint
from nn.training.early_stopping import EarlyStopping
from nn.training.evaluate import Metric
from nn.training.history import History
from nn.training.loop import Batches, Loop, Schedule

# What a checkpoint notes beside the parts: whether a callback or early stopping ended the training, and the names of
# what its history holds.
STOPPED, MEASURES = "stopped", "measures"


def fit(
    model: Module,
    train: Batches,
    *,
    epochs: int,
    optimizer: Optimizer,
    loss: Callable[[Any, Any], Any],
    validation: Batches | None = None,
    metrics: Mapping[str, Metric] | None = None,
    progress: bool = True,
    callback: Callable[[History], bool | None] | None = None,
    scheduler: LRScheduler | None = None,
    schedule_each: Literal["batch", "epoch"] | None = None,
    clip_norm: float | None = None,
    ema: ExponentialMovingAverage | None = None,
    early_stopping: EarlyStopping | None = None,
    checkpoint: Path | None = None,
    resume: Path | None = None,
) -> History:
    """Train a model: for each batch, zero the gradients, run forward and backward, and step.

    Args:
        model: its parameters move; its mode is put back at the end.
        train: batches (inputs, targets), which can be iterated anew for each epoch, as a `DataLoader`.
        epochs: passes over the training data, those before `resume` included.
        optimizer: holds the parameters to move.
        loss: (predictions, targets) -> a scalar node, such as `F.cross_entropy`.
        validation: batches to judge by after each epoch.
        metrics: (predictions, targets) -> a number, by name, such as ``{"accuracy": nn.accuracy}``.
        progress: show a progress bar on standard error.
        callback: called with the history after each epoch; training ends early where it returns True.
        scheduler: a schedule of the learning rate. A `ReduceLROnPlateau` looks at the validation loss, or without
            validation at the training loss.
        schedule_each: what it steps after, "batch" or "epoch"; by default "batch" for a `OneCycleLR`, else "epoch".
        clip_norm: scale the gradients of each step to at most this norm, over all parameters; see `clip_grad_norm_`.
        ema: an average of the parameters, updated after each step. Validation is with the averages, and at the end the
            model has them.
        early_stopping: looks at each epoch; where its measure becomes no better, training ends, and the model is set
            to the best epoch's.
        checkpoint: a file to write after each epoch, from which `resume` goes on.
        resume: a file that `checkpoint` wrote. All arguments are to be built as they were; the result is then, to the
            bit, that of a training that was never interrupted. What a callback or early stopping ended stays ended.

    Returns:
        The history.

    Raises:
        TypeError: `train` can be iterated only once or is no sequence of batches, or `optimizer`, `loss`, `metrics` or
            `scheduler` is of another kind.
        ValueError: there is no batch, a metric is called "loss", the optimiser moves none of the model's parameters, a
            schedule cannot step so, or `resume` does not fit; nothing was changed.
        ArithmeticError: the loss became infinite or NaN, or with `clip_norm` a gradient; the last step was not taken.
        OSError: a file cannot be read or written.

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
    _check_kinds(train, validation, optimizer, loss, metrics)
    metrics = dict(metrics or {})
    _check(model, train, validation, optimizer, metrics)
    measures = _measures(metrics, validation)
    if early_stopping is not None:
        early_stopping.check(measures)
    schedule = Schedule(scheduler, schedule_each)
    schedule.check_length(epochs, train)
    loop = Loop(model, optimizer, loss, metrics, schedule, clip_norm, ema, progress)
    history = History()
    parts = _stateful(
        model=model,
        optimizer=optimizer,
        history=history,
        train=train,
        validation=validation,
        scheduler=scheduler,
        ema=ema,
        early_stopping=early_stopping,
    )
    stopped = resume is not None and _resume(resume, parts, measures)

    with nullcontext() if progress else unsaid():
        while len(history) < epochs and not stopped:
            start = time.perf_counter()
            measured = loop.train(train, f"epoch {len(history) + 1}/{epochs}")
            validated = None if validation is None else loop.validate(validation)
            history.add(measured, validated, time.perf_counter() - start)
            schedule.after_epoch((validated or measured)["loss"])
            if early_stopping is not None:
                with loop.averaged():
                    early_stopping.update(history, model)
                stopped = early_stopping.stop
            if callback is not None and callback(history):
                stopped = True
            if checkpoint is not None:
                save_checkpoint(checkpoint, **parts, **{STOPPED: stopped, MEASURES: measures})
    if ema is not None:
        ema.copy_to_parameters()
    if early_stopping is not None:
        early_stopping.restore(model)
    return history


def _stateful(**parts: Any) -> dict[str, Any]:
    """Those of the parts that have a state to keep; a list of batches has none."""
    return {name: part for name, part in parts.items() if isinstance(part, Stateful)}


def _resume(path: Path, parts: dict[str, Any], measures: list[str]) -> bool:
    """Set the parts to the states in a checkpoint; returns whether the training was ended there."""
    state = read_checkpoint(path)
    _check_names(path, "parts", [*parts, STOPPED, MEASURES], [name for name in state if name != GENERATOR])
    _check_names(path, "measures", measures, state[MEASURES])
    return bool(restore(path, parts, state)[STOPPED])


def _check_names(path: Path, kind: str, wanted: list[str], found: Any) -> None:
    if not isinstance(found, list) or sorted(map(str, found)) != sorted(wanted):
        raise FileFormatError(
            path, f"is of another training: its {kind} are {found}, and those of this one {wanted}; build it as it was"
        )


def _measures(metrics: Mapping[str, Metric], validation: Any) -> list[str]:
    """The names under which `History.as_dict` will have measures."""
    own = ["loss", *metrics]
    return own if validation is None else [*own, *(f"validation_{name}" for name in own)]


def _check_kinds(train: Any, validation: Any, optimizer: Any, loss: Any, metrics: Any) -> None:
    """Raise `TypeError` for what other libraries take instead: names, lists of metrics, whole arrays."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"fit: optimizer={optimizer!r} is none; give one, such as nn.Adam(model.parameters())")
    if not callable(loss):
        raise TypeError(f"fit: loss={loss!r} cannot be called; give a function, such as nn.functional.cross_entropy")
    if metrics is not None and not isinstance(metrics, Mapping):
        raise TypeError(f'fit: metrics={metrics!r} name no functions; give a dict, such as {{"accuracy": nn.accuracy}}')
    for name, data in (("train", train), ("validation", validation)):
        if isinstance(data, np.ndarray) or (isinstance(data, tuple) and data and hasattr(data[0], "shape")):
            raise TypeError(
                f"fit: {name} is a {type(data).__name__}, not batches; give nn.DataLoader((x, y), batch_size=32)"
            )


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
