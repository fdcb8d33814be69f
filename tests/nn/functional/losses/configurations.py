"""Every loss with its draws of configurations: all options, ties and kinks, empty batches, weights of 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.nn.functional.losses.loss_draws import (
    GRID,
    Array,
    LossTest,
    Rng,
    Setup,
    a_shape,
    broadcasting,
    maybe,
    positive,
    probabilities,
    reduction,
    signs,
    some,
    split,
)
from tests.nn.oracle import torch

# ---- numbers ------------------------------------------------------------------------------------------------------


def errors(rng: Rng) -> Setup:
    """mse_loss and l1_loss."""
    shape = a_shape(rng)
    operands, constants = split(rng, some(rng, shape), some(rng, shape))
    return Setup(operands, constants, reduction(rng), maybe(rng, weight=lambda: positive(rng, shape)))


def smooth_l1(rng: Rng) -> Setup:
    shape = a_shape(rng)
    options = reduction(rng) | maybe(rng, beta=float(rng.choice([0.0, 0.5, 1.0, 2.5])))
    return Setup(*split(rng, some(rng, shape), some(rng, shape)), options)


def huber(rng: Rng) -> Setup:
    shape = a_shape(rng)
    options = reduction(rng) | maybe(rng, delta=float(rng.choice([0.5, 1.0, 2.5])))
    operands, constants = split(rng, some(rng, shape), some(rng, shape))
    return Setup(operands, constants, options, maybe(rng, weight=lambda: positive(rng, shape)))


def divergence(rng: Rng) -> Setup:
    shape = a_shape(rng)
    log_target = bool(rng.integers(2))
    target = some(rng, shape) if log_target else positive(rng, shape)
    options = reduction(rng) | {"log_target": log_target}
    if shape and rng.random() < 0.3:
        options["reduction"] = "batchmean"
    return Setup(*split(rng, some(rng, shape), target), options)


def poisson(rng: Rng) -> Setup:
    shape = a_shape(rng)
    options = reduction(rng) | maybe(rng, full=True, eps=0.01)
    log_input = bool(rng.integers(2))
    input = some(rng, shape) if log_input else positive(rng, shape)
    target = np.asarray(rng.choice([0.5, 1.0, 1.5, 4.0], size=shape))
    return Setup(*split(rng, input, target), options | {"log_input": log_input})


def gaussian(rng: Rng) -> Setup:
    shape = a_shape(rng)
    variance_shape = shape
    if len(shape) > 1 and 0 not in shape and rng.random() < 0.6:
        shared = int(rng.integers(len(shape)))
        ones = tuple(1 if axis == shared else length for axis, length in enumerate(shape))
        variance_shape = shape[:-1] if rng.random() < 0.5 else ones
    variance = np.asarray(rng.choice([0.0, 0.1, 0.5, 2.0], size=variance_shape))
    options = reduction(rng) | maybe(rng, full=True, eps=0.25)
    if variance.min(initial=1.0) == 0.0:
        options["eps"] = 0.25  # with 1e-6 the numbers are too large to add up to anything in float32
    return Setup(*split(rng, some(rng, shape), some(rng, shape), variance), options)


# ---- yes or no ----------------------------------------------------------------------------------------------------


def binary(rng: Rng) -> Setup:
    shape = a_shape(rng)
    options = reduction(rng) | maybe(rng, weight=lambda: broadcasting(rng, shape))
    target = np.asarray(rng.choice([0.0, 0.3, 1.0], size=shape))
    return Setup(*split(rng, probabilities(rng, shape), target), options)


def binary_logits(rng: Rng) -> Setup:
    shape = a_shape(rng)
    options = reduction(rng) | maybe(
        rng, weight=lambda: broadcasting(rng, shape), pos_weight=lambda: broadcasting(rng, shape)
    )
    target = np.asarray(rng.choice([0.0, 0.3, 1.0], size=shape))
    return Setup(*split(rng, 3.0 * some(rng, shape), target), options)


def focal(rng: Rng) -> Setup:
    shape = a_shape(rng)
    options = reduction(rng) | maybe(rng, alpha=float(rng.choice([-1.0, 0.0, 0.7])), gamma=float(rng.choice(GRID[3:])))
    target = np.asarray(rng.choice([0.0, 0.3, 1.0], size=shape))
    return Setup(*split(rng, some(rng, shape), target), options)


def torchvision_focal(x: Any, t: Any, alpha: float = 0.25, gamma: float = 2.0, reduction: str = "mean") -> Any:
    p = torch.sigmoid(x)
    p_t = p * t + (1 - p) * (1 - t)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(x, t, reduction="none") * (1 - p_t) ** gamma
    if alpha >= 0:
        loss = (alpha * t + (1 - alpha) * (1 - t)) * loss
    return torch_reduced(loss, reduction)


def torch_reduced(loss: Any, reduction: str) -> Any:
    return loss if reduction == "none" else getattr(loss, reduction)()


def soft_margin(rng: Rng) -> Setup:
    shape = a_shape(rng)
    return Setup([some(rng, shape)], [signs(rng, shape)], reduction(rng))


def multilabel_soft(rng: Rng) -> Setup:
    shape = a_shape(rng) or (3,)
    options = reduction(rng) | maybe(rng, weight=lambda: positive(rng, shape[-1:]))
    return Setup(*split(rng, some(rng, shape), probabilities(rng, shape)), options)


# ---- classes ------------------------------------------------------------------------------------------------------


def scores(rng: Rng) -> tuple[Array, Array]:
    """Scores (C,), (N, C) or (N, C, d1, ...), and labels of them."""
    classes = int(rng.integers(1, 5))
    shapes: list[Any] = [(classes,), (3, classes), (0, classes), (2, classes, 3), (2, classes, 2, 1), (1, classes, 0)]
    shape = shapes[rng.integers(len(shapes))]
    without = shape[:0] if len(shape) == 1 else shape[:1] + shape[2:]
    return some(rng, shape), np.asarray(rng.integers(classes, size=without))


def label_options(rng: Rng, x: Array, labels: Array) -> tuple[Array, dict[str, Any]]:
    """Labels of which some or all may be ignored, by the usual number or by that of a class."""
    classes = x.shape[min(1, x.ndim - 1)]
    options = maybe(rng, weight=lambda: positive(rng, (classes,)))
    kind = rng.random()
    if kind < 0.4:
        ignored = -100 if rng.random() < 0.5 else int(rng.choice([-1, classes, 255]))
        if ignored != -100:
            options["ignore_index"] = ignored
        labels = np.where(rng.random(labels.shape) < (1.0 if kind < 0.05 else 0.4), ignored, labels)
    elif kind < 0.6:
        options["ignore_index"] = int(rng.integers(classes))
    return np.asarray(labels), options


def nothing_counts(labels: Array, options: dict[str, Any]) -> bool:
    return bool(options["reduction"] == "mean" and np.all(labels == options.get("ignore_index", -100)))


def negative_log_likelihood(rng: Rng) -> Setup:
    x, labels = scores(rng)
    labels, options = label_options(rng, x, labels)
    options |= reduction(rng)
    return Setup([x], [labels], options, second=not nothing_counts(labels, options))


def cross_entropy_labels(rng: Rng) -> Setup:
    x, labels = scores(rng)
    labels, options = label_options(rng, x, labels)
    options |= reduction(rng) | maybe(rng, label_smoothing=float(rng.choice([0.0, 0.1, 1.0])))
    return Setup([x], [labels], options, second=not nothing_counts(labels, options))


def cross_entropy_probabilities(rng: Rng) -> Setup:
    x, _ = scores(rng)
    p = np.asarray(rng.choice([0.0, 0.2, 0.7, 1.0], size=x.shape))
    classes = x.shape[min(1, x.ndim - 1)]
    options = reduction(rng) | maybe(rng, weight=lambda: positive(rng, (classes,)), label_smoothing=0.1)
    return Setup(*split(rng, x, p), options)


def softmax_focal(rng: Rng) -> Setup:
    x, labels = scores(rng)
    labels, options = label_options(rng, x, labels)
    options |= reduction(rng) | maybe(rng, gamma=float(rng.choice([0.0, 1.0, 1.5, 3.0])))
    if x.shape[min(1, x.ndim - 1)] == 1:
        options["gamma"] = 2.0  # of one class 1 - p is 0, whose powers 1 and 1.5 have a corner there
    return Setup([x], [labels], options, second=not nothing_counts(labels, options))


def torch_softmax_focal(
    x: Any, labels: Any, weight: Any = None, gamma: float = 2.0, ignore_index: int = -100, reduction: str = "mean"
) -> Any:
    nll = torch.nn.functional.cross_entropy(x, labels, ignore_index=ignore_index, reduction="none")
    loss = (1 - torch.exp(-nll)) ** gamma * nll
    kept = (labels != ignore_index).to(x.dtype)
    w = kept if weight is None else kept * weight[torch.where(labels == ignore_index, 0, labels)]
    return (w * loss).sum() / w.sum() if reduction == "mean" else torch_reduced(w * loss, reduction)


# ---- margins ------------------------------------------------------------------------------------------------------


def hinge(rng: Rng) -> Setup:
    shape = a_shape(rng)
    return Setup(*split(rng, some(rng, shape), signs(rng, shape)), reduction(rng) | maybe(rng, p=2))


def torch_hinge(x: Any, t: Any, p: int = 1, reduction: str = "mean") -> Any:
    return torch_reduced(torch.clamp_min(1 - t * x, 0) ** p, reduction)


def hinge_embedding(rng: Rng) -> Setup:
    shape = a_shape(rng)
    options = reduction(rng) | maybe(rng, margin=float(rng.choice([-0.5, 0.0, 2.0])))
    return Setup([some(rng, shape)], [signs(rng, shape)], options)


def ranking(rng: Rng) -> Setup:
    shape = a_shape(rng)
    options = reduction(rng) | maybe(rng, margin=float(rng.choice([-0.5, 0.5, 1.0])))
    return Setup(*split(rng, some(rng, shape), some(rng, shape), signs(rng, shape)), options)


def class_margin(rng: Rng) -> Setup:
    """multi_margin_loss. PyTorch has no second derivatives of it."""
    x, labels = class_rows(rng)
    options = reduction(rng) | maybe(
        rng, p=2, margin=float(rng.choice([-0.5, 0.5, 2.0])), weight=lambda: positive(rng, x.shape[-1:])
    )
    return Setup([x], [labels], options, second=False)


def class_rows(rng: Rng) -> tuple[Array, Array]:
    classes = int(rng.integers(1, 5))
    batch: tuple[int, ...] = () if rng.random() < 0.3 else (int(rng.integers(1, 4)),)
    return some(rng, (*batch, classes)), np.asarray(rng.integers(classes, size=batch))


def torch_multi_margin(
    x: Any, labels: Any, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean"
) -> Any:
    """The formula in PyTorch, which has its second derivatives."""
    right = torch.nn.functional.one_hot(labels, x.shape[-1]).to(x.dtype)
    behind = torch.relu(margin - (x * right).sum(-1, keepdim=True) + x) ** p * (1 - right)
    loss = behind.mean(-1)
    return torch_reduced(loss if weight is None else loss * weight[labels], reduction)


def class_margin_twice(rng: Rng) -> Setup:
    drawn = class_margin(rng)
    return drawn._replace(second=True)


def several_classes(rng: Rng) -> Setup:
    """multilabel_margin_loss. PyTorch has no second derivatives of it; they are 0, as those of any hinge."""
    x, _ = class_rows(rng)
    labels = rng.integers(-1, x.shape[-1], size=x.shape)
    return Setup([x], [labels], reduction(rng), second=False)


# ---- vectors ------------------------------------------------------------------------------------------------------


def triplet(rng: Rng) -> Setup:
    options = triplet_options(rng) | maybe(rng, p=float(rng.choice([1.0, 1.5, 3.0, np.inf])), eps=0.01)
    ties = options.get("p") != np.inf and rng.random() < 0.5  # where PyTorch divides the derivative of p=inf
    return Setup(*split(rng, *triple(rng, ties)), options, single=not ties)


def triplet_with_distance(rng: Rng) -> Setup:
    ties = bool(rng.integers(2))
    options = triplet_options(rng) | maybe(rng, distance_function=lambda: squared_distance)
    return Setup(*split(rng, *triple(rng, ties)), options, single=not ties)


def triplet_options(rng: Rng) -> dict[str, Any]:
    return reduction(rng) | maybe(rng, margin=float(rng.choice([0.5, 3.0])), swap=True)


def triple(rng: Rng, ties: bool) -> list[Array]:
    """Three arrays of vectors. Where they tie, distances differ by eps or not at all: too little for float32."""
    shapes: list[tuple[int, ...]] = [(3,), (4, 2), (0, 2), (2, 3, 2), (1, 3)]
    shape = shapes[rng.integers(len(shapes))]
    return [rng.choice(GRID, size=shape) if ties else rng.normal(size=shape) for _ in range(3)]


def squared_distance(x1: Any, x2: Any) -> Any:
    difference = x1 - x2
    return (difference * difference).sum(-1)


def cosine(rng: Rng) -> Setup:
    lead: tuple[int, ...] = () if rng.random() < 0.3 else (int(rng.integers(0, 4)),)
    shape = (*lead, int(rng.integers(2, 4)))
    x1, x2 = rng.normal(size=shape), rng.normal(size=shape)
    options = reduction(rng) | maybe(rng, margin=float(rng.choice([-0.5, 0.5])))
    return Setup([x1, x2], [signs(rng, lead)], options)


LOSSES = [
    LossTest("mse_loss", "MSELoss", errors),
    LossTest("l1_loss", "L1Loss", errors),
    LossTest("smooth_l1_loss", "SmoothL1Loss", smooth_l1),
    LossTest("huber_loss", "HuberLoss", huber),
    LossTest("kl_div", "KLDivLoss", divergence),
    LossTest("poisson_nll_loss", "PoissonNLLLoss", poisson),
    LossTest("gaussian_nll_loss", "GaussianNLLLoss", gaussian),
    LossTest("binary_cross_entropy", "BCELoss", binary),
    LossTest("binary_cross_entropy_with_logits", "BCEWithLogitsLoss", binary_logits),
    LossTest("focal_loss", "FocalLoss", focal, torchvision_focal),
    LossTest("soft_margin_loss", "SoftMarginLoss", soft_margin),
    LossTest("multilabel_soft_margin_loss", "MultiLabelSoftMarginLoss", multilabel_soft),
    LossTest("nll_loss", "NLLLoss", negative_log_likelihood),
    LossTest("cross_entropy", "CrossEntropyLoss", cross_entropy_labels),
    LossTest("cross_entropy", "CrossEntropyLoss", cross_entropy_probabilities),
    LossTest("softmax_focal_loss", "SoftmaxFocalLoss", softmax_focal, torch_softmax_focal),
    LossTest("hinge_loss", "HingeLoss", hinge, torch_hinge),
    LossTest("hinge_embedding_loss", "HingeEmbeddingLoss", hinge_embedding),
    LossTest("margin_ranking_loss", "MarginRankingLoss", ranking),
    LossTest("multi_margin_loss", "MultiMarginLoss", class_margin),
    LossTest("multi_margin_loss", "MultiMarginLoss", class_margin_twice, torch_multi_margin),
    LossTest("multilabel_margin_loss", "MultiLabelMarginLoss", several_classes),
    LossTest("triplet_margin_loss", "TripletMarginLoss", triplet),
    LossTest("triplet_margin_with_distance_loss", "TripletMarginWithDistanceLoss", triplet_with_distance),
    LossTest("cosine_embedding_loss", "CosineEmbeddingLoss", cosine),
]
NAMES = [f"{loss.function}-{loss.draw.__name__}" for loss in LOSSES]
