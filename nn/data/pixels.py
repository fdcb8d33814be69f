"""Pictures as NumPy arrays have them, to the layout and range that a network reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import DTypeError, ShapeError

Array = npt.NDArray[Any]

CHANNELS = (1, 2, 3, 4)  # grey, grey with alpha, colour, colour with alpha
INTEGERS = ("uint8", "uint16")


def from_pixels(pixels: Any, dtype: Any = np.float64) -> Array:
    """Pictures with their channels last, as imaging libraries hold them, to channels first and numbers from 0 to 1.

    Args:
        pixels: (H, W), (H, W, C) or (N, H, W, C) with up to four channels: booleans, uint8 from 0 to 255, uint16 from 0
            to 65535, or floats from 0 to 1.
        dtype: of the result.

    Returns:
        (1, H, W), (C, H, W) or (N, C, H, W): a copy.

    Raises:
        DTypeError: numbers of another dtype, whose range is not known; or `dtype` is not floating.
        ShapeError: another shape.
        ValueError: floats below 0 or above 1, or not finite.

    Example:
        >>> import numpy as np
        >>> import nn
        >>> photo = np.full((4, 6, 3), 51, dtype=np.uint8)
        >>> x = nn.from_pixels(photo)
        >>> x.shape, x[0, 0, 0]
        ((3, 4, 6), np.float64(0.2))
    """
    check_floating("from_pixels", dtype)
    array = np.asarray(pixels)
    if array.ndim == 2:
        array = array[..., np.newaxis]
    if array.ndim not in (3, 4) or array.shape[-1] not in CHANNELS:
        raise ShapeError(
            f"from_pixels: an array of shape {np.shape(pixels)} is not of shape (H, W), (H, W, C) or (N, H, W, C) with "
            f"C up to 4; grey pictures of shape (N, H, W) need an axis more, as pixels[..., None]"
        )
    first = np.ascontiguousarray(np.moveaxis(array, -1, -3))  # (..., H, W, C) -> (..., C, H, W)
    return _scaled(first, dtype)


def _scaled(array: Array, dtype: Any) -> Array:
    if array.dtype.name in INTEGERS:
        scaled = array.astype(dtype)
        scaled /= np.iinfo(array.dtype).max
        return scaled
    if array.dtype.kind not in "fb":
        raise DTypeError(
            f"from_pixels: pixels of {array.dtype} have no known range; give uint8 or uint16, or floats from 0 to 1"
        )
    if array.size and not (array.min() >= 0 and array.max() <= 1):
        raise ValueError(
            f"from_pixels: floats from {array.min():g} to {array.max():g}, where 0 to 1 is expected; divide them by "
            f"their largest possible number, or make them uint8"
        )
    return array.astype(dtype)


def check_floating(function: str, dtype: Any) -> None:
    """Raise `DTypeError` where a dtype could not hold numbers from 0 to 1."""
    if np.dtype(dtype).kind != "f":
        raise DTypeError(f"{function}: dtype={np.dtype(dtype)} cannot hold the shades from 0 to 1; give a floating one")
