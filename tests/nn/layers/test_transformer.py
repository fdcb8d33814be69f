"""Transformer layers, encoders and decoders against PyTorch, which gets the same state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import nn
from tests.nn.oracle import assert_near, hold, hold_module, module_case, torch

Array = Any


@pytest.fixture(autouse=True)
def composed() -> Iterator[None]:
    """PyTorch's composed attention: its fused kernels have no second derivatives."""
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        yield


def with_masks(module: type, masks: dict[str, Any]) -> type:
    """The class with a `forward` of sequences alone; masks follow the inputs' library and dtype."""

    class Fixed(module):  # type: ignore[misc]
        def forward(self, *inputs: Any) -> Any:
            return super().forward(*inputs, **{name: self._fitted(mask, inputs[0]) for name, mask in masks.items()})

        def _fitted(self, mask: Any, x: Any) -> Any:
            if issubclass(module, nn.Module):
                return mask
            found = torch.from_numpy(mask)
            return found if found.dtype == torch.bool else found.to(x.dtype)

    return Fixed


def pair(name: str, masks: dict[str, Any], *arguments: Any, **settings: Any) -> Any:
    return (with_masks(getattr(library, name), masks)(*arguments, **settings) for library in (nn, torch.nn))


def sequence(rng: np.random.Generator, steps: int, batch: int, features: int, batch_first: bool) -> Array:
    """A batch of 0 stands for none."""
    lead = (batch,) if batch else ()
    return rng.normal(size=(*lead, steps, features) if batch_first else (steps, *lead, features))


def draw_masks(rng: np.random.Generator, batch: int, heads: int, shapes: dict[str, tuple[int, int]]) -> dict[str, Any]:
    """Of any kind; the first key stays in sight, and none is causal, which PyTorch would take for a hint."""
    masks: dict[str, Any] = {}
    numbers = bool(rng.integers(2))
    for prefix, (queries, keys) in shapes.items():
        for name, shape in ((f"{prefix}_mask", (queries, keys)), (f"{prefix}_key_padding_mask", (keys,))):
            if rng.random() < 0.6:
                continue
            lead = (batch,) if "padding" in name and batch else ()
            if "padding" not in name and rng.random() < 0.5:
                lead = (max(batch, 1) * heads,)
            hidden = rng.random((*lead, *shape)) < 0.4
            hidden[..., 0] = False
            masks[name] = np.where(hidden, -np.inf, rng.normal(size=hidden.shape)) if numbers else hidden
    return masks


def draw_settings(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any], int, int]:
    heads, length, hidden = (int(n) for n in rng.integers(1, 4, size=3))
    settings: dict[str, Any] = {name: bool(rng.integers(2)) for name in ("batch_first", "norm_first", "bias")}
    settings |= {"dropout": 0.0, "activation": str(rng.choice(["relu", "gelu"]))}
    if rng.random() < 0.3:
        settings["layer_norm_eps"] = 0.1
    return (heads * length * 2, heads), {"dim_feedforward": hidden, **settings}, int(rng.integers(0, 3)), heads


def test_an_encoder_layer() -> None:
    def draw(rng: np.random.Generator) -> Any:
        sizes, settings, batch, heads = draw_settings(rng)
        steps = int(rng.integers(1, 4))
        masks = draw_masks(rng, batch, heads, {"src": (steps, steps)})
        ours, theirs = pair("TransformerEncoderLayer", masks, *sizes, **settings)
        return drawn(ours, rng), theirs, [sequence(rng, steps, batch, sizes[0], settings["batch_first"])]

    hold_module(draw)


def test_a_decoder_layer() -> None:
    def draw(rng: np.random.Generator) -> Any:
        sizes, settings, batch, heads = draw_settings(rng)
        steps, others = (int(n) for n in rng.integers(1, 4, size=2))
        masks = draw_masks(rng, batch, heads, {"tgt": (steps, steps), "memory": (steps, others)})
        ours, theirs = pair("TransformerDecoderLayer", masks, *sizes, **settings)
        inputs = [sequence(rng, each, batch, sizes[0], settings["batch_first"]) for each in (steps, others)]
        return drawn(ours, rng), theirs, inputs

    hold_module(draw, count=100)


def drawn(module: Any, rng: np.random.Generator) -> Any:
    """With other numbers where the initial values are 0 or 1."""
    for name, parameter in module.named_parameters():
        if "norm" in name or name.endswith("bias"):
            parameter.data = rng.normal(size=parameter.shape)
    return module


@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")
def test_a_transformer() -> None:
    """Encoder, decoder and their stacks, at once: its names are theirs."""

    def draw(rng: np.random.Generator) -> Any:
        settings = {"dropout": 0.0, "batch_first": bool(rng.integers(2)), "norm_first": bool(rng.integers(2))}
        steps, others, batch = (int(n) for n in rng.integers(1, 4, size=3))
        mask = nn.Transformer.generate_square_subsequent_mask(steps)
        masks = {"tgt_mask": mask, **draw_masks(rng, batch, 2, {"src": (others, others), "memory": (steps, others)})}
        ours, theirs = pair("Transformer", masks, 4, 2, 2, 2, 3, **settings)
        inputs = [sequence(rng, each, batch, 4, settings["batch_first"]) for each in (others, steps)]
        return drawn(ours, rng), theirs, inputs

    hold_module(draw, count=10)


def test_a_long_sequence() -> None:
    rng = np.random.default_rng(1)
    ours, theirs = pair("TransformerEncoderLayer", {}, 4, 2, 8, dropout=0.0)
    hold(lambda _: module_case(ours, theirs, [rng.normal(size=(120, 1, 4))], second=False), 1)


def test_a_state_dict_of_pytorch_gives_its_outputs() -> None:
    theirs = torch.nn.Transformer(8, 2, 2, 1, 16, activation="gelu", batch_first=True)
    ours = nn.Transformer(8, 2, 2, 1, 16, activation="gelu", batch_first=True, dtype=np.float32)
    assert ours.load_state_dict(theirs.state_dict()) == ([], [])
    rng = np.random.default_rng(2)
    src, tgt = (rng.normal(size=(3, steps, 8)).astype(np.float32) for steps in (5, 4))
    with torch.no_grad():
        expected = theirs.eval()(torch.from_numpy(src), torch.from_numpy(tgt)).numpy()
    assert_near(ours.eval()(src, tgt).data, expected, 1e-5, "output")


def test_the_causal_mask_is_pytorchs() -> None:
    theirs = torch.nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64)
    np.testing.assert_array_equal(nn.Transformer.generate_square_subsequent_mask(5), theirs.numpy())
