"""Batches of arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nn.data.augmentation import Transform
from nn.generators import check_generator_state

Array = npt.NDArray[Any]


class DataLoader:
    """Batches of a data set: one pass over it for each time it is iterated.

    Its state is that of its generators: with it, a training that is taken up again sees the batches that it would have.

    Args:
        dataset: an array whose first axis counts the examples, or a tuple of such arrays, as (images, labels).
        batch_size: examples in a batch; the last has fewer where they do not divide.
        shuffle: draw a new order for each pass.
        seed: of those orders: two loaders of one seed give the same batches in the same passes.
        drop_last: leave out a last batch of fewer examples.
        transform: a function (images, generator) -> as many images, such as `nn.RandomShift`, for the first array of
            each batch. It draws from a generator of its own, so that the order is the same with it and without.

    Yields: an array for each batch, or a tuple of arrays where the data set is one. They are copies.

    Raises:
        TypeError: the data set is no array and no tuple of arrays.
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
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        seed: int = 0,
        drop_last: bool = False,
        transform: Transform | None = None,
    ) -> None:
        _check_arrays(dataset)
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
        self.transform = transform
        self._rng = np.random.default_rng(seed)
        self._transform_rng = np.random.default_rng([seed, 1])

    def __len__(self) -> int:
        whole, rest = divmod(self.examples, self.batch_size)
        return whole + (1 if rest and not self.drop_last else 0)

    def __iter__(self) -> Iterator[Any]:
        order = self._rng.permutation(self.examples) if self.shuffle else np.arange(self.examples)
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            chosen = order[start : start + self.batch_size]
            first, *others = (array[chosen] for array in self._arrays)
            if self.transform is not None:
                first = self._transformed(self.transform, first)
            yield first if self._single else (first, *others)

    def _transformed(self, transform: Transform, batch: Array) -> Array:
        result = np.asarray(transform(batch, self._transform_rng))
        if result.shape[:1] != batch.shape[:1]:
            raise ValueError(
                f"DataLoader: the transform made shape {result.shape} of {batch.shape}; it must keep the number of "
                f"examples, their first axis"
            )
        return result

    def state_dict(self) -> dict[str, Any]:
        """The state of its generators: what the next pass will draw from.

        Example:
            >>> import numpy as np
            >>> import nn
            >>> loader = nn.DataLoader(np.arange(5), batch_size=5, shuffle=True)
            >>> state = loader.state_dict()
            >>> first = next(iter(loader))
            >>> loader.load_state_dict(state)
            >>> bool((next(iter(loader)) == first).all())
            True
        """
        return {name: rng.bit_generator.state for name, rng in self._generators().items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set the generators' state from what `state_dict` gave; the next pass draws from it.

        Raises:
            ValueError: it is no such state, and nothing was changed.
        """
        generators = self._generators()
        if set(state) != set(generators):
            raise ValueError(f"DataLoader: a state has {sorted(generators)}, not {sorted(map(str, state))}")
        for name, rng in generators.items():
            check_generator_state(f"DataLoader: {name}", rng, state[name])
        for name, rng in generators.items():
            rng.bit_generator.state = state[name]

    def _generators(self) -> dict[str, np.random.Generator]:
        return {"order": self._rng, "transform": self._transform_rng}


def _check_arrays(dataset: Any) -> None:
    """Raise `TypeError` for what is no array and no tuple of them: NumPy might take for ever to make one of it."""
    for each in dataset if isinstance(dataset, tuple) else (dataset,):
        if not isinstance(each, list | np.ndarray) and not hasattr(each, "__array__"):
            raise TypeError(
                f"DataLoader: takes an array or a tuple of arrays, not a {type(each).__name__}; of a data set of "
                f"single examples make arrays first, as by np.stack([x for x, y in dataset])"
            )
    if isinstance(dataset, list) and any(isinstance(each, np.ndarray) and each.ndim for each in dataset[:2]):
        raise TypeError("DataLoader: a list of arrays would be a data set of as many examples; give a tuple, (x, y)")


def _common_length(arrays: Sequence[Array]) -> int:
    lengths = [len(array) if array.ndim else 0 for array in arrays]
    if not lengths or min(lengths) == 0:
        raise ValueError("DataLoader: needs arrays of at least one example along their first axis")
    if len(set(lengths)) > 1:
        raise ValueError(f"DataLoader: arrays of {' and '.join(map(str, lengths))} examples do not belong together")
    return lengths[0]
