"""One derivative to check: a forward and a backward in NumPy, and inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = Any


class Case(NamedTuple):
    """A pair of functions.

    Attributes:
        name: unique.
        forward: arrays -> one array.
        backward: (upstream, *arrays) -> a gradient for each, in a tuple.
        inputs: arrays at which a fault shows.
        causes: what a diagnosis may call the mistake; empty for right ones.
        plain: arrays at which the fault does not show, where there are such.
    """

    name: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    inputs: tuple[Array, ...]
    causes: tuple[str, ...] = ()
    plain: tuple[Array, ...] = ()


def normal(*shape: int, seed: int = 0) -> Array:
    """Random numbers, none close to 0 or to each other."""
    rng = np.random.default_rng([seed, *shape])
    size = int(np.prod(shape))
    numbers = (np.arange(size) + 0.5 + 0.4 * rng.uniform(-1, 1, size)) / max(size, 1) * 4.0 - 2.0
    numbers = np.where(np.abs(numbers) < 0.05, 0.07, numbers)
    return rng.permutation(numbers).reshape(shape)


def positive(*shape: int, seed: int = 0) -> Array:
    """The same, above 0."""
    return np.abs(normal(*shape, seed=seed)) + 0.3


def one(derivative: Callable[[Array], Array]) -> Callable[..., Any]:
    """The backward pass of an elementwise function."""
    return lambda g, x: (g * derivative(x),)


def windows(x: Array, size: int, stride: int = 1) -> Array:
    """(N, C, H, W) -> (N, C, OH, OW, size, size)"""
    return np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::stride, ::stride]


def conv(x: Array, w: Array) -> Array:
    """Cross-correlation: (N, C, H, W), (O, C, K, K) -> (N, O, OH, OW)"""
    return np.einsum("nchwij,ocij->nohw", windows(x, w.shape[2]), w)


def conv_back(g: Array, x: Array, w: Array, *, rotated: bool = True, added: bool = True) -> tuple[Array, Array]:
    """Its gradients; the keywords put a mistake in."""
    k = w.shape[2]
    dx = np.zeros_like(x)
    kernel = w if rotated else w[:, :, ::-1, ::-1]
    for i in range(g.shape[2]):
        for j in range(g.shape[3]):
            part = np.einsum("no,ocij->ncij", g[:, :, i, j], kernel)
            if added:
                dx[:, :, i : i + k, j : j + k] += part
            else:
                dx[:, :, i : i + k, j : j + k] = part
    return dx, np.einsum("nchwij,nohw->ocij", windows(x, k), g)


def pool(x: Array, size: int = 2, stride: int = 2) -> Array:
    """Max pooling."""
    return windows(x, size, stride).max(axis=(4, 5))


def pool_back(
    g: Array, x: Array, size: int = 2, stride: int = 2, *, added: bool = True, ties: bool = False
) -> tuple[Array]:
    """Its gradient, to the first maximum; the keywords put a mistake in."""
    dx = np.zeros_like(x)
    for place in np.ndindex(*g.shape):
        n, c, i, j = place
        rows, columns = slice(i * stride, i * stride + size), slice(j * stride, j * stride + size)
        window = x[n, c, rows, columns]
        if ties:
            chosen = window == window.max()
        else:
            chosen = np.zeros(window.shape, dtype=bool)
            chosen[np.unravel_index(window.argmax(), window.shape)] = True
        if added:
            dx[n, c, rows, columns] += g[place] * chosen
        else:
            dx[n, c, rows, columns] = np.where(chosen, g[place], dx[n, c, rows, columns])
    return (dx,)


def softmax(x: Array) -> Array:
    """Along the last axis."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def sigmoid(x: Array) -> Array:
    """Stable on both sides."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


def layer_norm(x: Array) -> Array:
    """Along the last axis."""
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


def layer_norm_back(g: Array, x: Array, *, mean: float = 1.0, var: float = 1.0) -> tuple[Array]:
    """Its gradient; the keywords take a term away."""
    y, s = layer_norm(x), np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    return ((g - mean * g.mean(-1, keepdims=True) - var * y * (g * y).mean(-1, keepdims=True)) / s,)
