"""Batches of arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

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
