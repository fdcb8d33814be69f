"""Mistakes in the derivatives of a network's layers: convolution, pooling, softmax, normalisation, dropout."""

# fmt: off
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograd.rule import primitive
from autograd.testing.faults.fault import Fault
from autograd.testing.faults.layers import (
    cross_entropy,
    divided_by_kernel,
    dropped,
    elementwise_layer,
    standardized,
    standardized_with_constant,
    tanh_gelu_slope,
    with_softmax,
)
from autograd.testing.faults.making import attribute, nn_function, normal, of, returned, transposed

_plausible = partial(Fault, family="networks", historical=False)
_historical = partial(Fault, family="networks", historical=True)

IMAGES, IMAGE, KERNELS = normal(2, 2, 4, 4), normal(1, 2, 5, 5), normal(2, 2, 3, 3)
ONE_IMAGE, SMALL_IMAGE, KERNEL = normal(1, 1, 6, 6), normal(1, 1, 5, 5), normal(2, 1, 3, 3)
SCORES, LABELS, ROWS = normal(4, 5), np.array([0, 3, 4, 1]), normal(4, 6)
conv2d, max_pool2d, avg_pool2d = nn_function("conv2d"), nn_function("max_pool2d"), nn_function("avg_pool2d")
softmax, layer_norm, batch_norm = nn_function("softmax"), nn_function("layer_norm"), nn_function("batch_norm")
dropout, gelu, leaky_relu = nn_function("dropout"), nn_function("gelu"), nn_function("leaky_relu")
cross_entropy_loss = nn_function("cross_entropy")


def _added_back(gradient: Any, x: Any, kernel: Any, stride: Any, dilation: Any) -> Any:
    return primitive("overlap_add").forward(gradient, shape=x.shape, kernel=kernel, stride=stride, dilation=dilation)


def _rotated(gradient: Any, x: Any, kernel: Any, stride: Any, dilation: Any) -> Any:
    axes = tuple(range(-len(kernel), 0))
    return _added_back(np.ascontiguousarray(np.flip(gradient, axes)), x, kernel, stride, dilation)


def _stride_of_one(gradient: Any, x: Any, kernel: Any, stride: Any, dilation: Any) -> Any:
    return _added_back(gradient, x, kernel, (1,) * len(stride), dilation)


def _dilation_of_one(gradient: Any, x: Any, kernel: Any, stride: Any, dilation: Any) -> Any:
    return _added_back(gradient, x, kernel, stride, (1,) * len(dilation))


def _put_back(gradient: Any, x: Any, kernel: Any, stride: Any, dilation: Any) -> Any:
    """Window by window, each overwriting what the last one has put there."""
    out = np.zeros(x.shape, x.dtype)
    axes = len(kernel)
    counts = gradient.shape[gradient.ndim - 2 * axes : gradient.ndim - axes]
    for place in np.ndindex(*counts):
        where: Any = tuple(
            slice(p * s, p * s + d * (k - 1) + 1, d) for p, s, k, d in zip(place, stride, kernel, dilation, strict=True)
        )
        part: Any = (..., *place, *(slice(None),) * axes)
        out[(..., *where)] = gradient[part]
    return out


def _last_channel_first(contribution: Any, *_: Any) -> Any:
    """The channels of the image one off: (N, C, OH, OW, KH, KW)"""
    return np.roll(contribution, 1, axis=1) if contribution.ndim == 6 else contribution


def _per_image(contribution: Any, kernels: Any, patches: Any) -> Any:
    return contribution / patches.shape[0] if patches.ndim == 6 else contribution


def _turned_windows(right: Any) -> Any:
    """The place of a window's maximum with its row and column exchanged."""

    def weight(out: Any, x: Any, axis: Any, **options: Any) -> Any:
        chosen = right(out, x, axis=axis, **options)
        square = len(axis) == 2 and x.shape[axis[0]] == x.shape[axis[1]]
        return np.swapaxes(chosen, *axis) if square else chosen

    return weight


FAULTS = [
    # ---- convolution ----------------------------------------------------------------------------------------------
    _plausible(
        "kernel_not_rotated", title="The image's gradient is made with the kernel rotated once too often.",
        story="The transpose of cross-correlation is convolution: one of the two flips its kernel, and every course "
              "has students who flip the wrong one.",
        where="windows", causes=("flip", "transpose"),
        changes=transposed("windows", 0, _rotated),
        trigger=of(lambda x, w: conv2d(x, w, padding=1), SMALL_IMAGE, KERNEL),
    ),
    _historical(
        "stride_ignored", title="Windows are put back one place apart, whatever the stride.",
        story="A Coursera notebook and enggen (#7): the stride is not multiplied in on the way back.",
        where="windows", causes=("shift", "region"),
        changes=transposed("windows", 0, _stride_of_one),
        trigger=of(lambda x, w: conv2d(x, w, stride=2), IMAGE, KERNELS),
    ),
    _plausible(
        "dilation_ignored", title="Windows are put back without their dilation.",
        story="As the stride, for the argument that fewer tests use.",
        where="windows", causes=("shift", "region", "one part"),
        changes=transposed("windows", 0, _dilation_of_one),
        trigger=of(lambda x, w: conv2d(x, w, dilation=2), IMAGE, KERNELS),
    ),
    _historical(
        "windows_overwritten", title="Where windows overlap the last one counts: `=` for `+=`.",
        story="Flux (#1197), NNlib (#205), joey (#5): pooling with overlapping windows.",
        where="windows", causes=("overwritten",),
        changes=transposed("windows", 0, _put_back),
        trigger=of(lambda x: avg_pool2d(x, 3, stride=1), ONE_IMAGE),
    ),
    _historical(
        "wrong_channel", title="The image's gradient lands one channel off.",
        story="neon (#111): the backward pass of its convolution indexed the wrong channel.",
        where="contract", causes=("shift", "flip"),
        changes=returned("contract", 1, _last_channel_first),
        trigger=of(lambda x, w: conv2d(x, w), IMAGE, KERNELS),
    ),
    _historical(
        "kernel_gradient_averaged", title="The kernel's gradient is divided by the number of images.",
        story="cTensor (#3) divided the weight's gradient by the batch, which is the loss's business.",
        where="contract", causes=("factor", "half"),
        changes=returned("contract", 0, _per_image), trigger=of(lambda x, w: conv2d(x, w), IMAGES, KERNELS),
    ),
    # ---- pooling --------------------------------------------------------------------------------------------------
    _historical(
        "pool_rows_for_columns", title="The place of a window's maximum has its row and column exchanged.",
        story="HIPS autograd (#245): max pooling reshaped along the wrong axes, with the right shape.",
        where="max", causes=("transpose", "region", "shift"),
        changes=attribute("max", "weight", _turned_windows), trigger=of(lambda x: max_pool2d(x, 2), ONE_IMAGE),
    ),
    _historical(
        "average_over_padding", title="Average pooling divides the gradient by the window's size, padding included.",
        story="burn (#5604), ONNX Runtime (#16203) and others had the divisor wrong where padding does not count.",
        where="average", causes=("region", "some elements", "factor", "one part"),
        changes=divided_by_kernel,
        trigger=of(lambda x: avg_pool2d(x, 2, padding=1, count_include_pad=False), ONE_IMAGE),
    ),
    # ---- softmax and its loss -------------------------------------------------------------------------------------
    _plausible(
        "softmax_without_cross_terms", title="The gradient of softmax is g·p·(1 − p): only the Jacobian's diagonal.",
        story="The rule of the sigmoid, carried over. With a uniform upstream gradient the right answer is 0, and a "
              "test that sums the outputs sees little.",
        where="softmax", causes=("diagonal",),
        changes=with_softmax(lambda g, p, axis: g * p * (1.0 - p)),
        trigger=of(lambda x: softmax(x, dim=1), SCORES),
    ),
    _plausible(
        "softmax_over_last_axis", title="The gradient of softmax sums over the last axis, whichever was asked for.",
        story="`axis=-1` written into the backward pass of a function that takes `dim`.",
        where="softmax", causes=("mean term", "summed too much"),
        changes=with_softmax(lambda g, p, axis: p * (g - (g * p).sum(axis=-1, keepdims=True))),
        trigger=of(lambda x: softmax(x, dim=0), SCORES),
    ),
    _plausible(
        "cross_entropy_not_averaged", title="The gradient of the mean cross-entropy is that of the sum.",
        story="p − y is what everyone remembers; the 1/N belongs to the mean.",
        where="cross_entropy", causes=("factor",),
        changes=cross_entropy(lambda p, hot: p - hot),
        trigger=of(lambda x: cross_entropy_loss(x, LABELS), SCORES),
    ),
    _plausible(
        "cross_entropy_without_label", title="The gradient of cross-entropy is p/N: the label is not taken off.",
        story="The line `dscores[range(N), y] -= 1`, left out.",
        where="cross_entropy", causes=("region", "some elements", "offset"),
        changes=cross_entropy(lambda p, hot: p / len(p)),
        trigger=of(lambda x: cross_entropy_loss(x, LABELS), SCORES),
    ),
    # ---- normalisation --------------------------------------------------------------------------------------------
    _plausible(
        "batch_norm_mean_term", title="Batch normalisation's gradient lacks the term of the mean.",
        story="The mean is taken for a constant. A uniform upstream gradient hides it: the rows of the Jacobian sum "
              "to 0.",
        where="standardize", causes=("mean term",),
        changes=standardized(lambda g, y, s, axes: (g - y * (g * y).mean(axes, keepdims=True)) / s),
        trigger=of(lambda x: batch_norm(x, None, None, training=True), ROWS),
    ),
    _plausible(
        "batch_norm_variance_term", title="Batch normalisation's gradient lacks the term of the variance.",
        story="The standard deviation is taken for a constant, as it is in evaluation.",
        where="standardize", causes=("mean term",),
        changes=standardized(lambda g, y, s, axes: (g - g.mean(axes, keepdims=True)) / s),
        trigger=of(lambda x: batch_norm(x, None, None, training=True), ROWS),
    ),
    _plausible(
        "layer_norm_detached", title="Layer normalisation divides by a standard deviation that is cut off the graph.",
        story="A `.detach()` or `.data` where the statistic is taken, often for the running average beside it.",
        where="detach", causes=("mean term",),
        changes=standardized_with_constant, trigger=of(lambda x: layer_norm(x, 6), ROWS),
    ),
    _plausible(
        "layer_norm_eps_twice", title="Layer normalisation's gradient divides by √(variance + eps) + eps.",
        story="eps inside the root and outside of it: two conventions in one function, five digits apart.",
        where="standardize", causes=("factor", "approximation"),
        changes=standardized(lambda g, y, s, axes: (
            g - g.mean(axes, keepdims=True) - y * (g * y).mean(axes, keepdims=True)) / (s + 1e-5)),
        trigger=of(lambda x: layer_norm(x, 6), ROWS),
    ),
    # ---- activations and dropout ----------------------------------------------------------------------------------
    _plausible(
        "dropout_mask_redrawn", title="The backward pass of dropout draws a mask of its own.",
        story="The mask is not kept, since \"it is random anyway\".",
        where="dropout", causes=("second backward", "memory layout", "zero for zero"),
        changes=dropped(lambda g, mask, again: g * again()),
        trigger=of(lambda x: dropout(x, 0.5, rng=np.random.default_rng(0)), ROWS),
    ),
    _plausible(
        "dropout_not_scaled", title="The backward pass of dropout forgets the factor 1/(1 − p).",
        story="Masked, and not scaled as the forward pass scales.",
        where="dropout", causes=("half", "factor"),
        changes=dropped(lambda g, mask, again: g * (mask > 0)),
        trigger=of(lambda x: dropout(x, 0.5, rng=np.random.default_rng(0)), ROWS),
    ),
    _plausible(
        "leaky_relu_does_not_leak", title="The gradient of leaky relu is that of relu.",
        story="The slope is an argument of the forward pass alone.",
        where="leaky_relu", causes=("region", "some elements"),
        changes=elementwise_layer("leaky_relu", lambda x: 1.0 * (x > 0)),
        trigger=of(lambda x: leaky_relu(x, 0.1), ROWS),
    ),
    _plausible(
        "gelu_by_tanh", title="gelu by erf has the derivative of its approximation by tanh.",
        story="Two functions of one name, a thousandth apart.",
        where="gelu", causes=("approximation",),
        changes=elementwise_layer("gelu", tanh_gelu_slope), trigger=of(lambda x: gelu(x), ROWS),
    ),
    _historical(
        "zero_taken_for_padding", title="A window whose maximum is 0 hands its gradient to the padding.",
        story="PyTorch (#33384, #41294) and MXNet (#2753) had max pooling padded by 0 where −∞ is meant.",
        where="max", causes=("zero", "kink", "some elements", "region", "one element"),
        changes=attribute("max", "weight", lambda right: lambda out, x, axis, **options: (
            right(out, x, axis=axis, **options) & (getattr(out, "_data", out) != 0))),
        trigger=of(lambda x: max_pool2d(x, 2, padding=1), ONE_IMAGE),
    ),
]
