"""A convolution or a pooling as a film: what a player shows, frame by frame, as plain data that JSON can hold.

A number is a pair [value, text]: the value is None where it is not finite. All of them are recorded here, so that a
player computes none. A matrix is a list of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from viz.convolution.backward import (
    input_plane,
    kernel_plane,
    pixel_gradient,
    require_upstream,
    spread_at,
    weight_gradient,
)
from viz.convolution.finding import convolution_of, pooling_of
from viz.convolution.forward import field_of
from viz.convolution.plain import in_rows, plain_matrix, plain_number, plain_plane
from viz.convolution.pooling import routed, window_of
from viz.convolution.recorded import Convolution, Pooling, Recorded
from viz.convolution.sums import Product, total_of
from viz.convolution.windows import checked_index

Plain = dict[str, Any]
Index = tuple[int, ...]

VIEWS = ("forward", "scatter", "gather", "kernel")


def convolution_stage(output: Any, view: str = "forward", plane: Any = None) -> Plain:
    """What stands still in a film of a convolution: its arrays, and where its windows lie.

    Args:
        output: the Tensor that conv2d returned.
        view: "forward"; or after a backward pass "scatter", "gather" or "kernel".
        plane: which plane is computed: (n, o) of the output; for "scatter" and "gather" (n, c) of the input; for
            "kernel" (o, c) of the weight. Without a batch there is no n. The first unless given.

    Returns:
        "function", "view", "plane", "windows" (lengths, counts, kernel, stride, dilation, before, after, each for rows
        and columns) and "arrays": under "x", "w", "y", "dy", "dx" and "dw" the planes that the film shows, each with
        its "index" and its "rows".

    Raises:
        ValueError: there is no such view.
        IndexError: there is no such plane.
        TypeError, GraphError, MutationError: as `receptive_field` and `input_gradient` do.
    """
    convolution, at = _found(output, view, plane)
    return {
        "function": convolution.function,
        "view": view,
        "plane": list(at),
        "windows": _windows(convolution),
        "arrays": _arrays(convolution, view, at),
    }


def convolution_frames(output: Any, view: str = "forward", plane: Any = None) -> Iterator[Plain]:
    """The frames of a film of a convolution, in the order of the loops of its formula.

    "forward" has one for each element of the result, as the kernel slides over the image; "scatter" one for each
    window, whose upstream gradient × kernel is added to its patch; "gather" one for each pixel, as the rotated kernel
    slides over the upstream gradient; "kernel" one for each element of the kernel.

    Args:
        output, view, plane: see `convolution_stage`, also for the errors.

    Returns:
        Each frame has the "index" of what it computes and the "corner" where its first factor lies: a row and a column
        of the image; for "gather" of the upstream gradient with its inserted zeros. "products" are matrices, one for
        each channel or image, "sums" their sums, "sum" the whole with the "bias". A frame of "scatter" has one matrix
        of products, their common "upstream" factor, and the gradient of the patch "before" and "after" it: None for
        padding.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> w = Tensor([[[[1.0, -1.0]]]], requires_grad=True)
        >>> y = F.conv2d(Tensor([[[1.0, 2.0, 4.0]]]), w)
        >>> [(frame["index"], frame["products"], frame["sum"]) for frame in convolution_frames(y)]
        [([0, 0, 0], [[[[1.0, '1'], [-2.0, '−2']]]], [-1.0, '−1']),
         ([0, 0, 1], [[[[2.0, '2'], [-4.0, '−4']]]], [-2.0, '−2'])]
    """
    convolution, at = _found(output, view, plane)
    return _FRAMES[view](convolution, at)


def pooling_stage(output: Any, plane: Any = None) -> Plain:
    """What stands still in a film of a pooling; see `convolution_stage`. The plane is (n, c)."""
    pooling, at = _found_pooling(output, plane)
    n, c = pooling.split(at)
    arrays = {
        "x": [plain_plane(at, pooling.image(n, c))],
        "y": [plain_plane(at, pooling.result(n, c))],
    }
    if output.has_grad:
        arrays |= {
            "dy": [plain_plane(at, pooling.upstream(n, c))],
            "dx": [plain_plane(at, routed(pooling, n, c, "pooling_stage"))],
        }
    return {
        "function": pooling.function,
        "view": "pooling",
        "plane": list(at),
        "windows": _windows(pooling),
        "arrays": arrays,
    }


def pooling_frames(output: Any, plane: Any = None) -> Iterator[Plain]:
    """The frames of a film of a pooling, one for each window.

    Returns:
        Each frame has "index", "corner", the matrix of its "cells", that of their "shares" of the gradient, the
        "winners" as rows and columns of it (none of a mean), the result as "sum", the "upstream" gradient and what is
        "handed" to each cell: None before a backward pass, and for padding.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([[[3.0, 2.0, 3.0, 1.0], [0.0, 5.0, 3.0, 4.0]]], requires_grad=True)
        >>> [(frame["winners"], frame["sum"]) for frame in pooling_frames(F.max_pool2d(x, 2))]
        [([[1, 1]], [5.0, '5']), ([[1, 1]], [4.0, '4'])]
    """
    pooling, at = _found_pooling(output, plane)
    return _pooled(pooling, at)


# ---- frames -------------------------------------------------------------------------------------------------------


def _forward(convolution: Convolution, plane: Index) -> Iterator[Plain]:
    for position in convolution.windows.positions():
        field = field_of(convolution, (*plane, *position), "convolution_frames")
        yield {
            "index": list(field.index),
            "corner": list(convolution.windows.place(position, (0, 0))),
            **_sums(field.products, convolution.windows.kernel),
            "bias": None if field.bias is None else plain_number(field.bias),
            "sum": plain_number(field.total),
        }


def _scatter(convolution: Convolution, plane: Index) -> Iterator[Plain]:
    n, c = convolution.split(plane)
    windows = convolution.windows
    received = np.zeros(windows.padded)
    inside = np.zeros(windows.padded, dtype=bool)
    windows.cropped(inside)[...] = True
    for o in convolution.outputs_of(c):
        upstream, kernel = convolution.upstream(n, o), convolution.kernel(o, c)
        for position in windows.positions():
            patch = _patch(convolution, position)
            products = float(upstream[position]) * kernel
            before = received[patch].copy()
            received[patch] += products
            yield {
                "index": list(convolution.full(n, o, *position)),
                "corner": list(windows.place(position, (0, 0))),
                "upstream": plain_number(float(upstream[position])),
                "products": plain_matrix(products),
                "before": plain_matrix(before, inside[patch]),
                "after": plain_matrix(received[patch], inside[patch]),
            }


def _gather(convolution: Convolution, plane: Index) -> Iterator[Plain]:
    windows = convolution.windows
    last = (windows.kernel[0] - 1, windows.kernel[1] - 1)
    for h, w in np.ndindex(*windows.lengths):
        gradient = pixel_gradient(convolution, (*plane, h, w), "convolution_frames")
        yield {
            "index": list(gradient.index),
            "corner": list(spread_at(windows, (h, w), last)),
            **_sums(gradient.gather, windows.kernel),
            "sum": plain_number(gradient.total),
        }


def _kernel(convolution: Convolution, plane: Index) -> Iterator[Plain]:
    windows = convolution.windows
    for offset in windows.offsets():
        gradient = weight_gradient(convolution, (*plane, *offset), "convolution_frames")
        yield {
            "index": list(gradient.index),
            "corner": list(windows.place((0, 0), offset)),
            **_sums(gradient.products, windows.counts),
            "sum": plain_number(gradient.total),
        }


_FRAMES: dict[str, Callable[[Convolution, Index], Iterator[Plain]]] = {
    "forward": _forward,
    "scatter": _scatter,
    "gather": _gather,
    "kernel": _kernel,
}


def _pooled(pooling: Pooling, plane: Index) -> Iterator[Plain]:
    columns = pooling.windows.kernel[1]
    for position in pooling.windows.positions():
        window = window_of(pooling, (*plane, *position), "pooling_frames")
        upstream = window.upstream
        handed = [
            None if cell.padding or upstream is None else plain_number(cell.share * upstream) for cell in window.cells
        ]
        winners = [place for place, cell in enumerate(window.cells) if window.ties and cell.share]
        yield {
            "index": list(window.index),
            "corner": list(pooling.windows.place(position, (0, 0))),
            "cells": in_rows([plain_number(cell.value) for cell in window.cells], columns),
            "shares": in_rows([plain_number(cell.share) for cell in window.cells], columns),
            "winners": [list(divmod(place, columns)) for place in winners],
            "sum": plain_number(window.total),
            "upstream": None if upstream is None else plain_number(upstream),
            "handed": None if upstream is None else in_rows(handed, columns),
        }


# ---- stages -------------------------------------------------------------------------------------------------------


def _found(output: Any, view: str, plane: Any) -> tuple[Convolution, Index]:
    if view not in VIEWS:
        raise ValueError(f"convolution_frames: view={view!r} is none of {', '.join(VIEWS)}")
    convolution = convolution_of(output, "convolution_frames")
    if view != "forward":
        require_upstream(convolution, "convolution_frames")
    shape: Index = convolution.kernels.shape[:2]
    if view != "kernel":
        shape = convolution.full(convolution.batch, shape[0] if view == "forward" else convolution.channels)
    return convolution, checked_index("convolution_frames", f"the stack of planes for {view!r}", shape, plane)


def _found_pooling(output: Any, plane: Any) -> tuple[Pooling, Index]:
    pooling = pooling_of(output, "pooling_frames")
    shape = output.data.shape[:-2]
    return pooling, checked_index("pooling_frames", "the stack of planes", shape, plane)


def _arrays(convolution: Convolution, view: str, plane: Index) -> Plain:
    if view == "kernel":
        o, among = plane
        c = convolution.inputs_of(o)[among]
        images = range(convolution.batch)
        return {
            "x": [plain_plane(convolution.full(n, c), convolution.image(n, c)) for n in images],
            "dy": [plain_plane(convolution.full(n, o), convolution.upstream(n, o)) for n in images],
            "dw": [plain_plane(plane, kernel_plane(convolution, o, c))],
        }
    if view == "forward":
        n, o = convolution.split(plane)
        channels = convolution.inputs_of(o)
        bias = convolution.bias_of(o)
        return {
            "x": [plain_plane(convolution.full(n, c), convolution.image(n, c)) for c in channels],
            "w": [plain_plane((o, c - channels[0]), convolution.kernel(o, c)) for c in channels],
            "b": None if bias is None else plain_number(bias),
            "y": [plain_plane(plane, convolution.result(n, o))],
        }
    n, c = convolution.split(plane)
    outputs = convolution.outputs_of(c)
    return {
        "dy": [plain_plane(convolution.full(n, o), convolution.upstream(n, o)) for o in outputs],
        "w": [plain_plane((o, c - convolution.inputs_of(o)[0]), convolution.kernel(o, c)) for o in outputs],
        "dx": [plain_plane(plane, input_plane(convolution, n, c))],
    }


def _windows(recorded: Recorded) -> Plain:
    windows = recorded.windows
    return {name: list(getattr(windows, name)) for name in type(windows).__dataclass_fields__}


# ---- parts of frames -------------------------------------------------------------------------------------------------


def _sums(products: Sequence[Product], shape: tuple[int, int]) -> Plain:
    """Products as one matrix for each channel or image, and their sums."""
    size = shape[0] * shape[1]
    parts = [products[start : start + size] for start in range(0, len(products), size)]
    return {
        "products": [in_rows([plain_number(product.value) for product in part], shape[1]) for part in parts],
        "sums": [plain_number(total_of(part)) for part in parts],
    }


def _patch(convolution: Convolution, position: tuple[int, int]) -> Any:
    """Where a window lies on the padded image, as an index."""
    windows = convolution.windows
    rows, columns = (
        slice(at * step, at * step + gap * (size - 1) + 1, gap)
        for at, step, gap, size in zip(position, windows.stride, windows.dilation, windows.kernel, strict=True)
    )
    return rows, columns
