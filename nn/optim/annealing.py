"""Schedules that follow a cosine, or go up and down once: cosine annealing, warm restarts, one cycle."""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

from nn.optim.optimizer import Optimizer
from nn.optim.scheduler import LRScheduler, count_of, in_range, per_group


class CosineAnnealingLR(LRScheduler):
    """Half a cosine from the learning rate down to `eta_min` in `T_max` steps, and up again in as many (SGDR, 2017).

        eta_min + (base - eta_min)·(1 + cos(π·t/T_max))/2

    Args:
        optimizer: what steps with the rates.
        T_max: at least 1.
        eta_min: at least 0.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> optimizer = nn.SGD(nn.Linear(1, 1).parameters(), lr=8.0)
        >>> schedule = nn.CosineAnnealingLR(optimizer, T_max=4)
        >>> for _ in range(5):
        ...     print(round(optimizer.lr, 3), end=" ")
        ...     optimizer.step()
        ...     schedule.step()
        8.0 6.828 4.0 1.172 0.0
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        self.T_max = count_of(self, "T_max", T_max)
        self.eta_min = in_range(self, "eta_min", eta_min)
        super().__init__(optimizer)

    def next_rate(self, lr: float, base_lr: float, group: int) -> float:
        if self.last_epoch == 0:
            return lr
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # from the lowest point: nothing to multiply
            return lr + (base_lr - self.eta_min) * _half_cosine(1 + self.T_max, self.T_max)
        ratio = _half_cosine(self.last_epoch, self.T_max) / _half_cosine(self.last_epoch - 1, self.T_max)
        return self.eta_min + (lr - self.eta_min) * ratio


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a cosine down, again and again, each `T_mult` times as long as the last (Loshchilov and Hutter, SGDR, 2017).

        eta_min + (base - eta_min)·(1 + cos(π·t/T))/2,  t steps into a descent of T steps

    Args:
        optimizer: what steps with the rates.
        T_0: the steps of the first descent, at least 1.
        T_mult: a whole number of at least 1.
        eta_min: at least 0.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> optimizer = nn.SGD(nn.Linear(1, 1).parameters(), lr=8.0)
        >>> schedule = nn.CosineAnnealingWarmRestarts(optimizer, T_0=2)
        >>> for _ in range(5):
        ...     print(optimizer.lr, end=" ")
        ...     optimizer.step()
        ...     schedule.step()
        8.0 4.0 8.0 4.0 8.0
    """

    def __init__(self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0) -> None:
        self.T_0 = count_of(self, "T_0", T_0)
        self.T_mult = count_of(self, "T_mult", T_mult)
        self.eta_min = in_range(self, "eta_min", eta_min)
        super().__init__(optimizer)

    def next_rate(self, lr: float, base_lr: float, group: int) -> float:
        step, length = self.last_epoch, self.T_0
        if self.T_mult == 1:
            step %= length
        while step >= length:
            step, length = step - length, length * self.T_mult
        return self.eta_min + (base_lr - self.eta_min) * _half_cosine(step, length)


class _Position(NamedTuple):
    """Where a cycle stands: the number of its phase, and the part of it that is done."""

    phase: int
    done: float


class OneCycleLR(LRScheduler):
    """Up from a small learning rate to `max_lr`, then down to a far smaller one; the momentum goes the other way.

    Smith and Topin (2018). The rates between are on half a cosine, or on a straight line. After the last of the
    `total_steps` the rate stays.

    Args:
        optimizer: what steps with the rates, once for each batch.
        max_lr: the highest rate, or a list with one for each group.
        total_steps: how many steps the cycle has; or give `epochs` and `steps_per_epoch`, whose product it is.
        pct_start: from 0 to 1; the part of the cycle that goes up.
        anneal_strategy: "cos" or "linear".
        cycle_momentum: whether to move the momentum too, or for optimisers like Adam β₁.
        base_momentum, max_momentum: the momentum at the highest rate and at the lowest, or lists.
        div_factor: what `max_lr` is divided by for the first rate.
        final_div_factor: what the first rate is divided by for the last.
        three_phase: go down as steeply as up, and then on to the last rate.

    Raises:
        ValueError: a number outside its range, no momentum to cycle, or more steps than `total_steps`.

    Example:
        >>> import nn
        >>> optimizer = nn.SGD(nn.Linear(1, 1).parameters(), momentum=0.9)
        >>> schedule = nn.OneCycleLR(optimizer, max_lr=1.0, total_steps=7, pct_start=0.5, anneal_strategy="linear")
        >>> for _ in range(7):
        ...     print(round(optimizer.lr, 2), end=" ")
        ...     optimizer.step()
        ...     schedule.step()
        0.04 0.42 0.81 0.86 0.57 0.29 0.0
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
    ) -> None:
        self.total_steps = self._count_steps(total_steps, epochs, steps_per_epoch)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"OneCycleLR: anneal_strategy={anneal_strategy!r} is neither 'cos' nor 'linear'")
        self.anneal_strategy = anneal_strategy
        up = in_range(self, "pct_start", pct_start, 1.0) * self.total_steps - 1.0
        self._ends = [up, 2.0 * up, self.total_steps - 1.0] if three_phase else [up, self.total_steps - 1.0]
        if not (div_factor > 0.0 and final_div_factor > 0.0):
            raise ValueError(
                f"OneCycleLR: div_factor={div_factor!r} and final_div_factor={final_div_factor!r} divide; "
                f"each must be above 0"
            )
        highest = [in_range(self, "max_lr", peak) for peak in per_group(self, "max_lr", max_lr, optimizer)]
        self._rates = [
            _corners(peak / div_factor, peak, peak / div_factor / final_div_factor, three_phase) for peak in highest
        ]
        self._momentum = _momentum_of(optimizer) if cycle_momentum else ""
        bounds = zip(
            per_group(self, "max_momentum", max_momentum, optimizer),
            per_group(self, "base_momentum", base_momentum, optimizer),
            strict=True,
        )
        self._momenta = [_corners(high, low, high, three_phase) for high, low in bounds]
        for group, corners in zip(optimizer.param_groups, self._rates, strict=True):
            group["initial_lr"] = corners[0]
        super().__init__(optimizer)

    def step(self) -> None:
        """Set the learning rates and the momentum of the next step."""
        if self.last_epoch >= self.total_steps:
            raise ValueError(
                f"OneCycleLR: the cycle of {self.total_steps} steps is over; give total_steps, or epochs and "
                f"steps_per_epoch, as many as the loop takes"
            )
        super().step()

    def next_rate(self, lr: float, base_lr: float, group: int) -> float:
        return self._between(self._rates[group])

    def load_state_dict(self, state_dict: Any) -> None:
        super().load_state_dict(state_dict)
        self._set_momentum()

    def _set_rates(self) -> None:
        super()._set_rates()
        self._set_momentum()

    def _set_momentum(self) -> None:
        if not self._momentum:
            return
        for group, corners in zip(self.optimizer.param_groups, self._momenta, strict=True):
            momentum = self._between(corners)
            group[self._momentum] = (momentum, group["betas"][1]) if self._momentum == "betas" else momentum

    def _between(self, corners: list[float]) -> float:
        """The value of this step, between those that its phase begins and ends with."""
        phase, done = self._position()
        start, end = corners[phase], corners[phase + 1]
        if self.anneal_strategy == "linear":
            return start + (end - start) * done
        return end + (start - end) * _half_cosine(done, 1.0)

    def _position(self) -> _Position:
        step = min(self.last_epoch, self.total_steps - 1)
        start = 0.0
        for phase, end in enumerate(self._ends[:-1]):
            if step <= end:
                return _Position(phase, (step - start) / (end - start) if end > start else 1.0)
            start = end
        end = self._ends[-1]
        return _Position(len(self._ends) - 1, (step - start) / (end - start) if end > start else 1.0)

    def _count_steps(self, total_steps: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
        if total_steps is not None:
            return count_of(self, "total_steps", total_steps)
        if epochs is None or steps_per_epoch is None:
            raise ValueError("OneCycleLR: needs total_steps, or epochs and steps_per_epoch")
        return count_of(self, "epochs", epochs) * count_of(self, "steps_per_epoch", steps_per_epoch)


def _half_cosine(step: float, length: float) -> float:
    """From 1 at step 0 to 0 at the length, along a cosine."""
    return (1.0 + math.cos(math.pi * step / length)) / 2.0


def _corners(first: float, peak: float, last: float, three_phase: bool) -> list[float]:
    """What each phase of a cycle begins with, and the last ends with."""
    return [first, peak, first, last] if three_phase else [first, peak, last]


def _momentum_of(optimizer: Optimizer) -> str:
    """The option that is an optimiser's momentum."""
    for name in ("betas", "momentum"):
        if name in optimizer.defaults:
            return name
    raise ValueError(
        f"OneCycleLR: {type(optimizer).__name__} has neither a momentum nor betas; give cycle_momentum=False"
    )
