"""A pooling, for one element of its result: its window, who won or what was shared, and where the gradient goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import GraphError
from viz.convolution.finding import pooling_of
from viz.convolution.recorded import Pooling
from viz.convolution.sums import Index, agree
from viz.convolution.windows import Pair, checked_index


class PooledCell(NamedTuple):
    """One element of a window.

    Attributes:
        at: where it stands in the input, as the user counts; beyond its ends in the padding.
        value: the number; of padding -∞ for a maximum, 0 for a mean.
        padding: whether it is padding.
        share: the local derivative ∂y/∂x: what part of the upstream gradient it receives.
    """

    at: Index
    value: float
    padding: bool
    share: float

    @property
    def place(self) -> Pair:
        """The row and column of `at`."""
        return self.at[-2], self.at[-1]


@dataclass(frozen=True)
class PoolingWindow:
    """What one element of a pooling's result is made of.

    Attributes:
        pooling: where it was found.
        index: the element, as (n, c, i, j), or (c, i, j) without a batch.
        cells: the window in row-major order.
        total: the element itself.
        divisor: of a mean; 1 for a maximum.
        ties: how many cells hold the maximum; 0 for a mean.
        rule: which of them takes the gradient: "first", "split" or "all".
        upstream: ∂L/∂y at the index; None before a backward pass.
    """

    pooling: Pooling
    index: Index
    cells: tuple[PooledCell, ...]
    total: float
    divisor: float
    ties: int
    rule: str
    upstream: float | None

    @property
    def counted(self) -> int:
        """How many cells lie in the image and its padding, not beyond them, where `ceil_mode` may reach."""
        windows = self.pooling.windows
        return sum(
            all(at < length + pad for at, length, pad in zip(cell.place, windows.lengths, windows.before, strict=True))
            for cell in self.cells
        )

    @property
    def winners(self) -> tuple[PooledCell, ...]:
        """The cells that take the gradient of a maximum; none of a mean, where all share."""
        return tuple(cell for cell in self.cells if cell.share) if self.ties else ()


def pooling_window(output: Any, index: Any = None) -> PoolingWindow:
    """The window behind one element of a result of max_pool2d or avg_pool2d, and each cell's share of its gradient.

    Args:
        output: the Tensor that the pooling returned.
        index: (n, c, i, j), or (c, i, j) without a batch; the first element unless given.

    Raises:
        TypeError: `output` is no Tensor.
        GraphError: it is no result of max_pool2d or avg_pool2d, or the window does not give its number.
        IndexError: the index names no element.
        MutationError: data was changed after the forward pass used it.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([[[3.0, 2.0, 3.0, 1.0], [0.0, 5.0, 3.0, 4.0]]], requires_grad=True)
        >>> window = pooling_window(F.max_pool2d(x, 2), (0, 0, 0))
        >>> [cell.value for cell in window.cells], window.total
        ([3.0, 2.0, 0.0, 5.0], 5.0)
        >>> [cell.at for cell in window.winners]
        [(0, 1, 1)]
    """
    return window_of(pooling_of(output, "pooling_window"), index, "pooling_window")


def window_of(pooling: Pooling, index: Any, function: str) -> PoolingWindow:
    """The window in a pooling that was found already; see `pooling_window` for the errors."""
    output = pooling.output
    index = checked_index(function, output.describe(), output.data.shape, index)
    is_mean = pooling.function == "avg_pool2d"
    divisor = _divisor(pooling, index) if is_mean else 1.0
    shares = _equal_shares(pooling, divisor) if is_mean else _shares_of_maximum(pooling, index)
    cells = _cells(pooling, index, shares)
    total = float(output.data[index])
    values = [cell.value for cell in cells]
    _require(function, pooling, index, [value / divisor for value in values] if is_mean else values, total)
    largest = max(values) if total == total else total  # of a window with NaN, the NaN
    ties = 0 if is_mean else sum(1 for v in values if v == largest or (v != v and largest != largest))
    return PoolingWindow(
        pooling=pooling,
        index=index,
        cells=cells,
        total=total,
        divisor=divisor,
        ties=ties,
        rule=pooling.choice.params.get("ties", "first"),
        upstream=float(output.grad[index]) if output.has_grad else None,
    )


def routed(pooling: Pooling, n: int, c: int, function: str) -> Any:
    """What all windows hand to one plane of the input: (H, W).

    Raises:
        GraphError: it is not what the backward pass handed on.
    """
    windows, upstream = pooling.windows, pooling.upstream(n, c)
    received: dict[Pair, list[float]] = {(h, w): [] for h, w in np.ndindex(*windows.lengths)}
    for position in windows.positions():
        for cell in window_of(pooling, pooling.full(n, c, *position), function).cells:
            if not cell.padding and cell.share:
                received[cell.place].append(cell.share * float(upstream[position]))
    gradient = np.array([sum(parts) for parts in received.values()]).reshape(windows.lengths)
    handed = np.asarray(pooling.handed_to_input)[pooling.full(n, c)]
    for place, parts in received.items():
        if not agree(sum(parts), float(handed[place]), parts, pooling.output.data.dtype):
            raise GraphError(
                f"{function}: the windows of {pooling.output.describe()} hand {sum(parts)!r} to pixel {place}, but the "
                f"backward pass handed {handed[place]!r}. Run the passes again"
            )
    return gradient


def _cells(pooling: Pooling, index: Index, shares: dict[Pair, float]) -> tuple[PooledCell, ...]:
    n, c, i, j = pooling.split(index)
    image, windows = pooling.image(n, c), pooling.windows
    outside = 0.0 if pooling.function == "avg_pool2d" else -np.inf
    cells = []
    for offset in windows.offsets():
        place = windows.place((i, j), offset)
        covered = windows.covers(place)
        value = float(image[place]) if covered else outside
        cells.append(PooledCell(pooling.full(n, c, *place), value, not covered, shares[offset]))
    return tuple(cells)


def _divisor(pooling: Pooling, index: Index) -> float:
    count = pooling.output.parents[1].data
    return float(np.broadcast_to(count, pooling.output.data.shape)[index])


def _equal_shares(pooling: Pooling, divisor: float) -> dict[Pair, float]:
    return dict.fromkeys(pooling.windows.offsets(), 1.0 / divisor)


def _shares_of_maximum(pooling: Pooling, index: Index) -> dict[Pair, float]:
    """The weights of the recorded maximum, under the kink rule that was in force when it was recorded."""
    weights, windows = pooling.weights[index], pooling.windows
    offsets = list(windows.offsets())
    if weights.ndim == 1:  # a list of the window's elements in the image, and after them its padding
        position = pooling.split(index)[2:]
        offsets.sort(key=lambda offset: not windows.covers(windows.place((position[0], position[1]), offset)))
    return dict(zip(offsets, map(float, weights.flat), strict=True))


def _require(function: str, pooling: Pooling, index: Index, terms: list[float], total: float) -> None:
    is_mean = pooling.function == "avg_pool2d"
    result = sum(terms) if is_mean else max(terms)
    if not is_mean and any(term != term for term in terms):
        result = float("nan")
    if not agree(result, total, terms if is_mean else [], pooling.output.data.dtype):
        raise GraphError(
            f"{function}: the window of element {index} gives {result!r}, but the graph holds {total!r}: data was "
            f"changed after it had been used. Run the passes again"
        )
