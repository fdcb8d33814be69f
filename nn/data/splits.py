"""Data sets in two parts: to train on, and held out to judge by."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Split(NamedTuple):
    """A data set in two parts, each (images, labels): to train on, and held out to judge by."""

    train: tuple[Array, Array]
    held_out: tuple[Array, Array]


def stratified_split(labels: Any, fraction: float, seed: int = 0) -> tuple[Array, Array]:
    """Places in two parts, each with every class in its share of the whole.

    Args:
        labels: (N,) class labels.
        fraction: of each class, rounded to whole examples, that goes to the second part; from 0 to below 1.
        seed: of the choice.

    Returns:
        Two ascending arrays of places, which together hold each from 0 to N - 1 once.

    Raises:
        ValueError: `labels` has more than one axis, or `fraction` is outside its range.

    Example:
        >>> import nn
        >>> train, held_out = nn.stratified_split(["a"] * 4 + ["b"] * 8, 0.25)
        >>> len(train), ["aaaabbbbbbbb"[place] for place in held_out]
        (9, ['a', 'b', 'b'])
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or not 0.0 <= fraction < 1.0:
        raise ValueError(
            f"stratified_split: labels of shape {labels.shape} and fraction={fraction!r}; expected shape (N,) and a "
            f"fraction from 0 to below 1"
        )
    rng = np.random.default_rng(seed)
    held = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        places = rng.permutation(np.flatnonzero(labels == label))
        held[places[: round(fraction * len(places))]] = True
    return np.flatnonzero(~held), np.flatnonzero(held)
