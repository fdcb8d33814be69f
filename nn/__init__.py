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

from nn import functional, init, optim
from nn.activations import LeakyReLU, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from nn.checkpoint import load, save
from nn.containers import ModuleList, Sequential
from nn.data import DataLoader, Split, load_digits, stratified_split
from nn.init import manual_seed
from nn.layers import Conv1d, Conv2d, Conv3d, Flatten, Linear
from nn.losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, MSELoss
from nn.module import Module, Parameter
from nn.optim import SGD, Adam, Optimizer
from nn.pooling import AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d
from nn.scalar import MLP, Layer, Neuron
from nn.summary import Summary, summarize
from nn.training import History, accuracy, evaluate, fit

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "CrossEntropyLoss",
    "DataLoader",
    "Flatten",
    "History",
    "Layer",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "Module",
    "ModuleList",
    "Neuron",
    "Optimizer",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Split",
    "Summary",
    "Tanh",
    "accuracy",
    "evaluate",
    "fit",
    "functional",
    "init",
    "load",
    "load_digits",
    "manual_seed",
    "optim",
    "save",
    "stratified_split",
    "summarize",
]
