"""Layers with a backward pass written by hand, into which the faults of networks put their mistakes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.testing.faults.making import Changes, by_hand, everywhere, is_tensor, module_part

Array = Any


def with_softmax(back: Callable[[Array, Array, int], Array]) -> Changes:
    """softmax as one operation, its gradient a function of the upstream one, the output and the axis."""

    def wrong(right: Any) -> Any:
        def softmax(input: Any, dim: int) -> Any:
            if not is_tensor(input):
                return right(input, dim)
            return by_hand("softmax", lambda x: right(x, dim), lambda g, out, x: back(g, out, dim))(input)

        return softmax

    return everywhere("nn.functional", "softmax", wrong)


def cross_entropy(back: Callable[[Array, Array], Array]) -> Changes:
    """The mean cross-entropy of (N, C) scores as one operation, its gradient a function of softmax and one-hot."""

    def wrong(right: Any) -> Any:
        def function(input: Any, target: Any, *rest: Any, **options: Any) -> Any:
            if not is_tensor(input) or input.ndim != 2 or rest or options:
                return right(input, target, *rest, **options)

            def pull(g: Array, out: Array, x: Array) -> Array:
                p = np.exp(x - x.max(1, keepdims=True))
                p /= p.sum(1, keepdims=True)
                return g * back(p, np.eye(x.shape[1], dtype=x.dtype)[np.asarray(target)])

            return by_hand("cross_entropy", lambda x: right(x, target), pull)(input)

        return function

    return everywhere("nn.functional", "cross_entropy", wrong)


def standardized(back: Callable[[Array, Array, Array, Any], Array]) -> Changes:
    """(x − mean)/√(variance + eps) as one operation: (gradient, output, standard deviation, axes) -> gradient."""

    def wrong(right: Any) -> Any:
        def function(x: Any, axes: tuple[int, ...], eps: float) -> Any:
            if not is_tensor(x):
                return right(x, axes, eps)

            def pull(g: Array, out: Array, x: Array) -> Array:
                return back(g, out, np.sqrt(x.var(axes, keepdims=True) + eps), axes)

            out = by_hand("standardize", lambda each: right(each, axes, eps)[0], pull)(x)
            return out, *right(x.detach(), axes, eps)[1:]

        return function

    return module_part("nn.functional.normalization", "standardized", wrong)


def _with_constant(right: Any) -> Any:
    def function(x: Any, axes: tuple[int, ...], eps: float) -> Any:
        if not is_tensor(x):
            return right(x, axes, eps)
        _, center, variance = right(x.detach(), axes, eps)
        deviation = ((x - x.mean(axes, keepdims=True)) ** 2.0).mean(axes, keepdims=True) + eps
        return (x - x.mean(axes, keepdims=True)) / (deviation**0.5).detach(), center, variance

    return function


standardized_with_constant = module_part("nn.functional.normalization", "standardized", _with_constant)


def _by_largest_count(right: Any) -> Any:
    def divided(total: Any, count: Array) -> Any:
        if not is_tensor(total):
            return right(total, count)
        return by_hand("average", lambda each: right(each, count), lambda g, out, x: g / count.max())(total)

    return divided


divided_by_kernel = module_part("nn.functional.avg_pool", "divided", _by_largest_count)


def dropped(back: Callable[[Array, Array, Callable[[], Array]], Array]) -> Changes:
    """dropout as one operation: (gradient, mask, a function that draws another) -> gradient."""

    def wrong(right: Any) -> Any:
        def dropout(input: Any, p: float = 0.5, training: bool = True, *, rng: Any = None) -> Any:
            if not is_tensor(input) or not training:
                return right(input, p, training, rng=rng)
            generator = np.random.default_rng() if rng is None else rng

            def draw() -> Array:
                return np.asarray(right(np.ones(input.shape, input.dtype), p, True, rng=generator))

            mask = draw()
            return by_hand("dropout", lambda x: x * mask, lambda g, out, x: back(g, mask, draw))(input)

        return dropout

    return everywhere("nn.functional", "dropout", wrong)


def elementwise_layer(name: str, slope: Callable[[Array], Array]) -> Changes:
    """An activation of `nn.functional` as one operation, with another slope."""

    def wrong(right: Any) -> Any:
        def function(input: Any, *rest: Any, **options: Any) -> Any:
            if not is_tensor(input):
                return right(input, *rest, **options)
            return by_hand(name, lambda x: right(x, *rest, **options), lambda g, out, x: g * slope(x))(input)

        return function

    return everywhere("nn.functional", name, wrong)


def tanh_gelu_slope(x: Array) -> Array:
    """The derivative of gelu's approximation by tanh."""
    c = math.sqrt(2.0 / math.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * c * (1.0 + 3.0 * 0.044715 * x * x)
