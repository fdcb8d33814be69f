"""Schedules: numbers by hand, ends and restarts, states that do not fit, and what is refused."""

import copy

import numpy as np
import pytest

import nn
from autograd import Tensor


def sgd(*rates, momentum=0.0):
    groups = [{"params": [Tensor(1.0, requires_grad=True)], "lr": lr} for lr in rates or (1.0,)]
    return nn.SGD(groups, momentum=momentum)


def rates(schedule, steps):
    """The first group's learning rate at steps 0, 1, ..."""
    found = []
    for _ in range(steps):
        found.append(schedule.optimizer.param_groups[0]["lr"])
        schedule.step()
    return found


BY_HAND = [
    (lambda o: nn.StepLR(o, 2, 0.5), [1.0, 1.0, 0.5, 0.5, 0.25]),
    (lambda o: nn.StepLR(o, 2, 0.0), [1.0, 1.0, 0.0, 0.0, 0.0]),
    (lambda o: nn.MultiStepLR(o, [3, 1, 3], 0.5), [1.0, 0.5, 0.5, 0.125, 0.125]),
    (lambda o: nn.MultiStepLR(o, [0, 2], 0.5), [0.5, 0.5, 0.25, 0.25]),
    (lambda o: nn.ConstantLR(o, 0.25, 2), [0.25, 0.25, 1.0, 1.0]),
    (lambda o: nn.ConstantLR(o, 0.0, 2), [0.0, 0.0, 1.0, 1.0]),
    (lambda o: nn.LinearLR(o, 0.25, 1.0, 3), [0.25, 0.5, 0.75, 1.0, 1.0]),
    (lambda o: nn.LinearLR(o, 1.0, 0.0, 2), [1.0, 0.5, 0.0, 0.0]),
    (lambda o: nn.ExponentialLR(o, 0.5), [1.0, 0.5, 0.25]),
    (lambda o: nn.ExponentialLR(o, 0.0), [1.0, 0.0, 0.0]),
    (lambda o: nn.PolynomialLR(o, 2, 2.0), [1.0, 0.25, 0.0, 0.0]),
    (lambda o: nn.LambdaLR(o, lambda step: step), [0.0, 1.0, 2.0]),
    (lambda o: nn.MultiplicativeLR(o, lambda step: 1 / step), [1.0, 1.0, 0.5, 1 / 6]),
    (lambda o: nn.CosineAnnealingLR(o, 2, 0.5), [1.0, 0.75, 0.5, 0.75, 1.0, 0.75]),
    (lambda o: nn.CosineAnnealingWarmRestarts(o, 1, 2), [1.0, 1.0, 0.5, 1.0, 0.5 + 0.5**1.5, 0.5, 0.5 - 0.5**1.5, 1.0]),
    (
        lambda o: nn.OneCycleLR(
            o, 1.0, 5, pct_start=0.6, anneal_strategy="linear", cycle_momentum=False, div_factor=5.0
        ),
        [0.2, 0.6, 1.0, 0.5 + 1e-5, 2e-5],
    ),
    (
        lambda o: nn.OneCycleLR(
            o, 1.0, 6, pct_start=0.5, anneal_strategy="linear", cycle_momentum=False, div_factor=5.0, three_phase=True
        ),
        [0.2, 0.6, 1.0, 0.6, 0.2, 2e-5],
    ),
    (lambda o: nn.SequentialLR(o, [nn.ConstantLR(o, 0.5, 9), nn.ExponentialLR(o, 0.5)], [2]), [0.5, 0.5, 1.0, 0.5]),
    (lambda o: nn.SequentialLR(o, [nn.ConstantLR(o, 0.5, 9), nn.ExponentialLR(o, 0.5)], [0]), [1.0, 0.5, 0.25]),
    (lambda o: nn.ChainedScheduler([nn.ConstantLR(o, 0.25, 2), nn.ExponentialLR(o, 0.5)]), [0.25, 0.125, 0.25, 0.125]),
    (lambda o: nn.ChainedScheduler([nn.StepLR(o, 2, 0.5), nn.ExponentialLR(o, 0.5)]), [1.0, 0.5, 0.125, 0.0625]),
]


@pytest.mark.parametrize("build, expected", BY_HAND)
def test_rates_by_hand(build, expected):
    np.testing.assert_allclose(rates(build(sgd()), len(expected)), expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("build, expected", BY_HAND)
def test_a_schedule_begins_anew(build, expected):
    schedule = build(sgd())
    rates(schedule, 4)
    schedule.restart()
    np.testing.assert_allclose(rates(schedule, len(expected)), expected, rtol=1e-14, atol=1e-15)


def test_the_optimizer_steps_with_the_rate():
    w = Tensor([0.0], requires_grad=True)
    optimizer = nn.SGD([w], lr=1.0)
    schedule = nn.ExponentialLR(optimizer, 0.5)
    for _ in range(3):
        w.grad = np.array([-1.0])
        optimizer.step()
        schedule.step()
    np.testing.assert_array_equal(w.data, [1.75])
    assert schedule.last_epoch == 3
    assert schedule.get_last_lr() == [optimizer.lr] == [0.125]


def test_a_cycle_holds_its_last_rate_and_then_is_over():
    schedule = nn.OneCycleLR(sgd(momentum=0.9), 1.0, total_steps=3)
    found = rates(schedule, 3)
    assert schedule.optimizer.lr == found[-1] == pytest.approx(1.0 / 25.0 / 1e4)
    with pytest.raises(ValueError, match="OneCycleLR: the cycle of 3 steps is over"):
        schedule.step()


@pytest.mark.parametrize("options", [{"pct_start": 0.2}, {"pct_start": 1.0}, {"pct_start": 0.5, "three_phase": True}])
def test_phases_without_length_are_passed(options):
    """PyTorch divides by 0 where pct_start times total_steps is 1."""
    for total in (1, 2, 5):
        found = rates(nn.OneCycleLR(sgd(momentum=0.9), 1.0, total_steps=total, **options), total)
        assert np.all(np.isfinite(found))
        assert max(found) <= 1.0


def test_momentum_goes_against_the_rate():
    optimizer = nn.Adam([Tensor([1.0], requires_grad=True)], betas=(0.5, 0.99))
    schedule = nn.OneCycleLR(optimizer, 1.0, 11, pct_start=0.6, base_momentum=0.8, max_momentum=0.9)
    found = []
    for _ in range(11):
        found.append((optimizer.lr, optimizer.betas[0]))
        schedule.step()
    order = np.argsort([lr for lr, _ in found[:6]])
    assert list(order) == list(range(6))
    assert [beta for _, beta in found[:6]] == sorted((beta for _, beta in found[:6]), reverse=True)
    assert found[0][1] == pytest.approx(0.9)
    assert optimizer.betas[1] == 0.99
    assert "initial_lr" in optimizer.param_groups[0]


def test_plateaus_take_tensors_and_values():
    schedule = nn.ReduceLROnPlateau(sgd(), patience=0, factor=0.5)
    for measure in (Tensor(2.0), np.float32(2.0), 3, nn.Linear(1, 1)(np.zeros((1, 1))).sum() * 0.0 + 2.0):
        schedule.step(measure)
    assert schedule.optimizer.lr == 0.125
    schedule.restart()
    assert (schedule.optimizer.lr, schedule.best) == (1.0, None)


def test_a_schedule_and_its_optimizer_are_copied_together():
    schedule = nn.SequentialLR(o := sgd(), [nn.StepLR(o, 2), nn.CosineAnnealingLR(o, 3)], [2])
    schedule.step()
    twin = copy.deepcopy(schedule)
    assert rates(schedule, 5) == rates(twin, 5)
    assert twin.optimizer is not schedule.optimizer


def test_loading_a_state_sets_the_rates_and_the_momentum():
    first, second = sgd(0.5, 1.0, momentum=0.9), sgd(0.5, 1.0, momentum=0.9)
    schedule = nn.OneCycleLR(first, [0.5, 1.0], 10)
    rates(schedule, 4)
    resumed = nn.OneCycleLR(second, [0.5, 1.0], 10)
    resumed.load_state_dict(schedule.state_dict())
    for mine, other in zip(first.param_groups, second.param_groups, strict=True):
        assert (mine["lr"], mine["momentum"]) == (other["lr"], other["momentum"])


@pytest.mark.parametrize(
    "load, message",
    [
        (lambda: nn.StepLR(sgd(), 1).load_state_dict(nn.ExponentialLR(sgd(), 0.5).state_dict()), "is that of Exponen"),
        (lambda: nn.StepLR(sgd(), 1).load_state_dict({}), "the state is that of no schedule"),
        (lambda: nn.StepLR(sgd(), 1).load_state_dict(nn.StepLR(sgd(1.0, 2.0), 1).state_dict()), "is of 2 groups"),
        (lambda: nn.StepLR(sgd(), 1).load_state_dict({"schedule": "StepLR", "lr": [1.0]}), "lacks .'last_epoch'"),
        (
            lambda: nn.ChainedScheduler([nn.StepLR(sgd(), 1)]).load_state_dict(
                nn.ChainedScheduler([nn.StepLR(o := sgd(), 1), nn.StepLR(o, 1)]).state_dict()
            ),
            "the state is of 2 schedules, not of 1",
        ),
        (
            lambda: nn.ChainedScheduler([nn.StepLR(sgd(), 1)]).load_state_dict(
                nn.ChainedScheduler([nn.ExponentialLR(sgd(), 1.0)]).state_dict()
            ),
            "StepLR.load_state_dict: the state is that of ExponentialLR",
        ),
    ],
)
def test_a_state_that_does_not_fit_is_refused(load, message):
    with pytest.raises(ValueError, match=message):
        load()


def test_a_group_added_after_the_schedule_is_noticed():
    optimizer = sgd()
    schedule = nn.StepLR(optimizer, 1)
    optimizer.add_param_group({"params": [Tensor([1.0], requires_grad=True)]})
    with pytest.raises(ValueError, match="StepLR: was made for 1 groups, and the optimiser now has 2"):
        schedule.step()


@pytest.mark.parametrize(
    "build, error, message",
    [
        (lambda: nn.StepLR(sgd(), 0), ValueError, "StepLR: step_size=0 must be a whole number of at least 1"),
        (lambda: nn.StepLR(sgd(), 1.5), ValueError, r"StepLR: step_size=1\.5"),
        (lambda: nn.StepLR(sgd(), 1, -0.1), ValueError, r"StepLR: gamma=-0\.1 must be a number of at least 0"),
        (lambda: nn.StepLR([1], 1), TypeError, "StepLR: takes an optimiser, not a list"),
        (lambda: nn.LambdaLR([1], [max]), TypeError, "LambdaLR: takes an optimiser, not a list"),
        (lambda: nn.MultiStepLR(sgd(), [-1]), ValueError, "MultiStepLR: milestones=-1"),
        (lambda: nn.ConstantLR(sgd(), 1.5), ValueError, r"ConstantLR: factor=1\.5 must be a number from 0 to 1"),
        (lambda: nn.LinearLR(sgd(), 0.0), ValueError, "LinearLR: start_factor=0"),
        (lambda: nn.LinearLR(sgd(), 0.5, 1.5), ValueError, r"LinearLR: end_factor=1\.5"),
        (lambda: nn.PolynomialLR(sgd(), power=-1.0), ValueError, "PolynomialLR: power"),
        (lambda: nn.LambdaLR(sgd(), lambda step: -1.0), ValueError, r"LambdaLR: the function gave -1\.0 at step 0"),
        (
            lambda: nn.LambdaLR(sgd(), [max, max]),
            ValueError,
            "LambdaLR: lr_lambda has 2 entries, and the optimiser 1 g",
        ),
        (lambda: nn.LambdaLR(sgd(), 0.5), TypeError, r"LambdaLR: lr_lambda is a function of the step, not 0\.5"),
        (lambda: nn.CosineAnnealingLR(sgd(), 0), ValueError, "CosineAnnealingLR: T_max=0"),
        (lambda: nn.CosineAnnealingWarmRestarts(sgd(), 2, 0), ValueError, "CosineAnnealingWarmRestarts: T_mult=0"),
        (lambda: nn.OneCycleLR(sgd(), 1.0), ValueError, "OneCycleLR: needs total_steps, or epochs and steps_per_epoch"),
        (lambda: nn.OneCycleLR(sgd(), 1.0, 5, anneal_strategy="no"), ValueError, "OneCycleLR: anneal_strategy='no'"),
        (lambda: nn.OneCycleLR(sgd(), 1.0, 5, div_factor=0.0), ValueError, "OneCycleLR: div_factor=0"),
        (lambda: nn.OneCycleLR(nn.Adagrad(sgd().parameters), 1.0, 5), ValueError, "Adagrad has neither a momentum"),
        (lambda: nn.ReduceLROnPlateau(sgd(), mode="up"), ValueError, "ReduceLROnPlateau: mode='up'"),
        (lambda: nn.ReduceLROnPlateau(sgd(), threshold_mode="x"), ValueError, "ReduceLROnPlateau: threshold_mode"),
        (lambda: nn.ReduceLROnPlateau(sgd(), factor=1.0), ValueError, r"ReduceLROnPlateau: factor=1\.0"),
        (lambda: nn.ReduceLROnPlateau(sgd(), min_lr=[0.0, 0.0]), ValueError, "ReduceLROnPlateau: min_lr has 2 entries"),
        (lambda: nn.ReduceLROnPlateau(sgd()).step(), TypeError, "ReduceLROnPlateau: step takes the measure"),
        (lambda: nn.SequentialLR(sgd(), [], []), ValueError, "SequentialLR: there is no schedule"),
        (lambda: nn.SequentialLR(sgd(), [3], []), TypeError, "SequentialLR: takes schedules, not a int"),
        (
            lambda: nn.SequentialLR(sgd(), [nn.StepLR(sgd(), 1)], []),
            ValueError,
            "schedules are of different optimisers",
        ),
        (
            lambda: nn.SequentialLR(o := sgd(), [nn.StepLR(o, 1)], [1]),
            ValueError,
            "1 schedules take 0 rising milestones",
        ),
        (
            lambda: nn.SequentialLR(o := sgd(), [nn.StepLR(o, 1) for _ in range(3)], [4, 2]),
            ValueError,
            r"3 schedules take 2 rising milestones, not \[4, 2\]",
        ),
        (
            lambda: nn.ChainedScheduler([nn.ReduceLROnPlateau(sgd())]),
            ValueError,
            "ChainedScheduler: ReduceLROnPlateau steps by a measure",
        ),
        (
            lambda: nn.LRScheduler(sgd()),
            NotImplementedError,
            r"LRScheduler: define next_rate\(self, lr, base_lr, group\)",
        ),
    ],
)
def test_what_cannot_work_is_refused(build, error, message):
    with pytest.raises(error, match=message):
        build()
