"""Thousands of damaged ONNX files: each is refused with a reason, or computes what the standard says."""

import collections
import warnings

import numpy as np
import pytest
from hypothesis import settings

import nn
import nn.functional as F
from autograd import Tensor
from tests.nn.saving.damage import INTERESTING, damaged, little_memory
from tests.nn.saving.onnx.oracle import onnx, reference

COUNT = 10 * settings().max_examples
MEMORY = 24 * 2**20  # of a file and of a pass, for files of a few kilobytes


class Net(nn.Module):
    def __init__(self):
        rng = np.random.default_rng(0)
        self.conv = nn.Conv2d(1, 2, 2, rng=rng)
        self.norm = nn.BatchNorm2d(2)
        self.fc = nn.Linear(8, 3, rng=rng)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.conv(x))), 2, padding=1)
        return F.softmax(self.fc(x.reshape(len(x), -1)), 1) * 2.0 + 1.0


class Sequence(nn.Module):
    def __init__(self):
        rng = np.random.default_rng(0)
        self.table = nn.Embedding(5, 3, rng=rng)
        self.lstm = nn.LSTM(3, 2, batch_first=True, rng=rng)
        self.norm = nn.LayerNorm(2)

    def forward(self, ids):
        out, _ = self.lstm(self.table(ids))
        return F.pad(self.norm(out), (1, 0))[:, ::-1].mean(axis=1)


def files(folder):
    """What is damaged: two models, of doubles and of singles."""
    for model, example in ((Net(), (1, 4, 4)), (Sequence(), np.array([[0, 4, 2]]))):
        for dtype in (np.float64, np.float32):
            nn.to_onnx(model, folder / "whole", example, dtype=dtype)
            yield (folder / "whole").read_bytes()


def with_other_field(data, rng):
    """A number, a name, a type or an operator changed, and the file whole."""
    model = onnx.ModelProto.FromString(data)
    graph = model.graph
    node, weight = (each[int(rng.integers(len(each)))] for each in (graph.node, graph.initializer))
    number = int(rng.choice(INTERESTING[:-2])) * (-1 if rng.random() < 0.3 else 1)
    names = [name for each in graph.node for name in (*each.input, *each.output)]
    change = int(rng.integers(10))
    if change == 0 and node.attribute:
        attribute = node.attribute[int(rng.integers(len(node.attribute)))]
        if attribute.ints:
            attribute.ints[int(rng.integers(len(attribute.ints)))] = number
        attribute.i, attribute.f = number, float(number)
    elif change == 1:
        node.op_type = graph.node[int(rng.integers(len(graph.node)))].op_type
    elif change == 2:
        node.input[:] = [str(rng.choice(names)) for _ in node.input]
    elif change == 3:
        node.output[0] = str(rng.choice(names))
    elif change == 4:
        weight.dims[int(rng.integers(len(weight.dims)))] = number
    elif change == 5:
        weight.data_type = int(rng.integers(0, 25))
    elif change == 6:
        graph.input[0].type.tensor_type.elem_type = int(rng.integers(0, 20))
    elif change == 7:
        # From 7 to 13 the reference evaluator's BatchNormalization takes the batch's own mean.
        model.opset_import[0].version = int(rng.choice([0, 1, 6, 14, 15, 17, 18, 20, 22, 24, 29, 1000]))
    elif change == 8:
        constant = next(each for each in graph.node if each.op_type == "Constant")
        value = onnx.numpy_helper.to_array(constant.attribute[0].t).copy()
        value.flat[int(rng.integers(value.size))] = number % 1000 - 500
        constant.attribute[0].t.CopyFrom(onnx.numpy_helper.from_array(value))
    else:
        graph.node.insert(int(rng.integers(len(graph.node))), node)
    return model.SerializeToString()


def inputs_for(model, rng):
    """Arrays of the shapes that the file asks for, where these are small."""
    arrays = []
    for port in model.graph.inputs:
        shape = [length if isinstance(length, int) and length < 50 else 2 for length in port.shape or (2,)]
        numbers = rng.normal(size=shape[:8]) if port.dtype.kind == "f" else rng.integers(0, 2, shape[:8])
        arrays.append(numbers.astype(port.dtype))
    return arrays


def by_reference(path, model, arrays):
    """The outputs of the reference evaluator; None where it gives up."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = [port.name for port in model.graph.inputs]
            return reference.ReferenceEvaluator(str(path)).run(None, dict(zip(names, arrays, strict=True)))
    except Exception:
        return None


@pytest.mark.uncounted
def test_damaged_models(tmp_path):
    whole, path = list(files(tmp_path)), tmp_path / "model"
    counts = collections.Counter()
    for seed in range(COUNT):
        rng = np.random.default_rng(seed)
        data = whole[seed % len(whole)]
        path.write_bytes(with_other_field(data, rng) if seed % 3 else damaged(data, rng))
        try:
            with little_memory(MEMORY, measured=seed % 10 < 3):
                counts[outcome(path, rng)] += 1
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise
    assert counts["refused"] > 0.4 * COUNT
    assert counts["same"] > 0.1 * COUNT  # of weights that are other numbers now
    assert counts["only here"] < 0.01 * COUNT


def outcome(path, rng):
    """What became of a file. What is computed must be what the reference evaluator computes."""
    try:
        model = nn.from_onnx(path)
        arrays = inputs_for(model, rng)
        out = model(*arrays)
    except ValueError:
        return "refused"
    found = [each.numpy() if isinstance(each, Tensor) else each for each in (out if isinstance(out, tuple) else (out,))]
    with np.errstate(all="ignore"):
        expected = by_reference(path, model, arrays)
    if expected is None:
        return "only here"
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)
    return "same"
