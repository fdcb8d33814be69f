"""A learnt vector for each integer, or for each bag of them. Names, defaults and initial values are PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError, Tensor
from nn import functional as F
from nn import init
from nn.functional.arguments import numbers, per_axis
from nn.functional.embedding_bags import check_mode
from nn.functional.embeddings import row_number
from nn.module import Module, Parameter


class _Table(Module):
    """A normally distributed table, with zeros in the padding row."""

    weight: Tensor

    def __init__(
        self, rows: int, length: int, padding_idx: int | None, rng: np.random.Generator | None, dtype: Any
    ) -> None:
        super().__init__()
        kind = type(self).__name__
        (self.num_embeddings,) = per_axis(kind, "num_embeddings", rows, 1, least=1)
        (self.embedding_dim,) = per_axis(kind, "embedding_dim", length, 1, least=1)
        self.padding_idx = None if padding_idx is None else row_number(kind, padding_idx, rows)
        self.weight = init.normal_(Parameter(np.zeros((rows, length)), dtype), rng=rng)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0.0


class Embedding(_Table):
    """A row of a learnt table for each integer. See `F.embedding`.

    Args:
        num_embeddings: the table's rows.
        embedding_dim: the length of each.
        padding_idx: a row that begins as zeros and receives no gradient; counted from the end where it is negative.
        rng: the generator of the initial values, normally distributed with mean 0 and variance 1.
        dtype: of the table.

    Attributes:
        weight: (num_embeddings, embedding_dim).

    Raises:
        ValueError: a length below 1, or a padding_idx that names no row; called with an integer that names none.
        DTypeError: called with what are no integers.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> layer = nn.Embedding(10, 3, padding_idx=0, rng=np.random.default_rng(0))
        >>> layer
        Embedding(10, 3, padding_idx=0)
        >>> layer([[4, 2], [0, 0]]).shape, layer([0]).data
        ((2, 2, 3), array([[0., 0., 0.]]))
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, padding_idx, rng, dtype)

    @classmethod
    def from_pretrained(cls, embeddings: Any, freeze: bool = True, padding_idx: int | None = None) -> Embedding:
        """A layer with a given table, of its dtype.

        Args:
            embeddings: (rows, length): a Tensor or an array of floats, which is copied.
            freeze: whether the table requires no gradient, and so is not trained.
            padding_idx: as in the class; the row keeps its numbers.

        Raises:
            ShapeError: the table has not two axes.
            DTypeError: it is not of floats.

        Example:
            >>> import nn
            >>> nn.Embedding.from_pretrained([[1.0, 2.0], [3.0, 4.0]])([1]).data
            array([[3., 4.]])
        """
        given = numbers("Embedding.from_pretrained", "embeddings", embeddings)
        if given.ndim != 2:
            raise ShapeError(f"Embedding.from_pretrained: embeddings must have shape (rows, length), not {given.shape}")
        rows, length = given.shape
        layer = cls(rows, length, padding_idx, rng=np.random.default_rng(0), dtype=given.dtype)
        layer.weight.data = given.data if isinstance(given, Tensor) else given
        layer.weight.requires_grad_(not freeze)
        return layer

    def forward(self, x: Any) -> Any:
        """Integers (...) -> (..., embedding_dim)"""
        return F.embedding(x, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        """The table's shape."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"


class EmbeddingBag(_Table):
    """The sum, mean or maximum of the rows of a learnt table that are in a bag of integers. See `F.embedding_bag`.

    Args:
        num_embeddings: the table's rows.
        embedding_dim: the length of each.
        mode: "sum", "mean" or "max".
        include_last_offset: whether the offsets that it is called with end with the end of the last bag.
        padding_idx: a row that begins as zeros and is left out of every bag; counted from the end where it is negative.
        rng: the generator of the initial values, normally distributed with mean 0 and variance 1.
        dtype: of the table.

    Attributes:
        weight: (num_embeddings, embedding_dim).

    Raises:
        ValueError: a length below 1, a padding_idx that names no row, or another mode.

    Example:
        >>> import nn
        >>> nn.EmbeddingBag(10, 3, mode="sum")([[4, 2, 2], [0, 5, 1]]).shape
        (2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        *,
        mode: str = "mean",
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, padding_idx, rng, dtype)
        check_mode("EmbeddingBag", mode)
        self.mode = mode
        self.include_last_offset = include_last_offset

    def forward(self, x: Any, offsets: Any = None, per_sample_weights: Any = None) -> Any:
        """Integers (B, L), or (K,) with offsets (B,) -> (B, embedding_dim)"""
        return F.embedding_bag(
            x,
            self.weight,
            offsets,
            mode=self.mode,
            per_sample_weights=per_sample_weights,
            include_last_offset=self.include_last_offset,
            padding_idx=self.padding_idx,
        )

    def extra_repr(self) -> str:
        """The table's shape, and how a bag is reduced."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}, mode={self.mode!r}{padding}"
