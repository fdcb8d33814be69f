"""Initial values: PyTorch's gains, fans and bounds, and the distributions that are drawn."""

import math

import numpy as np
import pytest

import nn
from autograd import Tensor

ORACLE = "the oracle for initial values is PyTorch"
SHAPE = (40, 25, 3, 2)  # fan_in 150, fan_out 240


def blank(shape=SHAPE, dtype=np.float64):
    return Tensor(np.full(shape, 7.0, dtype=dtype), requires_grad=True)


def rng():
    return np.random.default_rng(11)


@pytest.mark.parametrize("param", [None, 0.0, 0.3])
@pytest.mark.parametrize("name", ["linear", "conv1d", "conv2d", "conv3d", "sigmoid", "tanh", "relu", "leaky_relu"])
def test_gains_are_pytorchs(name, param):
    torch = pytest.importorskip("torch", reason=ORACLE)
    assert nn.init.calculate_gain(name, param) == pytest.approx(torch.nn.init.calculate_gain(name, param), rel=1e-15)


UNIFORM = [
    ("uniform_", {"a": -2.0, "b": 3.0}, (-2.0, 3.0)),
    ("uniform_", {}, (0.0, 1.0)),
    ("kaiming_uniform_", {}, math.sqrt(6.0 / 150)),
    ("kaiming_uniform_", {"a": math.sqrt(5.0)}, math.sqrt(1.0 / 150)),
    ("kaiming_uniform_", {"mode": "fan_out", "nonlinearity": "relu"}, math.sqrt(6.0 / 240)),
    ("xavier_uniform_", {}, math.sqrt(6.0 / 390)),
    ("xavier_uniform_", {"gain": 2.0}, 2.0 * math.sqrt(6.0 / 390)),
]


@pytest.mark.parametrize("name, arguments, bound", UNIFORM)
def test_uniform_within_its_bounds(name, arguments, bound):
    low, high = bound if isinstance(bound, tuple) else (-bound, bound)
    tensor = blank()
    assert getattr(nn.init, name)(tensor, **arguments, rng=rng()) is tensor
    data = tensor.data
    width = high - low
    assert low <= data.min() < low + 0.01 * width
    assert high - 0.01 * width < data.max() <= high
    assert abs(data.mean() - (low + high) / 2) < 4 * width / math.sqrt(12 * data.size)
    assert abs(data.std() * math.sqrt(12) / width - 1) < 0.03


NORMAL = [
    ("normal_", {"mean": 3.0, "std": 0.2}, 3.0, 0.2),
    ("normal_", {}, 0.0, 1.0),
    ("kaiming_normal_", {}, 0.0, math.sqrt(2.0 / 150)),
    ("kaiming_normal_", {"a": 1.0, "mode": "fan_out"}, 0.0, math.sqrt(1.0 / 240)),
    ("kaiming_normal_", {"nonlinearity": "tanh"}, 0.0, 5.0 / 3.0 / math.sqrt(150)),
    ("xavier_normal_", {"gain": 3.0}, 0.0, 3.0 * math.sqrt(2.0 / 390)),
]


@pytest.mark.parametrize("name, arguments, mean, std", NORMAL)
def test_normal_with_its_mean_and_deviation(name, arguments, mean, std):
    tensor = getattr(nn.init, name)(blank(), **arguments, rng=rng())
    assert abs(tensor.data.mean() - mean) < 4 * std / math.sqrt(tensor.size)
    assert abs(tensor.data.std() / std - 1) < 0.03
    assert np.abs(tensor.data - mean).max() > 3 * std  # no uniform distribution of that deviation reaches there


@pytest.mark.parametrize("name, arguments, _", UNIFORM)
def test_bounds_are_pytorchs(name, arguments, _):
    torch = pytest.importorskip("torch", reason=ORACLE)
    theirs = getattr(torch.nn.init, name)(torch.empty(SHAPE, dtype=torch.float64), **arguments)
    ours = getattr(nn.init, name)(blank(), **arguments, rng=rng()).data
    assert ours.max() == pytest.approx(theirs.max().item(), rel=0.01)
    assert ours.std() == pytest.approx(theirs.std().item(), rel=0.05)


def test_constants():
    np.testing.assert_array_equal(nn.init.zeros_(blank((2, 3))).data, np.zeros((2, 3)))
    np.testing.assert_array_equal(nn.init.ones_(blank((2, 3))).data, np.ones((2, 3)))
    np.testing.assert_array_equal(nn.init.constant_(blank((2,)), 0.5).data, [0.5, 0.5])


def test_dtype_stays_and_generators_repeat():
    first = nn.init.normal_(blank(dtype=np.float32), rng=rng())
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first.data, nn.init.normal_(blank(dtype=np.float32), rng=rng()).data)
    nn.manual_seed(11)
    np.testing.assert_array_equal(first.data, nn.init.normal_(blank(dtype=np.float32)).data)


def test_what_has_no_fans_is_refused():
    for fill in (nn.init.kaiming_uniform_, nn.init.kaiming_normal_, nn.init.xavier_uniform_, nn.init.xavier_normal_):
        with pytest.raises(ValueError, match=r"shape \(5,\) has neither fan_in nor fan_out"):
            fill(blank((5,)))
    with pytest.raises(ValueError, match="mode='fan' is neither 'fan_in' nor 'fan_out'"):
        nn.init.kaiming_uniform_(blank(), mode="fan")
    with pytest.raises(ValueError, match="'gelu' is not one of tanh, relu"):
        nn.init.calculate_gain("gelu")


@pytest.mark.parametrize("fill", [nn.init.kaiming_uniform_, nn.init.xavier_normal_])
def test_an_empty_weight_stays_empty(fill):
    assert fill(blank((0, 0))).shape == (0, 0)
