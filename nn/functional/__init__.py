"""Convolution, pooling, activations and losses as functions, with the names and defaults of `torch.nn.functional`.

Every function is composed of autograd's primitives; none has a derivative of its own. All take Tensors, arrays of
floats, and nested lists or object arrays of Values: one image can be one Tensor, or one Value for each pixel, with the
same numbers.
"""

from nn.functional.activations import leaky_relu, linear, log_softmax, relu, sigmoid, softmax, tanh
from nn.functional.conv import conv1d, conv2d, conv3d
from nn.functional.losses import binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, mse_loss
from nn.functional.pool import avg_pool1d, avg_pool2d, avg_pool3d, max_pool1d, max_pool2d, max_pool3d

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "conv1d",
    "conv2d",
    "conv3d",
    "cross_entropy",
    "leaky_relu",
    "linear",
    "log_softmax",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "mse_loss",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
