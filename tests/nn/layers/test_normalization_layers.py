"""Normalisation layers against PyTorch's: outputs, gradients, buffers after several steps, modes, copies and files."""

from __future__ import annotations

import copy
import io
import pickle
from typing import Any

import numpy as np
import pytest

import nn
from autograd import ShapeError, Tensor, Value
from tests.autograd.support import Array
from tests.nn.oracle import hold_module, torch

SPATIAL = {"BatchNorm1d": 1, "BatchNorm2d": 2, "BatchNorm3d": 3}
SPATIAL |= {name.replace("Batch", "Instance"): axes for name, axes in SPATIAL.items()}


def options_of(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "eps": float(rng.choice([1e-5, 0.1])),
        "momentum": [0.1, 0.6, 1.0, None][rng.integers(4)],
        "affine": bool(rng.integers(3)),
        "track_running_stats": bool(rng.integers(2)),
        "bias": bool(rng.integers(3)),
    }


def image_shape(rng: np.random.Generator, name: str, channels: int) -> tuple[int, ...]:
    """A batch, of vectors too where the layer takes them; or one image without it where the layer takes it."""
    axes = SPATIAL[name]
    spatial = [int(each) for each in rng.integers(1, 3, size=axes)]
    spatial[0] += 1
    if name.startswith("Instance"):
        return (*rng.integers(1, 3, size=rng.integers(2)), channels, *spatial)
    return (int(rng.integers(2, 4)), channels, *spatial[: axes - (axes == 1 and int(rng.integers(2)))])


def set_numbers(layer: Any, rng: np.random.Generator) -> None:
    """Random parameters and running statistics, so that none is at its initial value."""
    for parameter in layer.parameters():
        parameter.data = rng.normal(size=parameter.shape)
    if layer.running_mean is not None:
        layer.running_mean = rng.normal(size=layer.num_features)
        layer.running_var = rng.uniform(0.2, 2.0, size=layer.num_features)
        layer.num_batches_tracked = rng.integers(0, 5)


def pair(rng: np.random.Generator, name: str) -> tuple[Any, Any, int]:
    """A layer and PyTorch's of the same arguments, in the same mode."""
    channels, options = int(rng.integers(1, 4)), options_of(rng)
    ours, theirs = getattr(nn, name)(channels, **options), getattr(torch.nn, name)(channels, **options)
    set_numbers(ours, rng)
    training = bool(rng.integers(2))
    return ours.train(training), theirs.train(training), channels


@pytest.mark.parametrize("name", SPATIAL)
def test_against_pytorch(name: str) -> None:
    def draw(rng: np.random.Generator) -> Any:
        ours, theirs, channels = pair(rng, name)
        if theirs.affine and theirs.bias is not None and rng.integers(8) == 0:
            ours.weight.data = np.zeros(channels)  # as some initialise the last layer of a residual block
        return ours, theirs, [rng.normal(size=image_shape(rng, name, channels)) * 2.0 + 1.0]

    hold_module(draw)


@pytest.mark.parametrize("name", SPATIAL)
def test_buffers_after_several_steps(name: str) -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        ours, theirs, channels = pair(rng, name)
        theirs.double().load_state_dict({key: torch.from_numpy(np.array(a)) for key, a in ours.state_dict().items()})
        for _ in range(5):
            training = bool(rng.integers(3))
            x = rng.normal(size=image_shape(rng, name, channels)) * 5.0 - 2.0
            out, expected = ours.train(training)(x), theirs.train(training)(torch.from_numpy(x))
            np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-11, atol=1e-12)
        expected_state = theirs.state_dict()
        assert list(ours.state_dict()) == list(expected_state)
        for key, array in ours.state_dict().items():
            np.testing.assert_allclose(array, expected_state[key].numpy(), rtol=1e-12, atol=1e-12, err_msg=key)
            assert array.dtype == expected_state[key].numpy().dtype


def test_without_momentum_the_statistics_are_the_mean_of_all_batches() -> None:
    layer = nn.BatchNorm1d(2, momentum=None)
    batches = np.random.default_rng(3).normal(size=(4, 5, 2))
    for batch in batches:
        layer(batch)
    np.testing.assert_allclose(layer.running_mean, batches.mean(axis=(0, 1)), rtol=1e-13)
    np.testing.assert_allclose(layer.running_var, batches.var(axis=1, ddof=1).mean(axis=0), rtol=1e-13)
    assert layer.num_batches_tracked == 4
    layer.reset_running_stats()
    assert [*layer.running_mean, *layer.running_var, layer.num_batches_tracked] == [0.0, 0.0, 1.0, 1.0, 0]


def test_evaluation_and_failed_calls_move_nothing() -> None:
    layer = nn.BatchNorm2d(2)
    before = layer.state_dict()
    layer.eval()(np.ones((1, 2, 1, 1)))
    layer.train()
    with pytest.raises(ValueError, match="one value for each channel") as caught:
        layer(np.ones((1, 2, 1, 1)))
    assert "in the forward pass of BatchNorm2d" in caught.value.__notes__
    for key, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[key])


@pytest.mark.parametrize("way", ["deepcopy", "pickle", "file"])
def test_copies_have_buffers_of_their_own(way: str) -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    x = np.random.default_rng(1).normal(size=(4, 3))
    model(x)
    if way == "file":
        twin = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
        twin.load_state_dict(torch.load(_saved_by_pytorch(model.state_dict())))
    else:
        twin = copy.deepcopy(model) if way == "deepcopy" else pickle.loads(pickle.dumps(model))
    assert_equal_state(twin, model)
    np.testing.assert_array_equal(twin.eval()(x).data, model.eval()(x).data)
    twin.train()(x * 2.0)
    assert twin[1].num_batches_tracked == 2
    assert model[1].num_batches_tracked == 1
    assert np.abs(twin[1].running_mean - model[1].running_mean).min() > 1e-3
    model.train()(x * 2.0)
    assert_equal_state(twin, model)


def _saved_by_pytorch(state: dict[str, Array]) -> io.BytesIO:
    file = io.BytesIO()
    torch.save({key: torch.from_numpy(array) for key, array in state.items()}, file)
    file.seek(0)
    return file


def assert_equal_state(one: Any, other: Any) -> None:
    state = other.state_dict()
    assert list(one.state_dict()) == list(state)
    for key, array in one.state_dict().items():
        np.testing.assert_array_equal(array, state[key])


def test_layer_norm() -> None:
    def draw(rng: np.random.Generator) -> Any:
        last = tuple(map(int, rng.integers(1, 4, size=rng.integers(1, 3))))
        options = {"eps": float(rng.choice([1e-5, 0.1]))}
        options |= {"elementwise_affine": bool(rng.integers(3)), "bias": bool(rng.integers(2))}
        given: Any = last[0] if len(last) == 1 and rng.integers(2) else last
        ours, theirs = nn.LayerNorm(given, **options), torch.nn.LayerNorm(given, **options)
        for parameter in ours.parameters():
            parameter.data = rng.normal(size=parameter.shape)
        return ours, theirs, [rng.normal(size=(*rng.integers(0, 3, size=rng.integers(3)), *last)) * 2.0 + 1.0]

    hold_module(draw)


def test_rms_norm() -> None:
    def draw(rng: np.random.Generator) -> Any:
        last = tuple(map(int, rng.integers(2, 4, size=rng.integers(1, 3))))
        eps = [None, 1e-5, 0.1][rng.integers(3)]
        affine = bool(rng.integers(3))
        ours, theirs = nn.RMSNorm(last, eps, affine), torch.nn.RMSNorm(last, eps, affine)
        for parameter in ours.parameters():
            parameter.data = rng.normal(size=parameter.shape)
        return ours, theirs, [rng.normal(size=(*rng.integers(1, 3, size=rng.integers(3)), *last))]

    hold_module(draw)


def test_group_norm() -> None:
    def draw(rng: np.random.Generator) -> Any:
        groups, each = (int(count) for count in rng.integers(1, 4, size=2))
        options = {
            "eps": float(rng.choice([1e-5, 0.1])),
            "affine": bool(rng.integers(3)),
            "bias": bool(rng.integers(2)),
        }
        ours = nn.GroupNorm(groups, groups * each, **options)
        theirs = torch.nn.GroupNorm(groups, groups * each, **options)
        for parameter in ours.parameters():
            parameter.data = rng.normal(size=parameter.shape)
        return ours, theirs, [rng.normal(size=(int(rng.integers(0, 3)), groups * each, 2)) * 2.0 + 1.0]

    hold_module(draw)


def test_local_response_norm() -> None:
    def draw(rng: np.random.Generator) -> Any:
        size = int(rng.integers(1, 5))
        options = {"alpha": rng.uniform(0.1, 2.0), "beta": rng.uniform(0.2, 2.0), "k": 0.8} if rng.integers(3) else {}
        x = rng.normal(size=(int(rng.integers(0, 3)), int(rng.integers(1, 5)), 2))
        return nn.LocalResponseNorm(size, **options), torch.nn.LocalResponseNorm(size, **options), [x]

    hold_module(draw)


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("BatchNorm1d", (3,)),
        ("BatchNorm2d", (3, 1e-3, None, False)),
        ("BatchNorm3d", (3, 1e-5, 0.1, True, False)),
        ("InstanceNorm1d", (3,)),
        ("InstanceNorm2d", (3, 1e-5, 0.2, True, True)),
        ("InstanceNorm3d", (3,)),
        ("LayerNorm", (3,)),
        ("LayerNorm", ((2, 3), 1e-3, True, False)),
        ("RMSNorm", (3,)),
        ("GroupNorm", (2, 4)),
        ("GroupNorm", (1, 4, 1e-3, False)),
        ("LocalResponseNorm", (3,)),
    ],
)
def test_repr_and_initial_state_are_pytorchs(name: str, arguments: Any) -> None:
    ours, theirs = getattr(nn, name)(*arguments), getattr(torch.nn, name)(*arguments)
    assert repr(ours) == repr(theirs)
    expected = theirs.state_dict()
    assert list(ours.state_dict()) == list(expected)
    for key, array in ours.state_dict().items():
        np.testing.assert_array_equal(array, expected[key].numpy())


def test_dtype() -> None:
    layer = nn.BatchNorm1d(2, dtype=np.float32)
    out = layer(Tensor(np.ones((3, 2), np.float32)))
    assert {each.dtype for each in (out, layer.weight, layer.bias, layer.running_mean, layer.running_var)} == {
        np.dtype(np.float32)
    }
    mixed = nn.BatchNorm1d(2, affine=False).eval()  # its running statistics are float64
    assert mixed(Tensor(np.ones((3, 2), np.float32))).dtype == np.float32


def test_inputs_that_do_not_fit() -> None:
    with pytest.raises(
        ShapeError, match=r"BatchNorm1d: expected an input of shape \(N, 3\) or \(N, 3, L\), got \(2, 4\)"
    ):
        nn.BatchNorm1d(3)(np.ones((2, 4)))
    with pytest.raises(ShapeError, match=r"BatchNorm2d '1': expected .* \(N, 3, H, W\), got \(3, 2, 2\); reshape it"):
        nn.Sequential(nn.Identity(), nn.BatchNorm2d(3))(np.ones((3, 2, 2)))
    with pytest.raises(ShapeError, match=r"InstanceNorm1d: expected .* \(N, 3, L\) or \(3, L\), got \(4, 2\)"):
        nn.InstanceNorm1d(3)(np.ones((4, 2)))
    with pytest.raises(ShapeError, match=r"GroupNorm: expected an input of shape \(N, 4, ...\), got \(2, 2\)"):
        nn.GroupNorm(2, 4)(np.ones((2, 2)))
    with pytest.raises(ValueError, match="GroupNorm: num_groups=3 must divide num_channels=4"):
        nn.GroupNorm(3, 4)
    with pytest.raises(ValueError, match=r"LayerNorm: normalized_shape=.* must be an integer or a sequence"):
        nn.LayerNorm(())
    with pytest.raises(ValueError, match="BatchNorm3d: num_features=0 must be an integer of at least 1"):
        nn.BatchNorm3d(0)


def test_one_image_of_values_through_an_instance_norm() -> None:
    image = [[Value(1.0), Value(3.0)], [Value(5.0), Value(5.0)]]
    out = nn.InstanceNorm1d(2, eps=1.0)(image)
    np.testing.assert_allclose([[each.data for each in row] for row in out], [[-(0.5**0.5), 0.5**0.5], [0.0, 0.0]])
