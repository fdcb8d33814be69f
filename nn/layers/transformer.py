"""Transformers: encoder and decoder layers, one after the other. Names, defaults and initial values are PyTorch's."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from nn import functional as F
from nn import init
from nn.containers import ModuleList
from nn.functional.arguments import per_axis
from nn.layers.layer_normalization import LayerNorm
from nn.layers.transformer_layers import Activation, TransformerDecoderLayer, TransformerEncoderLayer
from nn.module import Module


class TransformerEncoder(Module):
    """Several encoder layers, one after the other.

    Args:
        encoder_layer: the layer, of which each is a copy, with the same initial values as in PyTorch.
        num_layers: how many.
        norm: a module that the last result goes through, such as a `LayerNorm` after layers with `norm_first`.

    Attributes:
        layers: the copies, a `ModuleList`.
        norm: the module, or None.

    Raises:
        ValueError: fewer layers than one.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), num_layers=2)
        >>> encoder(np.ones((3, 5, 8))).shape
        (3, 5, 8)
    """

    norm: Module | None

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = _copies("TransformerEncoder", encoder_layer, num_layers)
        self.num_layers = len(self.layers)
        self.norm = norm

    def forward(self, src: Any, mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False) -> Any:
        """See `TransformerEncoderLayer.forward`; `mask` is its `src_mask`."""
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, is_causal)
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(Module):
    """Several decoder layers, one after the other; each looks at the same memory.

    Args:
        decoder_layer: the layer, of which each is a copy, with the same initial values as in PyTorch.
        num_layers: how many.
        norm: a module that the last result goes through.

    Attributes:
        layers: the copies, a `ModuleList`.
        norm: the module, or None.

    Raises:
        ValueError: fewer layers than one.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), num_layers=2)
        >>> decoder(np.ones((3, 5, 8)), np.ones((7, 5, 8))).shape
        (3, 5, 8)
    """

    norm: Module | None

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = _copies("TransformerDecoder", decoder_layer, num_layers)
        self.num_layers = len(self.layers)
        self.norm = norm

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
        """See `TransformerDecoderLayer.forward`."""
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask, tgt_is_causal, memory_is_causal)
        for layer in self.layers:
            tgt = layer(tgt, memory, *masks)
        return tgt if self.norm is None else self.norm(tgt)


class Transformer(Module):
    """An encoder of one sequence and a decoder of another, each with a `LayerNorm` at its end.

    out = decoder(tgt, encoder(src))

    Args:
        d_model: the length E of each step.
        nhead: the number of heads, which divides `d_model`.
        num_encoder_layers, num_decoder_layers: how many layers each has.
        dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias, rng, dtype: see
            `TransformerEncoderLayer`.
        custom_encoder, custom_decoder: modules in the place of either.

    Attributes:
        encoder, decoder: the parts. Their weights of two axes begin Glorot-uniform.

    Raises:
        ValueError: an argument outside its range.
        ShapeError: called with a sequence or mask of another shape.

    Source: A. Vaswani et al., "Attention is all you need" (2017).

    Example:
        >>> import nn
        >>> import numpy as np
        >>> model = nn.Transformer(8, 2, num_encoder_layers=1, num_decoder_layers=1, dim_feedforward=16)
        >>> model(np.ones((7, 5, 8)), np.ones((3, 5, 8)), tgt_is_causal=True).shape
        (3, 5, 8)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        self.d_model, self.nhead, self.batch_first = d_model, nhead, bool(batch_first)
        sizes = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)
        drawn: dict[str, Any] = {"rng": rng, "dtype": dtype}

        def last_norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)

        self.encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*sizes, **drawn), num_encoder_layers, last_norm()
        )
        self.decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*sizes, **drawn), num_decoder_layers, last_norm()
        )
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter, rng=rng)

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: bool = False,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        """(S, N, E) and (L, N, E) -> (L, N, E); (N, ...) with `batch_first`; or both without N.

        The masks are those of `TransformerEncoderLayer` and `TransformerDecoderLayer`.
        """
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask, tgt_is_causal, memory_is_causal)
        return self.decoder(tgt, memory, *masks)

    @staticmethod
    def generate_square_subsequent_mask(sz: int, dtype: Any = np.float64) -> Any:
        """The causal mask (sz, sz) as numbers to be added: 0 where a step may look, -inf at the steps after it.

        Example:
            >>> import nn
            >>> nn.Transformer.generate_square_subsequent_mask(2)
            array([[  0., -inf],
                   [  0.,   0.]])
        """
        return np.where(np.tri(sz, dtype=bool), 0.0, -np.inf).astype(dtype)


def _copies(kind: str, layer: Module, count: int) -> ModuleList:
    """Copies that draw their dropout from the generators of the layer: of copied ones all would drop alike."""
    (count,) = per_axis(kind, "num_layers", count, 1, least=1)
    generators = [part.rng for part in layer.modules() if getattr(part, "rng", None) is not None]
    return ModuleList(copy.deepcopy(layer, {id(each): each for each in generators}) for _ in range(count))
