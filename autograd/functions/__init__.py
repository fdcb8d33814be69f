"""The functions of arrays, by their NumPy names: of Tensors, arrays, nested lists, and object arrays of Values.

Each is a primitive with its arguments put in standard form, or is composed of primitives. None has a derivative rule.
"""

from autograd.functions.parts import clip, concatenate, getitem, pad, stack, where, windows
from autograd.functions.products import einsum, matmul
from autograd.functions.reduce import argmax, argmin, logsumexp, max, mean, min, prod, std, sum, var
from autograd.functions.shape import (
    broadcast_to,
    expand_dims,
    flip,
    moveaxis,
    ravel,
    reshape,
    squeeze,
    swapaxes,
    transpose,
)

__all__ = [
    "argmax",
    "argmin",
    "broadcast_to",
    "clip",
    "concatenate",
    "einsum",
    "expand_dims",
    "flip",
    "getitem",
    "logsumexp",
    "matmul",
    "max",
    "mean",
    "min",
    "moveaxis",
    "pad",
    "prod",
    "ravel",
    "reshape",
    "squeeze",
    "stack",
    "std",
    "sum",
    "swapaxes",
    "transpose",
    "var",
    "where",
    "windows",
]
