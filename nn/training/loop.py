"""One epoch of a training: for each batch, zero the gradients, run forward and backward, and step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal

from autograd.progress import unsaid
from nn.module import Module, mode
from nn.optim import ExponentialMovingAverage, LRScheduler, OneCycleLR, Optimizer, ReduceLROnPlateau, clip_grad_norm_
from nn.training.evaluate import Means, Metric, evaluate, measure

Batches = Iterable[tuple[Any, Any]]


@dataclass(frozen=True)
class Loop:
    """What the epochs of a training have in common; see `nn.fit` for each."""

    model: Module
    optimizer: Optimizer
    loss: Callable[[Any, Any], Any]
    metrics: Mapping[str, Metric]
    schedule: Schedule
    clip_norm: float | None
    ema: ExponentialMovingAverage | None
    progress: bool

    def train(self, batches: Batches, label: str) -> dict[str, float]:
        """Move the parameters once for each batch; returns the means of the measures before each step."""
        from tqdm import tqdm

        means = Means()
        bar = tqdm(batches, desc=label, disable=not self.progress, unit="batch")
        with mode(self.model, training=True), unsaid(), bar:
            for number, (inputs, targets) in enumerate(bar, start=1):
                means.add(len(targets), self._step(inputs, targets, f"{label}, batch {number}"))
                if self.progress:
                    bar.set_postfix({name: f"{mean:.4f}" for name, mean in means.result().items()}, refresh=False)
        return means.result()

    def validate(self, batches: Batches) -> dict[str, float]:
        """The means of the measures, with the averaged parameters where there are any."""
        with self.averaged():
            return evaluate(self.model, batches, loss=self.loss, metrics=self.metrics)

    def averaged(self) -> AbstractContextManager[None]:
        """A context in which the parameters are those to judge by."""
        return nullcontext() if self.ema is None else self.ema.averaged()

    def _step(self, inputs: Any, targets: Any, place: str) -> dict[str, float]:
        self.optimizer.zero_grad()
        outputs = self.model(inputs)
        value = self.loss(outputs, targets)
        measured = measure(value, outputs, targets, self.metrics)
        if not math.isfinite(measured["loss"]):
            raise ArithmeticError(self._not_finite("loss", measured["loss"], place))
        value.backward(keep="leaves")
        if self.clip_norm is not None:
            norm = clip_grad_norm_(self.optimizer.parameters, self.clip_norm)
            if not math.isfinite(norm):
                raise ArithmeticError(self._not_finite("gradients' norm", norm, place))
        self.optimizer.step()
        if self.ema is not None:
            self.ema.update()
        self.schedule.after_batch()
        return measured

    def _not_finite(self, what: str, number: float, place: str) -> str:
        return (
            f"fit: the {what} is {number} in {place}; the step was not taken. Take a lower learning rate than "
            f"{self.optimizer.lr}, and look whether the inputs are finite"
        )


class Schedule:
    """When a schedule of the learning rate steps: after each batch, or after each epoch.

    Args:
        scheduler: the schedule, or None.
        each: "batch" or "epoch"; None is "batch" for a `OneCycleLR`, which counts them, and "epoch" otherwise.

    Raises:
        TypeError: `scheduler` is none.
        ValueError: `each` is neither, or the schedule cannot step so.
    """

    def __init__(self, scheduler: LRScheduler | None, each: Literal["batch", "epoch"] | None) -> None:
        if scheduler is not None and not isinstance(scheduler, LRScheduler):
            raise TypeError(
                f"fit: scheduler is a {type(scheduler).__name__}; give a schedule of nn.optim, or set optimizer.lr in "
                f"a callback"
            )
        if each not in (None, "batch", "epoch"):
            raise ValueError(f"fit: schedule_each={each!r} is neither 'batch' nor 'epoch'")
        self.scheduler = scheduler
        self.each = each or ("batch" if isinstance(scheduler, OneCycleLR) else "epoch")
        if isinstance(scheduler, ReduceLROnPlateau) and (self.each == "batch" or scheduler.mode == "max"):
            raise ValueError(
                "fit: a ReduceLROnPlateau is given the validation loss after each epoch, which mode='min' is for; to "
                "judge by another measure, step it in a callback"
            )

    def check_length(self, epochs: int, batches: Any) -> None:
        """Raise `ValueError` where a cycle would be over before the training."""
        if self.each != "batch" or not isinstance(self.scheduler, OneCycleLR) or not hasattr(batches, "__len__"):
            return
        steps = epochs * len(batches)
        if self.scheduler.total_steps < steps:
            raise ValueError(
                f"fit: {epochs} epochs of {len(batches)} batches are {steps} steps, and the OneCycleLR has "
                f"{self.scheduler.total_steps}; make it with epochs={epochs}, steps_per_epoch={len(batches)}"
            )

    def after_batch(self) -> None:
        """Step, where it is time."""
        if self.scheduler is not None and self.each == "batch":
            self.scheduler.step()

    def after_epoch(self, loss: float) -> None:
        """Step, where it is time; a plateau looks at the loss."""
        if self.scheduler is None or self.each == "batch":
            return
        if isinstance(self.scheduler, ReduceLROnPlateau):
            self.scheduler.step(loss)
        else:
            self.scheduler.step()
