"""Convolution, pooling, activations and losses as functions, with the names and defaults of `torch.nn.functional`.

Every function is composed of autograd's primitives; none has a derivative of its own. All take Tensors, arrays of
floats, and nested lists or object arrays of Values: one image can be one Tensor, or one Value for each pixel, with the
same numbers.
"""

from nn.functional.activations import bilinear, leaky_relu, linear, log_softmax, relu, sigmoid, softmax, softmin, tanh
from nn.functional.adaptive_pool import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
)
from nn.functional.attention import scaled_dot_product_attention
from nn.functional.avg_pool import avg_pool1d, avg_pool2d, avg_pool3d
from nn.functional.bounded import hardshrink, hardsigmoid, hardtanh, relu6, softshrink, softsign, tanhshrink
from nn.functional.conv import conv1d, conv2d, conv3d
from nn.functional.conv_transpose import conv_transpose1d, conv_transpose2d, conv_transpose3d
from nn.functional.distances import cosine_similarity, normalize, pairwise_distance
from nn.functional.embedding_bags import embedding_bag
from nn.functional.embeddings import embedding, one_hot
from nn.functional.gates import gelu, glu, hardswish, mish, silu
from nn.functional.global_pool import global_avg_pool, global_max_pool
from nn.functional.interpolation import interpolate
from nn.functional.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_embedding_loss,
    cross_entropy,
    focal_loss,
    gaussian_nll_loss,
    hinge_embedding_loss,
    hinge_loss,
    huber_loss,
    kl_div,
    l1_loss,
    margin_ranking_loss,
    mse_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    nll_loss,
    poisson_nll_loss,
    smooth_l1_loss,
    soft_margin_loss,
    softmax_focal_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from nn.functional.lp_pool import lp_pool1d, lp_pool2d, lp_pool3d
from nn.functional.max_pool import max_pool1d, max_pool2d, max_pool3d
from nn.functional.normalization import batch_norm, group_norm, instance_norm, layer_norm, local_response_norm, rms_norm
from nn.functional.padding import pad
from nn.functional.patches import fold, unfold
from nn.functional.rectifiers import celu, elu, logsigmoid, prelu, rrelu, selu, softplus, threshold
from nn.functional.recurrent import gru_cell, lstm_cell, rnn_relu_cell, rnn_tanh_cell
from nn.functional.regularization import alpha_dropout, dropout, dropout1d, dropout2d, dropout3d, feature_alpha_dropout
from nn.functional.shuffle import channel_shuffle, pixel_shuffle, pixel_unshuffle
from nn.functional.unpool import max_unpool1d, max_unpool2d, max_unpool3d

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "channel_shuffle",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "embedding",
    "embedding_bag",
    "feature_alpha_dropout",
    "focal_loss",
    "fold",
    "gaussian_nll_loss",
    "gelu",
    "global_avg_pool",
    "global_max_pool",
    "glu",
    "group_norm",
    "gru_cell",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hinge_embedding_loss",
    "hinge_loss",
    "huber_loss",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "lstm_cell",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "mish",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "pixel_shuffle",
    "pixel_unshuffle",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "rms_norm",
    "rnn_relu_cell",
    "rnn_tanh_cell",
    "rrelu",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmax_focal_loss",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "unfold",
]
