"""The data set of handwritten digits that scikit-learn ships."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.optional import optional
from nn.data.pixels import check_floating
from nn.data.splits import Split, stratified_split


def load_digits(held_out: float = 0.2, seed: int = 0, dtype: Any = np.float64) -> Split:
    """The 1797 handwritten digits that scikit-learn ships, of 8 by 8 pixels; nothing is downloaded.

    Args:
        held_out: the fraction of each class to hold out, from 0 to below 1.
        seed: of the choice of those; one seed gives one split.
        dtype: of the images.

    Returns:
        (train, held_out), each (images, labels): images (N, 1, 8, 8) from 0 to 1, labels (N,) integers from 0 to 9.

    Raises:
        ImportError: scikit-learn is not installed.
        ValueError: `held_out` is outside its range.
        DTypeError: `dtype` is not floating.

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (UCI Machine Learning Repository 1998).

    Example:
        >>> import nn
        >>> train, held_out = nn.load_digits()
        >>> train[0].shape, held_out[0].shape
        ((1438, 1, 8, 8), (359, 1, 8, 8))
    """
    check_floating("load_digits", dtype)
    datasets = optional("sklearn.datasets", of="scikit-learn", extra="demo", needed_by="load_digits")
    pixels, labels = datasets.load_digits(return_X_y=True)
    images = (pixels / 16.0).astype(dtype).reshape(-1, 1, 8, 8)  # (N, 64) from 0 to 16 -> (N, 1, 8, 8) from 0 to 1
    kept, held = stratified_split(labels, held_out, seed)
    return Split((images[kept], labels[kept]), (images[held], labels[held]))
