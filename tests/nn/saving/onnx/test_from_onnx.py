"""What `from_onnx` makes of a file: a module that can be trained, saved, copied and written again."""

import copy
import pickle
import re

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import ShapeError, Tensor
from nn.saving.onnx.reading.registry import supported
from tests.nn.saving.onnx.oracle import assert_near, evaluated, onnx

helper = onnx.helper
FLOAT, DOUBLE, INT64 = onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.INT64


def model_file(path, nodes, inputs, outputs=("y",), weights=(), opset=21, kind=FLOAT):
    """An ONNX file of hand-made nodes; each input is (name, shape) or (name, shape, type)."""
    graph = helper.make_graph(
        nodes,
        "hand-made",
        [helper.make_tensor_value_info(name, *(rest or (kind,)), shape) for name, shape, *rest in inputs],
        [helper.make_tensor_value_info(name, kind, None) for name in outputs],
        [onnx.numpy_helper.from_array(np.asarray(array), name) for name, array in weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


class Net(nn.Module):
    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self.conv = nn.Conv2d(1, 2, 3, rng=rng)
        self.norm = nn.BatchNorm2d(2)
        self.fc = nn.Linear(8, 3, rng=rng)

    def forward(self, x):
        return self.fc(F.leaky_relu(self.norm(self.conv(x)), 0.25).reshape(len(x), -1))


def seen(net):
    """The network after a batch, in evaluation mode."""
    net(np.random.default_rng(5).normal(size=(6, 1, 4, 4)))
    return net.eval()


def test_weights_become_parameters_and_statistics_buffers(tmp_path):
    net = seen(Net())
    nn.to_onnx(net, tmp_path / "net", (1, 4, 4))
    model = nn.from_onnx(tmp_path / "net")
    expected = net.state_dict()
    del expected["norm.num_batches_tracked"]
    state = model.state_dict()
    assert state.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(state[name], array)
    assert [name for name, _ in model.named_buffers()] == ["norm.running_mean", "norm.running_var"]
    assert {each.name for each in model.parameters()} == {name for name, _ in net.named_parameters()}
    model.fc.bias.data = np.zeros(3)
    assert_near(model(np.zeros((1, 1, 4, 4))).data + net.fc.bias.data, net(np.zeros((1, 1, 4, 4))).data, "without bias")


def test_gradients_are_those_of_the_network(tmp_path):
    net, x = seen(Net()), np.random.default_rng(1).normal(size=(3, 1, 4, 4))
    nn.to_onnx(net, tmp_path / "net", x)
    model, upstream = nn.from_onnx(tmp_path / "net"), np.random.default_rng(2).normal(size=(3, 3))
    for each in (net, model):
        each(x).backward(upstream)
    for name, parameter in net.named_parameters():
        assert_near(dict(model.named_parameters())[name].grad, parameter.grad, name)


def test_a_model_is_trained_saved_and_copied(tmp_path):
    net, x = seen(Net()), np.random.default_rng(1).normal(size=(3, 1, 4, 4))
    nn.to_onnx(net, tmp_path / "net", x)
    model = nn.from_onnx(tmp_path / "net")
    before = model(x).data.copy()
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    F.cross_entropy(model(x), [0, 1, 2]).backward()
    optimizer.step()
    after = model(x).data
    assert np.abs(after - before).max() > 1e-3
    nn.save(model, tmp_path / "weights")
    fresh = nn.from_onnx(tmp_path / "net")
    nn.load(fresh, tmp_path / "weights")
    for other in (fresh, copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(other(x).data, after)
    nn.load(net, tmp_path / "weights", strict=False)  # under the same names
    assert_near(net(x).data, after, "back in the network")


def test_another_dtype_on_request(tmp_path):
    net, x = Net().eval(), np.random.default_rng(1).normal(size=(3, 1, 4, 4))
    nn.to_onnx(net, tmp_path / "net", x, dtype=np.float32)
    assert nn.from_onnx(tmp_path / "net")(x).dtype == np.float32  # what the file says
    model = nn.from_onnx(tmp_path / "net", dtype=np.float64)
    assert {each.dtype for each in model.parameters()} == {np.dtype(float)}
    out = model(Tensor(x.astype(np.float32)))
    assert out.dtype == np.float64
    np.testing.assert_allclose(out.data, net(x).data, rtol=1e-5, atol=1e-6)
    with pytest.raises(TypeError, match="no floating-point dtype"):
        nn.from_onnx(tmp_path / "net", dtype=int)


def test_constants_and_casts_take_the_dtype_too(tmp_path):
    nodes = [
        helper.make_node("Constant", [], ["half"], value_float=0.5),
        helper.make_node("Constant", [], ["two"], value_floats=[2.0]),
        helper.make_node("ConstantOfShape", ["shape"], ["ones"], value=helper.make_tensor("v", FLOAT, [1], [1.0])),
        helper.make_node("Cast", ["ids"], ["floats"], to=FLOAT),
        helper.make_node("Sum", ["x", "half", "two", "ones", "floats"], ["y"]),
    ]
    inputs, weights = [("x", ["n"]), ("ids", ["n"], INT64)], [("shape", np.array([1]))]
    path = model_file(tmp_path / "file", nodes, inputs, weights=weights)
    x, ids = np.array([1.5, 2.5], np.float32), np.array([10, 20])
    assert_near(nn.from_onnx(path)(x, ids), evaluated(path, {"x": x, "ids": ids})[0], "float32")
    assert nn.from_onnx(path, dtype=np.float64)(x, ids).tolist() == [15.0, 26.0]


@pytest.mark.parametrize(
    "name, path",
    [
        ("onnx::Conv_12", "onnx__Conv_12"),
        ("/layer.0/Constant", "_layer.0_Constant"),
        ("training", "training_2"),
        ("parameters.forward", "parameters_2.forward_2"),
        ("graph", "graph_2"),
        ("0.1", "0.1"),
        ("", "_"),
        ("a..b", "a._.b"),
        ("Ω", "_"),
        (".".join("abcdefghijklmnopqrs"), "_".join("abcdefghijklmnopqrs")),
        ("w" * 300, "w" * 100),
        ("__class__", "n__class__"),
    ],
)
def test_any_name_can_be_a_weights(tmp_path, name, path):
    given = name or "empty"
    nodes = [helper.make_node("Add", ["x", given], ["y"])]
    model = nn.from_onnx(model_file(tmp_path / "file", nodes, [("x", [2])], weights=[(given, np.float32([1, 2]))]))
    (found,) = model.state_dict()
    assert found == (path if name else "empty")
    assert model(np.zeros(2, np.float32)).data.tolist() == [1.0, 2.0]


def test_names_that_would_be_one_are_kept_apart(tmp_path):
    names = ["a", "a.b", "a.c", "a/b", "a:b", "a_b"]
    nodes = [helper.make_node("Sum", names, ["y"])]
    model = nn.from_onnx(model_file(tmp_path / "file", nodes, [], weights=[(name, np.float32(1)) for name in names]))
    assert list(model.state_dict()) == ["a", "a_b", "a_b_2", "a_b_3", "a_2.b", "a_2.c"]
    assert model().item() == 6.0


def test_inputs_are_checked_against_the_file(tmp_path):
    nodes = [helper.make_node("Gather", ["x", "ids"], ["y"], axis=1)]
    path = model_file(tmp_path / "file", nodes, [("x", ["n", 3]), ("ids", [2], INT64)])
    model, x, ids = nn.from_onnx(path), np.ones((4, 3), np.float32), np.array([0, 2])
    assert model(x, ids).shape == model(x.astype(np.float64), ids.astype(np.int32)).shape == (4, 2)
    assert repr(model) == "OnnxModel(x float32(n, 3), ids int64(2) -> y float32(...); Gather: 1)"
    with pytest.raises(TypeError, match=r"takes 2 inputs \(x, ids\), not 1"):
        model(x)
    for wrong in (np.ones((4, 2)), np.ones(3), np.ones((4, 3, 1))):
        with pytest.raises(ShapeError, match=r"onnx input x float32\(n, 3\) does not fit an array of shape"):
            model(wrong, ids)
    with pytest.raises(TypeError, match="onnx input 'ids' holds int64, not float64"):
        model(x, np.array([0.0, 1.0]))
    with pytest.raises(TypeError, match="onnx input 'x' holds float32, not int64"):
        model(ids.reshape(1, 2), ids)
    with pytest.raises(ValueError, match=r"node 'y' \(Gather, opset 13\): an index from 0 to 3 lies outside"):
        model(x, np.array([0, 3]))


def test_the_documentation_lists_every_operator():
    listed = re.findall(
        r"[A-Z]\w*", "".join(re.findall(r"- ([A-Z]\w+,(?:[^-]|\n)*)", nn.from_onnx.__doc__.split("Nothing")[0]))
    )
    assert sorted(listed) == supported()


# ---- operators as they were in earlier opsets -----------------------------------------------------------------------

OLD = {
    "clip": (9, ["Clip"], {"min": -0.5, "max": 0.5}),
    "pad": (10, ["Pad"], {"pads": [0, 1, 0, 2, 0, 1], "mode": "constant", "value": 1.5}),
    "slice": (9, ["Slice"], {"starts": [1, -3], "ends": [100, -1], "axes": [1, 2]}),
    "softmax": (11, ["Softmax"], {"axis": 1}),
    "log_softmax": (11, ["LogSoftmax"], {}),
    "reduce": (11, ["ReduceSum"], {"axes": [1], "keepdims": 0}),
    "mean": (17, ["ReduceMean"], {"axes": [1, -1]}),
    "squeeze": (11, ["Unsqueeze", "Squeeze"], {"axes": [1]}),
    "split": (11, ["Split"], {"split": [1, 2], "axis": 1}),
    "upsample": (7, ["Upsample"], {"scales": [1.0, 1.0, 2.0], "mode": "nearest"}),
    "top": (9, ["TopK"], {"k": 2, "axis": 2}),
    "dropout": (11, ["Dropout"], {"ratio": 0.5}),
}


@pytest.mark.parametrize("name", OLD)
def test_attributes_that_became_inputs(name, tmp_path):
    opset, kinds, attributes = OLD[name]
    outputs = ["y", "z"] if name in ("split", "top") else ["y"]
    chain = ["x", *(f"v{place}" for place in range(len(kinds) - 1))]
    nodes = [
        helper.make_node(kind, [before], [after] if place + 1 < len(kinds) else outputs, **attributes)
        for place, (kind, before, after) in enumerate(zip(kinds, chain, [*chain[1:], ""], strict=True))
    ]
    path = model_file(tmp_path / "file", nodes, [("x", [2, 3, 4])], outputs[:1], opset=opset)
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    out = nn.from_onnx(path)(Tensor(x))
    if name == "upsample":
        expected = x.repeat(2, axis=2)
    elif name in ("softmax", "log_softmax"):  # over all axes from the first on
        expected = F.softmax(x.reshape(2, 12), 1).reshape(x.shape)
        expected = np.log(expected) if name == "log_softmax" else expected
    elif name == "top":
        expected = -np.sort(-x, axis=2)[..., :2]
    else:
        (expected,) = evaluated(path, {"x": x})
    assert_near(out.data, expected, name)


@pytest.mark.parametrize(
    "start, end, step", [(5, -100, -1), (-1, 0, -2), (100, -3, -1), (0, 100, 3), (3, 3, 1), (-9, 2, 1)]
)
def test_slices_count_as_the_standard_says(tmp_path, start, end, step):
    weights = [(name, np.array([value])) for name, value in (("s", start), ("e", end), ("a", -1), ("t", step))]
    nodes = [helper.make_node("Slice", ["x", "s", "e", "a", "t"], ["y"])]
    path = model_file(tmp_path / "file", nodes, [("x", [2, 5])], weights=weights)
    x = np.arange(10, dtype=np.float32).reshape(2, 5)
    assert_near(nn.from_onnx(path)(Tensor(x)).data, evaluated(path, {"x": x})[0], "slice")


def test_groups_had_one_weight_each(tmp_path):
    nodes = [helper.make_node("GroupNormalization", ["x", "scale", "bias"], ["y"], num_groups=2, epsilon=1e-5)]
    weights = [("scale", np.float32([2.0, 3.0])), ("bias", np.float32([0.5, -0.5]))]
    path = model_file(tmp_path / "file", nodes, [("x", ["n", 4, 3])], weights=weights, opset=18)
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype(np.float32)
    expected = F.group_norm(x, 2, np.float32([2, 2, 3, 3]), np.float32([0.5, 0.5, -0.5, -0.5]))
    assert_near(nn.from_onnx(path)(x).data, expected, "groups")
