"""States: copies, from model to model, and refused whole where they do not fit."""

import numpy as np
import pytest

import nn
from autograd import Tensor


def model(seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Conv2d(1, 2, 2, rng=rng, dtype=dtype), nn.Flatten(), nn.Linear(8, 3, rng=rng, dtype=dtype))


def assert_same(first, second):
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


def test_a_state_is_a_copy():
    net = model()
    state = net.state_dict()
    state["0.weight"][:] = 0.0
    assert np.all(net.state_dict()["0.weight"] != 0.0)


def test_a_state_goes_from_model_to_model_and_keeps_dtypes():
    source, target = model(1), model(2, dtype=np.float32)
    source(np.ones((1, 1, 3, 3))).sum().backward()
    target.load_state_dict(source.state_dict())
    assert target[0].weight.dtype == np.float32
    np.testing.assert_array_equal(target[0].weight.data, source[0].weight.data.astype(np.float32))
    target.load_state_dict({name: Tensor(array) for name, array in model(3).state_dict().items()})
    np.testing.assert_array_equal(target[2].bias.data, model(3)[2].bias.data.astype(np.float32))


def test_a_loaded_array_is_not_shared():
    state = model().state_dict()
    net = model(5)
    net.load_state_dict(state)
    state["0.weight"][:] = 0.0
    assert np.all(net[0].weight.data != 0.0)


@pytest.mark.parametrize(
    "change, lines",
    [
        (lambda s: s.pop("2.bias"), ["missing: '2.bias'"]),
        (lambda s: s.update({"3.bias": np.ones(2)}), ["no such parameter or buffer: '3.bias'"]),
        (
            lambda s: s.update({"2.weight": np.ones((3, 9))}),
            [r"'2.weight' has shape \(3, 9\), and the parameter has \(3, 8\)"],
        ),
        (lambda s: s.update({"2.bias": np.array([1, 2, 3])}), ["'2.bias' holds int64, not floating-point numbers"]),
        (lambda s: (s.pop("0.bias"), s.pop("2.weight")), ["missing: '0.bias'", "missing: '2.weight'"]),
    ],
)
def test_a_state_that_does_not_fit_is_refused_whole(change, lines):
    net, state = model(), model(1).state_dict()
    before = net.state_dict()
    change(state)
    with pytest.raises(ValueError, match="does not fit Sequential, and nothing was changed") as caught:
        net.load_state_dict(state)
    for line in lines:
        caught.match(line)
    assert_same(net.state_dict(), before)


def test_one_parameter_cannot_be_two_arrays():
    net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    net[1].weight = net[0].weight
    net.load_state_dict({"0.weight": np.eye(2), "1.weight": np.eye(2)})
    with pytest.raises(ValueError, match=r"'0\.weight' and '1\.weight' are one parameter"):
        net.load_state_dict({"0.weight": np.eye(2), "1.weight": np.ones((2, 2))})
    np.testing.assert_array_equal(net[0].weight.data, np.eye(2))


# ---- names that nearly fit ------------------------------------------------------------------------------------------


def named():
    return nn.Sequential({"hidden": nn.Linear(2, 3), "output": nn.Linear(3, 1)})


def test_a_prefix_too_much_is_named_with_its_remedy():
    state = {f"module.{name}": array for name, array in named().state_dict().items()}
    net = named()
    remedy = r"begin with 'module\.' in excess: load_state_dict\(\{name\.removeprefix\('module\.'\): array for name"
    with pytest.raises(ValueError, match=remedy):
        net.load_state_dict(state)
    net.load_state_dict({name.removeprefix("module."): array for name, array in state.items()})


def test_a_prefix_that_lacks_is_named_with_its_remedy():
    state = nn.Linear(2, 3).state_dict()
    with pytest.raises(ValueError, match=r"lack '0\.': load_state_dict\(\{'0\.' \+ name: state\[name\] for name in"):
        nn.Sequential(nn.Linear(2, 3)).load_state_dict(state)


def test_near_matches_are_named():
    state = named().state_dict()
    state["hiden.weight"] = state.pop("hidden.weight")
    with pytest.raises(ValueError, match=r"missing: 'hidden\.weight'; the state has 'hiden\.weight'"):
        named().load_state_dict(state)


def test_a_long_list_of_problems_is_cut_short():
    state = {f"{place}.weight": np.ones(1) for place in range(5000)} | {"x" * 10**6: np.ones(1)}
    with pytest.raises(ValueError, match="and 4905 more") as caught:
        named().load_state_dict(state)
    assert len(str(caught.value)) < 20_000
    assert named().load_state_dict(state, strict=False)[0] == list(named().state_dict())
