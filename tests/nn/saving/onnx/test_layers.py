"""Every layer as ONNX, in random configurations: what the file computes is what the layer computes."""

import numpy as np
import pytest

import nn
from tests.nn.saving.onnx.oracle import check

COUNT = 12  # configurations of each


def drawn(rng, *values):
    return values[int(rng.integers(len(values)))]


def lengths(rng, axes, least=5, most=9):
    return tuple(int(each) for each in rng.integers(least, most, axes))


def images(rng, channels, axes, batch=4):
    return rng.normal(size=(batch, channels, *lengths(rng, axes)))


def dtype_of(seed):
    return np.float32 if seed % 3 == 0 else np.float64


def conv(rng, seed):
    axes = drawn(rng, 1, 2, 3)
    groups, each_in, each_out = (int(each) for each in rng.integers(1, 4, 3))
    padding = drawn(rng, 0, 1, "same", "valid", tuple((int(a), int(b)) for a, b in rng.integers(0, 3, (axes, 2))))
    stride = 1 if padding == "same" else int(rng.integers(1, 3))
    kind = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[axes - 1]
    layer = kind(
        groups * each_in, groups * each_out, lengths(rng, axes, 1, 4), stride, padding, drawn(rng, 1, 2), groups,
        bias=drawn(rng, True, False), dtype=dtype_of(seed),
    )  # fmt: skip
    return layer, [images(rng, groups * each_in, axes).astype(dtype_of(seed))], {}


def conv_transpose(rng, seed):
    axes = drawn(rng, 1, 2, 3)
    groups, each_in, each_out = drawn(rng, 1, 1, 2), *(int(each) for each in rng.integers(1, 4, 2))
    stride, dilation = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    extra = int(rng.integers(0, max(stride, dilation)))
    kind = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[axes - 1]
    layer = kind(
        groups * each_in, groups * each_out, lengths(rng, axes, 1, 4), stride, drawn(rng, 0, 1), extra, groups,
        drawn(rng, True, False), dilation, dtype=dtype_of(seed),
    )  # fmt: skip
    # The reference evaluator keeps one channel of each group, and allows no padding that only dilation allows.
    options = {"by_reference": groups == 1 and extra < stride}
    return layer, [images(rng, groups * each_in, axes).astype(dtype_of(seed))], options


def max_pool(rng, seed):
    axes = drawn(rng, 1, 2, 3)
    kernel = lengths(rng, axes, 1, 4)
    kind = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[axes - 1]
    padding = tuple(int(rng.integers(0, each // 2 + 1)) for each in kernel)
    dilation = drawn(rng, 1, 2) if not any(padding) else 1
    stride, ceil_mode = int(rng.integers(1, 4)), drawn(rng, True, False)
    layer = kind(kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    # Where the stride is 1, the reference evaluator mixes up the axes' padding, and reads beyond the end.
    options = {"by_reference": stride > 1 or (len(set(padding)) == 1 and not ceil_mode)}
    return layer, [images(rng, 2, axes).astype(dtype_of(seed))], options


def avg_pool(rng, seed):
    axes = drawn(rng, 1, 2, 3)
    kernel = lengths(rng, axes, 1, 4)
    kind = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)[axes - 1]
    padding = tuple(int(rng.integers(0, each // 2 + 1)) for each in kernel)
    arguments = [kernel, int(rng.integers(1, 4)), padding, drawn(rng, True, False), drawn(rng, True, False)]
    if axes > 1:
        arguments.append(drawn(rng, None, 3))
    return kind(*arguments), [images(rng, 2, axes).astype(dtype_of(seed))], {}


def lp_pool(rng, seed):
    axes = drawn(rng, 1, 2, 3)
    kind = (nn.LPPool1d, nn.LPPool2d, nn.LPPool3d)[axes - 1]
    layer = kind(drawn(rng, 1, 2, 3, 4, 2.5), lengths(rng, axes, 1, 4), int(rng.integers(1, 4)))
    return layer, [np.abs(images(rng, 2, axes)).astype(dtype_of(seed))], {}


def adaptive_pool(rng, seed):
    axes = drawn(rng, 1, 2, 3)
    kind = drawn(
        rng,
        (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)[axes - 1],
        (nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d)[axes - 1],
    )
    size = drawn(rng, 1, 3, (None,) * axes, lengths(rng, axes, 1, 9))
    # The reference evaluator has GlobalMaxPool of images alone.
    options = {"by_reference": axes == 2 or size != 1}
    return kind(size), [rng.normal(size=(4, 2, *drawn(rng, (6,) * axes, lengths(rng, axes))))], options


def global_pool(rng, seed):
    axes = drawn(rng, 1, 2, 3)
    kind = drawn(rng, f"GlobalAvgPool{axes}d", f"GlobalMaxPool{axes}d")
    return getattr(nn, kind)(keepdims=drawn(rng, True, False)), [images(rng, 3, axes)], {"by_reference": axes == 2}


def linear(rng, seed):
    inputs, outputs = (int(each) for each in rng.integers(1, 6, 2))
    layer = nn.Linear(inputs, outputs, bias=drawn(rng, True, False), dtype=dtype_of(seed))
    return (
        layer,
        [rng.normal(size=(4, *lengths(rng, int(rng.integers(0, 3)), 1, 4), inputs)).astype(dtype_of(seed))],
        {},
    )


def flatten(rng, seed):
    start = int(rng.integers(0, 3))
    return nn.Flatten(start, drawn(rng, -1, 3, start)), [images(rng, 3, 2)], {}


def with_statistics(layer, rng):
    """A normalisation that has seen a batch, with a weight and a bias that are not 1 and 0."""
    for name, array in layer.named_buffers():
        if array.dtype.kind == "f":
            setattr(layer, name, np.abs(rng.normal(size=array.shape)).astype(array.dtype) + 0.5)
    for parameter in layer.parameters():
        parameter.data = rng.normal(size=parameter.shape)
    return layer


def batch_norm(rng, seed):
    axes = int(rng.integers(0, 4))
    kind = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[axes]
    layer = kind(3, eps=drawn(rng, 1e-5, 0.1), affine=drawn(rng, True, False), track_running_stats=seed % 4 > 0)
    return with_statistics(layer, rng), [images(rng, 3, axes)], {}


def instance_norm(rng, seed):
    axes = int(rng.integers(1, 4))
    kind = (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)[axes - 1]
    layer = kind(3, affine=drawn(rng, True, False), track_running_stats=drawn(rng, True, False))
    return with_statistics(layer, rng), [images(rng, 3, axes)], {}


def layer_norm(rng, seed):
    shape = lengths(rng, int(rng.integers(1, 3)), 2, 5)
    layer = drawn(rng, nn.LayerNorm, nn.RMSNorm)(shape, elementwise_affine=drawn(rng, True, False))
    return with_statistics(layer, rng), [rng.normal(size=(4, *lengths(rng, int(rng.integers(0, 3)), 1, 4), *shape))], {}


def group_norm(rng, seed):
    groups = int(rng.integers(1, 4))
    layer = nn.GroupNorm(groups, 2 * groups, affine=drawn(rng, True, False))
    return with_statistics(layer, rng), [images(rng, 2 * groups, int(rng.integers(1, 4)))], {}


def response_norm(rng, seed):
    layer = nn.LocalResponseNorm(int(rng.integers(1, 6)), 0.5, 0.7, 1.2)
    return layer, [images(rng, 5, int(rng.integers(1, 3)), batch=5)], {}  # its LRN does as many channels as examples


def embedding(rng, seed):
    layer = nn.Embedding(9, 4, padding_idx=drawn(rng, None, 2))
    return layer, [rng.integers(0, 9, (4, *lengths(rng, int(rng.integers(0, 3)), 1, 4)))], {}


def padding(rng, seed):
    axes = int(rng.integers(1, 4))
    kind = drawn(rng, "ZeroPad", "ConstantPad", "ReflectionPad", "ReplicationPad", "CircularPad")
    widths = tuple(int(each) for each in rng.integers(-1 if seed % 2 else 0, 4, 2 * axes))
    arguments = (widths, 1.5) if kind == "ConstantPad" else (widths,)
    return getattr(nn, f"{kind}{axes}d")(*arguments), [images(rng, 2, axes)], {}


def shuffle(rng, seed):
    layer = drawn(rng, nn.PixelShuffle(2), nn.PixelUnshuffle(2), nn.ChannelShuffle(4))
    return layer, [rng.normal(size=(3, 8, 4, 6))], {}


def patches(rng, seed):
    kernel, stride, pad, dilation = (int(each) for each in rng.integers((1, 1, 0, 1), (4, 3, 2, 3)))
    unfold = nn.Unfold(kernel, dilation, pad, stride)
    fold = nn.Fold((7, 6), kernel, dilation, pad, stride)
    return drawn(rng, unfold, nn.Sequential(unfold, fold)), [rng.normal(size=(3, 2, 7, 6))], {}


def upsample(rng, seed):
    axes = int(rng.integers(1, 4))
    mode = drawn(rng, "nearest", ("linear", "bilinear", "trilinear")[axes - 1], *(["bicubic"] if axes == 2 else []))
    align = None if mode == "nearest" else drawn(rng, True, False)
    size = {"size": lengths(rng, axes, 2, 12)} if seed % 2 else {"scale_factor": drawn(rng, 2.0, 1.7, 0.6, 3)}
    return nn.Upsample(**size, mode=mode, align_corners=align), [images(rng, 2, axes)], {}


def recurrent(rng, seed):
    kind, batch_first = drawn(rng, nn.RNN, nn.GRU, nn.LSTM), drawn(rng, True, False)
    options = {"nonlinearity": drawn(rng, "tanh", "relu")} if kind is nn.RNN else {}
    layer = kind(
        3, 4, int(rng.integers(1, 4)), bias=drawn(rng, True, False), batch_first=batch_first,
        bidirectional=drawn(rng, True, False), dtype=dtype_of(seed), **options,
    )  # fmt: skip
    x = rng.normal(size=(4, 5, 3) if batch_first else (5, 4, 3)).astype(dtype_of(seed))
    # The reference evaluator has no other activation than tanh.
    return layer, [x], {"batch_axis": 0 if batch_first else 1, "by_reference": options != {"nonlinearity": "relu"}}


def recurrent_without_batch(rng, seed):
    layer = drawn(rng, nn.RNN, nn.GRU, nn.LSTM)(3, 4, int(rng.integers(1, 3)), bidirectional=drawn(rng, True, False))
    return layer, [rng.normal(size=(5, 3))], {"batch_axis": None}


def projected(rng, seed):
    return nn.LSTM(3, 4, proj_size=2), [rng.normal(size=(3, 4, 3))], {"batch_axis": 1}


def cell(rng, seed):
    return drawn(rng, nn.RNNCell, nn.GRUCell, nn.LSTMCell)(3, 4), [rng.normal(size=(4, 3))], {}


def without_batch(rng, seed):
    layer = drawn(rng, nn.Conv2d(2, 3, 2), nn.MaxPool2d(2), nn.AvgPool2d(2, padding=1), nn.AdaptiveAvgPool2d(2))
    return layer, [rng.normal(size=(2, 5, 6))], {"batch_axis": None}


DRAWS = (
    conv, conv_transpose, max_pool, avg_pool, lp_pool, adaptive_pool, global_pool, linear, flatten, batch_norm,
    instance_norm, layer_norm, group_norm, response_norm, embedding, padding, shuffle, patches, upsample, recurrent,
    recurrent_without_batch, projected, cell, without_batch,
)  # fmt: skip


@pytest.mark.parametrize("draw", DRAWS, ids=lambda draw: draw.__name__)
def test_a_layer_computes_the_same_as_its_file(draw, tmp_path):
    for seed in range(COUNT):
        rng = np.random.default_rng(seed)
        layer, inputs, options = draw(rng, seed)
        try:
            check(layer, tmp_path, *inputs, **options)
        except Exception as error:
            error.add_note(f"configuration {seed}: {layer!r} of {[x.shape for x in inputs]}")
            raise
