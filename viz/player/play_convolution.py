"""`play_convolution` and `play_pooling`: a layer's windows as a film to step through."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from autograd.errors import ShapeError
from viz.convolution.draw import names_for
from viz.convolution.finding import convolution_of, pooling_of
from viz.convolution.grids import check_drawable
from viz.convolution.recorded import Recorded
from viz.convolution.windows import checked_index
from viz.player.convolution_film import convolution_film
from viz.player.grid_player import GridPlayer
from viz.player.pooling_film import pooling_film

_LARGEST = 32  # rows or columns of a padded image


def play_convolution(
    output: Any, plane: Any = None, *, channel: int = 0, names: Mapping[str, Any] | None = None
) -> GridPlayer:
    """Play a convolution: the kernel slides over the image; patch, products and sum are shown window by window.

    After a backward pass three more chapters follow, on the same numbers: each window scatters its upstream gradient ×
    kernel onto its patch of ∂L/∂x; the kernel rotated by 180° slides over ∂L/∂y, with the same result; each weight's
    gradient is a sum over all windows. Grids have one colour scale for values and one for gradients. In a notebook or
    a page: keys, slider, "predict first"; a pointer on a cell lights what it is made of, or what it feeds.

    Args:
        output: the Tensor that conv2d returned.
        plane: which plane of it, (n, o), or (o,) without a batch; the first unless given.
        channel: of the channels of the input that the plane sees, the one whose gradients are shown, from 0.
        names: names for the tensors; the caller's variables unless given.

    Returns:
        The player: shown by a notebook, as steps of text by `print`, written by `.save("film.html")`.

    Raises:
        TypeError: `output` is no Tensor.
        GraphError: it is no result of conv2d.
        IndexError: there is no such plane or channel.
        ShapeError: the image or the kernel is too large to be shown cell by cell.
        MutationError: data was changed after the forward pass used it.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([[[1.0, 2.0, 4.0]]], requires_grad=True)
        >>> w = Tensor([[[[1.0, -1.0]]]], requires_grad=True)
        >>> y = F.conv2d(x, w)
        >>> y.sum().backward()
        >>> print(play_convolution(y))
        1  y[0,0,0] = 1·1 + 2·(−1) = −1
        2  y[0,0,1] = 2·1 + 4·(−1) = −2
        3  ∂L/∂y[0,0,0] = 1: 1 · w is added to its patch
        4  ∂L/∂y[0,0,1] = 1: 1 · w is added to its patch
        5  ∂L/∂x[0,0,0] = 0·(−1) + 1·1 = 1
        6  ∂L/∂x[0,0,1] = 1·(−1) + 1·1 = 0
        7  ∂L/∂x[0,0,2] = 1·(−1) + 0·1 = −1
        8  ∂L/∂w[0,0,0,0] = 1·1 + 2·1 = 3
        9  ∂L/∂w[0,0,0,1] = 2·1 + 4·1 = 6
        conv2d, kernel 1×2
    """
    convolution = convolution_of(output, "play_convolution")
    _check_size("play_convolution", convolution)
    plane = checked_index("play_convolution", "the stack of planes", output.data.shape[:-2], plane)
    seen = convolution.kernels.shape[1]
    (channel,) = checked_index("play_convolution", "the channels that the plane sees", (seen,), (channel,))
    return GridPlayer(convolution_film(convolution, names_for(convolution, names, sys._getframe(1)), plane, channel))


def play_pooling(output: Any, plane: Any = None, *, names: Mapping[str, Any] | None = None) -> GridPlayer:
    """Play a pooling: the maximum or the mean of each window; after a backward pass, where its gradient goes.

    Args:
        output: the Tensor that max_pool2d or avg_pool2d returned.
        plane: which plane of it, (n, c), or (c,) without a batch; the first unless given.
        names: names for the tensors; the caller's variables unless given.

    Returns:
        The player, with the winners ringed.

    Raises:
        TypeError, GraphError, IndexError, ShapeError, MutationError: as `play_convolution` does.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([[[3.0, 2.0, 3.0, 1.0], [0.0, 5.0, 3.0, 4.0]]], requires_grad=True)
        >>> y = F.max_pool2d(x, 2)
        >>> y.sum().backward()
        >>> print(play_pooling(y))
        1  y[0,0,0] = max(3, 2, 0, 5) = 5
        2  y[0,0,1] = max(3, 1, 3, 4) = 4
        3  ∂L/∂y[0,0,0] = 1: its winner receives it, the others nothing
        4  ∂L/∂y[0,0,1] = 1: its winner receives it, the others nothing
        max_pool2d, kernel 2×2, stride 2
    """
    pooling = pooling_of(output, "play_pooling")
    _check_size("play_pooling", pooling)
    plane = checked_index("play_pooling", "the stack of planes", output.data.shape[:-2], plane)
    return GridPlayer(pooling_film(pooling, names_for(pooling, names, sys._getframe(1)), plane))


def _check_size(function: str, recorded: Recorded) -> None:
    check_drawable(function, recorded)
    if max(recorded.windows.padded) > _LARGEST:
        raise ShapeError(
            f"{function}: an image of {recorded.windows.padded} with its padding is too large to be shown cell by "
            f"cell; take a part of at most {_LARGEST} x {_LARGEST} of it"
        )
