"""Parameter groups: options of their own, groups added later, one option for all, and what is refused."""

import numpy as np
import pytest

import nn
from autograd import MutationError, Tensor


def leaf(*numbers):
    return Tensor(list(numbers), requires_grad=True)


def with_gradient_one(*parameters):
    for parameter in parameters:
        parameter.grad = np.ones(parameter.shape)


def test_each_group_steps_with_its_own_options():
    a, b, c = leaf(1.0), leaf(1.0), leaf(1.0, 2.0)
    groups = [{"params": [a, c], "lr": 0.5}, {"params": b, "weight_decay": 1.0, "maximize": True}]
    optimizer = nn.SGD(groups, lr=0.25)
    with_gradient_one(a, b, c)
    optimizer.step()
    np.testing.assert_array_equal(a.data, [0.5])
    np.testing.assert_array_equal(c.data, [0.5, 1.5])
    np.testing.assert_array_equal(b.data, [1.0])  # 1 - 0.25·(-1 + 1·1)
    assert optimizer.parameters == [a, c, b]
    optimizer.zero_grad()
    assert not any(parameter.has_grad for parameter in (a, b, c))


def test_what_the_user_wrote_is_left_as_it_was():
    a = leaf(1.0)
    group = {"params": (each for each in [a]), "lr": 0.5}
    optimizer = nn.Adam([group], lr=0.1)
    assert set(group) == {"params", "lr"}
    assert optimizer.param_groups[0]["params"] == [a]
    assert optimizer.param_groups[0]["betas"] == (0.9, 0.999)
    assert optimizer.defaults["lr"] == 0.1


def test_a_group_added_later_moves_from_then_on():
    a, b = leaf(1.0), leaf(1.0)
    optimizer = nn.SGD([a], lr=0.5, momentum=0.5)
    with_gradient_one(a, b)
    optimizer.step()
    np.testing.assert_array_equal(b.data, [1.0])
    optimizer.add_param_group({"params": [b], "lr": 0.25})
    optimizer.step()
    np.testing.assert_array_equal(a.data, [1.0 - 0.5 - 0.5 * 1.5])
    np.testing.assert_array_equal(b.data, [0.75])
    assert [group["momentum"] for group in optimizer.param_groups] == [0.5, 0.5]


def test_an_option_is_an_attribute_that_sets_every_group():
    optimizer = nn.SGD([{"params": leaf(1.0)}, {"params": leaf(2.0), "momentum": 0.5}], lr=0.5)
    assert (optimizer.lr, optimizer.momentum) == (0.5, 0.0)
    optimizer.lr *= 0.5
    assert [group["lr"] for group in optimizer.param_groups] == [0.25, 0.25]
    with pytest.raises(ValueError, match=r"SGD: momentum differs from group to group, \[0\.0, 0\.5\]"):
        optimizer.momentum = 0.9
    with pytest.raises(ValueError, match=r"SGD: lr=-1\.0 must be"):
        optimizer.lr = -1.0
    with pytest.raises(ValueError, match="SGD: nesterov needs momentum"):
        optimizer.nesterov = True
    assert [(group["lr"], group["momentum"], group["nesterov"]) for group in optimizer.param_groups] == [
        (0.25, 0.0, False),
        (0.25, 0.5, False),
    ]


def test_an_optimizer_of_ones_own_has_options():
    class Shrink(nn.Optimizer):
        def __init__(self, parameters, lr=0.1, by=0.5):
            super().__init__(parameters, lr, by=by)

        def update(self, data, gradient, state, options):
            state["calls"] = state.get("calls", 0) + 1
            return data * options["by"] - options["lr"] * gradient

    a, b = leaf(1.0), leaf(1.0)
    optimizer = Shrink([{"params": a}, {"params": b, "by": 0.25}])
    with_gradient_one(a, b)
    optimizer.step()
    assert (a.item(), b.item()) == (0.5 - 0.1, 0.25 - 0.1)
    assert optimizer.state == {a: {"calls": 1}, b: {"calls": 1}}


def test_an_update_may_write_in_place_to_the_numbers_it_is_given():
    class InPlace(nn.Optimizer):
        def update(self, data, gradient, state, options):
            data -= options["lr"] * gradient
            return data

    a = leaf(1.0, 2.0)
    held = a.data
    loss = (a * a).sum()
    loss.backward()
    InPlace([a], lr=0.25).step()
    np.testing.assert_array_equal(held, [1.0, 2.0])
    np.testing.assert_array_equal(a.data, [0.5, 1.0])
    with pytest.raises(MutationError):
        loss.backward()


def test_a_group_can_have_a_name():
    optimizer = nn.SGD([{"params": leaf(1.0), "name": "head"}])
    assert optimizer.param_groups[0]["name"] == "head"
    assert optimizer.state_dict()["param_groups"][0]["name"] == "head"


A, B = leaf(1.0), leaf(2.0)


@pytest.mark.parametrize(
    "groups, error, message",
    [
        ([{"params": [A]}, {"params": [A]}], ValueError, "SGD: a parameter is in two groups"),
        ([{"params": [A, A]}], ValueError, "SGD: a parameter is named twice"),
        ([{"params": [A]}, B], TypeError, "SGD: some entries are groups and some are parameters"),
        ([{"params": []}, {"params": []}], ValueError, "SGD: there is no parameter to move"),
        ([{"lr": 0.5}], ValueError, r"SGD: a group holds its parameters under 'params'; this one has \['lr'\]"),
        ([{"params": [A], "learning_rate": 0.5}], ValueError, "SGD: there is no option 'learning_rate'"),
        ([{"params": [A], "lr": -0.5}], ValueError, r"SGD: lr=-0\.5"),
        ([{"params": [A], "nesterov": True}], ValueError, "SGD: nesterov needs momentum"),
        ([{"params": [A * 2.0]}], ValueError, "SGD: .* is the result of an operation"),
        ([{"params": {A, B}}], TypeError, "SGD: a set has no order"),
        ([{"params": 3.0}], TypeError, "SGD: expected a list of parameters, not a float"),
        ([{"params": "ab"}], TypeError, "SGD: expected a list of parameters, not a str"),
    ],
)
def test_groups_that_cannot_work_are_refused(groups, error, message):
    with pytest.raises(error, match=message):
        nn.SGD(groups)


@pytest.mark.parametrize(
    "group, error",
    [([B], TypeError), ({"params": [A]}, ValueError), ({"params": [B], "lr": -1.0}, ValueError)],
)
def test_a_refused_group_is_not_added(group, error):
    optimizer = nn.SGD([A])
    with pytest.raises(error):
        optimizer.add_param_group(group)
    assert optimizer.parameters == [A]
    assert len(optimizer.param_groups) == 1


def test_a_group_may_be_empty_beside_others():
    optimizer = nn.SGD([{"params": [A]}, {"params": []}])
    assert optimizer.parameters == [A]
