"""Memory that a plan owns: arrays in a chosen order of axes, and gradients' buffers that take turns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

BATCH = 16  # so many examples lie side by side; fewer make runs shorter than a row of an image


def ordered_empty(shape: Sequence[int], order: Sequence[int], dtype: Any) -> Any:
    """An array of a shape, whose axes lie in memory in the given order, the outermost first."""
    memory = np.empty([shape[axis] for axis in order], dtype)
    return memory.transpose([list(order).index(axis) for axis in range(len(order))])


def order_of(array: Any) -> tuple[int, ...]:
    """The order in which an array's axes lie in memory."""
    return tuple(sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis])))


def image_order(axes: int, batch: int | None) -> tuple[int, ...]:
    """The order for images (N, C, *spatial) or (C, *spatial): channels outermost, and many examples innermost.

    A slice of an image then has runs of W·N numbers, where (N, C, H, W) has runs of W (small CNN, 64 images: half).
    """
    if batch is None:
        return tuple(range(axes))
    return (*range(1, axes), 0) if batch >= BATCH else (1, 0, *range(2, axes))


class Block:
    """A piece of memory, and how many gradients still read it."""

    def __init__(self, memory: Any) -> None:
        self.memory = memory
        self.readers = 1


class Pool:
    """Blocks by size: who comes later takes what an earlier one no longer needs."""

    def __init__(self) -> None:
        self._free: dict[int, list[Block]] = {}

    def take(self, shape: Sequence[int], order: Sequence[int], dtype: Any) -> tuple[Any, Block]:
        """An array in a block that nobody reads."""
        dtype = np.dtype(dtype)
        size = max(math.prod(shape), 1) * dtype.itemsize
        waiting = self._free.get(size)
        block = waiting.pop() if waiting else Block(np.empty(size, np.uint8))
        block.readers = 1
        flat = block.memory.view(dtype)[: math.prod(shape)]
        memory = flat.reshape([shape[axis] for axis in order])
        return memory.transpose([list(order).index(axis) for axis in range(len(order))]), block

    def release(self, block: Block) -> None:
        """One reader less; after the last one the block is free."""
        block.readers -= 1
        if not block.readers:
            self._free.setdefault(len(block.memory), []).append(block)
