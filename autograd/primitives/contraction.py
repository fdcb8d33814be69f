"""The contraction of two labelled arrays as one matrix product, in the order in which memory holds them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from autograd.primitives.layout import merged_stride

Axes = tuple[int, ...]


class _Operand(NamedTuple):
    """How an operand becomes a stack of matrices: a view where its memory allows one, else a copy."""

    order: Axes  # its axes: those of the stack, those of the rows, those of the columns
    shape: tuple[int, ...]
    swapped: bool  # whether the summed axes are the rows; else they are the columns
    copied: int  # bytes of the copy, 0 for a view

    def matrices(self, x: Any) -> Any:
        """(*stack, free, summed)"""
        x = x.transpose(self.order).reshape(self.shape)
        if self.copied:
            x = np.ascontiguousarray(x)  # overlapping windows may reshape to a view that BLAS does not take
        return x.swapaxes(-1, -2) if self.swapped else x


class _Parts(NamedTuple):
    """A large copy, made part by part so that it stays in the cache."""

    of_x: bool
    summed: bool  # whether the summed axes are divided: then the products of the parts add up
    leading: bool  # whether the divided axes are the rows of the copy
    places: tuple[tuple[tuple[Any, ...], int, int], ...]  # index of the operand in its order, first and last place


class _Plan(NamedTuple):
    """How a contraction becomes matrix products."""

    x: _Operand
    y: _Operand
    reverse: bool  # whether the product is (right, left)
    made: tuple[int, ...]  # the lengths of the product's axes
    out: Axes  # from them to the result's axes
    parts: _Parts | None


class _Array(NamedTuple):
    """What a plan looks at in an operand."""

    labels: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    itemsize: int

    def lengths(self, labels: Sequence[str]) -> tuple[int, ...]:
        return tuple(self.shape[self.labels.index(label)] for label in labels)

    def steps(self, labels: Sequence[str]) -> tuple[int, ...]:
        return tuple(self.strides[self.labels.index(label)] for label in labels)

    def count(self, labels: Sequence[str]) -> int:
        return math.prod(self.lengths(labels))

    def in_memory_order(self, labels: Sequence[str]) -> list[str]:
        return sorted(labels, key=lambda label: -self.strides[self.labels.index(label)])

    def nearest(self, labels: Sequence[str]) -> float:
        """The smallest step along axes of more than one place."""
        pairs = zip(self.lengths(labels), self.steps(labels), strict=True)
        return min((step for length, step in pairs if length > 1), default=math.inf)


def contracted(x: Any, y: Any, subscripts: str) -> Any:
    """The sum of products that subscripts such as ``"OCyx,NCYXyx->NOYX"`` name."""
    plan = _plan(subscripts, x.shape, x.strides, x.itemsize, y.shape, y.strides, y.itemsize)
    if plan.parts is not None:
        product = _in_parts(x, y, plan, plan.parts)
    else:
        left, right = plan.x.matrices(x), plan.y.matrices(y)
        if plan.reverse:
            left, right = right, left
        product = np.matmul(left, right.swapaxes(-1, -2))
    return product.reshape(plan.made).transpose(plan.out)


@lru_cache(maxsize=64)  # a plan of large images holds megabytes of places
def _plan(
    subscripts: str, x_shape: Axes, x_strides: Axes, x_itemsize: int, y_shape: Axes, y_strides: Axes, y_itemsize: int
) -> _Plan:
    inputs, out = subscripts.split("->")
    x_labels, y_labels = inputs.split(",")
    x, y = _Array(x_labels, x_shape, x_strides, x_itemsize), _Array(y_labels, y_shape, y_strides, y_itemsize)
    batch = [label for label in out if label in x_labels and label in y_labels]
    # Axes lie in the product as in memory, the summed ones as in the larger operand: few copies, and long runs in them.
    left = x.in_memory_order([label for label in out if label not in y_labels])
    right = y.in_memory_order([label for label in out if label not in x_labels])
    larger = x if math.prod(x_shape) > math.prod(y_shape) else y
    summed = larger.in_memory_order([label for label in x_labels if label not in out])
    of_x, of_y = _operand(x, batch, left, summed), _operand(y, batch, right, summed)
    parts = None
    if max(of_x.copied, of_y.copied) > 2 * _CACHE and not batch and 0 not in x_shape + y_shape:
        first = of_x.copied > of_y.copied
        parts = _parts(x, of_x, left, summed, first) if first else _parts(y, of_y, right, summed, first)
    # The longer side last: what reads the product next has long inner loops. Parts of a free side lie side by side.
    reverse = parts.of_x if parts is not None and not parts.summed else x.count(left) > y.count(right)
    made = [*batch, *right, *left] if reverse else [*batch, *left, *right]
    lengths = [x.lengths(label)[0] if label in x_labels else y.lengths(label)[0] for label in made]
    return _Plan(of_x, of_y, reverse, tuple(lengths), tuple(made.index(label) for label in out), parts)


def _operand(x: _Array, batch: list[str], free: list[str], summed: list[str]) -> _Operand:
    m, n = x.count(free), x.count(summed)
    rows, columns = (merged_stride(x.lengths(group), x.steps(group), x.itemsize) for group in (free, summed))
    is_view = _is_matrix(rows, columns, m, n, x.itemsize)
    # The group whose elements lie closest together is copied last: its runs are the longest. Of two, the longer one.
    swapped = not is_view and (x.nearest(free), n) < (x.nearest(summed), m)
    groups = [*batch, *summed, *free] if swapped else [*batch, *free, *summed]
    shape = (*x.lengths(batch), n, m) if swapped else (*x.lengths(batch), m, n)
    return _Operand(tuple(map(x.labels.index, groups)), shape, swapped, 0 if is_view else m * n * x.itemsize)


def _is_matrix(rows: int | None, columns: int | None, m: int, n: int, itemsize: int) -> bool:
    """Whether BLAS takes memory with these steps between m rows and n columns."""
    if rows is None or columns is None:
        return False
    by_rows = columns == itemsize and (rows >= n * itemsize or m == 1)
    by_columns = rows == itemsize and (columns >= m * itemsize or n == 1)
    return by_rows or by_columns


_CACHE = 1 << 20  # bytes of a part: what a core's second-level cache holds


def _parts(x: _Array, operand: _Operand, free: list[str], summed: list[str], of_x: bool) -> _Parts:
    """The longer group of axes, divided at the outermost axis that makes the parts small enough."""
    m, n = x.count(free), x.count(summed)
    divided, kept = (summed, free) if n > m else (free, summed)
    lengths = x.lengths(divided)
    places = max(_CACHE // (x.itemsize * min(m, n)), 1)  # of the divided group in one part
    axis, inner = 0, math.prod(lengths[1:])
    while inner > places and axis < len(lengths) - 1:
        axis += 1
        inner //= lengths[axis]
    step = max(places // inner, 1)
    leading = (n > m) == operand.swapped
    skipped = () if leading else (slice(None),) * len(kept)
    parts = []
    for outer, index in enumerate(np.ndindex(*lengths[:axis])):
        for start in range(0, lengths[axis], step):
            stop = min(start + step, lengths[axis])
            first, last = ((outer * lengths[axis] + place) * inner for place in (start, stop))
            parts.append(((*skipped, *index, slice(start, stop)), first, last))
    return _Parts(of_x, n > m, leading, tuple(parts))


def _in_parts(x: Any, y: Any, plan: _Plan, parts: _Parts) -> Any:
    """The product with a copy of one operand that never leaves the cache.

    The columns of a convolution of 32 images (64 channels of 16 x 16, kernels 3 x 3) would be 14 MB, written to memory
    and read again: 6.0 ms instead of 4.5.
    """
    small, large, source = (plan.y.matrices(y), plan.x, x) if parts.of_x else (plan.x.matrices(x), plan.y, y)
    source = source.transpose(large.order)
    kept = large.shape[1] if parts.leading else large.shape[0]
    buffer = np.empty(kept * max(last - first for _, first, last in parts.places), source.dtype)
    product: Any = None
    if not parts.summed:
        product = np.empty((len(small), max(large.shape)), np.result_type(x, y))
    for index, first, last in parts.places:
        part = source[index]
        copy = buffer[: part.size].reshape(part.shape)
        copy[...] = part
        matrix = copy.reshape((last - first, kept) if parts.leading else (kept, last - first))
        if not parts.summed:
            np.matmul(small, matrix.T if parts.leading else matrix, out=product[:, first:last])
            continue
        term = np.matmul(small[:, first:last], matrix if parts.leading else matrix.T)
        product = term if product is None else np.add(product, term, out=product)
    return product.T if parts.summed and plan.reverse != parts.of_x else product
