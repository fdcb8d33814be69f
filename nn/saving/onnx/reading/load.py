"""`from_onnx`: a module from an ONNX file."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.progress import with_progress
from nn.saving.files import Path
from nn.saving.onnx.reading import operators  # noqa: F401 - they register themselves
from nn.saving.onnx.reading.file import MAX_BYTES, read_graph
from nn.saving.onnx.reading.graph import Graph, Port, Step
from nn.saving.onnx.reading.model import OnnxModel


@with_progress
def from_onnx(path: Path, *, dtype: Any = None, max_bytes: int = MAX_BYTES) -> OnnxModel:
    """A model from an ONNX file, whose weights are parameters: it can be run, differentiated, trained and drawn.

    Files of opset 7 to 28 are read, as PyTorch, Keras or `to_onnx` write them, with these operators:

    - Conv, ConvTranspose, MaxPool, AveragePool, LpPool, GlobalAveragePool, GlobalMaxPool, GlobalLpPool, Col2Im
    - Gemm, MatMul, Einsum, Det, Attention, LSTM, GRU, RNN
    - BatchNormalization, InstanceNormalization, LayerNormalization, GroupNormalization, RMSNormalization,
      LpNormalization, MeanVarianceNormalization, LRN, Dropout
    - Relu, LeakyRelu, PRelu, ThresholdedRelu, Elu, Selu, Celu, Gelu, Swish, Mish, Sigmoid, HardSigmoid, HardSwish,
      Softplus, Softsign, Softmax, LogSoftmax, Shrink, Tanh
    - Add, Sub, Mul, Div, Mod, Pow, Max, Min, Sum, Mean, Neg, Abs, Sign, Reciprocal, Sqrt, Exp, Log, Erf, Sin, Cos, Tan,
      Atan, Sinh, Cosh, Floor, Ceil, Round, Clip, Identity
    - Equal, Greater, GreaterOrEqual, Less, LessOrEqual, And, Or, Xor, Not, IsNaN, IsInf, Where
    - ReduceSum, ReduceMean, ReduceMax, ReduceMin, ReduceProd, ReduceL1, ReduceL2, ReduceSumSquare, ReduceLogSum,
      ReduceLogSumExp, ArgMax, ArgMin, TopK, CumSum
    - Reshape, Flatten, Transpose, Squeeze, Unsqueeze, Expand, Tile, Concat, Split, Slice, Pad, Gather, GatherElements,
      GatherND, ScatterElements, OneHot, NonZero, Trilu, DepthToSpace, SpaceToDepth, Resize, Upsample
    - Shape, Size, Constant, ConstantOfShape, Range, Cast, CastLike

    Nothing in a file can run code or name another file. To load one takes a few times its size in memory, and to run it
    at most 2^28 numbers for one value. 16-bit numbers that NumPy has no type for are computed as float32.

    Args:
        path: the file.
        dtype: what floating-point numbers become, such as numpy.float64 to check gradients; by default each stays what
            it is.
        max_bytes: refuse a larger file; 2 GiB by default, which is as much as one can have.

    Returns:
        A module that is called with an array or Tensor for each of the graph's inputs. It is in evaluation mode in all
        but name: dropout does nothing, and normalisations take their running mean and variance.

    Raises:
        FileFormatError: the file is damaged, hostile or too large, keeps weights in other files, or holds an operator
            or attribute that is not supported, which the message names with its node and opset. A ValueError.
        OSError: there is no such file, or it cannot be read.
        ImportError: the package onnx is missing; ``pip install gradwalk[onnx]``.

    Example:
        >>> import nn, os, tempfile
        >>> import numpy as np
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "linear.onnx")
        ...     nn.to_onnx(nn.Sequential({"scores": nn.Linear(2, 3)}), path, (2,))
        ...     model = nn.from_onnx(path)
        >>> model
        OnnxModel(
          input float64(batch, 2) -> output float64(batch, 3); Gemm: 1
          (scores): Weights()
        )
        >>> [parameter.name for parameter in model.parameters()]
        ['scores.weight', 'scores.bias']
        >>> model(np.ones((5, 2))).shape
        (5, 3)
    """
    graph = read_graph(path, max_bytes)
    return OnnxModel(graph if dtype is None else _converted(graph, np.dtype(dtype)))


def _converted(graph: Graph, dtype: np.dtype[Any]) -> Graph:
    """The graph with all floating-point numbers of one dtype."""
    if dtype.kind != "f":
        raise TypeError(f"from_onnx: dtype={dtype} is no floating-point dtype")
    ports = [[_converted_port(port, dtype) for port in each] for each in (graph.inputs, graph.outputs)]
    steps = [_converted_step(step, dtype) for step in graph.steps]
    weights = {name: _converted_array(array, dtype) for name, array in graph.weights.items()}
    return Graph(ports[0], ports[1], steps, weights)


def _converted_port(port: Port, dtype: np.dtype[Any]) -> Port:
    return port._replace(dtype=dtype) if port.dtype.kind == "f" else port


def _converted_array(array: Any, dtype: np.dtype[Any]) -> Any:
    return array.astype(dtype) if isinstance(array, np.ndarray) and array.dtype.kind == "f" else array


def _converted_step(step: Step, dtype: np.dtype[Any]) -> Step:
    from nn.saving.onnx.reading.numbers import dtype_of, number_of

    attributes = {name: _converted_array(value, dtype) for name, value in step.attributes.items()}
    if step.kind == "Constant" and (
        attributes.get("value_float") is not None or attributes.get("value_floats") is not None
    ):
        given = attributes["value_float"] if attributes["value_float"] is not None else attributes["value_floats"]
        attributes = {**dict.fromkeys(attributes), "value": np.array(given, dtype=dtype)}
    target = dtype_of(attributes["to"]) if step.kind == "Cast" else None
    if target is not None and target.kind == "f":
        attributes["to"] = number_of(dtype)
    return step._replace(attributes=attributes)
