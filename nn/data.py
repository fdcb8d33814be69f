"""Batches of arrays, and the data set of handwritten digits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class DataLoader:
    """Batches of a data set: one pass over it for each time it is iterated.

    Args:
        dataset: an array whose first axis counts the examples, or a tuple of such arrays, as (images, labels).
        batch_size: examples in a batch; the last has fewer where they do not divide.
        shuffle: draw a new order for each pass.
        seed: of those orders: two loaders of one seed give the same batches in the same passes.
        drop_last: leave out a last batch of fewer examples.

    Yields: an array for each batch, or a tuple of arrays where the data set is one. They are copies.

    Raises:
        ValueError: the arrays differ in length or are empty, or `batch_size` is below 1, or leaves no batch.

    Example:
        >>> import numpy as np
        >>> import nn
        >>> loader = nn.DataLoader((np.arange(5.0), np.array([0, 1, 0, 1, 0])), batch_size=2)
        >>> for x, y in loader:
        ...     print(x, y)
        [0. 1.] [0 1]
        [2. 3.] [0 1]
        [4.] [0]
        >>> len(loader)
        3
    """

    def __init__(
        self, dataset: Any, batch_size: int = 1, shuffle: bool = False, *, seed: int = 0, drop_last: bool = False
    ) -> None:
        self._single = not isinstance(dataset, tuple)
        self._arrays: list[Array] = [np.asarray(each) for each in ((dataset,) if self._single else dataset)]
        self.examples = _common_length(self._arrays)
        if batch_size < 1:
            raise ValueError(f"DataLoader: batch_size={batch_size} must be at least 1")
        if drop_last and batch_size > self.examples:
            raise ValueError(
                f"DataLoader: drop_last with batch_size={batch_size} leaves no batch of {self.examples} examples"
            )
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last
        self._rng = np.random.default_rng(seed)

    def __len__(self) -> int:
        whole, rest = divmod(self.examples, self.batch_size)
        return whole + (1 if rest and not self.drop_last else 0)

    def __iter__(self) -> Iterator[Any]:
        order = self._rng.permutation(self.examples) if self.shuffle else np.arange(self.examples)
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            chosen = order[start : start + self.batch_size]
            batch = tuple(array[chosen] for array in self._arrays)
            yield batch[0] if self._single else batch


def _common_length(arrays: Sequence[Array]) -> int:
    lengths = [len(array) if array.ndim else 0 for array in arrays]
    if not lengths or min(lengths) == 0:
        raise ValueError("DataLoader: needs arrays of at least one example along their first axis")
    if len(set(lengths)) > 1:
        raise ValueError(f"DataLoader: arrays of {' and '.join(map(str, lengths))} examples do not belong together")
    return lengths[0]


class Split(NamedTuple):
    """A data set in two parts, each (images, labels): to train on, and held out to judge by."""

    train: tuple[Array, Array]
    held_out: tuple[Array, Array]


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

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (UCI Machine Learning Repository 1998).

    Example:
        >>> import nn
        >>> train, held_out = nn.load_digits()
        >>> train[0].shape, held_out[0].shape
        ((1438, 1, 8, 8), (359, 1, 8, 8))
    """
    try:
        from sklearn.datasets import load_digits as read_digits
    except ModuleNotFoundError as error:
        raise ImportError(
            "load_digits: the digits come with scikit-learn, which is not installed; pip install 'gradwalk[demo]'"
        ) from error
    pixels, labels = read_digits(return_X_y=True)
    images = (pixels / 16.0).astype(dtype).reshape(-1, 1, 8, 8)  # (N, 64) from 0 to 16 -> (N, 1, 8, 8) from 0 to 1
    kept, held = stratified_split(labels, held_out, seed)
    return Split((images[kept], labels[kept]), (images[held], labels[held]))


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
