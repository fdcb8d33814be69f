"""Operators, types and arguments that are met seldom."""

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import Tensor, functions
from nn.saving.onnx.reading.numbers import array_of
from tests.nn.saving.onnx.oracle import assert_near, check, evaluated, onnx
from tests.nn.saving.onnx.test_from_onnx import FLOAT, model_file

helper, Proto = onnx.helper, onnx.TensorProto


def numbers(*shape, dtype=np.float32):
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


def integers(*shape):
    return np.random.default_rng(1).integers(0, 3, shape)


STEPS = {
    "LRN of even size": ("LRN", {"size": 4, "alpha": 0.5, "beta": 0.6, "bias": 1.5}, [numbers(5, 5, 3, 2)]),
    "GatherElements of integers": ("GatherElements", {"axis": 1}, [integers(4, 3), integers(4, 2)]),
    "GatherElements": ("GatherElements", {"axis": -1}, [numbers(4, 3), integers(4, 3) - 3]),
    "Round": ("Round", {}, [np.float32([-1.5, 0.5, 1.5, 2.4])]),
    "Mod of floats": ("Mod", {"fmod": 1}, [numbers(5), np.float32([0.3])]),
    "Clip from below": ("Clip", {}, [numbers(5), np.float32(0.1)]),
    "Tile of integers": ("Tile", {}, [integers(2, 2), np.array([2, 1])]),
    "Concat of integers": ("Concat", {"axis": 0}, [integers(2), integers(3)]),
    "Trilu of integers": ("Trilu", {"upper": 0}, [integers(3, 3)]),
    "CumSum of integers": ("CumSum", {"reverse": 1, "exclusive": 1}, [integers(4), np.array(0)]),
    "ReduceProd of integers": ("ReduceProd", {"keepdims": 0}, [integers(4) + 1]),
    "no axes at all": ("ReduceSum", {"noop_with_empty_axes": 1}, [numbers(2, 3)]),
    "Conv upper": ("Conv", {"auto_pad": "SAME_UPPER", "strides": [2, 1]}, [numbers(2, 1, 5, 4), numbers(1, 1, 2, 4)]),
    "Conv lower": ("Conv", {"auto_pad": "SAME_LOWER"}, [numbers(2, 1, 5, 4), numbers(1, 1, 2, 4)]),
    "Conv valid": ("Conv", {"auto_pad": "VALID"}, [numbers(2, 1, 5, 4), numbers(1, 1, 2, 4)]),
    "uneven ConvTranspose": ("ConvTranspose", {"pads": [1, 0]}, [numbers(2, 1, 5), numbers(1, 2, 3)]),
    "ConvTranspose upper": (
        "ConvTranspose", {"auto_pad": "SAME_UPPER", "strides": [2]}, [numbers(2, 1, 5), numbers(1, 2, 3)],
    ),
    "LpPool of the third power": ("LpPool", {"p": 3, "kernel_shape": [2, 2]}, [numbers(2, 1, 4, 4)]),
    "DepthToSpace": ("DepthToSpace", {"blocksize": 2}, [numbers(2, 8, 2, 3)]),
    "MeanVarianceNormalization": ("MeanVarianceNormalization", {}, [numbers(3, 2, 4, 4)]),
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("as_tensor", [False, True])
def test_a_step_against_the_reference(name, as_tensor, tmp_path):
    kind, attributes, arrays = STEPS[name]
    names = [f"x{place}" for place in range(len(arrays))]
    types = [helper.np_dtype_to_tensor_dtype(array.dtype) for array in arrays]
    inputs = list(zip(names, (array.shape for array in arrays), types, strict=True))
    out = types[0]
    path = model_file(tmp_path / "file", [helper.make_node(kind, names, ["y"], **attributes)], inputs, kind=out)
    given = [Tensor(x, requires_grad=True) if as_tensor and x.dtype.kind == "f" else x for x in arrays]
    found = nn.from_onnx(path)(*given)
    found = found.numpy() if isinstance(found, Tensor) else found
    (expected,) = evaluated(path, dict(zip(names, arrays, strict=True)))
    if found.dtype.kind == "f":
        assert_near(found, expected, name)
    else:
        np.testing.assert_array_equal(found, expected, strict=True)


def test_the_norm_of_a_channel(tmp_path):
    path = model_file(tmp_path / "file", [helper.make_node("GlobalLpPool", ["x"], ["y"], p=3)], [("x", (2, 3, 4, 5))])
    x = numbers(2, 3, 4, 5)
    expected = (np.abs(x) ** 3).sum(axis=(2, 3), keepdims=True) ** np.float32(1 / 3)
    assert_near(nn.from_onnx(path)(x), expected, "norm")


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("layers", [1, 2])
def test_states_to_begin_with(kind, layers, tmp_path):
    class Net(nn.Module):
        def __init__(self):
            self.layer = kind(3, 4, layers, bidirectional=True)

        def forward(self, x, *states):
            return self.layer(x, states if kind is nn.LSTM else states[0])

    rng = np.random.default_rng(0)
    states = [rng.normal(size=(2 * layers, 4, 4)) for _ in range(1 + (kind is nn.LSTM))]
    operators = check(Net(), tmp_path, rng.normal(size=(5, 4, 3)), *states, batch_axis=1)
    assert operators.count(kind.__name__) == layers


def test_an_index_of_several_parts_is_refused(tmp_path):
    class Net(nn.Module):
        def forward(self, x, ids):
            return x[1:, ids]

    with pytest.raises(nn.ExportError, match=r"an index holds an input beside other parts.*x\[:, index\]"):
        nn.to_onnx(Net(), tmp_path / "net", (3,), np.array([0, 1]), batch_axis=(0, None))


def test_weights_of_bags_and_decimals(tmp_path):
    class Net(nn.Module):
        def __init__(self):
            self.table = nn.Parameter(numbers(7, 3, dtype=np.float64))

        def forward(self, ids, weights):
            bags = F.embedding_bag(ids, self.table, mode="sum", per_sample_weights=weights)
            return bags + functions.round(bags, 1)

    check(Net(), tmp_path, np.random.default_rng(0).integers(0, 7, (4, 5)), numbers(4, 5, dtype=np.float64))


# ---- types ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64",
     "BOOL", "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ"],
)  # fmt: skip
@pytest.mark.parametrize("raw", [True, False])
def test_numbers_of_every_type(name, raw):
    kind = getattr(Proto, name)
    values = [0, 1, 1, 0] if name == "BOOL" else [0, 1, 100, 7] if "U" in name[:1] else [0.0, 1.5, -2.0, 96.0]
    values = [int(each) for each in values] if "INT" in name else values
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    array = np.array(values).astype(dtype)
    tensor = helper.make_tensor("t", kind, (2, 2), array.tobytes() if raw else array, raw=raw)
    expected = onnx.numpy_helper.to_array(tensor)
    found = array_of(tensor, "t", "path")
    assert found.shape == (2, 2)
    np.testing.assert_array_equal(found, expected.astype(found.dtype))
    assert found.dtype == (np.float32 if "BFLOAT" in name or "FLOAT8" in name else expected.dtype)


def test_weights_of_half_precision(tmp_path):
    path = tmp_path / "file"
    nn.to_onnx(nn.Linear(3, 2), path, (3,), dtype=np.float16)
    model = nn.from_onnx(path)
    assert {each.dtype for each in model.parameters()} == {np.dtype(np.float16)}
    assert model(np.ones((4, 3))).dtype == np.float16
    assert nn.from_onnx(path, dtype=np.float32)(np.ones((4, 3))).dtype == np.float32


def test_attention_of_several_heads_and_masks(tmp_path):
    nodes = [helper.make_node("Attention", ["q", "k", "v", "m"], ["y"], q_num_heads=2, kv_num_heads=2, is_causal=1)]
    shapes = [("q", (2, 3, 8)), ("k", (2, 5, 8)), ("v", (2, 5, 4)), ("m", (3, 5))]
    path = model_file(tmp_path / "file", nodes, shapes, opset=23, kind=FLOAT)
    arrays = {name: numbers(*shape) for name, shape in shapes}
    assert_near(nn.from_onnx(path)(*arrays.values()), evaluated(path, arrays)[0], "attention")
