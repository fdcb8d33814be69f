"""Normalisation: numbers less their mean, over their standard deviation; and what else divides by a size.

Batch, instance, layer and group normalisation are one formula, (x - mean) / √(variance + eps) · weight + bias. They
differ in the axes that mean and variance are taken over:

    (N, C, *spatial)   batch: N, *spatial   instance: *spatial   layer: the last axes   group: a group of C, *spatial
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ShapeError, composed, mean, moveaxis, pad, reshape, sqrt, square, windows
from autograd.functions.arguments import raw
from nn.functional.arguments import Numbers, numbers, per_axis
from nn.functional.standardize import (
    affine,
    batch,
    by_running,
    check_running,
    check_several,
    check_trailing,
    move_running,
    parameters,
    standardized,
    trailing_shape,
)


@composed
def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Numbers:
    """Each channel less its mean over the batch, over its standard deviation there.

    out = (x - mean) / √(variance + eps) · weight + bias, with the variance's divisor n

    In training, mean and variance are the batch's own, and the running ones move towards them, in place:
    running = (1 - momentum) · running + momentum · batch's, where the variance has the divisor n - 1. Otherwise mean
    and variance are the running ones, which are constants.

    Args:
        input: (N, C, ...): Tensor, array of floats, or nested list of Values.
        running_mean: (C,), a NumPy array; or None, in training.
        running_var: likewise, both or neither.
        weight: (C,); 1 by default.
        bias: (C,); 0 by default.
        training: whether the batch's own mean and variance are taken.
        momentum: the weight of the newest batch in the running mean and variance.
        eps: what keeps a channel of equal numbers from a division by 0.

    Raises:
        ValueError: in training there is one number for each channel, which has no variance; out of training there are
            no running mean and variance.
        ShapeError: the axes do not fit.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.

    Source: S. Ioffe and C. Szegedy, "Batch normalization" (2015).

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> average, spread = np.zeros(1), np.ones(1)
        >>> F.batch_norm(Tensor([[1.0], [3.0]]), average, spread, training=True).data.round(4)
        array([[-1.],
               [ 1.]])
        >>> average, spread
        (array([0.2]), array([1.1]))
    """
    x = batch("batch_norm", input, 2)
    check_running("batch_norm", running_mean, running_var, x.shape[1], needed=not training)
    scale, shift = parameters("batch_norm", x, weight, bias, x.shape[1:2], 1)
    if not training:
        return affine(by_running(x, running_mean, running_var, eps), scale, shift)
    axes = (0, *range(2, x.ndim))
    values = check_several("batch_norm", "channel", x, axes)
    out, center, variance = standardized(x, axes, eps)
    move_running(running_mean, running_var, center, variance, values, momentum)
    return affine(out, scale, shift)


@composed
def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Numbers:
    """Each channel of each example less its mean, over its standard deviation.

    out = (x - mean) / √(variance + eps) · weight + bias, over the spatial axes

    Args:
        input: (N, C, ...) with at least one spatial axis.
        running_mean: (C,), a NumPy array that moves in place towards the mean over examples; None for no such record.
        running_var: likewise, both or neither.
        weight: (C,); 1 by default.
        bias: (C,); 0 by default.
        use_input_stats: whether mean and variance are the input's own; otherwise they are the running ones.
        momentum: the weight of the newest batch in the running mean and variance.
        eps: what keeps a channel of equal numbers from a division by 0.

    Raises:
        ValueError: there is one number for each channel of an example, which has no variance; or running mean and
            variance are needed and not given.
        ShapeError: the axes do not fit.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.

    Source: D. Ulyanov, A. Vedaldi and V. Lempitsky, "Instance normalization: the missing ingredient for fast
    stylization" (2016).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.instance_norm(Tensor([[[1.0, 3.0], [10.0, 30.0]]])).data.round(4)
        array([[[-1.,  1.],
                [-1.,  1.]]])
    """
    x = batch("instance_norm", input, 3)
    check_running("instance_norm", running_mean, running_var, x.shape[1], needed=not use_input_stats)
    scale, shift = parameters("instance_norm", x, weight, bias, x.shape[1:2], 1)
    if not use_input_stats:
        return affine(by_running(x, running_mean, running_var, eps), scale, shift)
    axes = tuple(range(2, x.ndim))
    values = check_several("instance_norm", "channel of an example", x, axes)
    out, center, variance = standardized(x, axes, eps)
    move_running(running_mean, running_var, center, variance, values if x.shape[0] else 0, momentum)
    return affine(out, scale, shift)


@composed
def layer_norm(
    input: Any, normalized_shape: int | Sequence[int], weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Numbers:
    """Each example less its mean over the last axes, over its standard deviation there.

    out = (x - mean) / √(variance + eps) · weight + bias, with the variance's divisor n

    Args:
        input: (..., *normalized_shape).
        normalized_shape: the lengths of the last axes, which mean and variance are taken over.
        weight: of the normalized shape; 1 by default.
        bias: of the normalized shape; 0 by default.
        eps: what keeps equal numbers from a division by 0.

    Raises:
        ShapeError: the axes do not fit.
        ValueError: `normalized_shape` holds no length, or what is none.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.

    Source: J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer normalization" (2016).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.layer_norm(Tensor([[1.0, 3.0], [20.0, 10.0]]), (2,)).data.round(4)
        array([[-1.,  1.],
               [ 1., -1.]])
    """
    x = numbers("layer_norm", "input", input)
    shape = trailing_shape("layer_norm", normalized_shape)
    axes = check_trailing("layer_norm", x, shape)
    scale, shift = parameters("layer_norm", x, weight, bias, shape, x.ndim - len(shape))
    return affine(standardized(x, axes, eps)[0], scale, shift)


@composed
def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Numbers:
    """Each group of channels of each example less its mean, over its standard deviation.

    out = (x - mean) / √(variance + eps) · weight + bias, over the channels of a group and the spatial axes

    Args:
        input: (N, C, ...).
        num_groups: how many groups of successive channels; it divides C.
        weight: (C,); 1 by default.
        bias: (C,); 0 by default.
        eps: what keeps equal numbers from a division by 0.

    Raises:
        ValueError: the batch holds one number for each group.
        ShapeError: the axes do not fit, or the groups do not divide the channels.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.

    Source: Y. Wu and K. He, "Group normalization" (2018).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.group_norm(Tensor([[1.0, 3.0, 10.0, 30.0]]), num_groups=2).data.round(4)
        array([[-1.,  1., -1.,  1.]])
    """
    x = batch("group_norm", input, 2)
    (groups,) = per_axis("group_norm", "num_groups", num_groups, 1, least=1)
    examples, channels = x.shape[:2]
    if channels % groups:
        raise ShapeError(f"group_norm: num_groups={groups} must divide the {channels} channels of shape {x.shape}")
    if x.size == groups:
        raise ValueError(
            f"group_norm: input of shape {x.shape} has one value for each of {groups} groups, which is its own mean; "
            f"give more values, or fewer groups"
        )
    scale, shift = parameters("group_norm", x, weight, bias, (channels,), 1)
    rows = reshape(x, (examples, groups, x.size // max(examples * groups, 1)))
    return affine(reshape(standardized(rows, (2,), eps)[0], x.shape), scale, shift)


@composed
def rms_norm(
    input: Any, normalized_shape: int | Sequence[int], weight: Any = None, eps: float | None = None
) -> Numbers:
    """Each example over the root of its mean square, taken over the last axes: `layer_norm` without the mean.

    out = x / √(mean(x²) + eps) · weight

    Args:
        input: (..., *normalized_shape).
        normalized_shape: the lengths of the last axes, which the mean is taken over.
        weight: of the normalized shape; 1 by default.
        eps: what keeps zeros from a division by 0; the distance from 1 to the next number of the input's dtype by
            default.

    Raises:
        ShapeError: the axes do not fit.
        ValueError: `normalized_shape` holds no length, or what is none.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.

    Source: B. Zhang and R. Sennrich, "Root mean square layer normalization" (2019).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.rms_norm(Tensor([1.0, 7.0]), (2,)).data.round(4)
        array([0.2, 1.4])
    """
    x = numbers("rms_norm", "input", input)
    shape = trailing_shape("rms_norm", normalized_shape)
    axes = check_trailing("rms_norm", x, shape)
    scale, _ = parameters("rms_norm", x, weight, None, shape, x.ndim - len(shape))
    least = float(np.finfo(raw(x).dtype).eps) if eps is None else eps
    wide = x.astype(np.float32) if x.dtype == np.float16 else x  # the squares of float16 overflow from 256 on
    out = wide / sqrt(mean(square(wide), axes, keepdims=True) + least)
    return affine(out if wide is x else out.astype(np.float16), scale, None)


@composed
def local_response_norm(input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Numbers:
    """Each channel over a power of the mean square of the channels around it.

    out[n, c] = x[n, c] / (k + alpha / size · Σ_j x[n, j]²)^beta, j from c - ⌊size/2⌋ to c + ⌊(size - 1)/2⌋

    Channels that do not exist count as zeros.

    Args:
        input: (N, C, ...) with at least one axis after the channels.
        size: how many channels are taken together.
        alpha: the weight of the mean square.
        beta: the exponent.
        k: what is added, positive as a rule.

    Raises:
        ValueError: the size is below 1.
        ShapeError: the input has fewer than three axes.
        DTypeError: the input holds integers or complex numbers.

    Source: A. Krizhevsky, I. Sutskever and G. E. Hinton, "ImageNet classification with deep convolutional neural
    networks" (2012).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.local_response_norm(Tensor([[[1.0], [2.0]]]), size=2, alpha=2.0, beta=1.0).data.round(4)
        array([[[0.5   ],
                [0.3333]]])
    """
    x = batch("local_response_norm", input, 3)
    (size,) = per_axis("local_response_norm", "size", size, 1, least=1)
    squares = moveaxis(square(x), 1, -1)
    padded = pad(squares, [(0, 0)] * (x.ndim - 1) + [(size // 2, (size - 1) // 2)])
    means = moveaxis(mean(windows(padded, (size,)), -1), -1, 1)
    return x / (means * float(alpha) + float(k)) ** float(beta)
