"""Optimisers: from the gradients of a pass to the next parameters, with PyTorch's names, defaults and formulas.

They work on leaf Tensors and on Values alike. A step assigns a new array to each parameter's `data`, in its own dtype,
so that a graph recorded before the step refuses its backward pass instead of giving a wrong gradient. Beside them are
schedules of the learning rate, bounds on gradients, and averages of the weights.
"""

from nn.optim.adam import Adam, AdamW, NAdam, RAdam
from nn.optim.adaptive import Adadelta, Adagrad, Adamax, RMSprop
from nn.optim.annealing import CosineAnnealingLR, CosineAnnealingWarmRestarts, OneCycleLR
from nn.optim.averaging import ExponentialMovingAverage
from nn.optim.clipping import clip_grad_norm_, clip_grad_value_
from nn.optim.optimizer import Optimizer
from nn.optim.plateau import ReduceLROnPlateau
from nn.optim.scheduler import LRScheduler
from nn.optim.schedules import (
    ConstantLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from nn.optim.sequences import ChainedScheduler, SequentialLR
from nn.optim.sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "ExponentialMovingAverage",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "NAdam",
    "OneCycleLR",
    "Optimizer",
    "PolynomialLR",
    "RAdam",
    "RMSprop",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
    "clip_grad_norm_",
    "clip_grad_value_",
]
