"""A recorded convolution or pooling: its arrays, plane by plane, and where its windows lie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.errors import GraphError
from autograd.node import Node
from autograd.primitives.elementwise import add
from viz.convolution.windows import Windows
from viz.picture.flow import Flow

Matrix = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Index = tuple[int, ...]


@dataclass(frozen=True)
class Recorded:
    """What convolutions and poolings have in common. n is 0 where there is no batch.

    Attributes:
        function: "conv2d", "max_pool2d" or "avg_pool2d".
        output: the result.
        input: the images; None where they are a constant, of which the graph holds the windows alone.
        windows: where the windows lie.
    """

    function: str
    output: Node
    input: Node | None
    windows: Windows

    @property
    def batched(self) -> bool:
        """Whether the images have a batch axis."""
        return bool(np.ndim(self.output.data) == 4)

    def full(self, *index: int) -> Index:
        """(n, c, h, w) as the user counts it: without n where there is no batch."""
        return index if self.batched else index[1:]

    def split(self, index: Index) -> Index:
        """The user's index as (n, c, h, w)."""
        return index if self.batched else (0, *index)

    def result(self, n: int, o: int) -> Matrix:
        """One plane of the output: (OH, OW)."""
        return plane(self.output.data, self.full(n, o))

    def upstream(self, n: int, o: int) -> Matrix:
        """One plane of the output's gradient: (OH, OW)."""
        return plane(self.output.grad, self.full(n, o))

    def image(self, n: int, c: int) -> Matrix:
        """One plane of the input: (H, W); NaN where it is not known."""
        return self._known(n, c)[0]

    def seen(self, n: int, c: int) -> Mask:
        """Which elements of a plane are known, (H, W): not those of a constant that no window looks at."""
        return self._known(n, c)[1]

    def _known(self, n: int, c: int) -> tuple[Matrix, Mask]:
        if (n, c) not in self._planes:
            self._planes[n, c] = self._find(n, c)
        return self._planes[n, c]

    @cached_property
    def _planes(self) -> dict[Index, tuple[Matrix, Mask]]:
        return {}

    def _find(self, n: int, c: int) -> tuple[Matrix, Mask]:
        assert self.input is not None
        return plane(self.input.data, self.full(n, c)), np.ones(self.windows.lengths, dtype=bool)


@dataclass(frozen=True)
class Convolution(Recorded):
    """A recorded conv2d.

    Attributes:
        weight: the kernels.
        bias: what is added to each channel; None without one.
        groups: the number of groups.
        contraction: the node that multiplies and sums.
        batch: the number of images.
    """

    weight: Node
    bias: Node | None
    groups: int
    contraction: Node
    batch: int

    @property
    def kernels(self) -> Any:
        """The kernels: (O, C / groups, KH, KW)."""
        data = np.asarray(self.contraction.parents[0].data)
        return data.reshape(-1, *data.shape[-3:])

    @property
    def channels(self) -> int:
        """The channels of the input."""
        return int(self.kernels.shape[1]) * self.groups

    def inputs_of(self, o: int) -> range:
        """The channels of the input that a channel of the output sees."""
        size = self.channels // self.groups
        first = o // (len(self.kernels) // self.groups) * size
        return range(first, first + size)

    def outputs_of(self, c: int) -> range:
        """The channels of the output that see a channel of the input."""
        size = len(self.kernels) // self.groups
        first = c // (self.channels // self.groups) * size
        return range(first, first + size)

    def kernel(self, o: int, c: int) -> Matrix:
        """The kernel from a channel of the input to one of the output: (KH, KW)."""
        return plane(self.kernels, (o, c - self.inputs_of(o)[0]))

    def bias_of(self, o: int) -> float | None:
        """What is added to a channel of the output."""
        if self.output.rule is not add:
            return None
        spread = np.broadcast_to(self.output.parents[1].data, np.shape(self.output.data))
        return float(spread[self.full(0, o, 0, 0)])

    def _find(self, n: int, c: int) -> tuple[Matrix, Mask]:
        """Of a constant the graph holds the windows alone: put together they are the image, but for what none sees."""
        if self.input is not None:
            return super()._find(n, c)
        windows = self.windows
        image = windows.cropped(_put_together(self._patches(n, c), windows))
        seen = ~np.isnan(windows.cropped(_put_together(np.ones((*windows.counts, *windows.kernel)), windows)))
        whole = self._viewed(n, c)
        if whole is not None and np.array_equal(whole[seen], image[seen], equal_nan=True):
            return whole, np.ones_like(seen)
        return image, seen

    def _patches(self, n: int, c: int) -> Matrix:
        """The windows on one plane: (OH, OW, KH, KW)."""
        return plane(self.contraction.parents[1].data, self._place(n, c))

    def _place(self, n: int, c: int) -> Index:
        """Where a plane stands in the array that the windows were taken from: its channels may be in groups."""
        size = self.channels // self.groups
        place = (c // size, c % size) if self.groups > 1 else (c,)
        return (n, *place) if self.batched else place

    @property
    def viewed(self) -> Node | None:
        """The constant that the windows are a view of, where that is known: the input, or the padded input."""
        notes = self.contraction.parents[1]._notes
        return None if notes is None else notes.viewed

    def _viewed(self, n: int, c: int) -> Matrix | None:
        """One plane of that constant, without padding."""
        if self.viewed is None:
            return None
        data, windows = np.asarray(self.viewed.data), self.windows
        if data.shape == self.full(self.batch, self.channels, *windows.lengths):
            return plane(data, self.full(n, c))
        padded = plane(data, self._place(n, c)) if data.ndim == len(self._place(n, c)) + 2 else None
        return windows.cropped(padded) if padded is not None and padded.shape == windows.padded else None

    @cached_property
    def handed_to_input(self) -> Any:
        """What the last backward pass handed to the input, in its shape; None where the input is a constant."""
        return None if self.input is None else _handed(self.contraction, 1, self.input)

    @cached_property
    def handed_to_weight(self) -> Any:
        """What the last backward pass handed to the weight, in its shape; None where the weight is a constant."""
        return _handed(self.contraction, 0, self.weight) if self.weight.requires_grad else None


@dataclass(frozen=True)
class Pooling(Recorded):
    """A recorded max_pool2d or avg_pool2d.

    Attributes:
        choice: the node that takes the maximum, or the sum.
    """

    input: Node
    choice: Node

    @cached_property
    def weights(self) -> Any:
        """The local derivatives of each result by the elements of its window."""
        assert self.choice.rule is not None
        return np.asarray(self.choice.rule.local(self.choice, 0))

    @cached_property
    def handed_to_input(self) -> Any:
        """What the last backward pass handed to the input, in its shape."""
        return _handed(self.choice, 0, self.input)


def plane(array: Any, index: Index) -> Matrix:
    """One plane of an array, as float64."""
    return np.asarray(np.asarray(array)[index], dtype=np.float64)


def _handed(node: Node, argument: int, target: Node) -> Any:
    """What the last pass handed to a target, at the end of the chain that begins with an argument of a node."""
    while node.parents[argument] is not target:
        node, argument = node.parents[argument], 0
    handed = Flow().along((node, argument))
    if handed is None:
        raise GraphError(
            f"{node.scopes[-1].name}: the gradient of {node.describe()} was freed, so what it handed to "
            f"{target.describe()} is not known; call backward with keep='all'"
        )
    return handed


def _put_together(patches: Matrix, windows: Windows) -> Matrix:
    """(OH, OW, KH, KW) -> the padded plane; NaN where no window looks."""
    padded = np.full(windows.padded, np.nan)
    for k, l in windows.offsets():
        padded[windows.slices((k, l))] = patches[:, :, k, l]
    return padded
