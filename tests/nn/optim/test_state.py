"""An optimiser's state: plain arrays and numbers, the same bits after resuming, and what does not fit."""

import copy
import json

import numpy as np
import pytest

import nn
from autograd import Tensor, Value
from tests.nn.optim.test_optimizers import CASES

OPTIMIZERS = [(name, options) for name, options in CASES if options]


def gradients(shapes, seed=3):
    rng = np.random.default_rng(seed)
    while True:
        yield [rng.normal(size=shape) for shape in shapes]


def run(optimizer, drawn, steps):
    for _, arrays in zip(range(steps), drawn, strict=False):
        for place, (parameter, array) in enumerate(zip(optimizer.parameters, arrays, strict=True)):
            if place != 1:  # one that never moves
                parameter.grad = array.astype(parameter.dtype) if isinstance(parameter, Tensor) else float(array)
        optimizer.step()


def tensors(dtype=np.float64):
    return [Tensor(np.full(shape, 0.5, dtype=dtype), requires_grad=True) for shape in ((2, 3), (2,), ())]


def groups(parameters):
    return [{"params": parameters[:2]}, {"params": parameters[2:], "lr": 0.07}]


def through_text(state):
    """What files make of a state: arrays as they are, all else as JSON text, in which keys are texts."""
    arrays = {
        (place, name): held
        for place, entry in state["state"].items()
        for name, held in entry.items()
        if isinstance(held, np.ndarray)
    }
    rest = {
        "state": {
            place: {name: held for name, held in entry.items() if (place, name) not in arrays}
            for place, entry in state["state"].items()
        },
        "param_groups": state["param_groups"],
    }
    loaded = json.loads(json.dumps(rest, allow_nan=False))
    for (place, name), held in arrays.items():
        loaded["state"][str(place)][name] = held
    return loaded


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name, options", OPTIMIZERS)
def test_resuming_gives_the_same_bits_as_going_on(name, options, dtype):
    first = tensors(dtype)
    optimizer = getattr(nn, name)(groups(first), **options)
    drawn = gradients([parameter.shape for parameter in first])
    run(optimizer, drawn, 5)
    optimizer.param_groups[0]["lr"] = 0.03
    state = through_text(optimizer.state_dict())
    second = [Tensor(parameter.numpy(), requires_grad=True) for parameter in first]
    resumed = getattr(nn, name)(groups(second), lr=3.0)
    resumed.load_state_dict(state)
    arrays = [next(drawn) for _ in range(5)]
    run(optimizer, iter(arrays), 5)
    run(resumed, iter(arrays), 5)
    for mine, other in zip(first, second, strict=True):
        assert mine.data.tobytes() == other.data.tobytes()
    assert resumed.param_groups[0]["lr"] == 0.03
    assert [set(group) for group in resumed.param_groups] == [set(group) for group in optimizer.param_groups]


@pytest.mark.parametrize("name, options", OPTIMIZERS)
def test_values_resume_too(name, options):
    first = [Value(0.5), Value(-1.0), Value(2.0)]
    optimizer = getattr(nn, name)(first, **options)
    drawn = gradients([(), (), ()])
    run(optimizer, drawn, 4)
    state = json.loads(json.dumps(optimizer.state_dict(), allow_nan=False))
    second = [Value(each.data) for each in first]
    resumed = getattr(nn, name)(second, lr=3.0)
    resumed.load_state_dict(state)
    arrays = [next(drawn) for _ in range(4)]
    run(optimizer, iter(arrays), 4)
    run(resumed, iter(arrays), 4)
    assert [each.data for each in first] == [each.data for each in second]


@pytest.mark.parametrize("name, options", OPTIMIZERS)
def test_a_pytorch_optimizer_goes_on_here(name, options):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of this test: pip install gradwalk[torch]")
    ours = tensors()
    theirs = [torch.tensor(parameter.numpy(), requires_grad=True) for parameter in ours]
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        other = getattr(torch.optim, name)(groups(theirs), **options)
        optimizer = getattr(nn, name)(groups(ours))
        for step, arrays in zip(range(8), gradients([parameter.shape for parameter in ours]), strict=False):
            if step == 4:
                optimizer.load_state_dict(other.state_dict())
                for mine, their in zip(ours, theirs, strict=True):
                    mine.data = their.detach().numpy().copy()
            for mine, their, array in zip(ours, theirs, arrays, strict=True):
                mine.grad, their.grad = array, torch.tensor(array)
            optimizer.step()
            other.step()
    finally:
        torch.set_default_dtype(before)
    for mine, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine.data, their.detach().numpy(), rtol=1e-12)


def test_a_state_is_a_copy_in_both_directions():
    w = Tensor([1.0, 2.0], requires_grad=True)
    optimizer = nn.SGD([w], momentum=0.5)
    w.grad = np.array([1.0, 3.0])
    optimizer.step()
    state = optimizer.state_dict()
    state["state"][0]["momentum_buffer"][:] = 7.0
    np.testing.assert_array_equal(optimizer.state[w]["momentum_buffer"], [1.0, 3.0])
    optimizer.load_state_dict(state)
    state["state"][0]["momentum_buffer"][:] = 9.0
    state["param_groups"][0]["lr"] = 9.0
    np.testing.assert_array_equal(optimizer.state[w]["momentum_buffer"], [7.0, 7.0])
    assert optimizer.lr == 1e-3


def test_what_is_remembered_is_forgotten_where_the_state_has_none():
    w = Tensor([1.0], requires_grad=True)
    optimizer = nn.Adam([w])
    fresh = optimizer.state_dict()
    w.grad = np.array([1.0])
    optimizer.step()
    optimizer.load_state_dict(fresh)
    assert optimizer.state == {}


def test_an_optimizer_of_ones_own_keeps_what_it_likes():
    class Own(nn.Optimizer):
        def update(self, data, gradient, state, options):
            state["rows"] = state.get("rows", np.zeros(2)) + gradient.sum(axis=1)
            state["calls"] = state.get("calls", 0) + 1
            return data

    w = Tensor(np.ones((2, 3)), requires_grad=True)
    optimizer = Own([w], lr=1.0)
    w.grad = np.arange(6.0).reshape(2, 3)
    optimizer.step()
    resumed = Own([w], lr=2.0)
    resumed.load_state_dict(optimizer.state_dict())
    assert resumed.state[w]["calls"] == 1
    np.testing.assert_array_equal(resumed.state[w]["rows"], [3.0, 12.0])
    assert resumed.state[w]["rows"] is not optimizer.state[w]["rows"]
    assert resumed.lr == 1.0


def spoilt(change):
    parameters = tensors()
    optimizer = nn.NAdam(groups(parameters))
    run(optimizer, gradients([parameter.shape for parameter in parameters]), 2)
    state = optimizer.state_dict()
    change(state)
    return optimizer, state


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda state: state.pop("state"), r"it holds \['param_groups'\]"),
        (
            lambda state: state["param_groups"].pop(),
            r"its groups hold \[2\] parameters, and the optimiser's hold \[2, 1\]",
        ),
        (lambda state: state["param_groups"][0]["params"].pop(), r"its groups hold \[1, 1\] parameters"),
        (lambda state: state["param_groups"][1].pop("eps"), "group 1 lacks the option 'eps'"),
        (lambda state: state["param_groups"][1].update(nesterov=True), "group 1 has an unknown option 'nesterov'"),
        (lambda state: state["param_groups"][1].update(lr=-1.0), r"group 1: NAdam: lr=-1\.0"),
        (lambda state: state["state"][0].pop("exp_avg"), "parameter 0 lacks 'exp_avg'"),
        (
            lambda state: state["state"][0].update(exp_avg=np.ones((3, 2))),
            r"parameter 0 has the shape \(2, 3\), and 'exp_avg' \(3, 2\)",
        ),
        (lambda state: state["state"][0].update(exp_avg=np.ones((2, 3), int)), "parameter 0 has 'exp_avg' of int64"),
        (lambda state: state["state"][0].update(mu_product="x"), "parameter 0 has no number for 'mu_product'"),
        (lambda state: state["state"][0].update(step=np.ones(2)), "parameter 0 has no number for 'step'"),
        (lambda state: state["state"].update({7: {}}), "no group holds parameter 7"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, message):
    optimizer, state = spoilt(change)
    before = copy.deepcopy(optimizer.state_dict())
    state["param_groups"][0]["lr"] = 99.0
    with pytest.raises(
        ValueError, match=r"NAdam\.load_state_dict: the state does not fit, and nothing was changed"
    ) as raised:
        optimizer.load_state_dict(state)
    assert raised.match(message)
    after = optimizer.state_dict()
    assert after["param_groups"] == before["param_groups"]
    for place, entry in before["state"].items():
        for name, held in entry.items():
            np.testing.assert_array_equal(after["state"][place][name], held)


def test_the_state_of_another_kind_of_optimizer_is_refused():
    w = Tensor([1.0], requires_grad=True)
    with pytest.raises(ValueError, match="group 0 lacks the option 'betas'"):
        nn.Adam([w]).load_state_dict(nn.SGD([w]).state_dict())
    with pytest.raises(ValueError, match="AdamW's weight decay is decoupled"):
        nn.AdamW([w]).load_state_dict(nn.Adam([w]).state_dict())


def test_every_misfit_is_named():
    optimizer, state = spoilt(lambda state: [entry.pop("step") for entry in state["state"].values()])
    with pytest.raises(ValueError, match=r"(?s)parameter 0 lacks 'step'.*parameter 2 lacks 'step'"):
        optimizer.load_state_dict(state)
