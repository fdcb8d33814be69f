"""Schedules made of schedules: one after another, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from nn.optim.optimizer import Optimizer
from nn.optim.plateau import ReduceLROnPlateau
from nn.optim.scheduler import LRScheduler, count_of


class _Composite(LRScheduler):
    """A schedule that steps others."""

    schedulers: list[LRScheduler]

    def _adopt(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None) -> Optimizer:
        """Keep the schedules, all of one optimiser, which is returned."""
        name = type(self).__name__
        if not schedulers:
            raise ValueError(f"{name}: there is no schedule")
        for each in schedulers:
            if not isinstance(each, LRScheduler):
                raise TypeError(f"{name}: takes schedules, not a {type(each).__name__}")
            if isinstance(each, ReduceLROnPlateau):
                raise ValueError(f"{name}: ReduceLROnPlateau steps by a measure; step it by itself")
            if each.optimizer is not (optimizer or schedulers[0].optimizer):
                raise ValueError(f"{name}: the schedules are of different optimisers; make all of one")
        self.schedulers = list(schedulers)
        return optimizer or schedulers[0].optimizer

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "schedulers": [each.state_dict() for each in self.schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        self._check_state(state_dict)
        for each, state in zip(self.schedulers, state_dict["schedulers"], strict=True):
            each.load_state_dict(state)
        super().load_state_dict(state_dict)

    def _check_state(self, state: Mapping[str, Any]) -> None:
        super()._check_state(state)
        parts = state.get("schedulers", [])
        if len(parts) != len(self.schedulers):
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: the state is of {len(parts)} schedules, not of "
                f"{len(self.schedulers)}"
            )
        for each, part in zip(self.schedulers, parts, strict=True):
            each._check_state(part)

    def _note_rates(self) -> None:
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]


class SequentialLR(_Composite):
    """One schedule after another: each begins anew, from the first learning rate, at its milestone.

    Args:
        optimizer: what steps with the rates.
        schedulers: the schedules, all of this optimiser.
        milestones: the steps at which the second and each later schedule begins, rising.

    Raises:
        ValueError: there is not one milestone less than schedules, or the schedules are of another optimiser.
        TypeError: something else than schedules.

    Example:
        >>> import nn
        >>> optimizer = nn.SGD(nn.Linear(1, 1).parameters(), lr=8.0)
        >>> warm_up = nn.LinearLR(optimizer, start_factor=0.25, total_iters=3)
        >>> schedule = nn.SequentialLR(optimizer, [warm_up, nn.ExponentialLR(optimizer, 0.5)], milestones=[3])
        >>> for _ in range(6):
        ...     print(optimizer.lr, end=" ")
        ...     optimizer.step()
        ...     schedule.step()
        2.0 4.0 6.0 8.0 4.0 2.0
    """

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int]) -> None:
        self._adopt(schedulers, optimizer)
        self.milestones = [count_of(self, "milestones", milestone, 0) for milestone in milestones]
        if len(milestones) != len(schedulers) - 1 or self.milestones != sorted(self.milestones):
            raise ValueError(
                f"SequentialLR: {len(schedulers)} schedules take {len(schedulers) - 1} rising milestones, not "
                f"{milestones}"
            )
        super().__init__(optimizer)

    def step(self) -> None:
        """Set the learning rates of the next step."""
        self._check_groups()
        self.last_epoch += 1
        place = bisect_right(self.milestones, self.last_epoch)
        if place and self.milestones[place - 1] == self.last_epoch:
            self.schedulers[place].restart()
        else:
            self.schedulers[place].step()
        self._note_rates()

    def _start(self) -> None:
        self.schedulers[bisect_right(self.milestones, 0)].restart()
        self._note_rates()


class ChainedScheduler(_Composite):
    """Several schedules at once, stepped in turn: the factors of those that multiply are multiplied.

    Args:
        schedulers: the schedules, all of one optimiser.
        optimizer: that optimiser; it can be left out.

    Raises:
        ValueError: there is none, or they are of different optimisers.
        TypeError: something else than schedules.

    Example:
        >>> import nn
        >>> optimizer = nn.SGD(nn.Linear(1, 1).parameters(), lr=8.0)
        >>> parts = [nn.ConstantLR(optimizer, factor=0.25, total_iters=2), nn.ExponentialLR(optimizer, gamma=0.5)]
        >>> schedule = nn.ChainedScheduler(parts)
        >>> for _ in range(4):
        ...     print(optimizer.lr, end=" ")
        ...     optimizer.step()
        ...     schedule.step()
        2.0 1.0 2.0 1.0
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        optimizer = self._adopt(schedulers, optimizer)
        super().__init__(optimizer)

    def step(self) -> None:
        """Step every schedule, in order."""
        self._check_groups()
        self.last_epoch += 1
        for each in self.schedulers:
            each.step()
        self._note_rates()

    def restart(self) -> None:
        """Begin anew from `base_lrs`, with every schedule at its first step."""
        for each in self.schedulers:
            each.last_epoch = 0
        super().restart()
        for each in self.schedulers:
            each._start()
        self._note_rates()

    def _start(self) -> None:
        self._note_rates()
