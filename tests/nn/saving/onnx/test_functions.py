"""Functions and free-form code as ONNX: as operators where there are some, as primitives elsewhere."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
from autograd import Tensor, functions
from tests.nn.saving.onnx.oracle import check


class Of(nn.Module):
    """A function as a module, with parameters of its own."""

    def __init__(self, function, **parameters):
        self.function = function
        for name, array in parameters.items():
            setattr(self, name, nn.Parameter(array))

    def forward(self, *inputs):
        return self.function(*inputs, **{name: getattr(self, name) for name in self._parameter_names})


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


ACTIVATIONS = {
    "relu": (F.relu, ["Relu"]),
    "relu6": (F.relu6, ["Clip"]),
    "leaky_relu": (lambda x: F.leaky_relu(x, 0.25), ["LeakyRelu"]),
    "elu": (lambda x: F.elu(x, 0.5), ["Elu"]),
    "selu": (F.selu, ["Selu"]),
    "celu": (lambda x: F.celu(x, 0.7), ["Div", "Elu", "Mul"]),
    "gelu": (F.gelu, ["Gelu"]),
    "gelu by tanh": (lambda x: F.gelu(x, approximate="tanh"), ["Gelu"]),
    "silu": (F.silu, ["Sigmoid", "Mul"]),
    "mish": (F.mish, ["Mish"]),
    "hardswish": (F.hardswish, ["HardSwish"]),
    "hardsigmoid": (F.hardsigmoid, ["HardSigmoid"]),
    "hardtanh": (lambda x: F.hardtanh(x, -0.5, 2.0), ["Clip"]),
    "softplus": (lambda x: F.softplus(x, 2.0, 3.0), ["Mul", "Greater", "Softplus", "Div", "Where"]),
    "softsign": (F.softsign, ["Softsign"]),
    "softshrink": (lambda x: F.softshrink(x, 0.75), ["Shrink"]),
    "hardshrink": (lambda x: F.hardshrink(x, 0.75), ["Shrink"]),
    "tanhshrink": (F.tanhshrink, ["Tanh", "Sub"]),
    "logsigmoid": (F.logsigmoid, ["Neg", "Softplus", "Neg"]),
    "threshold": (lambda x: F.threshold(x, 0.25, -1.5), ["LessOrEqual", "Where"]),
    "sigmoid": (F.sigmoid, ["Sigmoid"]),
    "tanh": (F.tanh, ["Tanh"]),
    "softmax": (lambda x: F.softmax(x, 1), ["Softmax"]),
    "softmin": (lambda x: F.softmin(x, -1), ["Neg", "Softmax"]),
    "log_softmax": (lambda x: F.log_softmax(x, -2), ["LogSoftmax"]),
    "glu": (lambda x: F.glu(x, 1), ["Slice", "Slice", "Sigmoid", "Mul"]),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name, tmp_path):
    function, operators = ACTIVATIONS[name]
    x = 4.0 * numbers(4, 6, 3)
    far = 20.0 if name == "log_softmax" else 1000.0  # the reference evaluator's log_softmax overflows
    x[0, :4] = [[0.0], [far], [-far], [0.25]]  # kinks, and where exponentials overflow
    for dtype in (np.float64, np.float32):
        assert check(Of(function), tmp_path, x.astype(dtype)) == operators


def test_slopes_of_each_channel_and_of_all(tmp_path):
    check(Of(lambda x, w: F.prelu(x, w), w=[0.1, 0.2, -0.3]), tmp_path, numbers(4, 3, 5, 2))
    check(Of(lambda x, w: F.prelu(x, w), w=[0.3]), tmp_path, numbers(4, 3))


# ---- primitives -----------------------------------------------------------------------------------------------------

POSITIVE = ("log", "sqrt")
UNARY = (
    "negative", "square", "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "arctan", "sinh", "cosh",
    "tanh", "sigmoid", "softplus", "erf", "relu", "absolute",
)  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
def test_elementwise_functions(name, tmp_path):
    x = numbers(4, 3, 2)
    x = np.abs(x) + 0.1 if name in POSITIVE else np.maximum(x, -0.9) if name == "log1p" else x
    check(Of(getattr(autograd, name)), tmp_path, x)


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round", "sign"])
def test_steps(name, tmp_path):
    step = autograd.primitive(name)
    check(Of(lambda x: x * step(x)), tmp_path, np.array([[-1.5, -0.5, 0.5, 1.5, 2.5, 0.0, 2.0, -3.0]]))


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "maximum", "minimum", "logaddexp"])
def test_two_operands_broadcast(name, tmp_path):
    function = getattr(autograd, name)
    operators = check(Of(lambda x, w: function(x, w), w=numbers(3, 1, seed=1)), tmp_path, numbers(4, 3, 2))
    assert "Expand" not in operators
    check(Of(lambda x, y: function(x[:, :1], y)), tmp_path, numbers(4, 3), numbers(4, 3, seed=2))
    check(Of(lambda x: function(2.5, x)), tmp_path, numbers(4, 3))


def test_powers(tmp_path):
    check(Of(lambda x: autograd.absolute(x) ** 1.5), tmp_path, numbers(4, 3))
    check(Of(lambda x, w: 2.0 ** (x * w), w=[0.5]), tmp_path, numbers(4, 3))


FORMS = {
    "a residual block": lambda x: x + F.relu(x.reshape(len(x), -1).reshape(x.shape)),
    "clip on both sides": lambda x: functions.clip(x, -0.5, 0.5) + functions.clip(x, upper=0.1),
    "a fixed choice": lambda x: autograd.where(np.tri(3, 4, dtype=bool), x[..., 0], -np.inf).exp(),
    "sums": lambda x: x.sum(axis=(1, 2)) + x.sum(axis=1, keepdims=True).sum(axis=(1, 2, 3))[:, None].sum() * 0.0,
    "means": lambda x: x.mean(axis=1) + x.mean() + x.mean(axis=(0, 1), keepdims=True)[0],
    "deviations": lambda x: functions.std(x, axis=1) + functions.var(x, axis=1, ddof=1),
    "extremes": lambda x: functions.max(x, axis=1) - functions.min(x, axis=(1,), keepdims=True)[:, 0],
    "logsumexp": lambda x: functions.logsumexp(x, axis=(1, 2)),
    "products": lambda x: functions.prod(x, axis=2),
    "running sums": lambda x: functions.cumsum(x, axis=1),
    "norms": lambda x: functions.norm(x, axis=1) + functions.norm(x, 1, axis=1) + functions.norm(x, 3.0, axis=1),
    "norm of all": lambda x: x * functions.norm(x) + functions.norm(x, np.inf, axis=1, keepdims=True),
    "axes moved": lambda x: functions.moveaxis(x, 1, -1).swapaxes(1, 2),
    "axes turned": lambda x: functions.flip(x, axis=(1, 2)) + functions.roll(x, 2, axis=1),
    "the batch as a row": lambda x: functions.transpose(x, (1, 0, 2, 3)).reshape(3, -1).T,
    "parts": lambda x: functions.concatenate(functions.split(x, 2, axis=2)[::-1], axis=1),
    "stacked": lambda x: functions.stack([x, x * 2.0], axis=2),
    "repeated": lambda x: functions.tile(x, (1, 2, 1, 1)) + functions.repeat(x, 2, axis=1),
    "triangles": lambda x: functions.tril(x) - functions.triu(x, 1),
    "padded": lambda x: functions.pad(x, ((0, 0), (1, 0), (0, 2), (0, 0)), 1.5),
    "windows": lambda x: functions.windows(x, (2, 1), (1, 2), (2, 1)).sum(axis=(-1, -2)),
    "products of matrices": lambda x: x @ x.swapaxes(2, 3),
    "labelled axes": lambda x: functions.einsum("nchw,nchv->ncwv", x, x),
    "determinants": lambda x: autograd.linalg.det(x @ x.swapaxes(2, 3)) + autograd.linalg.slogdet(x[..., :2, :2])[1],
    "sorted": lambda x: functions.sort(x, axis=2),
    "normalized": lambda x: F.normalize(x, dim=2) + F.cosine_similarity(x, x * 2.0 + 1.0)[:, None],
    "distances": lambda x: F.pairwise_distance(x, x * 2.0 + 1.0, p=3.0),
    "attention": lambda x: F.scaled_dot_product_attention(x, x, x * 2.0, is_causal=True),
    "other attention": lambda x: F.scaled_dot_product_attention(x, x[:, :1], x[:, :1], enable_gqa=True, scale=0.3),
    "the batch's length": lambda x: (
        (x.sum(axis=0) / len(x) + x * (1.0 / len(x)))[: len(x)].reshape(len(x) * 3, -1) * (2.0 * len(x) + 1.0)
    ),
    "the batch twice": lambda x: (x[:, 0, 0] @ x[:, 0, 0].T).reshape(len(x), 1, len(x)) + x[:, 0, :1, :1],
    "both broadcast": lambda x: (
        functions.broadcast_to(x.sum(axis=0), x.shape) * functions.broadcast_to(x.sum(axis=(0, 1)), x.shape)
    ),
    "handed through": lambda x: F.interpolate(F.pad(F.dropout(x * 2.0, training=False), (0, 0)), size=(4, 4)),
    "pixels": lambda x: (
        F.interpolate(x, size=(3, 7), mode="bicubic") + F.interpolate(x, scale_factor=(1, 1.75))[:, :, :3]
    ),
    "smoothed": lambda x: F.interpolate(x, size=(2, 3), mode="bilinear", antialias=True),
    "exact": lambda x: F.interpolate(x, scale_factor=1.5, mode="nearest-exact"),
    "areas": lambda x: F.interpolate(x, size=(2, 3), mode="area"),
}


@pytest.mark.parametrize("name", FORMS)
def test_free_forms(name, tmp_path):
    for dtype in (np.float64, np.float32):
        check(Of(FORMS[name]), tmp_path, numbers(4, 3, 4, 4).astype(dtype))


INDICES = {
    "slices": np.s_[:, 1:, ::-2, -3:-1],
    "backwards": np.s_[:, ::-1, 3:0:-1],
    "integers": np.s_[:, 1, ..., -1],
    "new axes": np.s_[:, None, 1:, None, 0],
    "an array": np.s_[:, [2, 0, 2]],
    "an array after an ellipsis": np.s_[..., [3, -1]],
    "two arrays": np.s_[:, [0, 2], [1, 3]],
    "arrays apart": np.s_[:, [0, 2], :, [1, 3]],
    "an array and an integer apart": np.s_[:, 1, :, [1, 3]],
    "an array of arrays": np.s_[:, :, np.array([[0, 1], [2, 3]]), :2],
    "booleans": np.s_[:, np.array([True, False, True])],
    "booleans of two axes": np.s_[:, :, np.eye(4, dtype=bool)],
    "part of the batch": np.s_[1:],
    "one of the batch": np.s_[0],
}


@pytest.mark.parametrize("name", INDICES)
def test_indices(name, tmp_path):
    check(Of(lambda x: x[INDICES[name]] * 2.0), tmp_path, numbers(4, 3, 4, 4))


def test_integers_are_inputs_too(tmp_path):
    table = numbers(7, 3)
    ids = np.random.default_rng(1).integers(0, 7, (4, 5))
    net = Of(lambda ids, x, table: F.embedding(ids, table) * x[:, None] + table[np.arange(5)], table=table)
    assert check(net, tmp_path, ids, numbers(4, 3)).count("Gather") == 2
    check(Of(lambda ids, table: table[ids].sum(axis=1), table=table), tmp_path, ids.astype(np.int32))


def test_the_network_of_a_transformer(tmp_path):
    class Block(nn.Module):
        def __init__(self):
            self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
            self.norms = nn.ModuleList([nn.LayerNorm(8), nn.LayerNorm(8)])
            self.wide, self.narrow = nn.Linear(8, 16), nn.Linear(16, 8)

        def forward(self, x):
            x = self.norms[0](x + self.attention(x, x, x)[0])
            return self.norms[1](x + self.narrow(F.gelu(self.wide(x))))

    operators = check(Block(), tmp_path, numbers(4, 5, 8))
    assert operators.count("LayerNormalization") == 2
    assert "Softmax" in operators


def test_several_inputs_and_outputs(tmp_path):
    def forward(x, y, w):
        return x @ w, {"sum": x + y, "same": x}, [y, y]

    operators = check(Of(forward, w=numbers(3, 2)), tmp_path, numbers(4, 3), numbers(4, 3, seed=1))
    assert operators.count("Identity") == 3  # of what is an input, or an output already


def test_frozen_parameters_constants_and_buffers(tmp_path):
    class Net(nn.Module):
        def __init__(self):
            self.frozen = nn.Parameter([1.0, 2.0]).requires_grad_(False)
            self.constant = Tensor([3.0, 4.0])
            self.register_buffer("offset", [5.0, 6.0])

        def forward(self, x):
            return x * self.frozen * self.frozen + self.constant * Tensor(self.offset)

    net = Net()
    check(net, tmp_path, numbers(4, 2))
    assert not net.frozen.requires_grad

    table = nn.Embedding(5, 2)
    table.weight.requires_grad_(False)
    assert check(table, tmp_path, np.array([0, 4, 2])) == ["Gather"]
