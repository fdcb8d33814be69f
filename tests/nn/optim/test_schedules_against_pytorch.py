"""Schedules held against PyTorch: the learning rate of every step, on random arguments and groups."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from tests.amounts import configurations

torch = pytest.importorskip("torch", reason="PyTorch is the oracle of these tests: pip install gradwalk[torch]")

CONFIGURATIONS = configurations(200)
STEPS = 60

Rng = np.random.Generator
Build = Callable[[Any, Any], Any]  # a package of schedules, an optimiser -> a schedule


def whole(rng: Rng, low: int, high: int) -> int:
    return int(rng.integers(low, high + 1))


def some(rng: Rng, **arguments: Any) -> dict[str, Any]:
    """Some of the arguments; those that are left out keep their defaults."""
    return {name: value for name, value in arguments.items() if rng.random() < 0.7}


def each_group(rng: Rng, groups: int, draw: Callable[[], Any]) -> Any:
    return [draw() for _ in range(groups)] if rng.random() < 0.5 else draw()


def inverse(speed: float) -> Callable[[int], float]:
    return lambda step: 1.0 / (1.0 + speed * step)


def step_lr(rng: Rng, groups: int) -> Build:
    size, options = whole(rng, 1, 9), some(rng, gamma=rng.choice([1.0, rng.uniform(0.1, 1.2)]))
    return lambda package, optimizer: package.StepLR(optimizer, size, **options)


def multi_step_lr(rng: Rng, groups: int) -> Build:
    milestones = [whole(rng, 0, STEPS) for _ in range(whole(rng, 0, 5))]
    options = some(rng, gamma=rng.uniform(0.1, 1.2))
    return lambda package, optimizer: package.MultiStepLR(optimizer, milestones, **options)


def constant_lr(rng: Rng, groups: int) -> Build:
    options = some(rng, factor=rng.uniform(0.05, 1.0), total_iters=whole(rng, 1, 30))
    return lambda package, optimizer: package.ConstantLR(optimizer, **options)


def linear_lr(rng: Rng, groups: int) -> Build:
    options = some(
        rng,
        start_factor=rng.uniform(0.01, 1.0),
        end_factor=rng.choice([0.0, 1.0, rng.uniform(0.0, 1.0)]),
        total_iters=whole(rng, 1, 30),
    )
    return lambda package, optimizer: package.LinearLR(optimizer, **options)


def exponential_lr(rng: Rng, groups: int) -> Build:
    gamma = rng.uniform(0.5, 1.1)
    return lambda package, optimizer: package.ExponentialLR(optimizer, gamma)


def polynomial_lr(rng: Rng, groups: int) -> Build:
    options = some(rng, total_iters=whole(rng, 1, 80), power=rng.choice([0.0, 0.5, 1.0, rng.uniform(0.1, 3.0)]))
    return lambda package, optimizer: package.PolynomialLR(optimizer, **options)


def lambda_lr(rng: Rng, groups: int) -> Build:
    given = each_group(rng, groups, lambda: inverse(rng.uniform(0.0, 2.0)))
    return lambda package, optimizer: package.LambdaLR(optimizer, given)


def multiplicative_lr(rng: Rng, groups: int) -> Build:
    given = each_group(rng, groups, lambda: inverse(rng.uniform(0.0, 0.1)))
    return lambda package, optimizer: package.MultiplicativeLR(optimizer, given)


def cosine_annealing_lr(rng: Rng, groups: int) -> Build:
    half, options = whole(rng, 1, 70), some(rng, eta_min=rng.uniform(0.0, 0.5))
    return lambda package, optimizer: package.CosineAnnealingLR(optimizer, half, **options)


def warm_restarts(rng: Rng, groups: int) -> Build:
    first, options = whole(rng, 1, 20), some(rng, T_mult=whole(rng, 1, 3), eta_min=rng.uniform(0.0, 0.5))
    return lambda package, optimizer: package.CosineAnnealingWarmRestarts(optimizer, first, **options)


def one_cycle_lr(rng: Rng, groups: int) -> Build:
    total: dict[str, Any] = {"total_steps": whole(rng, STEPS, 2 * STEPS)}
    if rng.random() < 0.5:
        total = {"epochs": whole(rng, 10, 15), "steps_per_epoch": whole(rng, 6, 8)}
    options = some(
        rng,
        pct_start=float(rng.choice([0.0, 0.5, 1.0, rng.uniform(0.1, 0.9)])),
        anneal_strategy=rng.choice(["cos", "linear"]),
        cycle_momentum=bool(rng.random() < 0.7),
        base_momentum=each_group(rng, groups, lambda: rng.uniform(0.1, 0.9)),
        max_momentum=each_group(rng, groups, lambda: rng.uniform(0.1, 0.9)),
        div_factor=rng.uniform(1.0, 50.0),
        final_div_factor=rng.uniform(1.0, 1e4),
        three_phase=bool(rng.random() < 0.5),
    )
    highest = each_group(rng, groups, lambda: rng.uniform(0.1, 2.0))
    return lambda package, optimizer: package.OneCycleLR(optimizer, highest, **total, **options)


PARTS = [
    step_lr,
    multi_step_lr,
    constant_lr,
    linear_lr,
    exponential_lr,
    polynomial_lr,
    lambda_lr,
    cosine_annealing_lr,
    warm_restarts,
]


def sequential_lr(rng: Rng, groups: int) -> Build:
    parts = [PARTS[whole(rng, 0, len(PARTS) - 1)](rng, groups) for _ in range(whole(rng, 1, 4))]
    milestones = sorted(whole(rng, 1, STEPS) for _ in parts[1:])
    return lambda package, optimizer: package.SequentialLR(
        optimizer, [part(package, optimizer) for part in parts], milestones
    )


def chained_scheduler(rng: Rng, groups: int) -> Build:
    parts = [PARTS[whole(rng, 0, len(PARTS) - 1)](rng, groups) for _ in range(whole(rng, 1, 3))]
    return lambda package, optimizer: package.ChainedScheduler([part(package, optimizer) for part in parts])


DRAWN = [*PARTS, multiplicative_lr, one_cycle_lr, sequential_lr, chained_scheduler]


def optimizers(rng: Rng, groups: int) -> tuple[Any, Any, str]:
    """The same optimiser here and in PyTorch, with so many groups of their own rates; and its momentum option."""
    name, momentum = [("SGD", "momentum"), ("Adam", "betas"), ("RMSprop", "momentum")][whole(rng, 0, 2)]
    rates = [float(rng.choice([0.001, 1.0, rng.uniform(0.001, 1.0)])) for _ in range(groups)]
    ours = [{"params": [Tensor(1.0, requires_grad=True)], "lr": lr} for lr in rates]
    theirs = [{"params": [torch.ones(1, requires_grad=True)], "lr": lr} for lr in rates]
    return getattr(nn, name)(ours), getattr(torch.optim, name)(theirs), momentum


def compare(optimizer: Any, other: Any, momentum: str) -> None:
    for mine, theirs in zip(optimizer.param_groups, other.param_groups, strict=True):
        np.testing.assert_allclose(mine["lr"], theirs["lr"], rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(mine[momentum], theirs[momentum], rtol=1e-12)


@pytest.mark.uncounted
@pytest.mark.parametrize("draw", DRAWN)
def test_every_rate_is_pytorchs(draw):
    for seed in range(CONFIGURATIONS):
        rng = np.random.default_rng(seed)
        groups = whole(rng, 1, 3)
        build = draw(rng, groups)
        optimizer, other, momentum = optimizers(rng, groups)
        schedule, their_schedule = build(nn, optimizer), build(torch.optim.lr_scheduler, other)
        by_hand = whole(rng, 0, 2 * STEPS) if draw in PARTS else -1
        other.step()
        for step in range(STEPS - 1):
            try:
                compare(optimizer, other, momentum)
                np.testing.assert_allclose(schedule.get_last_lr(), their_schedule.get_last_lr(), rtol=1e-12, atol=1e-13)
            except AssertionError as error:
                error.add_note(f"configuration {seed}, step {step}: {vars(their_schedule)}")
                raise
            if step == by_hand:
                optimizer.param_groups[0]["lr"] = other.param_groups[0]["lr"] = 0.3
            schedule.step()
            their_schedule.step()


@pytest.mark.parametrize("draw", DRAWN)
def test_a_schedule_goes_on_from_its_state(draw):
    """From the state alone, also as JSON text, in a schedule that has been elsewhere."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        build = draw(rng, 2)
        (first, *_), (second, *_) = (optimizers(np.random.default_rng(seed), 2) for _ in range(2))
        schedule, resumed = build(nn, first), build(nn, second)
        for _ in range(whole(rng, 0, 30)):
            schedule.step()
        for _ in range(whole(rng, 0, 20)):
            resumed.step()
        resumed.load_state_dict(json.loads(json.dumps(schedule.state_dict())))
        for _ in range(28):
            assert [group["lr"] for group in first.param_groups] == [group["lr"] for group in second.param_groups]
            assert schedule.get_last_lr() == resumed.get_last_lr()
            assert first.param_groups[1].get("momentum") == second.param_groups[1].get("momentum")
            assert first.param_groups[1].get("betas") == second.param_groups[1].get("betas")
            schedule.step()
            resumed.step()


def plateau_options(rng: Rng, groups: int) -> dict[str, Any]:
    return some(
        rng,
        mode=rng.choice(["min", "max"]),
        factor=rng.uniform(0.0, 0.95),
        patience=whole(rng, 0, 4),
        threshold=rng.choice([0.0, 0.01, rng.uniform(0.0, 0.5)]),
        threshold_mode=rng.choice(["rel", "abs"]),
        cooldown=whole(rng, 0, 4),
        min_lr=each_group(rng, groups, lambda: rng.uniform(0.0, 0.1)),
        eps=rng.choice([0.0, 1e-8, 0.01]),
    )


@pytest.mark.uncounted
def test_plateaus_are_pytorchs():
    for seed in range(2 * CONFIGURATIONS):
        rng = np.random.default_rng(seed)
        groups = whole(rng, 1, 3)
        options = plateau_options(rng, groups)
        optimizer, other, momentum = optimizers(rng, groups)
        schedule = nn.ReduceLROnPlateau(optimizer, **options)
        their_schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(other, **options)
        resumed_optimizer = optimizers(np.random.default_rng(0), groups)[0]
        resumed = nn.ReduceLROnPlateau(resumed_optimizer, **options)
        for step in range(STEPS):
            measure = float(
                rng.choice([rng.normal(), round(rng.normal(), 1), -step, float("nan")], p=[0.5, 0.3, 0.1, 0.1])
            )
            schedule.step(measure)
            their_schedule.step(measure)
            compare(optimizer, other, momentum)
            assert schedule.num_bad_epochs == their_schedule.num_bad_epochs
            assert schedule.in_cooldown == their_schedule.in_cooldown
            assert schedule.get_last_lr() == [group["lr"] for group in optimizer.param_groups]
            if step >= STEPS // 2:
                if step == STEPS // 2:
                    resumed.load_state_dict(json.loads(json.dumps(schedule.state_dict(), allow_nan=False)))
                else:
                    resumed.step(measure)
                assert resumed.get_last_lr() == [group["lr"] for group in resumed_optimizer.param_groups]
                assert resumed.get_last_lr() == schedule.get_last_lr()


def test_names_and_defaults_are_pytorchs():
    import inspect

    schedules = [name for name in nn.optim.__all__ if name.endswith(("LR", "Restarts", "Plateau", "Scheduler"))]
    assert len(schedules) == len(DRAWN) + 2  # the plateau, and the base class
    for name in schedules:
        ours = dict(inspect.signature(getattr(nn, name)).parameters)
        theirs = dict(inspect.signature(getattr(torch.optim.lr_scheduler, name)).parameters)
        theirs.pop("last_epoch", None)
        assert {key: value.default for key, value in ours.items()} == {
            key: value.default for key, value in theirs.items()
        }, name
