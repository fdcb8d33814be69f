"""Neural networks on autograd: layers, optimisers, data, a training loop, and micrograd's perceptron of scalars."""

# ruff: noqa: E402 - first see whether another package hides gradwalk's `autograd`
try:
    from autograd._environment import require_own_autograd
except ModuleNotFoundError as error:
    if error.name != "autograd._environment":
        raise
    raise ImportError(
        "`import autograd` found another package in place of gradwalk's, as HIPS autograd installs one. Remedy: `pip "
        "uninstall autograd`, then install gradwalk again as before, with `pip install --force-reinstall --no-deps`."
    ) from error

require_own_autograd()

from nn import data, functional, init, layers, optim, saving, training
from nn.checking import GradientReport, check_gradients
from nn.containers import ModuleDict, ModuleList, Sequential
from nn.data import *
from nn.functional_call import functional_call
from nn.init import manual_seed
from nn.layers import *
from nn.module import Module, Parameter
from nn.optim import *
from nn.saving import *
from nn.scalar import MLP, Layer, Neuron
from nn.summary import Summary, summarize
from nn.training import *

__all__ = [
    "GradientReport",
    "MLP",
    "Layer",
    "Module",
    "ModuleDict",
    "ModuleList",
    "Neuron",
    "Parameter",
    "Sequential",
    "Summary",
    "check_gradients",
    "functional",
    "functional_call",
    "init",
    "manual_seed",
    "optim",
    "summarize",
]
__all__ += data.__all__
__all__ += layers.__all__
__all__ += optim.__all__
__all__ += saving.__all__
__all__ += training.__all__
