"""Losses: how far a prediction is from its target, in one number. None has a backward of its own.

By what is predicted: numbers (`regression`), distributions (`likelihood`), yes or no (`binary`), one class of several
(`classes`), a lead (`margins`), vectors (`embedding`).
"""

from nn.functional.losses.binary import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    focal_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
)
from nn.functional.losses.classes import cross_entropy, nll_loss, softmax_focal_loss
from nn.functional.losses.embedding import (
    cosine_embedding_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from nn.functional.losses.likelihood import gaussian_nll_loss, kl_div, poisson_nll_loss
from nn.functional.losses.margins import (
    hinge_embedding_loss,
    hinge_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
)
from nn.functional.losses.regression import huber_loss, l1_loss, mse_loss, smooth_l1_loss

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cosine_embedding_loss",
    "cross_entropy",
    "focal_loss",
    "gaussian_nll_loss",
    "hinge_embedding_loss",
    "hinge_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "margin_ranking_loss",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax_focal_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]
