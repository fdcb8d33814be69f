"""ONNX files that are damaged, lie, or try to fill the memory: a clear error each, and nothing else."""

import os
import sys
import tracemalloc

import numpy as np
import pytest

import nn
from nn.saving.onnx.reading import values
from tests.nn.saving.onnx.oracle import onnx

helper, numpy_helper = onnx.helper, onnx.numpy_helper
FLOAT, INT64 = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64


def tensor(name, array):
    return numpy_helper.from_array(np.asarray(array), name)


def port(name, shape=(2,), kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes=(), inputs=None, outputs=None, weights=(), opset=21):
    graph = helper.make_graph(
        list(nodes), "g", [port("x")] if inputs is None else inputs, [port("y")] if outputs is None else outputs,
        list(weights),
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def node(kind, inputs, outputs=("y",), **attributes):
    return helper.make_node(kind, list(inputs), list(outputs), **attributes)


def changed(proto, change):
    change(proto)
    return proto


def weight_with(**fields):
    """A model that adds a weight, of which some fields are not as they should be."""
    weight = tensor("w", np.float32([1, 2]))
    for name, value in fields.items():
        if name in ("dims", "int32_data", "float_data", "string_data"):
            weight.ClearField(name)
            getattr(weight, name).extend(value)
        else:
            setattr(weight, name, value)
    return model([node("Add", ["x", "w"])], weights=[weight])


def external():
    weight = tensor("w", np.float32([1, 2]))
    weight.ClearField("raw_data")
    weight.data_location = onnx.TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../../../../etc/passwd")
    return model([node("Add", ["x", "w"])], weights=[weight])


def nested(depth):
    graph = helper.make_graph([node("Identity", ["x"])], "g", [], [port("y")])
    for _ in range(depth):
        branch = helper.make_node("If", ["c"], ["y"], then_branch=graph)
        graph = helper.make_graph([branch], "g", [], [port("y")])
    return graph.node[0]


def refer(proto):
    proto.graph.node[0].attribute[0].ref_attr_name = "a"


ADD = node("Add", ["x", "x"])
LOADED = {
    "an unknown operator": (model([node("Frobnicate", ["x"])]), r"\(Frobnicate, opset 21\): the operator"),
    "another domain": (model([node("Relu", ["x"], domain="com.evil")]), "of domain 'com.evil' is not supported"),
    "a long name": (model([node("R" * 10**6, ["x"])]), "is not supported"),
    "a loop over graphs": (model([nested(1)]), "a node that holds a graph, as If, Loop and Scan do"),
    "graphs in graphs": (model([nested(30)]), "a node that holds a graph"),
    "another file": (external(), "keeps numbers in another file, which is not opened"),
    "an early opset": (model([ADD], opset=3), "is of opset 3; opsets 7 to"),
    "a late opset": (model([ADD], opset=10**6), "is of opset 1000000"),
    "no opset": (changed(model([ADD]), lambda m: m.ClearField("opset_import")), "no opset but of"),
    "no graph": (changed(model([ADD]), lambda m: m.ClearField("graph")), "has no graph"),
    "own functions": (changed(model([ADD]), lambda m: m.functions.add(name="f")), "defines functions of its own"),
    "sparse arrays": (changed(model([ADD]), lambda m: m.graph.sparse_initializer.add()), "holds sparse arrays"),
    "a node of itself": (model([node("Add", ["x", "y"])]), "reads 'y', which is made later, or by itself"),
    "a circle": (
        model([node("Add", ["x", "b"], ["a"]), node("Add", ["a", "a"], ["b"]), node("Relu", ["b"])]),
        "reads 'b', which is made later",
    ),
    "a missing input": (model([node("Add", ["x", "nowhere"])]), "reads 'nowhere', which nothing makes"),
    "a missing output": (model([node("Relu", ["x"], ["z"])]), "has the output 'y', which nothing makes"),
    "no output": (model([ADD], outputs=[]), "has no output"),
    "two of one name": (model([ADD, node("Relu", ["x"])]), "makes 'y', which is there already"),
    "an input made again": (model([node("Relu", ["x"], ["x"]), ADD]), "makes 'x', which is there already"),
    "two inputs of one name": (model([ADD], [port("x"), port("x")]), "an input named 'x', which is empty or taken"),
    "two weights of one name": (
        model([node("Add", ["x", "w"])], weights=[tensor("w", [1.0])] * 2),
        "two arrays named 'w'",
    ),
    "too few inputs": (model([node("Add", ["x"])]), "has 1 inputs"),
    "too many outputs": (model([node("Relu", ["x"], ["y", "z"])]), "has 2 outputs"),
    "no such attribute": (model([node("Relu", ["x"], slope=1.0)]), "takes no attribute 'slope'"),
    "an attribute of another type": (model([node("LeakyRelu", ["x"], alpha=1)]), "no attribute 'alpha' of that type"),
    "a missing attribute": (model([node("Concat", ["x", "x"])]), "lacks the attribute 'axis'"),
    "texts": (model([ADD], [port("x", (2,), onnx.TensorProto.STRING)]), "'x' of type string, which is not read"),
    "no tensor": (changed(model([ADD]), lambda m: m.graph.input[0].type.sequence_type.SetInParent()), "is no tensor"),
    "a negative length": (model([ADD], [port("x", (-5,))]), "impossible shape"),
    "many axes": (model([ADD], [port("x", (1,) * 100)]), "100 axes"),
    "fewer numbers": (weight_with(dims=[3]), r"array 'w' of shape \(3,\) should have 3 numbers and has 2"),
    "more numbers": (weight_with(dims=[]), "should have 1 numbers and has 2"),
    "part of a number": (weight_with(raw_data=b"\0" * 7), "should have 2 numbers and has 1"),
    "a huge shape": (weight_with(dims=[2**31, 2**31]), "impossible shape"),
    "a shape that overflows": (weight_with(dims=[2**62, 4]), "impossible shape"),
    "a huge shape of nothing": (weight_with(dims=[0, 2**40, 2**40], raw_data=b""), "impossible shape"),
    "a negative shape": (weight_with(dims=[-2]), "impossible shape"),
    "an endless shape": (weight_with(dims=[1] * 9000), "impossible shape"),
    "an unknown type": (weight_with(data_type=77), "is of type number 77, which is not read"),
    "an array of texts": (weight_with(data_type=8), "is of type string, which is not read"),
    "a segment": (
        changed(weight_with(), lambda m: m.graph.initializer[0].segment.SetInParent()),
        "one segment of several",
    ),
    "a referring attribute": (
        changed(model([node("Elu", ["x"], alpha=1.0)]), refer),
        "refers to a function's attribute",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOADED)
def test_what_cannot_be_read_is_refused_when_it_is_loaded(tmp_path, name):
    proto, message = LOADED[name]
    (tmp_path / "file.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(nn.FileFormatError, match=f"(?s)file.onnx: .*({message})") as caught:
        nn.from_onnx(tmp_path / "file.onnx")
    assert len(str(caught.value)) < 1000


RUN = {
    "a product that does not fit": (node("MatMul", ["x", "w"]), {"w": np.ones(3)}, r"\(MatMul, .*: shapes \(2,\)"),
    "shapes that do not broadcast": (node("Add", ["x", "w"]), {"w": np.ones(3)}, "do not broadcast"),
    "a shape of another size": (node("Reshape", ["x", "w"]), {"w": np.array([3])}, r"cannot be reshaped to \(3,\)"),
    "two types": (node("Add", ["x", "c"]), {"c": np.ones(2, np.int32)}, "operands of one type, not float32 and int32"),
    "a shape of numbers": (node("Reshape", ["x", "w"]), {"w": np.ones(1)}, "lengths are integers, not float"),
    "two open lengths": (node("Reshape", ["x", "w"]), {"w": np.array([-1, -1])}, "cannot be reshaped"),
    "an axis that is not there": (node("Softmax", ["x"], axis=3), {}, r"the axes \(3,\) do not fit an array of 1 axes"),
    "an index outside": (node("Gather", ["x", "w"]), {"w": np.array([5])}, "lies outside the 2 elements"),
    "an image of one axis": (node("Conv", ["x", "w"]), {"w": np.ones((1, 1, 1))}, "1 to 3 spatial axes"),
    "a step of 0": (
        node("Slice", ["x", "a", "b", "a", "a"]), {"a": np.array([0]), "b": np.array([1])}, r"steps \(0,\) do not fit",
    ),
    "a range without end": (
        node("Range", ["a", "b", "a"]), {"a": np.array(0), "b": np.array(1)}, "has no end",
    ),
    "an equation": (node("Einsum", ["x"], equation="i->i;import os"), {}, "is no equation"),
    "training": (node("Dropout", ["x", "r", "t"]), {"r": np.float32(0.5), "t": np.array(True)}, "training mode"),
}  # fmt: skip
LARGE = {
    "Expand": (node("Expand", ["x", "w"]), {"w": np.array([2**40, 2])}),
    "Tile": (node("Tile", ["x", "w"]), {"w": np.array([2**40])}),
    "Range": (node("Range", ["a", "b", "c"]), {"a": np.array(0), "b": np.array(2**40), "c": np.array(1)}),
    "ConstantOfShape": (node("ConstantOfShape", ["w"]), {"w": np.array([2**20, 2**20])}),
    "Pad": (node("Pad", ["x", "w"]), {"w": np.array([2**40, 0])}),
    "OneHot": (node("OneHot", ["i", "d", "v"]), {"i": np.array([1]), "d": np.array(2**40), "v": np.float32([0, 1])}),
    "an outer sum": (node("Add", ["a", "b"]), {"a": np.ones((2**15, 1)), "b": np.ones((1, 2**15))}),
    "an outer product": (node("MatMul", ["a", "b"]), {"a": np.ones((2**15, 1)), "b": np.ones((1, 2**15))}),
    "an outer Gemm": (node("Gemm", ["a", "b"], transB=1), {"a": np.ones((2**15, 1)), "b": np.ones((2**15, 1))}),
    "an outer Einsum": (node("Einsum", ["a", "b"], equation="i,j->ij"), {"a": np.ones(2**15), "b": np.ones(2**15)}),
    "rows gathered": (node("Gather", ["a", "i"]), {"a": np.ones((1, 2**15)), "i": np.zeros(2**15, int)}),
    "Resize": (node("Resize", ["a", "", "s"]), {"a": np.ones((1, 1, 2)), "s": np.float32([1, 1, 1e9])}),
    "Resize without end": (node("Resize", ["a", "", "s"]), {"a": np.ones((1, 1, 2)), "s": np.float32([1, 1, np.inf])}),
    "padding": (node("Conv", ["a", "b"], pads=[2**40, 0]), {"a": np.ones((1, 1, 2)), "b": np.ones((1, 1, 1))}),
    "windows": (
        node("AveragePool", ["a"], kernel_shape=[2**14], pads=[2**14, 2**14]), {"a": np.ones((1, 1, 2**15))},
    ),
    "a stride": (
        node("ConvTranspose", ["a", "b"], strides=[2**40]),
        {"a": np.ones((1, 1, 2)), "b": np.ones((1, 1, 1))},
    ),
    "an output": (
        node("ConvTranspose", ["a", "b"], output_padding=[2**40], strides=[2**41]),
        {"a": np.ones((1, 1, 1)), "b": np.ones((1, 1, 1))},
    ),
    "blocks": (
        node("Col2Im", ["a", "s", "k"]),
        {"a": np.ones((1, 1, 1)), "s": np.array([2**20] * 2), "k": np.array([1, 1])},
    ),
}  # fmt: skip


def loaded(path, step, weights):
    path.write_bytes(model([step], weights=[tensor(*each) for each in weights.items()]).SerializeToString())
    return nn.from_onnx(path, dtype=np.float32)


@pytest.mark.parametrize("name", RUN)
def test_a_step_that_cannot_be_computed_is_named(tmp_path, name):
    step, weights, message = RUN[name]
    net = loaded(tmp_path / "file", step, weights)
    with pytest.raises(ValueError, match=message) as caught:
        net(np.ones(2, np.float32))
    assert f"node 'y' ({step.op_type}, opset" in f"{caught.value} {getattr(caught.value, '__notes__', '')}"


@pytest.mark.parametrize("name", LARGE)
def test_no_step_fills_the_memory(tmp_path, name):
    step, weights = LARGE[name]
    net = loaded(tmp_path / "file", step, weights)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"more than is allowed|no size or scale"):
            net(np.ones(2, np.float32))
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


def test_doublings_end_at_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(values, "MOST_ELEMENTS", 2**16)
    nodes = [node("Concat", [f"v{place}"] * 2, [f"v{place + 1}"], axis=0) for place in range(60)]
    nodes = [node("Relu", ["x"], ["v0"]), *nodes, node("Relu", ["v60"])]
    (tmp_path / "file").write_bytes(model(nodes).SerializeToString())
    with pytest.raises(ValueError, match=r"node 'v16' \(Concat.*\(131072,\), more than is allowed"):
        nn.from_onnx(tmp_path / "file")(np.ones(2, np.float32))


def test_what_is_kept_at_one_time_is_limited_too(tmp_path, monkeypatch):
    monkeypatch.setattr("nn.saving.onnx.reading.model.MOST_LIVE_ELEMENTS", 2**16)
    nodes = [node("Expand", ["x", "w"], [f"v{place}"]) for place in range(100)]
    nodes.append(node("Sum", [f"v{place}" for place in range(100)]))
    proto = model(nodes, weights=[tensor("w", np.array([2**10, 2]))])
    (tmp_path / "file").write_bytes(proto.SerializeToString())
    with pytest.raises(ValueError, match="numbers at one time, which is too many"):
        nn.from_onnx(tmp_path / "file")(np.ones(2, np.float32))

    chain = [node("Expand", ["x", "w"], ["v0"])]  # what is needed no more is not kept
    chain += [node("Relu", [f"v{place}"], [f"v{place + 1}"]) for place in range(100)]
    proto = model([*chain, node("Relu", ["v100"])], weights=[tensor("w", np.array([2**10, 2]))])
    (tmp_path / "file").write_bytes(proto.SerializeToString())
    assert nn.from_onnx(tmp_path / "file")(np.ones(2, np.float32)).shape == (2**10, 2)


# ---- bytes ----------------------------------------------------------------------------------------------------------

BYTES = {
    "nothing": (b"", "no graph"),
    "text": (b"Not Found: the page you asked for", "is no ONNX model, or is damaged"),
    "zeros": (bytes(1000), "is no ONNX model, or is damaged"),
    "an endless number": (b"\xff" * 1000, "is no ONNX model, or is damaged or cut off"),
    "a pickle": (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", r"PyTorch pickle.*torch\.onnx\.export"),
    "weights": (
        b"\x40\0\0\0\0\0\0\0{}",
        r"safetensors file, which holds weights and no model.*nn\.load\(model, path\)",
    ),
    "an archive": (b"PK\x03\x04" + bytes(100), "is a ZIP archive, and no ONNX model"),
    "many nodes": (b"\x3a\xc0\x9a\x0c" + b"\x0a\x00" * 100_000, "no graph, or no opset"),
    "too many nodes": (b"\x3a\x80\xb5\x18" + b"\x0a\x00" * 200_000, "more than 150,000 parts"),
    "an array of nothings": (b"\x3a\x82\xea\x01\x2a\xfe\xe9\x01" + b"\x08\x00" * 15_000, "more than 10,000 parts"),
    "a wordy file": (b"\x32\x80\x80\x80\x09" + b"a" * (18 * 2**20), "bytes beside nodes and tensors"),
}


@pytest.mark.uncounted
@pytest.mark.parametrize("name", BYTES)
def test_bytes_that_are_no_model(tmp_path, monkeypatch, name):
    monkeypatch.setattr("nn.saving.onnx.reading.wire.MOST_FIELDS", 150_000)
    data, message = BYTES[name]
    (tmp_path / "file.onnx").write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(nn.FileFormatError, match=f"(?s)file.onnx: .*({message})"):
            nn.from_onnx(tmp_path / "file.onnx")
        assert tracemalloc.get_traced_memory()[1] < 2**20 + 8 * len(data)
    finally:
        tracemalloc.stop()


def test_every_truncation_is_refused(tmp_path):
    data = model([node("Add", ["x", "w"])], weights=[tensor("w", np.float32([1, 2]))]).SerializeToString()
    for length in range(len(data)):
        (tmp_path / "file").write_bytes(data[:length])
        with pytest.raises(nn.FileFormatError):
            nn.from_onnx(tmp_path / "file")


def test_large_files_and_other_things_than_files(tmp_path):
    with open(tmp_path / "large", "wb") as file:
        file.truncate(2**31)  # takes no room on the disk
    with pytest.raises(nn.FileFormatError, match="has 2,147,483,648 bytes, and max_bytes=2,147,483,647 allows no more"):
        nn.from_onnx(tmp_path / "large")
    (tmp_path / "small").write_bytes(bytes(1001))
    with pytest.raises(nn.FileFormatError, match="max_bytes=1,000"):
        nn.from_onnx(tmp_path / "small", max_bytes=1000)
    with pytest.raises(FileNotFoundError):
        nn.from_onnx(tmp_path / "nothing")
    with pytest.raises(nn.FileFormatError, match="no ordinary file"):
        nn.from_onnx(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="not on this platform: pipes are POSIX's")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(nn.FileFormatError, match="no ordinary file"):
        nn.from_onnx(tmp_path / "pipe")
