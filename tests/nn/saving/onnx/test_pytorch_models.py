"""Models that PyTorch exported: read here, they compute what they computed there."""

import warnings

import numpy as np
import pytest

import nn
from tests.nn.saving.onnx.oracle import assert_near, flat, onnx  # noqa: F401 - skips where onnx is missing

torch = pytest.importorskip("torch", reason="PyTorch is the oracle of these tests: pip install gradwalk[torch]")
torch.set_num_threads(1)
F = torch.nn.functional


class Of(torch.nn.Module):
    def __init__(self, function, *modules):
        super().__init__()
        self.function = function
        self.parts = torch.nn.ModuleList(modules)

    def forward(self, *inputs):
        return self.function(*self.parts, *inputs)


def numbers(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


IMAGES, VECTORS, SEQUENCES = (2, 4, 7, 6), (2, 6), (3, 2, 6)
MODELS = {
    "a convolutional network": (
        torch.nn.Sequential(
            torch.nn.Conv2d(4, 6, 3, 2, 1, groups=2), torch.nn.BatchNorm2d(6), torch.nn.ReLU6(),
            torch.nn.ConvTranspose2d(6, 3, 3, 2, 1, 1), torch.nn.MaxPool2d(3, 2, 1, ceil_mode=True),
            torch.nn.AvgPool2d(2, 1, count_include_pad=False), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
            torch.nn.Linear(3, 2), torch.nn.LogSoftmax(1),
        ),
        IMAGES,
    ),
    "same padding": (torch.nn.Conv2d(4, 6, (3, 4), padding="same"), IMAGES),
    "one axis": (
        torch.nn.Sequential(torch.nn.Conv1d(4, 6, 3, dilation=2), torch.nn.PReLU(6), torch.nn.MaxPool1d(2)),
        (2, 4, 9),
    ),
    "three axes": (
        torch.nn.Sequential(torch.nn.Conv3d(2, 4, 2), torch.nn.ELU(), torch.nn.MaxPool3d(2)),
        (2, 2, 4, 5, 4),
    ),
    "pools": (torch.nn.Sequential(torch.nn.AvgPool2d(3, 2, ceil_mode=True), torch.nn.LPPool2d(2, 2)), IMAGES),
    "activations": (
        torch.nn.Sequential(
            torch.nn.GELU(), torch.nn.SELU(), torch.nn.Softplus(), torch.nn.Tanh(), torch.nn.Hardswish(),
            torch.nn.Mish(), torch.nn.SiLU(), torch.nn.Hardsigmoid(), torch.nn.Softsign(),
            torch.nn.LeakyReLU(), torch.nn.LogSigmoid(),
        ),
        VECTORS,
    ),
    "shrinks": (torch.nn.Sequential(torch.nn.Softshrink(0.2), torch.nn.Hardshrink(0.3), torch.nn.GLU()), VECTORS),
    "normalisations": (
        torch.nn.Sequential(torch.nn.GroupNorm(2, 4), torch.nn.InstanceNorm2d(4, affine=True), torch.nn.LayerNorm(6)),
        IMAGES,
    ),
    "an LSTM": (Of(lambda m, x: m(x), torch.nn.LSTM(6, 5, 2, bidirectional=True)), SEQUENCES),
    "a GRU": (Of(lambda m, x: m(x), torch.nn.GRU(6, 5, batch_first=True)), SEQUENCES),
    "a plain RNN": (Of(lambda m, x: m(x)[0], torch.nn.RNN(6, 5, nonlinearity="relu")), SEQUENCES),
    "attention": (Of(lambda m, x: m(x, x, x)[0], torch.nn.MultiheadAttention(6, 2)), SEQUENCES),
    "a table": (Of(lambda e, m, ids: m(e(ids)).mean(1), torch.nn.Embedding(10, 6), torch.nn.Linear(6, 2)), None),
    "nearest pixels": (Of(lambda x: F.interpolate(x, size=(11, 4))), IMAGES),
    "larger images": (Of(lambda x: F.interpolate(x, scale_factor=2, mode="bilinear")), IMAGES),
    "cubic images": (Of(lambda x: F.interpolate(x, size=(9, 5), mode="bicubic", align_corners=True)), IMAGES),
    "padding": (Of(lambda x: F.pad(x, (1, 2, 0, 3), "reflect") + F.pad(x, (2, 1, 3, 0), value=1.5)), IMAGES),
    "pixels of channels": (Of(lambda x: F.pixel_shuffle(x, 2)), IMAGES),
    "free forms": (
        Of(
            lambda x: torch.cat(
                [x.abs().sqrt(), x.exp().clamp(0.2, 3), x.pow(2).sum(1, keepdim=True), x.max(1, keepdim=True)[0]], 1
            ).flatten(2).chunk(2, 2)[1]
        ),
        IMAGES,
    ),
    "shapes": (
        Of(lambda x: torch.where(x > 0, x, -x).view(x.size(0), -1).unsqueeze(1).repeat(1, 2, 1).transpose(1, 2)),
        IMAGES,
    ),
    "statistics": (Of(lambda x: x.std(1, keepdim=True) + x.var() + x.norm(dim=1, keepdim=True)), IMAGES),
}  # fmt: skip


@pytest.mark.parametrize("opset", [13, 20])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_pytorch_exported(name, opset, tmp_path):
    model, shape = MODELS[name]
    x = numbers(*shape) if shape else torch.tensor([[1, 9, 4], [0, 0, 2]])
    path = tmp_path / "model.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model.eval(), (x,), str(path), dynamo=False, opset_version=opset)
    read = nn.from_onnx(path)
    with torch.no_grad():
        expected = [np.asarray(each) for each in flat_tensors(model(x))]
    for found, wanted in zip(flat(read(x.numpy())), expected, strict=True):
        assert_near(found, wanted, name)
    nn.to_onnx(read, path, x.numpy(), batch_axis=None)
    for found, wanted in zip(flat(nn.from_onnx(path)(x.numpy())), expected, strict=True):
        assert_near(found, wanted, f"{name}, written again")


def flat_tensors(result):
    return [each for part in result for each in flat_tensors(part)] if isinstance(result, tuple) else [result]
