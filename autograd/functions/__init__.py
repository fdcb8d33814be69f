"""The functions of arrays, by their NumPy names: of Tensors, arrays, nested lists, and object arrays of Values.

Each is a primitive with its arguments put in standard form, or is composed of primitives. None has a derivative rule.
"""

from autograd.functions import linalg
from autograd.functions.arrange import repeat, roll, split, tile
from autograd.functions.cumulative import cumprod, cumsum
from autograd.functions.matrix import diag, diagonal, dot, outer, tensordot, trace, tril, triu
from autograd.functions.norms import norm
from autograd.functions.order import argsort, gather, scatter, scatter_add, sort, take_along_axis
from autograd.functions.parts import clip, concatenate, getitem, pad, stack, where, windows
from autograd.functions.products import einsum, matmul
from autograd.functions.reduce import argmax, argmin, logsumexp, max, mean, min, prod, std, sum, var
from autograd.functions.rounding import nan_to_num, round
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
    "argsort",
    "broadcast_to",
    "clip",
    "concatenate",
    "cumprod",
    "cumsum",
    "diag",
    "diagonal",
    "dot",
    "einsum",
    "expand_dims",
    "flip",
    "gather",
    "getitem",
    "linalg",
    "logsumexp",
    "matmul",
    "max",
    "mean",
    "min",
    "moveaxis",
    "nan_to_num",
    "norm",
    "outer",
    "pad",
    "prod",
    "ravel",
    "repeat",
    "reshape",
    "roll",
    "round",
    "scatter",
    "scatter_add",
    "sort",
    "split",
    "squeeze",
    "stack",
    "std",
    "sum",
    "swapaxes",
    "take_along_axis",
    "tensordot",
    "tile",
    "trace",
    "transpose",
    "tril",
    "triu",
    "var",
    "where",
    "windows",
]
