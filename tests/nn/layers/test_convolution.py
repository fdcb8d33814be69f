"""Convolution layers, transposed ones too, against PyTorch's: every argument, what they print, and what they refuse."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest

import nn
from autograd import ShapeError
from tests.nn.functional.spatial_draws import convolution, each
from tests.nn.oracle import hold_module, torch

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")

AXES = [1, 2, 3]
KINDS = ["any", "depthwise", "pointwise"]


def both(name: str, *arguments: Any, **options: Any) -> tuple[Any, Any]:
    ours, theirs = getattr(nn, name)(*arguments, **options), getattr(torch.nn, name)(*arguments, **options)
    assert repr(ours) == repr(theirs)
    return ours, theirs


@pytest.mark.parametrize("axes", AXES)
def test_convolution(axes: int) -> None:
    def draw(rng: np.random.Generator) -> Any:
        drawn = convolution(rng, axes, str(rng.choice(KINDS)))
        channels = drawn.image[-axes - 1], drawn.weight[0]
        options = {**drawn.options, "bias": bool(rng.integers(2))}
        return *both(f"Conv{axes}d", *channels, drawn.weight[2:], **options), [rng.normal(size=drawn.image)]

    hold_module(draw)


@pytest.mark.parametrize("axes", AXES)
def test_padding_mode(axes: int) -> None:
    """Padding in numbers or by name, at most as much as the mode can take from the image."""

    def draw(rng: np.random.Generator) -> Any:
        drawn = convolution(rng, axes)
        options: dict[str, Any] = {
            **drawn.options,
            "padding_mode": str(rng.choice(["reflect", "replicate", "circular"])),
        }
        if rng.integers(2):
            options["padding"] = ["same", "valid"][rng.integers(2)]
        if options["padding"] == "same":
            options["stride"] = 1
        image = [rng.normal(size=(*drawn.image[:-axes], *(length + 4 for length in drawn.image[-axes:])))]
        channels = drawn.image[-axes - 1], drawn.weight[0]
        return *both(f"Conv{axes}d", *channels, drawn.weight[2:], **options), image

    hold_module(draw)


def test_padding_mode_with_a_pair_for_each_axis() -> None:
    image = np.random.default_rng(1).normal(size=(1, 2, 5))
    layer = nn.Conv1d(2, 3, 3, padding=((1, 2),), padding_mode="circular")
    expected = nn.functional.conv1d(nn.functional.pad(image, (1, 2), "circular"), layer.weight, layer.bias)
    np.testing.assert_array_equal(layer(image).data, expected.data)


@pytest.mark.parametrize("axes", AXES)
def test_transposed_convolution(axes: int) -> None:
    def draw(rng: np.random.Generator) -> Any:
        drawn = convolution(rng, axes, str(rng.choice(KINDS)))
        channels = drawn.weight[0], drawn.groups * drawn.weight[1]
        options = {**drawn.transposed_options, "bias": bool(rng.integers(2))}
        if max(options["output_padding"]) == 0:
            options["output_padding"] = 0
        return *both(f"ConvTranspose{axes}d", *channels, drawn.weight[2:], **options), [rng.normal(size=drawn.out)]

    hold_module(draw)


@pytest.mark.parametrize("axes", AXES)
def test_output_size(axes: int) -> None:
    for seed in range(100):
        rng = np.random.default_rng(seed)
        drawn = convolution(rng, axes, leading=(2,) if seed % 2 else ())
        ours, theirs = both(
            f"ConvTranspose{axes}d", drawn.weight[0], drawn.groups * drawn.weight[1], drawn.weight[2:], **drawn.options
        )
        theirs = theirs.double()
        ours.load_state_dict(theirs.state_dict())
        y = rng.normal(size=drawn.out)
        size = list(drawn.image[-axes:] if rng.integers(2) else drawn.image)
        expected = theirs(torch.from_numpy(y), output_size=size).detach().numpy()
        assert expected.shape == drawn.image
        np.testing.assert_allclose(ours(y, output_size=size).data, expected, rtol=1e-12, atol=1e-12)
        steps = each(drawn.stride, axes)
        impossible = [length + step for length, step in zip(drawn.image[-axes:], steps, strict=True)]
        with pytest.raises(ShapeError, match="can have an output of"):
            ours(y, impossible)


@pytest.mark.parametrize("axes", AXES)
def test_arguments_are_pytorchs(axes: int) -> None:
    for name in (f"Conv{axes}d", f"ConvTranspose{axes}d"):
        ours, theirs = (inspect.signature(getattr(library, name)).parameters for library in (nn, torch.nn))
        positional = {n: p.default for n, p in ours.items() if p.kind is not inspect.Parameter.KEYWORD_ONLY}
        assert positional == {n: p.default for n, p in theirs.items() if n not in ("device", "dtype")}
        assert list(positional) == [n for n in theirs if n not in ("device", "dtype")]


@pytest.mark.parametrize("axes", AXES)
def test_initial_values_are_uniform_within_pytorchs_bounds(axes: int) -> None:
    kernel = (5, 3, 2)[:axes]
    layer = getattr(nn, f"ConvTranspose{axes}d")(100, 40, kernel, groups=2, rng=np.random.default_rng(5))
    bound = 1.0 / math.sqrt(20 * math.prod(kernel))  # PyTorch counts the second axis of the weight as fan_in
    assert layer.weight.shape == (100, 20, *kernel)
    assert layer.bias.shape == (40,)
    for parameter in (layer.weight.data, layer.bias.data):
        assert 0.9 * bound < np.abs(parameter).max() <= bound
    torch.manual_seed(0)
    theirs = getattr(torch.nn, f"ConvTranspose{axes}d")(100, 40, kernel, groups=2)
    for name, parameter in theirs.named_parameters():
        assert parameter.abs().max().item() == pytest.approx(np.abs(getattr(layer, name).data).max(), rel=0.1)


def test_float32_and_scopes() -> None:
    layer = nn.Sequential(
        {
            "down": nn.Conv2d(1, 2, 3, 2, 1, padding_mode="reflect", dtype=np.float32),
            "up": nn.ConvTranspose2d(2, 1, 3, 2, 1, dtype=np.float32),
        }
    )
    out = layer(np.ones((1, 1, 5, 5), dtype=np.float32))
    assert out.dtype == np.float32
    assert out.shape == (1, 1, 5, 5)
    out.sum().backward()
    assert {parameter.grad.dtype for parameter in layer.parameters()} == {np.dtype(np.float32)}
    assert out.scope == "sequential/up/conv_transpose2d"


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: nn.Conv2d(1, 1, 3, padding=-1), "Conv2d: padding="),
        (lambda: nn.Conv2d(1, 1, 3, padding="full"), "Conv2d: padding='full' is neither 'same' nor 'valid'"),
        (lambda: nn.Conv2d(1, 1, 3, 2, "same"), "Conv2d: padding='same' keeps the input's size"),
        (lambda: nn.Conv2d(1, 1, 3, padding_mode="mirror"), "Conv2d: padding_mode='mirror' is none of 'zeros'"),
        (lambda: nn.ConvTranspose1d(1, 1, 0), "ConvTranspose1d: kernel_size=0"),
        (lambda: nn.ConvTranspose1d(1, 1, 3, padding="same"), "ConvTranspose1d: padding='same'"),
        (lambda: nn.ConvTranspose1d(1, 1, 3, output_padding=-1), "ConvTranspose1d: output_padding=-1"),
        (lambda: nn.ConvTranspose3d(2, 3, 3, groups=2), "ConvTranspose3d: groups=2 must divide"),
        (lambda: nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect"), "padding_mode='reflect': there is nothing"),
    ],
)
def test_arguments_out_of_range_are_refused_when_the_layer_is_built(build: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()


def test_transposed_layers_name_themselves_and_the_shapes() -> None:
    net = nn.Sequential({"up": nn.ConvTranspose2d(2, 1, 3)})
    with pytest.raises(ShapeError, match=r"ConvTranspose2d 'up': .*\(N, 2, H, W\) or \(2, H, W\), got \(1, 3, 4, 4\)"):
        net(np.ones((1, 3, 4, 4)))
    up = nn.ConvTranspose2d(2, 1, 3, stride=2)
    image = np.ones((1, 2, 2, 2))
    for size in (5, (5, 5, 5), (5.0, 5.0)):
        with pytest.raises(ShapeError, match=r"ConvTranspose2d: output_size=.* of 2 integers, or of 4"):
            up(image, size)
    with pytest.raises(ShapeError, match=r"can have an output of \(5, 5\) to \(6, 6\), not of \(5, 7\)"):
        up(image, (5, 7))
