"""Scaled dot-product attention: a product, a softmax and a product. It has no backward of its own."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd import DTypeError, ShapeError, Tensor, broadcast_to, composed, matmul, pad, reshape, swapaxes, where
from autograd.functions.arguments import raw
from nn.functional.activations import softmax
from nn.functional.arguments import Numbers, check_one_kind, numbers
from nn.functional.regularization import check_probability, dropout


@composed
def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
    rng: np.random.Generator | None = None,
) -> Numbers:
    """For each query, the mean of the values, weighted by how well their keys agree with the query.

    out_l = Σ_s w_ls · value_s, with w_l = softmax_s(scale · query_l · key_s + mask_ls)

    Args:
        query: (..., L, E): Tensor, array of floats, or nested list of Values.
        key: (..., S, E).
        value: (..., S, V). The leading axes of the three, as batch and heads, broadcast.
        attn_mask: broadcasts to (..., L, S). Booleans: True where a query may look at a key, False where its weight is
            0. Numbers, which may need a gradient: added to the scaled products.
        dropout_p: the probability by which each weight is set to 0, the others divided by 1 - dropout_p. It holds
            whether or not a module is training.
        is_causal: whether query l looks at the keys 0 to l only.
        scale: 1/√E by default.
        enable_gqa: whether there may be fewer heads of keys and values than of queries, each for a group of adjoining
            queries' heads; the heads are the last axis but two.
        rng: the generator of the dropout; the default one of `nn.manual_seed` otherwise.

    Returns:
        (..., L, V). A query that may look at no key gets 0, as in PyTorch, and hands on no gradient.

    Raises:
        ShapeError: the axes do not fit, the mask does not broadcast, or the heads of keys do not divide those of
            queries.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.
        ValueError: both a mask and `is_causal` are given, or dropout_p is not from 0 to 1.

    Source: A. Vaswani et al., "Attention is all you need" (2017); J. Ainslie et al. (2023) for `enable_gqa`.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> query = Tensor([[1000.0, 0.0], [0.0, 0.0]])
        >>> key, value = Tensor([[1.0, 0.0], [0.0, 1.0]]), Tensor([[1.0], [3.0]])
        >>> F.scaled_dot_product_attention(query, key, value).data
        array([[1.],
               [2.]])
    """
    function = "scaled_dot_product_attention"
    q, k, v = numbers(function, "query", query), numbers(function, "key", key), numbers(function, "value", value)
    if is_causal and attn_mask is not None:
        raise ValueError(f"{function}: attn_mask and is_causal=True are both given; put the causal mask into attn_mask")
    if enable_gqa:
        k, v = _for_every_head(function, q, k), _for_every_head(function, q, v)
    _check_shapes(function, q, k, v)
    mask = Mask(causal(q, k)) if is_causal else read_mask(function, "attn_mask", attn_mask, q.dtype)
    return attend(function, q, k, v, mask, dropout_p, scale, rng)[0]


class Mask(NamedTuple):
    """Where a query may look: by booleans, and by what is added to the scaled products. None leaves all open."""

    allowed: Any = None
    added: Numbers | None = None

    def with_open_key(self) -> Mask:
        """The mask with one more key, at the end, at which every query may look."""
        allowed = None if self.allowed is None else np.pad(self.allowed, _at_end(self.allowed), constant_values=True)
        return Mask(allowed, None if self.added is None else pad(self.added, _at_end(self.added)))


def _at_end(x: Numbers) -> list[tuple[int, int]]:
    return [(0, 0)] * (x.ndim - 1) + [(0, 1)]


def read_mask(function: str, argument: str, mask: Any, dtype: Any) -> Mask:
    """A mask of booleans or of numbers. Constants take the dtype of what they are added to.

    Raises:
        DTypeError: the mask holds integers, which might mean either.
    """
    if mask is None:
        return Mask()
    array = mask if isinstance(mask, Tensor) else np.asanyarray(mask)
    if array.dtype == bool:
        return Mask(allowed=array)
    if array.dtype.kind in "iu":
        raise DTypeError(
            f"{function}: {argument} holds integers; give booleans, as with .astype(bool), or floats to be added"
        )
    added = numbers(function, argument, mask)
    return Mask(added=added if object in (added.dtype, dtype) or added.dtype == dtype else added.astype(dtype))


def causal(query: Numbers, key: Numbers) -> Any:
    """Where query l may look: at the keys 0 to l."""
    return np.tri(query.shape[-2], key.shape[-2], dtype=bool)


def attend(
    function: str,
    query: Numbers,
    key: Numbers,
    value: Numbers,
    mask: Mask,
    dropout_p: float = 0.0,
    scale: float | None = None,
    rng: np.random.Generator | None = None,
) -> tuple[Numbers, Numbers]:
    """The attention's output, and the weights (..., L, S) that it has after dropout, for arguments whose axes fit."""
    check_one_kind(function, query=query, key=key, value=value, attn_mask=mask.added)
    if scale is None:
        scale = 1.0 / math.sqrt(max(query.shape[-1], 1))
    scores = matmul(query, swapaxes(key, -1, -2)) * float(scale)  # (..., L, S)
    for part in mask:
        if part is not None:
            _check_mask(function, part, scores)
    if mask.added is not None:
        scores = scores + mask.added
    if mask.allowed is not None:
        scores = where(mask.allowed, scores, -math.inf)
    weights = _softmax_over_keys(scores)
    if check_probability(function, dropout_p):
        weights = dropout(weights, dropout_p, rng=rng)
    return matmul(weights, value), weights


def _softmax_over_keys(scores: Numbers) -> Numbers:
    """The softmax along the last axis; 0 where every score is -inf, which hands on no gradient."""
    # Those rows get scores of 0 first: dropped later, their NaN would still stand in every picture of the graph.
    blind = np.all(np.isneginf(raw(scores)), axis=-1, keepdims=True)
    if not blind.any():
        return softmax(scores, dim=-1)
    return where(blind, 0.0, softmax(where(blind, 0.0, scores), dim=-1))


def _for_every_head(function: str, query: Numbers, x: Numbers) -> Numbers:
    """Keys or values, each head repeated for its group of queries' heads."""
    if query.ndim < 3 or x.ndim < 3 or not x.shape[-3] or query.shape[-3] % x.shape[-3]:
        raise ShapeError(
            f"{function}: with enable_gqa the heads of queries, of shape {query.shape}, must be a multiple of those of "
            f"keys and values, of shape {x.shape}; the heads are the last axis but two"
        )
    *batch, heads, length, features = x.shape
    group = query.shape[-3] // heads
    repeated = broadcast_to(reshape(x, (*batch, heads, 1, length, features)), (*batch, heads, group, length, features))
    return reshape(repeated, (*batch, heads * group, length, features))


def _check_shapes(function: str, query: Numbers, key: Numbers, value: Numbers) -> None:
    shapes = f"query of shape {query.shape}, key of shape {key.shape} and value of shape {value.shape}"
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise ShapeError(f"{function}: {shapes} must have two axes at least: (..., L, E), (..., S, E) and (..., S, V)")
    if query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise ShapeError(f"{function}: {shapes} do not fit; they must be (..., L, E), (..., S, E) and (..., S, V)")
    try:
        np.broadcast_shapes(query.shape[:-2], key.shape[:-2], value.shape[:-2])
    except ValueError:
        raise ShapeError(f"{function}: the leading axes of {shapes} do not broadcast together") from None


def _check_mask(function: str, mask: Any, scores: Numbers) -> None:
    try:
        fits = np.broadcast_shapes(mask.shape, scores.shape) == scores.shape
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(
            f"{function}: the mask of shape {mask.shape} does not broadcast to the scores of shape {scores.shape}, "
            f"(..., L, S): one row for each query, one column for each key"
        )
