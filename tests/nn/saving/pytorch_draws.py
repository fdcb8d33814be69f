"""Every layer of PyTorch that nn has too, in random configurations, with inputs to call it with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.nn.oracle import torch
from tests.nn.saving.pytorch_loss_draws import LOSSES, Drawn, Rng, T, flag, numbers, pair, pick


def image(rng: Rng, channels: int, axes: int, least: int = 6) -> Any:
    return numbers(rng, 2, channels, *(int(each) for each in rng.integers(least, least + 3, axes)))


def each_axis(rng: Rng, axes: int, least: int, most: int) -> tuple[int, ...]:
    return tuple(int(each) for each in rng.integers(least, most + 1, axes))


# ---- convolutions, pooling and images -----------------------------------------------------------------------------


def conv(rng: Rng, axes: int) -> Drawn:
    groups = pick(rng, 1, 2)
    padding = pick(rng, "same", "valid", 1, each_axis(rng, axes, 0, 2))
    stride = 1 if padding == "same" else each_axis(rng, axes, 1, 2)
    mode = pick(rng, "zeros", "reflect", "replicate", "circular")
    options = {"dilation": pick(rng, 1, 2), "groups": groups, "bias": flag(rng), "padding_mode": mode}
    kernel = pick(rng, 3, (3, 1, 3)[:axes])
    return getattr(T, f"Conv{axes}d")(2 * groups, 3 * groups, kernel, stride, padding, **options), [
        image(rng, 2 * groups, axes)
    ]


def conv_transpose(rng: Rng, axes: int) -> Drawn:
    groups, extra = pick(rng, 1, 2), each_axis(rng, axes, 0, 1)
    layer = getattr(T, f"ConvTranspose{axes}d")(
        2 * groups, groups, each_axis(rng, axes, 1, 3), 2, pick(rng, 0, 1), extra, groups, flag(rng), pick(rng, 1, 2)
    )
    return layer, [image(rng, 2 * groups, axes, 3)]


def max_pool(rng: Rng, axes: int) -> Drawn:
    arguments = (pick(rng, 2, each_axis(rng, axes, 2, 3)), pick(rng, None, 1, 2), pick(rng, 0, 1), pick(rng, 1, 2))
    return getattr(T, f"MaxPool{axes}d")(*arguments, ceil_mode=flag(rng)), [image(rng, 2, axes)]


def max_unpool(rng: Rng, axes: int) -> Drawn:
    size = pick(rng, 2, 3)
    pooled, places = getattr(T.functional, f"max_pool{axes}d")(
        torch.from_numpy(numbers(rng, 2, 2, *(6,) * axes)), size, return_indices=True
    )
    return getattr(T, f"MaxUnpool{axes}d")(size), [pooled.numpy(), places.numpy()]


def avg_pool(rng: Rng, axes: int) -> Drawn:
    options = {"divisor_override": pick(rng, None, 3)} if axes > 1 else {}
    arguments = (pick(rng, 2, each_axis(rng, axes, 2, 3)), pick(rng, None, 1, 2), pick(rng, 0, 1), flag(rng), flag(rng))
    return getattr(T, f"AvgPool{axes}d")(*arguments, **options), [image(rng, 2, axes)]


def lp_pool(rng: Rng, axes: int) -> Drawn:
    layer = getattr(T, f"LPPool{axes}d")(pick(rng, 1, 2, 3.0), 2, pick(rng, None, 1), flag(rng))
    return layer, [np.abs(image(rng, 2, axes)) + 0.1]


def adaptive_pool(name: str) -> Callable[[Rng, int], Drawn]:
    def draw(rng: Rng, axes: int) -> Drawn:
        size = pick(rng, 1, 3, each_axis(rng, axes, 1, 4))
        return getattr(T, f"{name}{axes}d")(size), [image(rng, 2, axes)]

    return draw


def padding(name: str) -> Callable[[Rng, int], Drawn]:
    def draw(rng: Rng, axes: int) -> Drawn:
        value = (1.5,) if name == "ConstantPad" else ()
        return getattr(T, f"{name}{axes}d")(pick(rng, 1, each_axis(rng, 2 * axes, 0, 2)), *value), [image(rng, 2, axes)]

    return draw


def batch_norm(rng: Rng, axes: int) -> Drawn:
    options = {"affine": flag(rng), "track_running_stats": flag(rng), "bias": flag(rng)}
    return getattr(T, f"BatchNorm{axes}d")(3, pick(rng, 1e-5, 0.1), pick(rng, 0.1, 0.4, None), **options), [
        image(rng, 3, axes, 2)
    ]


def instance_norm(rng: Rng, axes: int) -> Drawn:
    options = {"affine": flag(rng), "track_running_stats": flag(rng), "bias": flag(rng)}
    return getattr(T, f"InstanceNorm{axes}d")(3, pick(rng, 1e-5, 0.1), pick(rng, 0.1, 0.4), **options), [
        image(rng, 3, axes, 2)
    ]


def dropout(name: str, axes: int) -> Callable[[Rng], Drawn]:
    return lambda rng: (getattr(T, name)(pick(rng, 0.1, 0.5)), [image(rng, 2, axes)])


def upsample(rng: Rng) -> Drawn:
    mode = pick(rng, "nearest", "bilinear", "bicubic")
    align = None if mode == "nearest" else flag(rng)
    size = {"size": pick(rng, 5, (4, 9))} if flag(rng) else {"scale_factor": pick(rng, 2, 1.7, (2.0, 1.5))}
    recompute = pick(rng, None, True) if "scale_factor" in size else None
    return T.Upsample(**size, mode=mode, align_corners=align, recompute_scale_factor=recompute), [image(rng, 2, 2)]


def patches(rng: Rng) -> dict[str, Any]:
    return {"kernel_size": (2, 3), "dilation": pick(rng, 1, 2), "padding": pick(rng, 0, 1), "stride": pick(rng, 1, 2)}


def fold(rng: Rng) -> Drawn:
    options = patches(rng)
    columns = T.Unfold(**options)(torch.from_numpy(numbers(rng, 2, 2, 7, 8)))
    return T.Fold((7, 8), **options), [columns.numpy()]


# ---- activations --------------------------------------------------------------------------------------------------


def activation(name: str, *values: Any) -> Callable[[Rng], Drawn]:
    """With one of the tuples of arguments."""
    return lambda rng: (getattr(T, name)(*pick(rng, *(values or ((),)))), [2.0 * numbers(rng, 3, 4, 2, 2)])


ACTIVATIONS = {
    "CELU": [(), (0.5,)], "ELU": [(), (0.5,)], "GELU": [(), ("tanh",)], "GLU": [(), (1,)], "Hardshrink": [(0.3,)],
    "Hardsigmoid": [], "Hardswish": [], "Hardtanh": [(), (-0.5, 0.7)], "LeakyReLU": [(), (0.2,)], "LogSigmoid": [],
    "LogSoftmax": [(0,), (1,)], "Mish": [], "PReLU": [(), (4, 0.1)], "ReLU": [(), (True,)], "ReLU6": [],
    "RReLU": [(0.1, 0.4)], "SELU": [], "SiLU": [], "Sigmoid": [], "Softmax": [(0,), (1,)], "Softmax2d": [],
    "Softmin": [(0,), (1,)], "Softplus": [(), (2.0, 1.0)], "Softshrink": [(0.3,)], "Softsign": [], "Tanh": [],
    "Tanhshrink": [], "Threshold": [(0.1, 20.0)],
}  # fmt: skip


# ---- sequences ----------------------------------------------------------------------------------------------------


def recurrent(name: str) -> Callable[[Rng], Drawn]:
    def draw(rng: Rng) -> Drawn:
        layers = pick(rng, 1, 2)
        options = {"bias": flag(rng), "batch_first": flag(rng), "bidirectional": flag(rng)}
        options["dropout"] = pick(rng, 0.0, 0.3) if layers > 1 else 0.0
        extra = {"RNN": {"nonlinearity": pick(rng, "tanh", "relu")}, "LSTM": {"proj_size": pick(rng, 0, 2)}}
        return getattr(T, name)(3, 4, layers, **options, **extra.get(name, {})), [numbers(rng, 2, 5, 3)]

    return draw


def attention(rng: Rng) -> Drawn:
    kdim, vdim = pick(rng, (None, None), (3, 5), (4, None))
    options = {"bias": flag(rng), "add_bias_kv": flag(rng), "add_zero_attn": flag(rng), "batch_first": flag(rng)}
    layer = T.MultiheadAttention(4, 2, 0.2, kdim=kdim, vdim=vdim, **options)
    return layer, [numbers(rng, 3, 3, 4), numbers(rng, 3, 3, kdim or 4), numbers(rng, 3, 3, vdim or 4)]


def transformer_options(rng: Rng) -> dict[str, Any]:
    activation = pick(rng, "relu", "gelu", T.functional.silu, T.Tanh())
    options = {"norm_first": flag(rng), "batch_first": flag(rng), "bias": flag(rng), "layer_norm_eps": 1e-3}
    return {"activation": activation, "dropout": 0.3, "dim_feedforward": 6, **options}


def transformer_layer(name: str, inputs: int) -> Callable[[Rng], Drawn]:
    return lambda rng: (
        getattr(T, name)(4, 2, **transformer_options(rng)), [numbers(rng, 3, 3, 4) for _ in range(inputs)],
    )  # fmt: skip


def stacked(name: str, inputs: int) -> Callable[[Rng], Drawn]:
    def draw(rng: Rng) -> Drawn:
        layer, arrays = transformer_layer(f"{name}Layer", inputs)(rng)
        options = {"enable_nested_tensor": False} if name == "TransformerEncoder" else {}
        return getattr(T, name)(layer, 2, pick(rng, None, T.LayerNorm(4)), **options), arrays

    return draw


def transformer(rng: Rng) -> Drawn:
    layer = T.Transformer(4, 2, 1, 2, **transformer_options(rng))
    layer.encoder.enable_nested_tensor = False  # of which PyTorch warns
    return layer, [numbers(rng, 3, 3, 4), numbers(rng, 3, 3, 4)]


# ---- all of them -------------------------------------------------------------------------------------------------

DRAWS: dict[str, Callable[[Rng], Drawn]] = {
    "Bilinear": lambda rng: (T.Bilinear(2, 3, 4, flag(rng)), [numbers(rng, 5, 2), numbers(rng, 5, 3)]),
    "ChannelShuffle": lambda rng: (T.ChannelShuffle(pick(rng, 2, 3)), [image(rng, 6, 2)]),
    "CosineSimilarity": lambda rng: (T.CosineSimilarity(pick(rng, 0, 1)), pair(rng)),
    "Embedding": lambda rng: (T.Embedding(6, 3, pick(rng, None, 2)), [rng.integers(0, 6, (4, 2))]),
    "EmbeddingBag": lambda rng: (
        T.EmbeddingBag(6, 3, mode=pick(rng, "sum", "mean", "max"), padding_idx=pick(rng, None, 2)),
        [rng.integers(0, 6, (4, 3))],
    ),
    "Flatten": lambda rng: (T.Flatten(pick(rng, 0, 1), pick(rng, 2, -1)), [image(rng, 2, 2)]),
    "Fold": fold,
    "GRUCell": lambda rng: (T.GRUCell(3, 4, flag(rng)), [numbers(rng, 2, 3), numbers(rng, 2, 4)]),
    "GroupNorm": lambda rng: (T.GroupNorm(2, 4, 0.1, flag(rng), bias=flag(rng)), [image(rng, 4, 2)]),
    "Identity": lambda rng: (T.Identity(), [numbers(rng, 3)]),
    "LSTMCell": lambda rng: (T.LSTMCell(3, 4, flag(rng)), [numbers(rng, 2, 3)]),
    "LayerNorm": lambda rng: (T.LayerNorm(pick(rng, 3, (4, 3)), 0.1, flag(rng), flag(rng)), [numbers(rng, 2, 4, 3)]),
    "Linear": lambda rng: (T.Linear(3, 2, flag(rng)), [numbers(rng, 4, 3)]),
    "LocalResponseNorm": lambda rng: (T.LocalResponseNorm(pick(rng, 2, 3), 0.5, 0.6, 1.5), [image(rng, 4, 2)]),
    "MultiheadAttention": attention,
    "PairwiseDistance": lambda rng: (T.PairwiseDistance(pick(rng, 1.0, 3.0), 0.1, flag(rng)), pair(rng)),
    "PixelShuffle": lambda rng: (T.PixelShuffle(2), [image(rng, 8, 2)]),
    "PixelUnshuffle": lambda rng: (T.PixelUnshuffle(3), [numbers(rng, 2, 2, 6, 9)]),
    "RMSNorm": lambda rng: (T.RMSNorm(pick(rng, 3, (4, 3)), pick(rng, None, 0.1), flag(rng)), [numbers(rng, 2, 4, 3)]),
    "RNNCell": lambda rng: (T.RNNCell(3, 4, flag(rng), pick(rng, "tanh", "relu")), [numbers(rng, 2, 3)]),
    "Transformer": transformer,
    "Unflatten": lambda rng: (T.Unflatten(1, pick(rng, (2, 3), (3, -1))), [numbers(rng, 4, 6, 2)]),
    "Unfold": lambda rng: (T.Unfold(**patches(rng)), [image(rng, 2, 2)]),
    "Upsample": upsample,
    "UpsamplingBilinear2d": lambda rng: (T.UpsamplingBilinear2d(scale_factor=pick(rng, 2, 1.5)), [image(rng, 2, 2)]),
    "UpsamplingNearest2d": lambda rng: (T.UpsamplingNearest2d(size=pick(rng, 9, (4, 11))), [image(rng, 2, 2)]),
}
DRAWS |= {name: activation(name, *values) for name, values in ACTIVATIONS.items()}
DRAWS |= LOSSES
DRAWS |= {name: recurrent(name) for name in ("RNN", "GRU", "LSTM")}
DRAWS |= {f"Transformer{side}Layer": transformer_layer(f"Transformer{side}Layer", n) for side, n in
          (("Encoder", 1), ("Decoder", 2))}  # fmt: skip
DRAWS |= {f"Transformer{side}": stacked(f"Transformer{side}", n) for side, n in (("Encoder", 1), ("Decoder", 2))}
DRAWS |= {name: dropout(name, 2) for name in ("Dropout", "Dropout2d", "AlphaDropout", "FeatureAlphaDropout")}
DRAWS |= {"Dropout1d": dropout("Dropout1d", 1), "Dropout3d": dropout("Dropout3d", 3)}
BY_AXES: dict[str, Callable[[Rng, int], Drawn]] = {
    "Conv": conv, "ConvTranspose": conv_transpose, "MaxPool": max_pool, "MaxUnpool": max_unpool, "AvgPool": avg_pool,
    "LPPool": lp_pool, "BatchNorm": batch_norm, "InstanceNorm": instance_norm,
}  # fmt: skip
BY_AXES |= {name: adaptive_pool(name) for name in ("AdaptiveAvgPool", "AdaptiveMaxPool")}
PADDINGS = ("ZeroPad", "ConstantPad", "ReflectionPad", "ReplicationPad", "CircularPad")
BY_AXES |= {name: padding(name) for name in PADDINGS}
DRAWS |= {
    f"{name}{axes}d": lambda rng, draw=draw, axes=axes: draw(rng, axes)
    for name, draw in BY_AXES.items()
    for axes in (1, 2, 3)
}
