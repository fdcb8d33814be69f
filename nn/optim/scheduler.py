"""What schedules of the learning rate have in common.

A schedule sets the learning rate of each of its optimiser's groups when it is made, and again in each `step`, which is
called after the optimiser's. Steps are batches or epochs, as the loop that calls it has it.

Where PyTorch computes a rate from the one before it, so does the schedule here: two schedules of one optimiser that
are stepped in turn multiply, and a rate that was set by hand is gone on from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from nn.optim.optimizer import Optimizer


class LRScheduler:
    """What schedules have in common: the step they are at, and the rates they set. A subclass defines `next_rate`.

    Args:
        optimizer: what steps with the rates.

    Attributes:
        last_epoch: how often `step` was called.
        base_lrs: each group's learning rate before any schedule changed it, which the group keeps as ``"initial_lr"``.

    Raises:
        TypeError: `optimizer` is none.
    """

    progress: ClassVar[tuple[str, ...]] = ("last_epoch",)  # the attributes that change from step to step

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = require_optimizer(self, optimizer)
        self.base_lrs: list[float] = [group.setdefault("initial_lr", group["lr"]) for group in optimizer.param_groups]
        self.last_epoch = 0
        self._start()

    def step(self) -> None:
        """Set the learning rates of the next step."""
        self._check_groups()
        self.last_epoch += 1
        self._set_rates()

    def restart(self) -> None:
        """Begin anew from `base_lrs`."""
        self._check_groups()
        for group, base_lr in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = base_lr
        self.last_epoch = 0
        self._start()

    def next_rate(self, lr: float, base_lr: float, group: int) -> float:
        """A group's learning rate at step `last_epoch`.

        Args:
            lr: its learning rate now, at the step before; at step 0, what it was when the schedule was made.
            base_lr: its learning rate before any schedule changed it.
            group: its place in ``optimizer.param_groups``.
        """
        raise NotImplementedError(f"{type(self).__name__}: define next_rate(self, lr, base_lr, group)")

    def get_last_lr(self) -> list[float]:
        """Each group's learning rate as this schedule last set it."""
        return list(self._last_lr)

    def state_dict(self) -> dict[str, Any]:
        """Where the schedule is, as numbers; its arguments are not part of it."""
        return {
            "schedule": type(self).__name__,
            **{name: getattr(self, name) for name in self.progress},
            "base_lrs": list(self.base_lrs),
            "lr": [group["lr"] for group in self.optimizer.param_groups],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave; the groups' learning rates too are set to what they were then.

        Raises:
            ValueError: it is the state of another kind of schedule, or of another number of groups. Nothing is changed.
        """
        self._check_state(state_dict)
        for name in self.progress:
            setattr(self, name, state_dict[name])
        self.base_lrs = list(state_dict["base_lrs"])
        for group, lr in zip(self.optimizer.param_groups, state_dict["lr"], strict=True):
            group["lr"] = lr
        self._last_lr = list(state_dict["lr"])

    def _start(self) -> None:
        """Set the rates of step 0."""
        self._set_rates()

    def _set_rates(self) -> None:
        groups = self.optimizer.param_groups
        rates = [
            float(self.next_rate(group["lr"], base_lr, place))
            for place, (group, base_lr) in enumerate(zip(groups, self.base_lrs, strict=True))
        ]
        for group, lr in zip(groups, rates, strict=True):
            group["lr"] = lr
        self._last_lr = rates

    def _check_groups(self) -> None:
        count = len(self.optimizer.param_groups)
        if count != len(self.base_lrs):
            raise ValueError(
                f"{type(self).__name__}: was made for {len(self.base_lrs)} groups, and the optimiser now has {count}; "
                f"add groups first, then make the schedule"
            )

    def _check_state(self, state: Mapping[str, Any]) -> None:
        name, kind = type(self).__name__, state.get("schedule")
        if kind != name:
            raise ValueError(f"{name}.load_state_dict: the state is that of {kind or 'no schedule'}")
        missing = [key for key in (*self.progress, "base_lrs", "lr") if key not in state]
        if missing:
            raise ValueError(f"{name}.load_state_dict: the state lacks {missing}")
        count = len(self.optimizer.param_groups)
        if not len(state["lr"]) == len(state["base_lrs"]) == count:
            raise ValueError(
                f"{name}.load_state_dict: the state is of {len(state['lr'])} groups, and the optimiser has {count}"
            )


def require_optimizer(schedule: Any, optimizer: Any) -> Optimizer:
    """The optimiser, or the error of something else in its place."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(schedule).__name__}: takes an optimiser, not a {type(optimizer).__name__}")
    return optimizer


def per_group(schedule: Any, name: str, given: Any, optimizer: Optimizer) -> list[Any]:
    """One argument for each group, from one for all or a list of them."""
    count = len(require_optimizer(schedule, optimizer).param_groups)
    if not isinstance(given, list | tuple):
        return [given] * count
    if len(given) != count:
        raise ValueError(
            f"{type(schedule).__name__}: {name} has {len(given)} entries, and the optimiser {count} groups"
        )
    return list(given)


def count_of(schedule: Any, name: str, value: Any, least: int = 1) -> int:
    """An argument that counts steps."""
    if not hasattr(value, "__index__") or value < least:
        raise ValueError(f"{type(schedule).__name__}: {name}={value!r} must be a whole number of at least {least}")
    return int(value)


def in_range(schedule: Any, name: str, value: float, highest: float = float("inf")) -> float:
    """An argument that is a number from 0 to the highest."""
    if not 0.0 <= value <= highest:
        limits = "a number of at least 0" if highest == float("inf") else f"a number from 0 to {highest:g}"
        raise ValueError(f"{type(schedule).__name__}: {name}={value!r} must be {limits}")
    return float(value)
