"""Pooling layers against PyTorch's, with their arguments, names and what they print."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import nn
from autograd import DTypeError, ShapeError, Value
from tests.autograd.support import leaf
from tests.nn.functional.pool_draws import draw_numbers, draw_output_size, draw_shape, draw_unpooling, draw_windows
from tests.nn.oracle import Case, hold, hold_module, torch

AXES = [1, 2, 3]
BATCHES = ((), (0,), (1,), (2,))
LAYERS = [
    f"{kind}{axes}d"
    for kind in ("MaxPool", "AvgPool", "LPPool", "AdaptiveAvgPool", "AdaptiveMaxPool", "MaxUnpool")
    for axes in AXES
]


@pytest.mark.parametrize("axes", AXES)
def test_max_pool(axes: int) -> None:
    name = f"MaxPool{axes}d"

    def draw(rng: np.random.Generator) -> Any:
        shape = draw_shape(rng, axes, BATCHES)
        options = draw_windows(rng, shape, axes, dilated=True)
        return getattr(nn, name)(**options), getattr(torch.nn, name)(**options), [draw_numbers(rng, shape)]

    hold_module(draw)


@pytest.mark.parametrize("axes", AXES)
def test_avg_pool(axes: int) -> None:
    name = f"AvgPool{axes}d"

    def draw(rng: np.random.Generator) -> Any:
        shape = draw_shape(rng, axes, BATCHES)
        options = {**draw_windows(rng, shape, axes), "count_include_pad": bool(rng.integers(2))}
        if axes > 1 and rng.integers(4) == 0:
            options["divisor_override"] = int(rng.choice([-2, 1, 3]))
        return getattr(nn, name)(**options), getattr(torch.nn, name)(**options), [draw_numbers(rng, shape)]

    hold_module(draw)


@pytest.mark.parametrize("axes", AXES)
def test_lp_pool(axes: int) -> None:
    name = f"LPPool{axes}d"

    def draw(rng: np.random.Generator) -> Any:
        shape = draw_shape(rng, axes)
        options = draw_windows(rng, shape, axes)
        del options["padding"]
        kernel: Any = options.pop("kernel_size")
        given = kernel[0] if axes == 1 else kernel
        p = [2, 3, 4, 1.5, np.inf][rng.integers(5)]
        x = np.abs(draw_numbers(rng, shape)) + 0.25
        return getattr(nn, name)(p, kernel, **options), getattr(torch.nn, name)(p, given, **options), [x]

    hold_module(draw)


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("kind", ["Avg", "Max"])
def test_adaptive_pool(kind: str, axes: int) -> None:
    name = f"Adaptive{kind}Pool{axes}d"

    def draw(rng: np.random.Generator) -> Any:
        shape = draw_shape(rng, axes, BATCHES)
        size = draw_output_size(rng, shape, axes)
        return getattr(nn, name)(size), getattr(torch.nn, name)(size), [draw_numbers(rng, shape)]

    hold_module(draw)


@pytest.mark.parametrize("axes", AXES)
def test_max_unpool(axes: int) -> None:
    name = f"MaxUnpool{axes}d"

    def draw(rng: np.random.Generator) -> Case:
        x, indices, options = draw_unpooling(rng, axes)
        size = options.pop("output_size", None)
        ours, theirs = getattr(nn, name)(**options), getattr(torch.nn, name)(**options)
        theirs_indices = torch.from_numpy(indices)
        return Case([x], lambda x: ours(x, indices, size), lambda x: theirs(x, theirs_indices, size), repr(ours))

    hold(draw)


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("kind", ["Avg", "Max"])
def test_global_pool(kind: str, axes: int) -> None:
    adaptive = getattr(torch.nn, f"Adaptive{kind}Pool{axes}d")

    def draw(rng: np.random.Generator) -> Any:
        shape = draw_shape(rng, axes, BATCHES)
        keepdims = bool(rng.integers(2))
        theirs = (
            torch.nn.Sequential(adaptive(1)) if keepdims else torch.nn.Sequential(adaptive(1), torch.nn.Flatten(-2))
        )
        for _ in range(0 if keepdims else axes - 1):
            theirs.append(torch.nn.Flatten(-2))
        return getattr(nn, f"Global{kind}Pool{axes}d")(keepdims), theirs, [draw_numbers(rng, shape)]

    hold_module(draw)


@pytest.mark.parametrize("name", ["MaxPool1d", "MaxPool2d", "MaxPool3d", "AdaptiveMaxPool2d"])
def test_return_indices(name: str) -> None:
    axes = int(name[-2])
    x = np.random.default_rng(axes).normal(size=(2, 3, *(5,) * axes))
    out, indices = getattr(nn, name)(2, return_indices=True)(x)
    expected = getattr(torch.nn, name)(2, return_indices=True)(torch.from_numpy(x))
    np.testing.assert_array_equal(out, expected[0].numpy())
    np.testing.assert_array_equal(indices, expected[1].numpy())


@pytest.mark.parametrize("name", LAYERS)
def test_arguments_have_pytorchs_order_and_defaults(name: str) -> None:
    ours, theirs = (inspect.signature(getattr(module, name).__init__).parameters for module in (nn, torch.nn))
    assert [(each.name, each.default) for each in ours.values()] == [
        (each.name, each.default) for each in theirs.values()
    ]


@pytest.mark.parametrize("name", LAYERS)
def test_is_printed_as_in_pytorch(name: str) -> None:
    if name.startswith("Adaptive"):
        calls: list[tuple[Any, ...]] = [(3,), ((2,) * int(name[-2]),)]
    elif name.startswith("LP"):
        calls = [(2, 3), (1.5, 3, 2, True)]
    else:
        calls = [(3,), (3, 2, 1)]
    for arguments in calls:
        assert repr(getattr(nn, name)(*arguments)) == repr(getattr(torch.nn, name)(*arguments))


def test_global_pools_print_their_argument() -> None:
    assert repr(nn.GlobalAvgPool2d()) == "GlobalAvgPool2d(keepdims=False)"
    assert repr(nn.GlobalMaxPool1d(True)) == "GlobalMaxPool1d(keepdims=True)"


def test_an_encoder_and_its_decoder() -> None:
    # Pooled and unpooled, with a gradient that went both ways, as in PyTorch.
    x = np.random.default_rng(5).normal(size=(2, 1, 6, 7))
    own, reference = leaf(x), torch.tensor(x, requires_grad=True)
    results = []
    for n, given, shape in ((nn, own, own.shape), (torch.nn, reference, reference.size())):
        pooled, indices = n.MaxPool2d(2, return_indices=True)(given)
        back = n.MaxUnpool2d(2)(pooled * pooled, indices, output_size=shape)
        (back * given).sum().backward()
        results.append(back)
    np.testing.assert_array_equal(results[0].data, results[1].detach().numpy())
    np.testing.assert_allclose(own.grad, reference.grad.numpy(), rtol=1e-14)


def test_the_scope_is_the_layers_name() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.squeeze = nn.GlobalAvgPool2d()

        def forward(self, x: Any) -> Any:
            return self.squeeze(x)

    assert Net()(leaf(np.ones((1, 2, 3, 3)))).scope.startswith("net/squeeze/global_avg_pool")


def test_layers_of_values() -> None:
    values = [[[Value(1.0), Value(4.0)], [Value(3.0), Value(2.0)]]]
    for layer in (nn.GlobalMaxPool2d(), nn.AdaptiveMaxPool2d(1), nn.MaxPool2d(2), nn.LPPool2d(np.inf, 2)):
        assert layer(values).item().data == 4.0


@pytest.mark.parametrize("layer", [nn.GlobalAvgPool2d(), nn.GlobalMaxPool2d()])
def test_a_global_pool_knows_its_axes(layer: Any) -> None:
    name = type(layer).__name__
    assert layer(np.ones((3, 4, 5))).shape == (3,)
    assert layer(np.ones((2, 3, 4, 5))).shape == (2, 3)
    with pytest.raises(ShapeError, match=rf"{name}: input must have shape \(N, C, H, W\) or \(C, H, W\), not \(3, 4\)"):
        layer(np.ones((3, 4)))
    with pytest.raises(DTypeError, match=rf"{name}: input has dtype int64"):
        layer(np.ones((3, 4, 5), dtype=int))


def test_unpooling_checks_its_arguments_at_once() -> None:
    with pytest.raises(ValueError, match=r"MaxUnpool2d: kernel_size=0 must be an integer of at least 1"):
        nn.MaxUnpool2d(0)
    with pytest.raises(ValueError, match=r"MaxUnpool1d: padding=-1 must be an integer of at least 0"):
        nn.MaxUnpool1d(2, padding=-1)
