"""Dropout: the formula in PyTorch with the mask that the generator gives, and the mask's statistics."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor, Value, topological_order
from tests.autograd.support import Array, leaf
from tests.nn.functional.test_values import check_equal
from tests.nn.oracle import Case, hold, hold_module, torch

CHANNELS = {"dropout1d": (1, (2, 3)), "dropout2d": (2, (4,)), "dropout3d": (3, (4, 5))}
LAYERS = {
    "dropout": "Dropout",
    "dropout1d": "Dropout1d",
    "dropout2d": "Dropout2d",
    "dropout3d": "Dropout3d",
    "alpha_dropout": "AlphaDropout",
    "feature_alpha_dropout": "FeatureAlphaDropout",
}
ALPHA = 1.7580993408473766


def shape_for(name: str, rng: np.random.Generator) -> tuple[int, ...]:
    if name in CHANNELS:
        dims = int(rng.choice(CHANNELS[name][1]))
    else:
        dims = int(rng.integers(2 if name.startswith("feature") else 0, 4))
    return tuple(int(each) for each in rng.integers(1 if name in CHANNELS else 0, 4, size=dims))


def sample(name: str) -> Array:
    """Numbers of a shape that the function takes."""
    return np.random.default_rng(0).normal(size=(4, 3, 5) if name.lower() == "dropout1d" else (2, 3, 4, 2))


def mask_shape(name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the draw: one number for each element, or for each channel."""
    if name in CHANNELS:
        axes = CHANNELS[name][0]
        return (*shape[: len(shape) - axes], *[1] * axes)
    return (*shape[:2], *[1] * (len(shape) - 2)) if name.startswith("feature") else shape


def with_mask(name: str, x: Any, kept: Any, p: float) -> Any:
    """What the papers write, in PyTorch, with a given mask."""
    if "alpha" not in name:
        return x * kept / (1.0 - p) if p < 1.0 else x * kept
    if p == 1.0:
        return x * 0.0
    a = ((1.0 - p) * (1.0 + p * ALPHA**2)) ** -0.5
    return a * (x * kept - ALPHA * (1.0 - kept)) + a * p * ALPHA


def drawn(rng: np.random.Generator, name: str) -> tuple[float, bool, int, tuple[int, ...]]:
    p = float([0.5, 0.0, 1.0, rng.uniform()][rng.integers(4)])
    return p, bool(rng.integers(4)), int(rng.integers(1000)), shape_for(name, rng)


@pytest.mark.parametrize("name", LAYERS)
def test_formula_with_the_same_mask(name: str) -> None:
    def draw(rng: np.random.Generator) -> Case:
        p, training, seed, shape = drawn(rng, name)
        kept = np.random.default_rng(seed).random(mask_shape(name, shape)) >= p if training and p else np.ones(shape)

        def ours(x: Any) -> Any:
            return getattr(F, name)(x, p, training, rng=np.random.default_rng(seed))

        def theirs(x: Any) -> Any:
            return with_mask(name, x, torch.from_numpy(np.array(kept)).to(x.dtype), p if training else 0.0)

        return Case([rng.normal(size=shape)], ours, theirs, note=f"{p=} {training=} {seed=}")

    hold(draw)


class Masked(torch.nn.Module):  # type: ignore[misc]
    """PyTorch's side of a layer, with our mask."""

    def __init__(self, name: str, p: float, seed: int) -> None:
        super().__init__()
        self.name, self.p, self.seed = name, p, seed

    def forward(self, x: Any) -> Any:
        if not self.training or not self.p:
            return x * 1.0
        kept = np.random.default_rng(self.seed).random(mask_shape(self.name, tuple(x.shape))) >= self.p
        return with_mask(self.name, x, torch.from_numpy(np.array(kept)).to(x.dtype), self.p)


@pytest.mark.parametrize("name", LAYERS)
def test_layer_with_the_same_mask(name: str) -> None:
    class Reseeded(getattr(nn, LAYERS[name])):  # type: ignore[misc]
        """A layer that begins each call with the same generator, as the oracle calls it several times."""

        seed = 0

        def forward(self, x: Any) -> Any:
            self.rng = np.random.default_rng(self.seed)
            return super().forward(x)

    def draw(rng: np.random.Generator) -> Any:
        p, training, seed, shape = drawn(rng, name)
        ours = Reseeded(p)
        ours.seed = seed
        return ours.train(training), Masked(name, p, seed).train(training), [rng.normal(size=shape)]

    hold_module(draw)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_statistics(name: str, p: float) -> None:
    """The share of dropped places lies within five standard deviations of p: one seed in 1.7 million lies outside."""
    count = 20_000
    shape: tuple[int, ...] = (100, 200, *[1] * CHANNELS.get(name, (1,))[0])
    out = getattr(F, name)(np.zeros(shape) + 1.0, p, True, rng=np.random.default_rng(11))
    dropped = np.count_nonzero(out == out.min()) / count
    assert abs(dropped - p) < 5.0 * math.sqrt(p * (1.0 - p) / count)
    assert len(np.unique(out)) == 2
    if "alpha" not in name:
        assert abs(out.mean() - 1.0) < 5.0 * math.sqrt(p / (1.0 - p) / count)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_alpha_dropout_keeps_mean_0_and_variance_1(p: float) -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=100_000)
    out = F.alpha_dropout(x, p, training=True, rng=rng)
    assert abs(out.mean()) < 5.0 / math.sqrt(x.size)
    fourth = np.mean((out - out.mean()) ** 4)
    assert abs(out.var() - 1.0) < 5.0 * math.sqrt(max(fourth - 1.0, 0.1) / x.size)


@pytest.mark.parametrize("name", CHANNELS)
def test_whole_channels(name: str) -> None:
    axes, dims = CHANNELS[name]
    for dim in dims:
        x = np.ones((6, 5, 2, 3, 2, 2)[-dim:] if dim == axes + 1 else (6, 5, 2, 3, 2)[:dim])
        out = getattr(F, name)(x, 0.5, rng=np.random.default_rng(0))
        rows = out.reshape(*x.shape[:-axes], -1)
        assert (rows == rows[..., :1]).all()
        assert set(np.unique(out)) == {0.0, 2.0}


@pytest.mark.parametrize("name", LAYERS)
def test_ends_and_evaluation(name: str) -> None:
    x = leaf(sample(name))
    function = getattr(F, name)
    before = nn.init.default_generator().bit_generator.state
    assert function(x, 0.0, True) is x
    assert function(x, 0.7, False) is x
    assert nn.init.default_generator().bit_generator.state == before  # nothing was drawn
    out = function(x, 1.0, True)
    out.backward(np.ones(x.shape))
    assert not out.data.any()
    assert not x.grad.any()


@pytest.mark.parametrize("name", LAYERS)
def test_same_seed_same_mask_in_every_dtype(name: str) -> None:
    x = sample(name)
    function = getattr(F, name)
    out = function(x, 0.4, True, rng=np.random.default_rng(3))
    np.testing.assert_array_equal(out, function(x, 0.4, True, rng=np.random.default_rng(3)))
    single = function(Tensor(x.astype(np.float32)), 0.4, True, rng=np.random.default_rng(3))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single.data, out, rtol=1e-5, atol=1e-6)
    nn.manual_seed(3)
    np.testing.assert_array_equal(out, function(x, 0.4, True))
    assert (function(x, 0.4, True) != out).any()


def test_the_mask_is_a_constant_of_the_graph() -> None:
    x = leaf(np.ones((2, 3)), name="x")
    out = F.dropout(x, rng=np.random.default_rng(0))
    assert out.rule.name == "multiply"
    assert [parent.requires_grad for parent in out.parents] == [True, False]
    assert set(np.unique(out.parents[1].data)) == {0.0, 2.0}
    assert {node.scope for node in topological_order(out) if node.rule} == {"dropout"}


# ---- layers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LAYERS.values())
def test_a_run_resumes_from_the_generators_state(name: str) -> None:
    x = sample(name)
    for rng in (np.random.default_rng(9), None):
        layer = getattr(nn, name)(0.5, rng=rng)
        layer(x)
        generator = layer.rng if layer.rng is not None else nn.init.default_generator()
        state = copy.deepcopy(generator.bit_generator.state)
        expected = [layer(x) for _ in range(3)]
        generator.bit_generator.state = state
        for each in expected:
            np.testing.assert_array_equal(layer(x), each)


def test_a_copy_of_a_layer_goes_on_with_the_same_masks() -> None:
    layer = nn.Dropout(0.5, rng=np.random.default_rng(9))
    layer(np.ones(5))
    twin = copy.deepcopy(layer)
    assert layer(np.ones(50)).tolist() == twin(np.ones(50)).tolist()


def test_evaluation_through_a_network() -> None:
    model = nn.Sequential(nn.Linear(4, 50), nn.Dropout(0.5), nn.AlphaDropout(0.5)).eval()
    x = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_array_equal(model(x).data, model[0](x).data)
    assert (model.train()(x).data != model[0](x).data).any()


def test_reprs_are_pytorchs_but_for_inplace() -> None:
    for name in LAYERS.values():
        expected = repr(getattr(torch.nn, name)(0.25)).replace(", inplace=False", "")
        assert repr(getattr(nn, name)(0.25)) == expected
        assert getattr(nn, name)().p == getattr(torch.nn, name)().p == 0.5


@pytest.mark.parametrize("p", [-0.1, 1.5, math.nan, "half", True, None])
def test_what_is_no_probability(p: Any) -> None:
    for name, layer in LAYERS.items():
        with pytest.raises(ValueError, match=rf"{name}: p={p!r} must be a probability, from 0 to 1"):
            getattr(F, name)(sample(name), p)
        with pytest.raises(ValueError, match=rf"{layer}: p={p!r} must be a probability, from 0 to 1"):
            getattr(nn, layer)(p)


def test_a_seed_is_no_generator() -> None:
    with pytest.raises(TypeError, match=r"rng: expected a numpy.random.Generator, not 3"):
        nn.Dropout(0.5, rng=3)
    with pytest.raises(TypeError, match=r"rng: expected a numpy.random.Generator, not 3"):
        F.dropout(np.ones(3), rng=3)


def test_shapes_that_have_no_channels() -> None:
    for name, shape, expected in [
        ("dropout1d", (3,), r"\(N, C, L\) or \(C, L\)"),
        ("dropout1d", (3, 2, 2, 2), r"\(N, C, L\) or \(C, L\)"),
        ("dropout2d", (3, 2, 2), r"\(N, C, H, W\)"),
        ("dropout3d", (3, 2, 2), r"\(N, C, D, H, W\) or \(C, D, H, W\)"),
    ]:
        with pytest.raises(
            ShapeError, match=rf"{name}: input must have shape {expected}, not \({shape[0]}, ?.*; add or"
        ):
            getattr(F, name)(np.ones(shape))
    with pytest.raises(
        ShapeError, match=r"feature_alpha_dropout: input must have shape \(N, C, ...\), not \(3,\); use"
    ):
        F.feature_alpha_dropout(np.ones(3), training=True)
    with pytest.raises(DTypeError, match=r"dropout: input has dtype int64"):
        F.dropout(np.ones(3, int))


def test_values() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 2))
    check_equal(lambda x: F.dropout(x, rng=np.random.default_rng(2)), [x])
    check_equal(lambda x: F.dropout1d(x, rng=np.random.default_rng(2)), [x])
    check_equal(lambda x: F.alpha_dropout(x, 0.3, training=True, rng=np.random.default_rng(2)), [x])
    one = Value(3.0)
    assert F.dropout(one, training=False) is one
    assert float(F.dropout(one, 0.75, rng=np.random.default_rng(1))) in (0.0, 12.0)
