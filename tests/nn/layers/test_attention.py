"""Multi-head attention against PyTorch, which gets the same state: every argument, both kinds of mask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from tests.nn.oracle import assert_near, hold, hold_module, module_case, torch

Array = Any


def with_options(module: type, options: dict[str, Any]) -> type:
    """The class with a `forward` of query, key and value alone; masks follow the inputs' library and dtype."""

    class Fixed(module):  # type: ignore[misc]
        def forward(self, *inputs: Any) -> Any:
            given = {name: self._fitted(option, inputs[0]) for name, option in options.items()}
            if len(inputs) == 1:  # self-attention
                inputs = (*inputs, *inputs, *inputs)
            out, weights = super().forward(*inputs, **given)
            return out if weights is None else (out, weights)

        def _fitted(self, option: Any, query: Any) -> Any:
            if not isinstance(option, np.ndarray) or module is nn.MultiheadAttention:
                return option
            mask = torch.from_numpy(option)
            return mask if mask.dtype == torch.bool else mask.to(query.dtype)

    return Fixed


def pair(options: dict[str, Any], *arguments: Any, **settings: Any) -> list[Any]:
    return [with_options(library.MultiheadAttention, options)(*arguments, **settings) for library in (nn, torch.nn)]


def booleans(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """True hides a key; the first key stays, because PyTorch's weights are NaN where every key is hidden."""
    mask = rng.random(shape) < 0.4
    mask[..., 0] = False
    return mask


def a_mask(rng: np.random.Generator, shape: tuple[int, ...], numbers: bool) -> Array:
    hidden = booleans(rng, shape)
    return np.where(hidden, -np.inf, rng.normal(size=shape)) if numbers else hidden


def draw_configuration(rng: np.random.Generator) -> Any:
    heads, length, batch, queries, keys = (int(n) for n in rng.integers(1, (4, 3, 4, 4, 4)))
    self_attention = rng.random() < 0.3
    settings: dict[str, Any] = {each: bool(rng.integers(2)) for each in ("bias", "add_bias_kv", "add_zero_attn")}
    settings["batch_first"] = bool(rng.integers(2))
    embed = heads * length
    if not self_attention and rng.random() < 0.4:
        settings |= {"kdim": int(rng.integers(1, 5)), "vdim": int(rng.integers(1, 5))}
    keys = queries if self_attention else keys
    lead = (batch,) if rng.random() < 0.7 else ()
    options: dict[str, Any] = {each: bool(rng.integers(2)) for each in ("need_weights", "average_attn_weights")}
    numbers = bool(rng.integers(2))
    if rng.random() < 0.4:
        options["key_padding_mask"] = a_mask(rng, (*lead, keys), numbers)
    if rng.random() < 0.4:
        stacked = ((batch if lead else 1) * heads, queries, keys)
        options["attn_mask"] = a_mask(rng, stacked if rng.random() < 0.5 else (queries, keys), numbers)

    def sequence(steps: int, features: int) -> Array:
        shape = (*lead, steps) if settings["batch_first"] else (steps, *lead)
        return rng.normal(size=(*shape, features))

    inputs = [sequence(queries, embed)]
    if not self_attention:
        inputs += [sequence(keys, settings.get("kdim", embed)), sequence(keys, settings.get("vdim", embed))]
    return options, (embed, heads), settings, inputs


def test_every_argument() -> None:
    def draw(rng: np.random.Generator) -> Any:
        options, arguments, settings, inputs = draw_configuration(rng)
        ours, theirs = pair(options, *arguments, **settings)
        for name, parameter in ours.named_parameters():
            if name in ("in_proj_bias", "out_proj.bias"):  # which begin as zeros
                parameter.data = rng.normal(size=parameter.shape)
        return ours, theirs, inputs

    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        hold_module(draw)


def test_a_causal_mask() -> None:
    def draw(rng: np.random.Generator) -> Any:
        steps = int(rng.integers(1, 6))
        options = {"is_causal": True, "need_weights": bool(rng.integers(2))}
        options["attn_mask"] = ~np.tri(steps, dtype=bool)
        return *pair(options, 4, 2), [rng.normal(size=(steps, 2, 4))]

    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        hold_module(draw, count=60)


def test_queries_that_may_look_nowhere_are_as_pytorchs_without_weights() -> None:
    def draw(rng: np.random.Generator) -> Any:
        mask = np.array([[True, True, True], [False, True, False]])
        padding = np.array([[False, True, True], [True, True, True], [False, False, False]])
        options = {"need_weights": False, "attn_mask": mask, "key_padding_mask": padding}
        inputs = [rng.normal(size=(3, steps, 4)) for steps in (2, 3, 3)]
        return *pair(options, 4, 2, batch_first=True), inputs

    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        hold_module(draw, count=30)


@pytest.mark.parametrize("settings", [{}, {"kdim": 3, "vdim": 5}, {"bias": False}, {"add_bias_kv": True, "kdim": 2}])
def test_a_state_dict_of_pytorch_gives_its_outputs(settings: dict[str, Any]) -> None:
    theirs = torch.nn.MultiheadAttention(6, 3, **settings)
    ours = nn.MultiheadAttention(6, 3, **settings, dtype=np.float32)
    assert ours.load_state_dict(theirs.state_dict()) == ([], [])
    rng = np.random.default_rng(3)
    shapes = [(4, 2, 6), (5, 2, settings.get("kdim", 6)), (5, 2, settings.get("vdim", 6))]
    inputs = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    for own, reference in zip(ours(*inputs), theirs(*map(torch.from_numpy, inputs)), strict=True):
        assert_near(own.data, reference.detach().numpy(), 1e-5, str(settings))


def test_a_mask_that_is_learnt() -> None:
    """A bias of positions, for example; PyTorch adds it too."""
    rng = np.random.default_rng(5)
    ours, theirs = nn.MultiheadAttention(4, 2), torch.nn.MultiheadAttention(4, 2).double()
    ours.load_state_dict(theirs.state_dict())
    x, mask = rng.normal(size=(3, 2, 4)), rng.normal(size=(4, 3, 3))
    own, reference = Tensor(mask, requires_grad=True), torch.tensor(mask, requires_grad=True)
    upstream = rng.normal(size=x.shape)
    ours(Tensor(x), x, x, attn_mask=own)[0].backward(upstream)
    t = torch.from_numpy(x)
    theirs(t, t, t, attn_mask=reference)[0].backward(torch.from_numpy(upstream))
    np.testing.assert_allclose(own.grad, reference.grad.numpy(), rtol=1e-10, atol=1e-14)


def test_long_sequences() -> None:
    rng = np.random.default_rng(6)
    ours, theirs = pair({}, 8, 2)
    hold(lambda _: module_case(ours, theirs, [rng.normal(size=(120, 1, 8))], second=False), 1)
