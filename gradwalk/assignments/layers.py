"""The layers of a convolutional network as one assignment: fully connected, ReLU, the loss, max pooling, convolution.

Names and arguments are those of the lecture "Training convolutional neural network": ``y = foo(x, ...)`` beside
``dLdx, ... = foo_back(dLdy, x, ..., y)``. One sample at a time; an image is (H, W, C), a kernel (F, F, C1, C2). The
convolution is a cross-correlation with zeros around the image, so that the output is as large as the image.

>>> from autograd.testing import grade
>>> grades = grade({"Relu": relu, "Relu_back": lambda dLdy, x, y: dLdy * (y >= 0)}, [SPEC[1]])
>>> [(mark.part, mark.verdict) for mark in grades]
[('value', 'right'), ('x', 'wrong'), ('contracts', 'not looked at')]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.testing import Exercise

__all__ = ["SPEC", "conv", "fc", "loss_cross_entropy_softmax", "maxpool", "relu"]

Array = Any


def fc(x: Array, w: Array, b: Array) -> Array:
    """y = w·x + b: (n,), (m, n), (m,) -> (m,)."""
    return w @ x + b


def relu(x: Array) -> Array:
    """y = max(0, x), element by element."""
    return np.maximum(0.0, x)


def loss_cross_entropy_softmax(x: Array, y_gt: Array) -> Array:
    """L = −Σ y·log softmax(x): (n,), (n,) -> a number; y is 1 at the right class and 0 elsewhere."""
    shifted = x - x.max()
    return (y_gt * (np.log(np.exp(shifted).sum()) - shifted)).sum()


def maxpool(x: Array, size: int, stride: int) -> Array:
    """The largest of each window: (H, W, C) -> ((H − size)//stride + 1, (W − size)//stride + 1, C)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(0, 1))
    return windows[::stride, ::stride].max(axis=(3, 4))


def conv(x: Array, w: Array, b: Array) -> Array:
    """y[k, l, d] = b[d] + Σ w[p, q, c, d]·x[k + p − F//2, l + q − F//2, c].

    (H, W, C1), (F, F, C1, C2), (C2,) -> (H, W, C2)
    """
    around = w.shape[0] // 2
    padded = np.pad(x, ((around, around), (around, around), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[:2], axis=(0, 1))  # (H, W, C1, F, F)
    return np.einsum("klcpq,pqcd->kld", windows, w) + b


def _numbers(*shape: int) -> Array:
    """Numbers of both signs, no two alike: whoever gets an order wrong is seen."""
    size = int(np.prod(shape))
    places = (np.arange(size) * 7 + 3) % (size + (size % 7 == 0))
    return ((places - size / 2.0) / size * 3.0 + 0.05).reshape(shape)


_CLASSES = np.array([0.0, 1.0, 0.0, 0.0])

SPEC = [
    Exercise("FC", (_numbers(5), _numbers(3, 5), _numbers(3)), fc, points=5),
    Exercise("Relu", (_numbers(6),), relu, points=3),
    Exercise(
        "loss_cross_entropy_softmax",
        (_numbers(4), _CLASSES),
        loss_cross_entropy_softmax,
        points={"value": 2, "x": 2},
        wrt=["x"],
        gives_gradients=True,
        explore=False,  # for large x the lecture's own formula, e^x, overflows
    ),
    Exercise("Maxpool", (_numbers(4, 4, 2), 2, 2), maxpool, points=3, more=[(_numbers(5, 5, 1), 3, 1)]),
    Exercise("Conv", (_numbers(4, 4, 2), _numbers(3, 3, 2, 2), _numbers(2)), conv, points=5),
]
