"""Schedules that multiply the learning rate by a factor: steps, straight lines, powers, functions of one's own."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from nn.optim.optimizer import Optimizer
from nn.optim.scheduler import LRScheduler, count_of, in_range, per_group

Factor = Callable[[int], float]


class _FactorLR(LRScheduler):
    """A schedule that multiplies: a subclass defines the factor of each step."""

    @abstractmethod
    def factor(self, step: int) -> float:
        """The learning rate of a step, as a part of the first."""

    def next_rate(self, lr: float, base_lr: float, group: int) -> float:
        now = self.factor(self.last_epoch)
        before = self.factor(self.last_epoch - 1) if self.last_epoch else 1.0
        if now == before:
            return lr
        return lr * (now / before) if before else base_lr * now


class StepLR(_FactorLR):
    """The learning rate times gamma after every `step_size` steps: base · gamma^⌊t/step_size⌋.

    Args:
        optimizer: what steps with the rates.
        step_size: at least 1.
        gamma: at least 0.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> optimizer = nn.SGD(nn.Linear(1, 1).parameters(), lr=8.0)
        >>> schedule = nn.StepLR(optimizer, step_size=2, gamma=0.5)
        >>> for _ in range(5):
        ...     optimizer.step()
        ...     schedule.step()
        ...     print(optimizer.lr, end=" ")
        8.0 4.0 4.0 2.0 2.0
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size = count_of(self, "step_size", step_size)
        self.gamma = in_range(self, "gamma", gamma)
        super().__init__(optimizer)

    def factor(self, step: int) -> float:
        return float(self.gamma ** (step // self.step_size))


class MultiStepLR(_FactorLR):
    """The learning rate times gamma at each milestone: base · gamma^(how many milestones t has reached).

    Args:
        optimizer: what steps with the rates.
        milestones: steps, in any order; one that is there twice counts twice.
        gamma: at least 0.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> optimizer = nn.SGD(nn.Linear(1, 1).parameters(), lr=8.0)
        >>> schedule = nn.MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
        >>> for _ in range(4):
        ...     optimizer.step()
        ...     schedule.step()
        ...     print(optimizer.lr, end=" ")
        4.0 4.0 2.0 2.0
    """

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1) -> None:
        self.milestones = sorted(count_of(self, "milestones", milestone, 0) for milestone in milestones)
        self.gamma = in_range(self, "gamma", gamma)
        super().__init__(optimizer)

    def factor(self, step: int) -> float:
        return float(self.gamma ** bisect_right(self.milestones, step))


class ConstantLR(_FactorLR):
    """The learning rate times `factor` until step `total_iters`, then the learning rate itself.

    Args:
        optimizer: what steps with the rates.
        factor: from 0 to 1.
        total_iters: at least 1.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> optimizer = nn.SGD(nn.Linear(1, 1).parameters(), lr=8.0)
        >>> schedule = nn.ConstantLR(optimizer, factor=0.5, total_iters=2)
        >>> schedule.get_last_lr()
        [4.0]
    """

    def __init__(self, optimizer: Optimizer, factor: float = 1.0 / 3.0, total_iters: int = 5) -> None:
        self.reduced = in_range(self, "factor", factor, 1.0)
        self.total_iters = count_of(self, "total_iters", total_iters)
        super().__init__(optimizer)

    def factor(self, step: int) -> float:
        return self.reduced if step < self.total_iters else 1.0


class LinearLR(_FactorLR):
    """A warm-up: the factor goes in a straight line from `start_factor` to `end_factor`, in `total_iters` steps.

    Args:
        optimizer: what steps with the rates.
        start_factor: above 0, to 1.
        end_factor: from 0 to 1.
        total_iters: at least 1.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> optimizer = nn.SGD(nn.Linear(1, 1).parameters(), lr=8.0)
        >>> schedule = nn.LinearLR(optimizer, start_factor=0.25, total_iters=3)
        >>> for _ in range(4):
        ...     print(optimizer.lr, end=" ")
        ...     optimizer.step()
        ...     schedule.step()
        2.0 4.0 6.0 8.0
    """

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1.0 / 3.0, end_factor: float = 1.0, total_iters: int = 5
    ) -> None:
        self.start_factor = in_range(self, "start_factor", start_factor, 1.0)
        if not start_factor:
            raise ValueError("LinearLR: start_factor=0 would leave the first step no learning rate; take a small one")
        self.end_factor = in_range(self, "end_factor", end_factor, 1.0)
        self.total_iters = count_of(self, "total_iters", total_iters)
        super().__init__(optimizer)

    def factor(self, step: int) -> float:
        done = min(step, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * done


class ExponentialLR(_FactorLR):
    """The learning rate times gamma after every step: base · gammaᵗ.

    Args:
        optimizer: what steps with the rates.
        gamma: at least 0.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> optimizer = nn.SGD(nn.Linear(1, 1).parameters(), lr=8.0)
        >>> schedule = nn.ExponentialLR(optimizer, gamma=0.5)
        >>> optimizer.step()
        >>> schedule.step()
        >>> optimizer.lr
        4.0
    """

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = in_range(self, "gamma", gamma)
        super().__init__(optimizer)

    def factor(self, step: int) -> float:
        return float(self.gamma**step)


class PolynomialLR(_FactorLR):
    """The learning rate falls to 0 in `total_iters` steps: base · (1 - t/total_iters)^power.

    Args:
        optimizer: what steps with the rates.
        total_iters: at least 1.
        power: at least 0; 1 is a straight line.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> optimizer = nn.SGD(nn.Linear(1, 1).parameters(), lr=8.0)
        >>> schedule = nn.PolynomialLR(optimizer, total_iters=4, power=2.0)
        >>> optimizer.step()
        >>> schedule.step()
        >>> optimizer.lr
        4.5
    """

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0) -> None:
        self.total_iters = count_of(self, "total_iters", total_iters)
        self.power = in_range(self, "power", power)
        super().__init__(optimizer)

    def factor(self, step: int) -> float:
        return float((1.0 - min(step, self.total_iters) / self.total_iters) ** self.power)


class LambdaLR(LRScheduler):
    """The learning rate times a function of the step: base · f(t).

    Args:
        optimizer: what steps with the rates.
        lr_lambda: the function, or a list with one for each group. It gives a number of at least 0.

    Raises:
        ValueError: there is not one function for each group, or one gives a negative number or NaN.
        TypeError: it is no function.

    Example:
        >>> import nn
        >>> optimizer = nn.SGD(nn.Linear(1, 1).parameters(), lr=8.0)
        >>> schedule = nn.LambdaLR(optimizer, lambda step: 1.0 / (1.0 + step))
        >>> optimizer.step()
        >>> schedule.step()
        >>> optimizer.lr
        4.0
    """

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | Sequence[Factor]) -> None:
        self.lr_lambdas = per_group(self, "lr_lambda", lr_lambda, optimizer)
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(f"{type(self).__name__}: lr_lambda is a function of the step, not {function!r}")
        super().__init__(optimizer)

    def next_rate(self, lr: float, base_lr: float, group: int) -> float:
        return base_lr * self._factor(group)

    def _factor(self, group: int) -> float:
        factor = self.lr_lambdas[group](self.last_epoch)
        if not factor >= 0.0:
            raise ValueError(
                f"{type(self).__name__}: the function gave {factor} at step {self.last_epoch}, not 0 or more"
            )
        return float(factor)


class MultiplicativeLR(LambdaLR):
    """In each step the learning rate times a function of the step: base · f(1) · f(2) · ... · f(t).

    Args:
        optimizer: what steps with the rates.
        lr_lambda: the function, or a list with one for each group. It gives a number of at least 0.

    Raises:
        ValueError: there is not one function for each group, or one gives a negative number or NaN.
        TypeError: it is no function.

    Example:
        >>> import nn
        >>> optimizer = nn.SGD(nn.Linear(1, 1).parameters(), lr=8.0)
        >>> schedule = nn.MultiplicativeLR(optimizer, lambda step: 0.5)
        >>> optimizer.step()
        >>> schedule.step()
        >>> optimizer.lr
        4.0
    """

    def next_rate(self, lr: float, base_lr: float, group: int) -> float:
        return lr * self._factor(group) if self.last_epoch else lr
