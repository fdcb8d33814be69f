"""No layer is left out: each is written as ONNX, or refused with a reason."""

import numpy as np
import pytest

import nn
from tests.nn.saving.onnx.oracle import check

SIMPLE = {
    "AlphaDropout": (), "CELU": (0.7,), "CosineSimilarity": (), "Dropout": (), "Dropout1d": (), "Dropout2d": (),
    "Dropout3d": (), "ELU": (0.5,), "FeatureAlphaDropout": (), "GELU": (), "GLU": (1,), "Hardshrink": (),
    "Hardsigmoid": (), "Hardswish": (), "Hardtanh": (), "Identity": (), "LeakyReLU": (), "LogSigmoid": (),
    "LogSoftmax": (1,), "Mish": (), "PReLU": (4,), "PairwiseDistance": (), "RReLU": (), "ReLU": (), "ReLU6": (),
    "SELU": (), "SiLU": (), "Sigmoid": (), "Softmax": (1,), "Softmax2d": (), "Softmin": (1,), "Softplus": (),
    "Softshrink": (), "Softsign": (), "Tanh": (), "Tanhshrink": (), "Threshold": (0.1, 20.0), "Unflatten": (1, (2, 2)),
    "UpsamplingBilinear2d": (None, 2), "UpsamplingNearest2d": (None, 2),
}  # fmt: skip
OF_VECTORS = {
    "Bilinear": ((4, 4, 3), 2),
    "EmbeddingBag": ((9, 4), 1),
    "TransformerDecoderLayer": ((4, 2, 6), 2),
    "TransformerEncoderLayer": ((4, 2, 6), 1),
    "Transformer": ((4, 2, 1, 1, 6), 2),
}
CONTAINERS = ("MultiheadAttention", "TransformerDecoder", "TransformerEncoder")  # among the networks of other tests
NOT_IN_ONNX = ("MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d")  # which take integers that a pooling made


@pytest.mark.parametrize("name", SIMPLE)
def test_layers_of_few_arguments(name, tmp_path):
    x = np.random.default_rng(0).normal(size=(3, 4, 3, 2))
    x = x[..., 0] if name == "Dropout1d" else x[..., None] if name == "Dropout3d" else x
    inputs = [x, x * 2.0 + 1.0] if name in ("CosineSimilarity", "PairwiseDistance") else [x]
    check(getattr(nn, name)(*SIMPLE[name]), tmp_path, *inputs)


def test_padding_counts_and_what_is_beyond_it_does_not(tmp_path):
    x = np.random.default_rng(0).normal(size=(3, 2, 4, 6))
    assert check(nn.AvgPool2d(3, 2, 1, ceil_mode=True), tmp_path, x) == ["Pad", "AveragePool"]
    assert check(nn.AvgPool2d(3, 2, 1, True, count_include_pad=False), tmp_path, x) == ["AveragePool"]
    assert check(nn.AvgPool2d(3, 2, 1, True, divisor_override=2), tmp_path, x) == ["AveragePool", "Mul"]


@pytest.mark.parametrize("name", OF_VECTORS)
def test_layers_of_vectors(name, tmp_path):
    arguments, count = OF_VECTORS[name]
    rng = np.random.default_rng(0)
    x = rng.integers(0, 9, (3, 5)) if name == "EmbeddingBag" else rng.normal(size=(3, 4))
    if name.startswith("Transformer"):
        layer, x = getattr(nn, name)(*arguments, batch_first=True), rng.normal(size=(3, 5, 4))
    else:
        layer = getattr(nn, name)(*arguments)
    check(layer, tmp_path, *[x] * count)


def test_no_layer_is_forgotten():
    drawn_above = (
        "AdaptiveAvgPool", "AdaptiveMaxPool", "AvgPool", "BatchNorm", "ChannelShuffle", "CircularPad", "ConstantPad",
        "Conv", "Embedding", "Flatten", "Fold", "GRU", "GlobalAvgPool", "GlobalMaxPool", "GroupNorm", "InstanceNorm",
        "LPPool", "LSTM", "LayerNorm", "Linear", "LocalResponseNorm", "MaxPool", "PixelShuffle", "PixelUnshuffle",
        "RMSNorm", "RNN", "ReflectionPad", "ReplicationPad", "Unfold", "Upsample", "ZeroPad",
    )  # fmt: skip
    tested = {*SIMPLE, *OF_VECTORS, *CONTAINERS, *NOT_IN_ONNX}
    left = [name for name in nn.layers.__all__ if name not in tested and not name.endswith("Loss")]
    assert [name for name in left if not name.startswith(drawn_above)] == []


def test_what_onnx_has_no_place_for_is_refused(tmp_path):
    class Net(nn.Module):
        def forward(self, x):
            return nn.functional.max_unpool2d(*nn.functional.max_pool2d(x, 2, return_indices=True), 2)

    with pytest.raises(nn.ExportError, match="differ in net/max_unpool2d"):
        nn.to_onnx(Net(), tmp_path / "net.onnx", (2, 4, 4))


def test_convolutions_padded_by_what_they_see(tmp_path):
    x = np.random.default_rng(0).normal(size=(3, 2, 5, 6))
    for mode in ("reflect", "replicate", "circular"):
        operators = check(nn.Conv2d(2, 3, 3, padding=(2, 1), padding_mode=mode), tmp_path, x)
        assert operators == ["Pad", "Conv"]
