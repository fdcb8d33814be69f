"""`draw_convolution` and `draw_pooling`: one number of a layer, explained in a figure."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any, Literal

from autograd.safe_text import short_name
from autograd.variables import caller_variables, names_of
from viz.convolution.backward import pixel_gradient, weight_gradient
from viz.convolution.figure import Figure
from viz.convolution.finding import convolution_of, pooling_of
from viz.convolution.forward import field_of
from viz.convolution.forward_sheet import forward_sheet
from viz.convolution.gradient_sheets import gather_sheet, scatter_sheet
from viz.convolution.grids import check_drawable
from viz.convolution.kernel_sheet import kernel_sheet
from viz.convolution.pooling import window_of
from viz.convolution.pooling_sheet import pooling_sheet
from viz.convolution.recorded import Convolution, Recorded
from viz.convolution.wording import Called

Backward = Literal["scatter", "gather", "kernel"]


def draw_convolution(
    output: Any, index: Any = None, *, backward: Backward | None = None, names: Mapping[str, Any] | None = None
) -> Figure:
    """Draw how one number of a convolution comes about: the patch, the kernel, the products, the sum.

    Args:
        output: the Tensor that conv2d returned.
        index: the number that is explained; the first unless given. Of the output, (n, o, i, j); with backward
            "scatter" or "gather" of the input's gradient, (n, c, h, w); with "kernel" of the weight's gradient,
            (o, c, k, l). Without a batch there is no n.
        backward: after a backward pass, what is drawn instead of the forward pass: "scatter", each window that holds
            the pixel adds its upstream gradient × kernel; "gather", the kernel rotated by 180° lies on the upstream
            gradient, with the same sum; "kernel", the input is correlated with the upstream gradient.
        names: names for the tensors, such as `{"x": x, "w": w}`; the caller's variables unless given.

    Returns:
        The figure: shown by a notebook, as text by `print`, written by `.save("conv.svg")`. Its numbers are in `model`.

    Raises:
        TypeError: `output` is no Tensor.
        GraphError: it is no result of conv2d; no gradient has come to it; or the products do not add up to the number
            that the graph holds.
        IndexError: the index names no element.
        ShapeError: the kernel has more than 7 rows or columns, or spans more than 16.
        MutationError: data was changed after the forward pass used it.
        ValueError: there is no such `backward`.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]], requires_grad=True)
        >>> w = Tensor([[[[1.0, 0.0], [0.0, -1.0]]]], requires_grad=True)
        >>> y = F.conv2d(x, w)
        >>> print(draw_convolution(y, (0, 0, 1)).sheet.captions[0])
        y[0,0,1] = Σ patch · kernel = 2·1 + 3·0 + 5·0 + 6·(−1) = −4
        >>> y.sum().backward()
        >>> print(draw_convolution(y, (0, 1, 1), backward="scatter").sheet.captions[0])
        ∂L/∂x[0,1,1] = 1·(−1) + 1·0 + 1·0 + 1·1 = 0
    """
    function = "draw_convolution"
    if backward not in (None, "scatter", "gather", "kernel"):
        raise ValueError(f"{function}: backward={backward!r} is none of None, 'scatter', 'gather', 'kernel'")
    convolution = convolution_of(output, function)
    check_drawable(function, convolution)
    called = names_for(convolution, names, sys._getframe(1))
    if backward is None:
        field = field_of(convolution, index, function)
        return Figure(field, forward_sheet(field, called))
    if backward == "kernel":
        of_kernel = weight_gradient(convolution, index, function)
        return Figure(of_kernel, kernel_sheet(of_kernel, called))
    gradient = pixel_gradient(convolution, index, function)
    return Figure(gradient, (scatter_sheet if backward == "scatter" else gather_sheet)(gradient, called))


def draw_pooling(output: Any, index: Any = None, *, names: Mapping[str, Any] | None = None) -> Figure:
    """Draw how one number of a pooling comes about, and after a backward pass where its gradient goes.

    Args:
        output: the Tensor that max_pool2d or avg_pool2d returned.
        index: the element of it that is explained, (n, c, i, j), or (c, i, j) without a batch; the first unless given.
        names: names for the tensors; the caller's variables unless given.

    Returns:
        The figure, with the winner marked; its `model` has the numbers.

    Raises:
        TypeError, GraphError, IndexError, ShapeError, MutationError: as `draw_convolution` does.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([[[3.0, 2.0, 3.0, 1.0], [0.0, 5.0, 3.0, 4.0]]], requires_grad=True)
        >>> y = F.max_pool2d(x, 2)
        >>> y.backward([[[1.0, -2.0]]])
        >>> print(draw_pooling(y, (0, 0, 1)).text)
        y[0,0,1] = max of its window
        ...
    """
    pooling = pooling_of(output, "draw_pooling")
    check_drawable("draw_pooling", pooling)
    called = names_for(pooling, names, sys._getframe(1))
    window = window_of(pooling, index, "draw_pooling")
    return Figure(window, pooling_sheet(window, called, "draw_pooling"))


def names_for(recorded: Recorded, names: Mapping[str, Any] | None, frame: FrameType) -> Called:
    """The tensors' names: given ones, else their own, else the caller's variables, else the letters of the formula."""
    nodes = {"x": recorded.input, "y": recorded.output}
    if isinstance(recorded, Convolution):
        nodes |= {"w": recorded.weight, "b": recorded.bias}
        nodes["x"] = recorded.viewed if recorded.input is None else recorded.input
    known = {letter: node for letter, node in nodes.items() if node is not None}
    found = names_of(known.values(), caller_variables(frame) if names is None else names)
    if names is None:
        found |= {node.id: node.name for node in known.values() if node.name}
    return Called(**{letter: short_name(found.get(node.id) or node.name or letter) for letter, node in known.items()})
