"""What `to_onnx` writes, and what it refuses to."""

import os
import sys

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
from autograd import Tensor
from tests.nn.saving.onnx.oracle import evaluated, onnx


class Net(nn.Module):
    def __init__(self):
        rng = np.random.default_rng(0)
        self.conv = nn.Conv2d(1, 2, 3, rng=rng)
        self.norm = nn.BatchNorm2d(2)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(8, 3, rng=rng)

    def forward(self, x):
        return self.fc(self.drop(F.relu(self.norm(self.conv(x))).reshape(len(x), -1)))


class Of(nn.Module):
    def __init__(self, function):
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def test_the_file_says_what_it_is(tmp_path):
    nn.to_onnx(Net(), tmp_path / "net.onnx", (1, 4, 4))
    model = onnx.load(tmp_path / "net.onnx")
    assert [(each.domain, each.version) for each in model.opset_import] == [("", 21)]
    assert (model.ir_version, model.producer_name, model.graph.name) == (10, "gradwalk", "Net")
    assert [node.op_type for node in model.graph.node if node.op_type != "Constant"] == [
        "Conv", "BatchNormalization", "Relu", "Reshape", "Gemm",
    ]  # fmt: skip
    assert [node.name for node in model.graph.node][-1] == "output"
    assert "net/conv/conv2d/Conv" in [node.name for node in model.graph.node]
    given, made = (onnx.helper.printable_value_info(each[0]) for each in (model.graph.input, model.graph.output))
    assert (given, made) == ("%input[DOUBLE, batchx1x4x4]", "%output[DOUBLE, batchx3]")


def test_weights_stand_under_their_own_names(tmp_path):
    net = Net()
    nn.to_onnx(net, tmp_path / "net.onnx", (1, 4, 4))
    held = {each.name: onnx.numpy_helper.to_array(each) for each in onnx.load(tmp_path / "net.onnx").graph.initializer}
    state = {name: array for name, array in net.state_dict().items() if name != "norm.num_batches_tracked"}
    assert held.keys() == state.keys()
    for name, array in state.items():
        np.testing.assert_array_equal(held[name], array)


def test_what_is_shared_stands_once(tmp_path):
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    net[1].weight = net[0].weight
    nn.to_onnx(net, tmp_path / "net.onnx", (3,))
    names = [each.name for each in onnx.load(tmp_path / "net.onnx").graph.initializer]
    assert sorted(names) == ["0.bias", "0.weight", "1.bias"]


def test_the_same_model_gives_the_same_bytes_and_stays_as_it_was(tmp_path):
    net = Net()
    before = net.state_dict()
    net.norm.eval()
    for name in ("first", "second"):
        nn.to_onnx(net, tmp_path / name, (1, 4, 4))
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    assert [part.training for part in net.modules()] == [True, True, False, True, True]
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    assert all(parameter.grad is None for parameter in net.parameters())
    assert sys.getprofile() is None


def test_single_precision_for_a_model_of_double(tmp_path):
    net, x = Net(), np.random.default_rng(1).normal(size=(3, 1, 4, 4))
    nn.to_onnx(net, tmp_path / "net.onnx", x, dtype=np.float32)
    (found,) = evaluated(tmp_path / "net.onnx", {"input": x.astype(np.float32)})
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, net.eval()(x).data, rtol=1e-4, atol=1e-5)


def test_mixed_precision_is_cast_where_autograd_casts(tmp_path):
    net = Of(lambda x: (Tensor(np.float32([1.5, 2.5])) * x.astype(np.float32)).astype(np.float64) * x)
    x = np.random.default_rng(0).normal(size=(3, 2))
    nn.to_onnx(net, tmp_path / "net.onnx", x)
    np.testing.assert_allclose(evaluated(tmp_path / "net.onnx", {"input": x})[0], net(Tensor(x)).data, rtol=1e-12)


def test_names_of_inputs_and_outputs(tmp_path):
    net = Of(lambda x, y: (x + y, x * y))
    nn.to_onnx(net, tmp_path / "net", (2,), (2,), input_names=["left", "right"], output_names=["sum", "product"])
    graph = onnx.load(tmp_path / "net").graph
    assert [each.name for each in [*graph.input, *graph.output]] == ["left", "right", "sum", "product"]
    for names in (["a", "a"], ["a"], ["a", ""], ["a", "b/c"]):
        with pytest.raises(ValueError, match=r"input_names|cannot name"):
            nn.to_onnx(net, tmp_path / "no", (2,), (2,), input_names=names)
    with pytest.raises(ValueError, match="'weight' cannot name an input or output"):
        nn.to_onnx(nn.Linear(2, 2), tmp_path / "no", (2,), output_names=["weight"])
    assert os.listdir(tmp_path) == ["net"]


@pytest.mark.parametrize("batch_axis", [None, 1, (0, None), (None, 0)])
def test_the_batch_may_be_any_axis_or_none(tmp_path, batch_axis):
    rng = np.random.default_rng(0)
    if isinstance(batch_axis, tuple):
        net, inputs = Of(lambda x, y: x[:, None] * y[None]), [rng.normal(size=(3,)), rng.normal(size=(3,))]
    else:
        net, inputs = Of(lambda x: x.reshape(2, -1) * 2.0), [rng.normal(size=(2, 3))]
    nn.to_onnx(net, tmp_path / "net", *inputs, batch_axis=batch_axis)
    names = [each.name for each in onnx.load(tmp_path / "net").graph.input]
    if batch_axis is not None:
        axes = batch_axis if isinstance(batch_axis, tuple) else [batch_axis]
        inputs = [x if axis is None else np.repeat(x, 3, axis) for x, axis in zip(inputs, axes, strict=True)]
    found = evaluated(tmp_path / "net", dict(zip(names, inputs, strict=True)))[0]
    np.testing.assert_allclose(found, net(*map(Tensor, inputs)).data)
    np.testing.assert_allclose(nn.from_onnx(tmp_path / "net")(*inputs).data, found)


# ---- what is refused ------------------------------------------------------------------------------------------------


def looks_at_the_input(x):
    return x * 2.0 if x.data[0, 0] > 0.0 else x + 3.0  # of the passes' random numbers, some are and some are not


def loops_over_the_batch(x):
    return autograd.stack([example * 2.0 for example in x])


class Scaled(nn.Module):
    def __init__(self):
        self.layers = nn.ModuleList([nn.Linear(4, 4)])

    def forward(self, x):
        return self.layers[0](x) * Tensor(x.data.std(axis=0))


REFUSED = {
    "a choice by numbers": (
        Of(lambda x: autograd.where(x.data > 0.0, x, -x)),
        r"differ in of: an array of shape \(2, 4\)",
    ),
    "a branch": (Of(looks_at_the_input), "a Mul in one and a Add in the other"),
    "a loop": (Of(loops_over_the_batch), r"differ.*operations|differ.*in one and"),
    "a constant from the input": (
        Scaled(),
        r"differ in scaled: an array of shape \(4,\) and \(4,\) that is no constant",
    ),
    "numbers drawn in forward": (Of(lambda x: F.dropout(x, 0.5)), "differ in of/dropout"),
    "the largest one's place": (Of(lambda x: x[:, np.argmax(x.data, axis=1)]), "differ in of"),
    "a square of the batch": (Of(lambda x: autograd.broadcast_to(x.sum(), (len(x) ** 2,))), "differ in of"),
    "linear algebra": (
        Of(lambda x: autograd.linalg.inv(x.T @ x + np.eye(4))),
        r"made in of, is 'inv', for which ONNX has no operator",
    ),
    "a detached output": (Of(lambda x: x.detach()), "output 0 of Of is a constant Tensor"),
    "an array": (Of(lambda x: x.numpy()), "output 0 of Of is ndarray"),
    "nothing": (Of(lambda x: None), "output 0 of Of is NoneType"),
    "a stranger's parameter": (
        Of(lambda x: x * nn.Parameter([2.0])),
        "no parameter and no input; make it a parameter",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_file_can_hold_is_refused(tmp_path, name):
    net, message = REFUSED[name]
    with pytest.raises(nn.ExportError, match=message):
        nn.to_onnx(net, tmp_path / "net.onnx", (4,))
    assert not os.listdir(tmp_path)
    assert sys.getprofile() is None


def test_a_primitive_of_ones_own_is_named(tmp_path):
    cube = autograd.Elementwise("cube_for_onnx", lambda x: x**3, [lambda out, x: 3.0 * x * x])
    with pytest.raises(
        nn.ExportError, match="made in of, is the primitive 'cube_for_onnx', for which no operator of ONNX"
    ):
        nn.to_onnx(Of(lambda x: cube(x)), tmp_path / "net.onnx", (4,))


@pytest.mark.parametrize(
    "inputs, options, error, message",
    [
        ((), {}, TypeError, "give for each argument of forward"),
        (("text",), {}, TypeError, "a shape or an array of numbers, not str"),
        (((2,),), {"batch_axis": -1}, ValueError, "must be an axis from 0"),
        (((2,),), {"batch_axis": (0, 0)}, ValueError, "or one of them for each of 1 inputs"),
        ((np.ones(2),), {"batch_axis": 1}, ValueError, "has no batch_axis=1"),
        ((np.ones((0, 2)),), {}, ValueError, "has no number"),
    ],
)
def test_arguments_that_say_nothing_are_refused(tmp_path, inputs, options, error, message):
    with pytest.raises(error, match=message):
        nn.to_onnx(Of(lambda x: x), tmp_path / "net.onnx", *inputs, **options)
    with pytest.raises(TypeError, match="takes a module, not function"):
        nn.to_onnx(lambda x: x, tmp_path / "net.onnx", (2,))


def test_an_error_in_forward_comes_through(tmp_path):
    with pytest.raises(ValueError, match=r"Linear: expected an input of shape \(..., 3\)"):
        nn.to_onnx(nn.Linear(3, 2), tmp_path / "net.onnx", (4,))
    assert sys.getprofile() is None


def test_a_profiler_keeps_its_place(tmp_path):
    sys.setprofile(lambda *_: None)
    try:
        with pytest.raises(RuntimeError, match="a profiler is running"):
            nn.to_onnx(nn.Linear(3, 2), tmp_path / "net.onnx", (3,))
    finally:
        sys.setprofile(None)


def test_without_the_package_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    for call in (lambda: nn.to_onnx(nn.Linear(2, 2), tmp_path / "net", (2,)), lambda: nn.from_onnx(tmp_path / "net")):
        with pytest.raises(ImportError, match=r"needs onnx, .*: pip install 'gradwalk\[onnx\]'"):
            call()
