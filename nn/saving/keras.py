"""Weights from Keras, whose arrays hold the same numbers in another order of axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import ShapeError

Array = npt.NDArray[Any]

_KINDS = ("dense", "conv", "depthwise", "transposed", "gru")


def from_keras_kernel(kernel: Any, kind: str = "") -> Array:
    """A Keras layer's kernel in the layout of the same layer here.

    Keras puts the channels last, in kernels as in images: HWIO where PyTorch and gradwalk have OIHW. Images change with
    ``np.moveaxis(images, -1, 1)``. Biases, and the weights of Embedding and the normalisations, are the same in both.

    ============  ================================  ==================  =====================================
    kind          Keras layer                       its kernel          the result, a weight of
    ============  ================================  ==================  =====================================
    "dense"       Dense; LSTM, SimpleRNN            (I, O)              (O, I), `Linear`, `LSTM`, `RNN`
    "conv"        Conv1D, Conv2D, Conv3D            (*kernel, I, O)     (O, I, *kernel), `Conv1d` ...
    "depthwise"   DepthwiseConv1D, DepthwiseConv2D  (*kernel, C, M)     (C·M, 1, *kernel), `Conv2d`, groups=C
    "transposed"  Conv1DTranspose ... 3D            (*kernel, O, I)     (I, O, *kernel), `ConvTranspose2d` ...
    "gru"         GRU                               (I, 3·H)            (3·H, I), `GRU`
    ============  ================================  ==================  =====================================

    A GRU's gates are z, r, h in Keras and r, z, h here. Its bias, of shape (2, 3·H), goes the same way:
    ``bias_ih, bias_hh = from_keras_kernel(bias, "gru").T``. A SeparableConv has two kernels: "depthwise", then "conv".

    Keras's ``padding="same"`` with a stride pads less before than after, where PyTorch's numbers pad alike; give
    `Conv2d` pairs, as ``padding=((0, 1), (0, 1))`` for a kernel of 3, a stride of 2 and an even image.

    Args:
        kernel: what ``layer.get_weights()`` gives.
        kind: the kind of layer; by default "dense" for two axes and "conv" for three to five.

    Returns:
        A copy, in the kernel's dtype.

    Raises:
        ValueError: there is no such kind.
        ShapeError: the kernel has another number of axes than the kind.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> hwio = np.arange(12.0).reshape(2, 1, 3, 2)
        >>> nn.from_keras_kernel(hwio).shape
        (2, 3, 2, 1)
        >>> nn.from_keras_kernel(hwio, "depthwise").shape
        (6, 1, 2, 1)
        >>> nn.from_keras_kernel([[1.0, 2.0, 3.0]])
        array([[1.],
               [2.],
               [3.]])
    """
    array = np.array(kernel)
    kind = kind or ("dense" if array.ndim == 2 else "conv")
    if kind not in _KINDS:
        raise ValueError(f"from_keras_kernel: kind={kind!r} is none of {', '.join(map(repr, _KINDS))}")
    least, most = (2, 2) if kind in ("dense", "gru") else (3, 4) if kind == "depthwise" else (3, 5)
    if not least <= array.ndim <= most:
        expected = f"{least} axes" if least == most else f"{least} to {most} axes, the channels last"
        raise ShapeError(
            f"from_keras_kernel: a kernel of kind {kind!r} has {expected}, not the shape {array.shape}; give what "
            f"layer.get_weights() gives, or another kind"
        )
    channels_first = np.moveaxis(array, (-1, -2), (0, 1))  # (*kernel, I, O) -> (O, I, *kernel)
    if kind == "depthwise":
        outputs = array.shape[-1] * array.shape[-2]
        channels_first = np.swapaxes(channels_first, 0, 1).reshape(outputs, 1, *array.shape[:-2])
    elif kind == "gru":
        channels_first = _swapped_gates(channels_first)
    return np.array(channels_first, order="C")


def _swapped_gates(weight: Array) -> Array:
    """z, r, h -> r, z, h along the first axis."""
    if len(weight) % 3:
        raise ShapeError(
            f"from_keras_kernel: a GRU's kernel has three gates side by side, and the shape {weight.shape[::-1]} does "
            f"not divide by 3"
        )
    z, r, h = np.split(weight, 3)
    return np.concatenate([r, z, h])
