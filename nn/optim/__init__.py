"""Optimisers: from the gradients of a pass to the next parameters, with PyTorch's names, defaults and formulas.

They work on leaf Tensors and on Values alike. A step assigns a new array to each parameter's `data`, in its own dtype,
so that a graph recorded before the step refuses its backward pass instead of giving a wrong gradient.
"""

from nn.optim.adam import Adam
from nn.optim.optimizer import Optimizer
from nn.optim.sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer"]
