"""Attention of several heads. Names, defaults and initial values are PyTorch's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor, broadcast_to, concatenate, mean, reshape, scope, transpose
from nn import functional as F
from nn import init
from nn.functional.arguments import Numbers, numbers, per_axis
from nn.functional.attention import Mask, attend, causal, read_mask
from nn.functional.regularization import check_probability
from nn.layers.linear import Linear
from nn.module import Module, Parameter


class MultiheadAttention(Module):
    """Attention in several heads side by side, each with projections of its own.

    out = concatenate(head_1, ..., head_h) W_oᵀ + b_o, where head_i is `F.scaled_dot_product_attention` of
    query W_qᵀ + b_q, key W_kᵀ + b_k and value W_vᵀ + b_v, each with the i-th part of the weights' rows only.

    Args:
        embed_dim: the length E of a query and of the output; a multiple of `num_heads`.
        num_heads: the number of heads, each of length E / num_heads.
        dropout: the probability by which each attention weight is set to 0 in training.
        bias: whether the projections have biases.
        add_bias_kv: whether a learnt key and value are added to every sequence.
        add_zero_attn: whether a key and a value of zeros are added to every sequence.
        kdim, vdim: the lengths of a key and of a value; `embed_dim` by default.
        batch_first: whether a batch is (N, L, E) rather than (L, N, E).
        rng: the generator of the dropout and of the initial values, which are as in PyTorch: the projections in are
            Glorot-uniform with biases of 0, the projection out is as `nn.Linear` has it, with a bias of 0.
        dtype: of the parameters.

    Attributes:
        in_proj_weight: (3·E, E), the rows of W_q, W_k and W_v; None where kdim or vdim differs from E.
        q_proj_weight, k_proj_weight, v_proj_weight: (E, E), (E, kdim) and (E, vdim) there; else None.
        in_proj_bias: (3·E,), or None.
        bias_k, bias_v: (1, 1, E), or None.
        out_proj: the projection out, a `Linear`.

    Raises:
        ValueError: a length below 1, heads that do not divide `embed_dim`, or a dropout outside 0 to 1.
        ShapeError: called with arguments that do not fit.
        DTypeError: called with integers, or a mask of integers.

    Source: A. Vaswani et al., "Attention is all you need" (2017).

    Example:
        >>> import nn
        >>> import numpy as np
        >>> attention = nn.MultiheadAttention(embed_dim=8, num_heads=2, batch_first=True)
        >>> x = np.ones((5, 3, 8))
        >>> output, weights = attention(x, x, x)  # self-attention
        >>> output.shape, weights.shape
        ((5, 3, 8), (5, 3, 3))
        >>> bool(np.allclose(weights.data.sum(axis=-1), 1.0))
        True
    """

    embed_dim: int
    num_heads: int
    kdim: int
    vdim: int

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        lengths = {"embed_dim": embed_dim, "num_heads": num_heads, "kdim": kdim, "vdim": vdim}
        for name, length in lengths.items():
            (checked,) = per_axis("MultiheadAttention", name, embed_dim if length is None else length, 1, least=1)
            setattr(self, name, checked)
        if embed_dim % num_heads:
            raise ValueError(f"MultiheadAttention: num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.dropout = check_probability("MultiheadAttention", dropout)
        self.batch_first, self.add_zero_attn = bool(batch_first), bool(add_zero_attn)
        self.head_dim = embed_dim // num_heads
        self.rng = rng
        self._draw(bool(bias), bool(add_bias_kv), rng, dtype)

    def _draw(self, bias: bool, bias_kv: bool, rng: np.random.Generator | None, dtype: Any) -> None:
        def glorot(*shape: int) -> Tensor:
            return init.xavier_uniform_(Parameter(np.zeros(shape), dtype), rng=rng)

        length = self.embed_dim
        self.in_proj_weight = self.q_proj_weight = self.k_proj_weight = self.v_proj_weight = None
        if self.kdim == self.vdim == length:
            self.in_proj_weight = glorot(3 * length, length)
        else:
            self.q_proj_weight, self.k_proj_weight = glorot(length, length), glorot(length, self.kdim)
            self.v_proj_weight = glorot(length, self.vdim)
        self.in_proj_bias = Parameter(np.zeros(3 * length), dtype) if bias else None
        self.out_proj = Linear(length, length, bias, rng=rng, dtype=dtype)
        if self.out_proj.bias is not None:
            init.zeros_(self.out_proj.bias)
        self.bias_k = self.bias_v = None
        if bias_kv:
            self.bias_k, self.bias_v = (
                init.xavier_normal_(Parameter(np.zeros((1, 1, length)), dtype), rng=rng) for _ in range(2)
            )

    # ---- forward --------------------------------------------------------------------------------------------------

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """The output and the attention's weights.

        Args:
            query: (L, N, E); (N, L, E) with `batch_first`; (L, E) without a batch.
            key: (S, N, kdim), (N, S, kdim) or (S, kdim).
            value: (S, N, vdim), (N, S, vdim) or (S, vdim).
            key_padding_mask: (N, S) or (S,). Booleans: True where a key is padding, which no query looks at. Numbers:
                added to the scaled products.
            need_weights: whether the weights are returned; None otherwise.
            attn_mask: (L, S), or (N·num_heads, L, S). Booleans: True where a query may *not* look at a key, as in
                PyTorch; `F.scaled_dot_product_attention` has it the other way round. Numbers: added to the scaled
                products.
            average_attn_weights: whether the weights are (N, L, S), the mean of all heads, or (N, num_heads, L, S).
            is_causal: whether query l looks at the keys 0 to l only, beside what the masks say. PyTorch takes this for
                a hint that `attn_mask` is causal, and asks for that mask too.

        Returns:
            The output, shaped as the query, and the weights, without N where there is no batch. A query that may look
            at no key has weights of 0, and hands on no gradient. (PyTorch has 0 there without `need_weights`, and NaN
            with it.)
        """
        q, k, v, batched = self._checked_inputs(query, key, value)
        mask = self._mask(q, k, batched, key_padding_mask, attn_mask, is_causal)
        q, k, v = self._project(q, k, v)
        k, v, mask = self._extend(k, v, mask)
        with scope("scaled_dot_product_attention"):
            dropout = self.dropout if self.training else 0.0
            heads = self._split(q), self._split(k), self._split(v)
            joined, weights = attend("MultiheadAttention", *heads, mask, dropout, rng=self.rng)
            joined = reshape(transpose(joined, (0, 2, 1, 3)), q.shape)  # (N, heads, L, E / heads) -> (N, L, E)
        out = self.out_proj(joined)
        out = out[0] if not batched else out if self.batch_first else transpose(out, (1, 0, 2))
        if not need_weights:
            return out, None
        weights = mean(weights, axis=1) if average_attn_weights else weights
        return out, weights if batched else weights[0]

    def _project(self, *inputs: Numbers) -> tuple[Numbers, ...]:
        """Query, key and value, each by its own rows of the weights."""
        rows = [slice(place * self.embed_dim, (place + 1) * self.embed_dim) for place in range(3)]
        if self.in_proj_weight is not None:
            weights = [self.in_proj_weight[part] for part in rows]
        else:
            weights = [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]
        biases = [None if self.in_proj_bias is None else self.in_proj_bias[part] for part in rows]
        projected = []
        for name, x, weight, bias in zip(("query", "key", "value"), inputs, weights, biases, strict=True):
            with scope(name):
                projected.append(F.linear(x, weight, bias))
        return tuple(projected)

    def _split(self, x: Numbers) -> Numbers:
        """(N, L, E) -> (N, heads, L, E / heads)"""
        return transpose(reshape(x, (*x.shape[:2], self.num_heads, self.head_dim)), (0, 2, 1, 3))

    def _extend(self, k: Numbers, v: Numbers, mask: Mask) -> tuple[Numbers, Numbers, Mask]:
        """With the learnt key and value, and those of zeros, at the end of every sequence, where no mask hides them."""
        pairs: list[tuple[Any, Any]] = []
        if self.bias_k is not None:
            pairs.append((self.bias_k, self.bias_v))
        if self.add_zero_attn:
            zeros = np.zeros((1, 1, 1), dtype=k.dtype)
            pairs.append((zeros, zeros))
        for last_key, last_value in pairs:
            shape = (k.shape[0], 1, self.embed_dim)
            k = concatenate([k, broadcast_to(last_key, shape)], axis=1)
            v = concatenate([v, broadcast_to(last_value, shape)], axis=1)
            mask = mask.with_open_key()
        return k, v, mask

    # ---- arguments ------------------------------------------------------------------------------------------------

    def _checked_inputs(self, *inputs: Any) -> tuple[Numbers, Numbers, Numbers, bool]:
        """Query, key and value as (N, L, ...), and whether they came with a batch."""
        names, lengths = ("query", "key", "value"), (self.embed_dim, self.kdim, self.vdim)
        q, k, v = (numbers("MultiheadAttention", name, x) for name, x in zip(names, inputs, strict=True))
        shapes = [x.shape for x in (q, k, v)]
        axes = q.ndim
        fits = axes in (2, 3) and all(
            len(shape) == axes and shape[-1] == length for shape, length in zip(shapes, lengths, strict=True)
        )
        batch = 0 if self.batch_first else 1
        if not fits or shapes[1][:-1] != shapes[2][:-1] or (axes == 3 and shapes[0][batch] != shapes[1][batch]):
            first, second = ("N, L", "N, S") if self.batch_first else ("L, N", "S, N")
            raise ShapeError(
                f"{self.describe()}: query of shape {shapes[0]}, key of shape {shapes[1]} and value of shape "
                f"{shapes[2]} must be ({first}, {lengths[0]}), ({second}, {lengths[1]}) and ({second}, {lengths[2]}), "
                f"or all without N"
            )
        if axes == 2:
            return q[None], k[None], v[None], False
        if not self.batch_first:
            q, k, v = (transpose(x, (1, 0, 2)) for x in (q, k, v))
        return q, k, v, True

    def _mask(self, q: Numbers, k: Numbers, batched: bool, padding: Any, attn: Any, is_causal: bool) -> Mask:
        """Both masks and the causal one as one, which broadcasts to (N, heads, L, S)."""
        (batch, queries, _), keys, heads = q.shape, k.shape[1], self.num_heads
        of_keys = {(batch, keys) if batched else (keys,): (batch, 1, 1, keys)}
        of_pairs = {
            (queries, keys): (1, 1, queries, keys),
            (batch * heads, queries, keys): (batch, heads, queries, keys),
        }
        masks = [
            self._read_mask("key_padding_mask", padding, of_keys, q.dtype),
            self._read_mask("attn_mask", attn, of_pairs, q.dtype),
        ]
        allowed = [~mask.allowed for mask in masks if mask.allowed is not None]  # True hides a key here
        if is_causal:
            allowed.append(causal(q, k))
        added = [mask.added for mask in masks if mask.added is not None]
        return Mask(reduce(np.logical_and, allowed) if allowed else None, reduce(add, added) if added else None)

    def _read_mask(self, name: str, given: Any, shapes: Mapping[Any, tuple[int, ...]], dtype: Any) -> Mask:
        """The mask in the shape that its own shape stands for."""
        mask = read_mask("MultiheadAttention", name, given, dtype)
        for part in mask:
            if part is not None and part.shape not in shapes:
                expected = " or ".join(map(str, shapes))
                raise ShapeError(f"{self.describe()}: {name} must have shape {expected}, not {part.shape}")
        return Mask(*(None if part is None else reshape(part, shapes[part.shape]) for part in mask))
