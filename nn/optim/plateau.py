"""A learning rate that falls where a measure no longer improves."""

from __future__ import annotations

import math
from typing import Any, Literal

from nn.optim.optimizer import Optimizer
from nn.optim.scheduler import LRScheduler, count_of, in_range, per_group


class ReduceLROnPlateau(LRScheduler):
    """The learning rate times `factor` once a measure has not improved for more than `patience` steps.

    A measure m improves on the best so far where, in the modes "min" and "max",

        m < best·(1 - threshold),  m > best·(1 + threshold)   with threshold_mode "rel"
        m < best - threshold,      m > best + threshold       with threshold_mode "abs"

    Args:
        optimizer: what steps with the rates.
        mode: "min" where less is better, as of a loss; "max" where more is, as of an accuracy.
        factor: from 0 to below 1.
        patience: how many steps without improvement are borne.
        threshold: at least 0; how much counts as improvement.
        threshold_mode: "rel" or "abs".
        cooldown: for how many steps after a fall steps without improvement are not counted.
        min_lr: no rate falls lower; a number, or a list with one for each group.
        eps: a fall by no more than this is left out.

    Raises:
        ValueError: a number outside its range, or an unknown mode.

    Example:
        >>> import nn
        >>> optimizer = nn.SGD(nn.Linear(1, 1).parameters(), lr=8.0)
        >>> schedule = nn.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
        >>> for loss in (0.3, 0.2, 0.25, 0.2, 0.2):
        ...     schedule.step(loss)
        ...     print(optimizer.lr, end=" ")
        8.0 8.0 8.0 4.0 4.0
    """

    progress = ("last_epoch", "best", "num_bad_epochs", "cooldown_counter")

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if mode not in ("min", "max"):
            raise ValueError(f"ReduceLROnPlateau: mode={mode!r} is neither 'min' nor 'max'")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"ReduceLROnPlateau: threshold_mode={threshold_mode!r} is neither 'rel' nor 'abs'")
        if not 0.0 <= factor < 1.0:
            raise ValueError(f"ReduceLROnPlateau: factor={factor!r} must be a number from 0 to below 1")
        self.mode, self.threshold_mode, self.factor = mode, threshold_mode, factor
        self.threshold = in_range(self, "threshold", threshold)
        self.patience = count_of(self, "patience", patience, 0)
        self.cooldown = count_of(self, "cooldown", cooldown, 0)
        self.eps = in_range(self, "eps", eps)
        self.min_lrs = [in_range(self, "min_lr", least) for least in per_group(self, "min_lr", min_lr, optimizer)]
        self.best: float | None = None
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        super().__init__(optimizer)

    def step(self, metrics: Any = None) -> None:
        """Look at one more measure, and lower the learning rates if it is due.

        Args:
            metrics: a number, or a Tensor or Value of one. NaN is no improvement.

        Raises:
            TypeError: there is none.
        """
        if metrics is None:
            raise TypeError("ReduceLROnPlateau: step takes the measure to look at, as in schedule.step(loss)")
        self._check_groups()
        measure = float(metrics)
        self.last_epoch += 1
        if self._improves(measure):
            self.best, self.num_bad_epochs = measure, 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._set_rates()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    @property
    def in_cooldown(self) -> bool:
        """Whether steps without improvement are not counted now."""
        return self.cooldown_counter > 0

    def next_rate(self, lr: float, base_lr: float, group: int) -> float:
        lower = max(lr * self.factor, self.min_lrs[group])
        return lower if lr - lower > self.eps else lr

    def restart(self) -> None:
        """Begin anew from `base_lrs`, with no best measure."""
        self.best, self.num_bad_epochs, self.cooldown_counter = None, 0, 0
        super().restart()

    def _start(self) -> None:
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _improves(self, measure: float) -> bool:
        sign = 1.0 if self.mode == "max" else -1.0
        if self.best is None:
            return sign * measure > -math.inf
        relative = self.threshold_mode == "rel"
        bound = self.best * (1.0 + sign * self.threshold) if relative else self.best + sign * self.threshold
        return measure > bound if self.mode == "max" else measure < bound
