"""The two layers of a transformer, of its encoder and of its decoder. Names and defaults are PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from nn import functional as F
from nn.layers.attention import MultiheadAttention
from nn.layers.dropout import Dropout
from nn.layers.layer_normalization import LayerNorm
from nn.layers.linear import Linear
from nn.module import Module

Activation = str | Callable[[Any], Any]

_ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu}


class _TransformerLayer(Module):
    _attentions: ClassVar[tuple[str, ...]]

    linear1: Linear
    linear2: Linear
    dropout: Dropout

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        if not callable(activation) and activation not in _ACTIVATIONS:
            raise ValueError(
                f"{type(self).__name__}: activation={activation!r} is neither 'relu' nor 'gelu'; or give a function"
            )
        drawn: dict[str, Any] = {"rng": rng, "dtype": dtype}
        for name in self._attentions:
            setattr(self, name, MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **drawn))
        self.linear1 = Linear(d_model, dim_feedforward, bias, **drawn)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **drawn)
        self.norm_first = bool(norm_first)
        sublayers = range(1, len(self._attentions) + 2)
        for place in sublayers:
            setattr(self, f"norm{place}", LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype))
        for place in sublayers:
            setattr(self, f"dropout{place}", Dropout(dropout, rng=rng))
        self.activation = activation if callable(activation) else _ACTIVATIONS[activation]

    def _around(self, place: int, x: Any, sublayer: Callable[[Any], Any]) -> Any:
        """A sublayer with its dropout, the sum past it, and its normalisation."""
        norm, dropout = getattr(self, f"norm{place}"), getattr(self, f"dropout{place}")
        if self.norm_first:
            return x + dropout(sublayer(norm(x)))
        return norm(x + dropout(sublayer(x)))

    def _feed_forward(self, x: Any) -> Any:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_TransformerLayer):
    """Self-attention, then two linear maps of each step by itself, each with a sum past it and a normalisation.

    x' = norm1(x + dropout1(attention of x to x))
    out = norm2(x' + dropout2(linear2(dropout(activation(linear1(x'))))))

    With `norm_first` the sums leave a way on which nothing is normalised:

    x' = x + dropout1(attention of norm1(x) to norm1(x))
    out = x' + dropout2(linear2(dropout(activation(linear1(norm2(x'))))))

    Args:
        d_model: the length E of each step.
        nhead: the number of heads, which divides `d_model`.
        dim_feedforward: the length between the two linear maps.
        dropout: the probability by which a number is dropped in training; attention weights too.
        activation: "relu", "gelu", or a function or module.
        layer_norm_eps: what the normalisations add to the variance.
        batch_first: whether a batch is (N, L, E) rather than (L, N, E).
        norm_first: whether normalisation comes before attention and maps rather than after the sums.
        bias: whether linear maps and normalisations have biases.
        rng: the generator of the dropout and of the initial values, which are those of the parts.
        dtype: of the parameters.

    Attributes:
        self_attn, linear1, linear2, norm1, norm2, dropout, dropout1, dropout2: the parts.

    Raises:
        ValueError: an argument outside its range, or another activation.
        ShapeError: called with a sequence or mask of another shape.

    Sources: A. Vaswani et al., "Attention is all you need" (2017); R. Xiong et al. (2020) for `norm_first`.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16, batch_first=True)
        >>> layer(np.ones((5, 3, 8))).shape
        (5, 3, 8)
    """

    _attentions = ("self_attn",)
    self_attn: MultiheadAttention

    def forward(self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False) -> Any:
        """(L, N, E), (N, L, E) with `batch_first`, or (L, E), to the same shape.

        Args:
            src: the sequence.
            src_mask: (L, L) or (N·nhead, L, L), `MultiheadAttention`'s `attn_mask`: True hides a step from another.
            src_key_padding_mask: (N, L) or (L,): True hides a step from all.
            is_causal: whether step l looks at the steps 0 to l only.
        """
        masks = {"attn_mask": src_mask, "key_padding_mask": src_key_padding_mask, "is_causal": is_causal}
        x = self._around(1, src, lambda x: self.self_attn(x, x, x, need_weights=False, **masks)[0])
        return self._around(2, x, self._feed_forward)


class TransformerDecoderLayer(_TransformerLayer):
    """Self-attention, then attention to what an encoder made, then two linear maps of each step by itself.

    Each of the three has a sum past it and a normalisation, as in `TransformerEncoderLayer`, which explains the
    arguments and errors.

    Attributes:
        self_attn, multihead_attn, linear1, linear2, norm1, norm2, norm3: the parts.
        dropout, dropout1, dropout2, dropout3: likewise.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> layer = nn.TransformerDecoderLayer(d_model=8, nhead=2, dim_feedforward=16, batch_first=True)
        >>> layer(np.ones((5, 3, 8)), memory=np.ones((5, 7, 8)), tgt_is_causal=True).shape
        (5, 3, 8)
    """

    _attentions = ("self_attn", "multihead_attn")
    self_attn: MultiheadAttention
    multihead_attn: MultiheadAttention

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        """(L, N, E) and (S, N, E) -> (L, N, E); (N, L, E) with `batch_first`; or both without N.

        Args:
            tgt: the sequence.
            memory: what the encoder made.
            tgt_mask: (L, L) or (N·nhead, L, L): True hides a step of `tgt` from another.
            memory_mask: (L, S) or (N·nhead, L, S): True hides a step of `memory` from one of `tgt`.
            tgt_key_padding_mask: (N, L) or (L,): True hides a step of `tgt` from all.
            memory_key_padding_mask: (N, S) or (S,): True hides a step of `memory` from all.
            tgt_is_causal, memory_is_causal: whether step l looks at the steps 0 to l only.
        """
        own = {"attn_mask": tgt_mask, "key_padding_mask": tgt_key_padding_mask, "is_causal": tgt_is_causal}
        cross = {"attn_mask": memory_mask, "key_padding_mask": memory_key_padding_mask, "is_causal": memory_is_causal}
        x = self._around(1, tgt, lambda x: self.self_attn(x, x, x, need_weights=False, **own)[0])
        x = self._around(2, x, lambda x: self.multihead_attn(x, memory, memory, need_weights=False, **cross)[0])
        return self._around(3, x, self._feed_forward)
