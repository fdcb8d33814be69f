"""Layers against PyTorch: same names, same parameters in, same outputs and gradients out; and what they refuse."""

import math

import numpy as np
import pytest

import nn
from autograd import Tensor

ORACLE = "the oracle for layers is PyTorch"

# name, module of either library, input shape
CASES = {
    "conv1d": (lambda n: n.Conv1d(2, 4, 3, stride=2, padding=1, dilation=2, groups=2), (3, 2, 11)),
    "conv2d": (lambda n: n.Conv2d(3, 5, (2, 3), padding=(1, 0)), (2, 3, 6, 7)),
    "conv2d without bias": (lambda n: n.Conv2d(2, 3, 3, 1, "same", 1, 1, False), (2, 2, 5, 4)),
    "conv2d without batch": (lambda n: n.Conv2d(2, 3, 2), (2, 5, 4)),
    "conv3d": (lambda n: n.Conv3d(2, 3, (1, 2, 2), stride=(1, 2, 1)), (2, 2, 3, 4, 5)),
    "linear": (lambda n: n.Linear(4, 3), (2, 5, 4)),
    "linear without bias": (lambda n: n.Linear(4, 3, False), (4,)),
    "max_pool1d": (lambda n: n.MaxPool1d(3, 2, 1), (2, 3, 8)),
    "max_pool2d": (
        lambda n: n.MaxPool2d((3, 2), stride=(2, 1), padding=1, dilation=(1, 2), ceil_mode=True),
        (2, 3, 7, 6),
    ),
    "max_pool3d": (lambda n: n.MaxPool3d(2), (2, 1, 4, 5, 4)),
    "avg_pool1d": (lambda n: n.AvgPool1d(3, 2, 1, False, False), (2, 3, 8)),
    "avg_pool2d": (lambda n: n.AvgPool2d(3, 2, 1, True, False, 7), (2, 3, 7, 6)),
    "avg_pool3d": (lambda n: n.AvgPool3d((1, 2, 2), padding=(0, 1, 0)), (2, 1, 3, 5, 4)),
    "relu": (lambda n: n.ReLU(), (3, 4)),
    "leaky_relu": (lambda n: n.LeakyReLU(0.3), (3, 4)),
    "leaky_relu by default": (lambda n: n.LeakyReLU(), (3, 4)),
    "sigmoid": (lambda n: n.Sigmoid(), (3, 4)),
    "tanh": (lambda n: n.Tanh(), (3, 4)),
    "softmax": (lambda n: n.Softmax(dim=1), (3, 4, 2)),
    "log_softmax": (lambda n: n.LogSoftmax(dim=-2), (3, 4, 2)),
    "flatten": (lambda n: n.Flatten(), (3, 4, 2)),
    "flatten some": (lambda n: n.Flatten(0, -2), (3, 4, 2)),
    "flatten none": (lambda n: n.Flatten(1, 1), (3, 4, 2)),
    "network": (
        lambda n: n.Sequential(
            n.Conv2d(1, 4, 3, padding=1),
            n.ReLU(),
            n.MaxPool2d(2),
            n.Sequential(n.Conv2d(4, 6, 3), n.LeakyReLU(), n.AvgPool2d(2)),
            n.Flatten(),
            n.Linear(6, 3),
            n.LogSoftmax(dim=1),
        ),
        (2, 1, 8, 8),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_layer_agrees_with_pytorch(name):
    torch = pytest.importorskip("torch", reason=ORACLE)
    build, shape = CASES[name]
    rng = np.random.default_rng(3)
    ours, theirs = build(nn), build(torch.nn).double()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [array.shape for array in ours.state_dict().values()] == [
        tuple(t.shape) for t in theirs.state_dict().values()
    ]
    ours.load_state_dict(theirs.state_dict())

    data = rng.normal(size=shape)
    x, torch_x = Tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
    out, torch_out = ours(x), theirs(torch_x)
    np.testing.assert_allclose(out.data, torch_out.detach().numpy(), rtol=1e-12, atol=1e-13)

    upstream = rng.normal(size=out.shape)
    out.backward(upstream)
    torch_out.backward(torch.tensor(upstream))
    np.testing.assert_allclose(x.grad, torch_x.grad.numpy(), rtol=1e-12, atol=1e-13)
    for parameter, torch_parameter in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(parameter.grad, torch_parameter.grad.numpy(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", ["MSELoss", "CrossEntropyLoss", "BCELoss", "BCEWithLogitsLoss"])
def test_loss_agrees_with_pytorch(name, reduction):
    torch = pytest.importorskip("torch", reason=ORACLE)
    rng = np.random.default_rng(4)
    data = rng.uniform(0.1, 0.9, size=(5, 3))
    target = rng.integers(0, 3, size=5) if name == "CrossEntropyLoss" else rng.uniform(0.1, 0.9, size=(5, 3))
    x, torch_x = Tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
    loss = getattr(nn, name)(reduction=reduction)(x, target)
    torch_loss = getattr(torch.nn, name)(reduction=reduction)(torch_x, torch.tensor(target))
    np.testing.assert_allclose(loss.data, torch_loss.detach().numpy(), rtol=1e-12)
    upstream = rng.normal(size=loss.shape)
    loss.backward(upstream)
    torch_loss.backward(torch.tensor(upstream))
    np.testing.assert_allclose(x.grad, torch_x.grad.numpy(), rtol=1e-12, atol=1e-14)


def test_an_unknown_reduction_is_refused_when_the_loss_is_built():
    with pytest.raises(ValueError, match="MSELoss: reduction='average'"):
        nn.MSELoss(reduction="average")


# ---- initial values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "build, fan_in",
    [
        (lambda rng: nn.Linear(50, 400, rng=rng), 50),
        (lambda rng: nn.Conv2d(8, 200, (3, 5), groups=4, rng=rng), 2 * 15),
        (lambda rng: nn.Conv1d(4, 300, 3, rng=rng), 12),
        (lambda rng: nn.Conv3d(1, 200, 3, rng=rng), 27),
    ],
)
def test_initial_values_are_uniform_within_pytorchs_bounds(build, fan_in):
    layer = build(np.random.default_rng(5))
    bound = 1.0 / math.sqrt(fan_in)
    for parameter in layer.parameters():
        data = parameter.data
        assert np.abs(data).max() <= bound
        assert np.abs(data).max() > 0.97 * bound
        assert abs(data.mean()) < 4.0 * bound / math.sqrt(3.0 * data.size)
        assert abs(data.std() / (bound / math.sqrt(3.0)) - 1.0) < 0.1


def test_a_generator_gives_the_same_layer_and_float32_begins_like_float64():
    first, second = (nn.Conv2d(1, 4, 3, rng=np.random.default_rng(6)) for _ in range(2))
    np.testing.assert_array_equal(first.weight.data, second.weight.data)
    np.testing.assert_array_equal(first.bias.data, second.bias.data)
    single = nn.Conv2d(1, 4, 3, rng=np.random.default_rng(6), dtype=np.float32)
    assert single.weight.dtype == single.bias.dtype == np.float32
    np.testing.assert_array_equal(single.weight.data, first.weight.data.astype(np.float32))
    assert np.any(nn.Conv2d(1, 4, 3, rng=np.random.default_rng(7)).weight.data != first.weight.data)


def test_manual_seed_restarts_the_default_generator():
    nn.manual_seed(3)
    first = nn.Linear(2, 2).weight.data
    later = nn.Linear(2, 2).weight.data
    nn.manual_seed(3)
    np.testing.assert_array_equal(nn.Linear(2, 2).weight.data, first)
    assert np.any(later != first)
    np.testing.assert_array_equal(nn.Linear(2, 2, rng=np.random.default_rng(3)).weight.data, first)


def test_a_seed_is_not_a_generator():
    with pytest.raises(
        TypeError, match=r"rng: expected a numpy.random.Generator, not 3; write numpy.random.default_rng"
    ):
        nn.Linear(2, 2, rng=3)


def test_float32_stays_float32():
    rng = np.random.default_rng(0)
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3, rng=rng, dtype=np.float32), nn.ReLU(), nn.MaxPool2d(2), nn.AvgPool2d(2), nn.Flatten(),
        nn.LeakyReLU(), nn.Linear(2, 2, rng=rng, dtype=np.float32), nn.LogSoftmax(dim=1),
    )  # fmt: skip
    out = model(rng.normal(size=(3, 1, 6, 6)).astype(np.float32))
    assert out.dtype == np.float32
    out.sum().backward()
    assert {parameter.grad.dtype for parameter in model.parameters()} == {np.dtype(np.float32)}


# ---- what is refused ------------------------------------------------------------------------------------------------


def test_linear_names_itself_and_the_shapes():
    net = nn.Sequential({"head": nn.Linear(4, 2)})
    with pytest.raises(ValueError, match=r"Linear 'head': .*\(\.\.\., 4\), got \(2, 3\).*in_features=3"):
        net(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"got \(\)"):
        net(np.float64(3.0))


@pytest.mark.parametrize("shape", [(2, 3, 6, 6), (2, 6), (1, 2, 2, 6, 6)])
def test_conv_names_itself_and_the_shapes(shape):
    net = nn.Sequential({"conv1": nn.Conv2d(2, 2, 3)})
    with pytest.raises(ValueError, match=r"Conv2d 'conv1': .*\(N, 2, H, W\) or \(2, H, W\), got \(.*in_channels"):
        net(np.ones(shape))


def test_an_input_smaller_than_the_kernel_is_told_with_the_layer():
    with pytest.raises(ValueError, match="kernel") as caught:
        nn.Sequential({"conv1": nn.Conv2d(1, 1, 5)})(np.ones((1, 1, 3, 3)))
    assert caught.value.__notes__ == ["in the forward pass of Conv2d 'conv1'"]


def test_flatten_refuses_axes_that_are_not_there():
    with pytest.raises(
        ValueError, match=r"Flatten: an input of shape \(3,\) has no axes from start_dim=1 to end_dim=-1"
    ):
        nn.Flatten()(np.ones(3))


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: nn.Linear(0, 2), "Linear: in_features=0"),
        (lambda: nn.Linear(2, 2.5), "Linear: out_features=2.5"),
        (lambda: nn.Conv2d(0, 1, 3), "Conv2d: in_channels=0"),
        (lambda: nn.Conv2d(1, 1, 0), "Conv2d: kernel_size=0"),
        (lambda: nn.Conv2d(1, 1, (3, 3, 3)), "Conv2d: kernel_size="),
        (lambda: nn.Conv1d(1, 1, 3, stride=0), "Conv1d: stride=0"),
        (lambda: nn.Conv3d(3, 4, 3, groups=2), "Conv3d: groups=2 must divide in_channels=3 and out_channels=4"),
        (lambda: nn.Conv3d(4, 3, 3, groups=2), "Conv3d: groups=2 must divide in_channels=4 and out_channels=3"),
        (lambda: nn.AvgPool1d(0), "AvgPool1d: kernel_size=0"),
    ],
)
def test_arguments_out_of_range_are_refused_when_the_layer_is_built(build, message):
    with pytest.raises(ValueError, match=message):
        build()
