"""Augmentation: pictures changed at random in ways that leave their meaning, anew in every epoch.

A transform is a function of a batch of pictures (N, C, H, W) and a generator, which returns pictures of the same shape
and dtype. It remembers nothing: a `DataLoader` holds the generator, so that its state is the whole state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import DTypeError, ShapeError

Array = npt.NDArray[Any]
Transform = Callable[[Array, np.random.Generator], Array]


class Compose:
    """Transforms, one after the other.

    Args:
        transforms: functions (images, generator) -> images.

    Example:
        >>> import numpy as np
        >>> import nn
        >>> augment = nn.Compose(nn.RandomShift(1), nn.RandomRotation(10.0))
        >>> augment
        Compose(RandomShift(pixels=1, fill=0.0), RandomRotation(degrees=10.0, fill=0.0))
        >>> augment(np.ones((2, 1, 8, 8)), np.random.default_rng(0)).shape
        (2, 1, 8, 8)
    """

    def __init__(self, *transforms: Transform) -> None:
        self.transforms = transforms

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        for transform in self.transforms:
            images = transform(images, rng)
        return images

    def __repr__(self) -> str:
        return f"Compose({', '.join(map(repr, self.transforms))})"


@dataclass(frozen=True)
class RandomShift:
    """Moves each picture by whole pixels, drawn uniformly for height and width.

    Args:
        pixels: the farthest to move, at least 0.
        fill: what comes in at the edge.

    Raises:
        ValueError: `pixels` is no whole number of at least 0.
        ShapeError: called with another shape than (N, C, H, W).

    Example:
        >>> import numpy as np
        >>> import nn
        >>> nn.RandomShift(1)(np.arange(1.0, 10.0).reshape(1, 1, 3, 3), np.random.default_rng(2))
        array([[[[0., 4., 5.],
                 [0., 7., 8.],
                 [0., 0., 0.]]]])
    """

    pixels: int
    fill: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.pixels, int | np.integer) or self.pixels < 0:
            raise ValueError(f"RandomShift: pixels={self.pixels!r} must be a whole number of at least 0")

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        _check_shape("RandomShift", images)
        count, _, height, width = images.shape
        start = rng.integers(0, 2 * self.pixels + 1, size=(2, count))  # of each picture's window in the padded one
        padded = np.pad(images, _around(self.pixels), constant_values=self.fill)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(2, 3))
        return windows[np.arange(count), :, start[0], start[1]]  # (N, C, 2p + 1, 2p + 1, H, W) -> (N, C, H, W)


@dataclass(frozen=True)
class RandomRotation:
    """Turns each picture about its centre by an angle drawn uniformly, and interpolates between four pixels.

    The result at a place is Σ wᵢ·pixelᵢ over the four pixels around the place that turns there, wᵢ the products of
    1 - distance along each axis. An angle above 0 turns counter-clockwise.

    Args:
        degrees: the largest angle in either direction, at least 0.
        fill: the pixels beyond the edge.

    Raises:
        ValueError: `degrees` is no number of at least 0.
        ShapeError: called with another shape than (N, C, H, W).
        DTypeError: called with pictures of integers.

    Example:
        >>> import numpy as np
        >>> import nn
        >>> turned = nn.RandomRotation(45.0)(np.ones((1, 1, 3, 3)), np.random.default_rng(0))
        >>> turned.round(2)
        array([[[[0.81, 1.  , 0.81],
                 [1.  , 1.  , 1.  ],
                 [0.81, 1.  , 0.81]]]])
    """

    degrees: float
    fill: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.degrees < np.inf:
            raise ValueError(f"RandomRotation: degrees={self.degrees!r} must be a number of at least 0")

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        _check_shape("RandomRotation", images)
        _check_floating("RandomRotation", images)
        return rotated(images, rng.uniform(-self.degrees, self.degrees, size=len(images)), self.fill)


@dataclass(frozen=True)
class GaussianNoise:
    """Adds to each pixel a number drawn normally, of mean 0. The result is not cut off at 0 and 1.

    Args:
        std: the standard deviation, at least 0.

    Raises:
        ValueError: `std` is no number of at least 0.
        DTypeError: called with integers.

    Example:
        >>> import numpy as np
        >>> import nn
        >>> noisy = nn.GaussianNoise(0.1)(np.zeros((10, 1, 28, 28)), np.random.default_rng(0))
        >>> noisy.std().round(2)
        np.float64(0.1)
    """

    std: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.std < np.inf:
            raise ValueError(f"GaussianNoise: std={self.std!r} must be a number of at least 0")

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        _check_floating("GaussianNoise", images)
        noise = rng.normal(0.0, self.std, size=images.shape)
        noisy: Array = images + noise.astype(images.dtype)
        return noisy


@dataclass(frozen=True)
class RandomHorizontalFlip:
    """Mirrors each picture, left to right, with a probability. Not for digits: a mirrored 2 is no 2.

    Args:
        p: the probability, from 0 to 1.

    Raises:
        ValueError: `p` is outside its range.
        ShapeError: called with another shape than (N, C, H, W).

    Example:
        >>> import numpy as np
        >>> import nn
        >>> nn.RandomHorizontalFlip(1.0)(np.array([[[[1.0, 2.0, 3.0]]]]), np.random.default_rng(0))
        array([[[[3., 2., 1.]]]])
    """

    p: float = 0.5

    def __post_init__(self) -> None:
        if not 0.0 <= self.p <= 1.0:
            raise ValueError(f"RandomHorizontalFlip: p={self.p!r} must be from 0 to 1")

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        _check_shape("RandomHorizontalFlip", images)
        mirrored = rng.random(len(images)) < self.p
        return np.where(mirrored[:, np.newaxis, np.newaxis, np.newaxis], images[..., ::-1], images)


def rotated(images: Array, degrees: Array, fill: float) -> Array:
    """Each picture (N, C, H, W) turned counter-clockwise about its centre by its angle (N,)."""
    count, _, height, width = images.shape
    angle = np.radians(degrees)[:, np.newaxis, np.newaxis]
    down, right = (height - 1) / 2, (width - 1) / 2
    y, x = np.mgrid[:height, :width]
    y, x = y - down, x - right
    # where each pixel comes from, (N, H, W): turned back, clockwise as rows go down
    row = np.clip(x * np.sin(angle) + y * np.cos(angle) + down, -1, height)
    column = np.clip(x * np.cos(angle) - y * np.sin(angle) + right, -1, width)
    top, left = np.floor(row).astype(int), np.floor(column).astype(int)
    below, beside = ((row - top).astype(images.dtype), (column - left).astype(images.dtype))
    padded = np.pad(images, _around(2), constant_values=fill)  # so that every neighbour is there
    example = np.arange(count)[:, np.newaxis, np.newaxis]

    def neighbour(dy: int, dx: int, weight: Array) -> Array:
        pixels: Array = padded[example, :, top + 2 + dy, left + 2 + dx]  # (N, H, W, C)
        return pixels * weight[..., np.newaxis]

    mixed = neighbour(0, 0, (1 - below) * (1 - beside))
    mixed += neighbour(0, 1, (1 - below) * beside)
    mixed += neighbour(1, 0, below * (1 - beside))
    mixed += neighbour(1, 1, below * beside)
    return np.ascontiguousarray(np.moveaxis(mixed, -1, 1))


def _around(pixels: int) -> tuple[tuple[int, int], ...]:
    return (0, 0), (0, 0), (pixels, pixels), (pixels, pixels)


def _check_shape(transform: str, images: Array) -> None:
    if images.ndim != 4:
        raise ShapeError(
            f"{transform}: an array of shape {images.shape} is no batch of pictures (N, C, H, W); reshape it, as "
            f"x[:, None] does for (N, H, W)"
        )


def _check_floating(transform: str, images: Array) -> None:
    if images.dtype.kind != "f":
        raise DTypeError(
            f"{transform}: pictures of {images.dtype} cannot be changed by fractions; make them floating-point, as "
            f"nn.from_pixels does"
        )
