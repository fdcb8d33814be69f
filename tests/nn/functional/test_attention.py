"""Scaled dot-product attention against PyTorch: every argument, and masks that leave nothing to look at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import Tensor
from tests.nn.oracle import Case, hold, torch

Array = Any


def theirs(*operands: Any, **options: Any) -> Any:
    """PyTorch's composed form: its fused kernels have no second derivatives."""
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        return torch.nn.functional.scaled_dot_product_attention(*operands, **options)


def leading(rng: np.random.Generator) -> list[tuple[int, ...]]:
    """The leading axes of query, key and value, which broadcast."""
    full = tuple(map(int, rng.integers(1, 4, size=rng.integers(0, 3))))
    return [tuple(1 if rng.random() < 0.2 else length for length in full[rng.integers(0, 2) :]) for _ in range(3)]


def operands(rng: np.random.Generator, axes: list[tuple[int, ...]]) -> list[Array]:
    queries, keys, features, values = (int(n) for n in rng.integers(1, 5, size=4))
    shapes = ((queries, features), (keys, features), (keys, values))
    return [rng.normal(size=(*lead, *shape)) * 2.0 for lead, shape in zip(axes, shapes, strict=True)]


def mask_shape(rng: np.random.Generator, query: Array, key: Array) -> tuple[int, ...]:
    full = (*np.broadcast_shapes(query.shape[:-2], key.shape[:-2]), query.shape[-2], key.shape[-2])
    kept = full[rng.integers(0, len(full)) :]
    return tuple(1 if rng.random() < 0.2 else length for length in kept)


def options(rng: np.random.Generator) -> dict[str, Any]:
    return {} if rng.random() < 0.5 else {"scale": float(rng.choice([0.0, 0.3, -0.7, 2.0]))}


def test_without_a_mask() -> None:
    def draw(rng: np.random.Generator) -> Case:
        arrays, other = operands(rng, leading(rng)), options(rng)
        other |= {"is_causal": bool(rng.integers(2))}
        return Case(
            arrays,
            lambda *x: F.scaled_dot_product_attention(*x, **other),
            lambda *x: theirs(*x, **other),
            note=str(other),
        )

    hold(draw)


def test_a_mask_of_booleans() -> None:
    def draw(rng: np.random.Generator) -> Case:
        arrays, other = operands(rng, leading(rng)), options(rng)
        mask = rng.random(mask_shape(rng, *arrays[:2])) < rng.choice([0.2, 0.7])  # many rows are wholly masked at 0.2
        return Case(
            arrays,
            lambda *x: F.scaled_dot_product_attention(*x, mask, **other),
            lambda *x: theirs(*x, torch.from_numpy(mask), **other),
            note=f"{other}, mask {mask.tolist()}",
        )

    hold(draw)


def test_a_mask_that_is_added_and_learnt() -> None:
    def draw(rng: np.random.Generator) -> Case:
        arrays, other = operands(rng, leading(rng)), options(rng)
        mask = rng.normal(size=mask_shape(rng, *arrays[:2]))
        mask[rng.random(mask.shape) < rng.choice([0.0, 0.3, 0.7])] = -np.inf
        if rng.random() < 0.5:
            return Case([*arrays, mask], lambda *x: F.scaled_dot_product_attention(*x, **other), theirs_with(other))
        return Case(
            arrays,
            lambda *x: F.scaled_dot_product_attention(*x, mask, **other),
            lambda *x: theirs(*x, torch.from_numpy(mask).to(x[0].dtype), **other),
            note=f"{other}, mask {mask.tolist()}",
        )

    def theirs_with(other: dict[str, Any]) -> Any:
        return lambda *x: theirs(*x, **other)

    hold(draw)


def test_fewer_heads_of_keys_than_of_queries() -> None:
    def draw(rng: np.random.Generator) -> Case:
        heads, group, batch = (int(n) for n in rng.integers(1, 4, size=3))
        arrays = operands(rng, [(batch, heads * group), (batch, heads), (batch, heads)])
        causal = bool(rng.integers(2))
        return Case(
            arrays,
            lambda *x: F.scaled_dot_product_attention(*x, is_causal=causal, enable_gqa=True),
            lambda *x: theirs(*x, is_causal=causal, enable_gqa=True),
        )

    hold(draw, 100)


@pytest.mark.parametrize("shapes", [((3, 2), (0, 2), (0, 4)), ((0, 2), (3, 2), (3, 4)), ((2, 0), (3, 0), (3, 2))])
@pytest.mark.parametrize("batch", [(), (0,), (2, 0), (2,)])
def test_nothing_to_look_at_and_nobody_to_look(shapes: Any, batch: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(*batch, *shape)) for shape in shapes]
    hold(lambda _: Case(arrays, F.scaled_dot_product_attention, theirs), 1)


@pytest.mark.parametrize("size", [1e3, 1e8, 1e200])
def test_large_numbers(size: float) -> None:
    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=(3, 2)) * size, rng.normal(size=(4, 2)), rng.normal(size=(4, 2))]
    out = F.scaled_dot_product_attention(*map(Tensor, arrays)).data
    np.testing.assert_allclose(out, theirs(*map(torch.from_numpy, arrays)).numpy(), rtol=1e-12)
