"""`OnnxModel`: a module that computes an ONNX graph."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from functools import reduce
from typing import Any

import numpy as np

from autograd import DTypeError, ShapeError, Tensor
from nn.module import Module, Parameter
from nn.saving.onnx.reading.graph import Graph, Port, Step
from nn.saving.onnx.reading.registry import run
from nn.saving.onnx.reading.values import OperatorError, Value, is_float

MOST_LIVE_ELEMENTS = 2**30  # of all values at one time
_MOST_PARTS = 16  # of a weight's path

# The inputs of operators that hold statistics, which are not learnt.
_STATISTICS = {"BatchNormalization": (3, 4)}


class Weights(Module):
    """A part of an `OnnxModel` that only holds weights: those whose names begin with its own."""


class OnnxModel(Module):
    """A module that computes an ONNX graph by `nn.functional`; `nn.from_onnx` makes it.

    Its floating-point weights are parameters and can be trained; running statistics are buffers. They have the file's
    names, so that "conv1.weight" is ``model.conv1.weight`` and stands under that name in `state_dict`.

    Attributes:
        graph: the steps, and the names, dtypes and shapes of inputs and outputs.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph
        self._places: dict[str, tuple[str, ...]] = {}  # of each weight, the attributes that lead to it
        self._integers: dict[str, Value] = {}
        learnt, folders = _learnt(graph), _Folders(self)
        for name, array in graph.weights.items():
            if array.dtype.kind != "f":
                self._integers[name] = array
            elif name in learnt:
                holder, path = folders.place_for(name)
                setattr(holder, path[-1], Parameter(array))
                self._places[name] = path
            else:
                holder, path = folders.place_for(name, identifier=True)
                holder.register_buffer(path[-1], array)
                self._places[name] = path
        graph.weights.clear()  # they are the module's now
        self._last_uses = _last_uses(graph)

    def forward(self, *inputs: Any) -> Any:
        """The graph's output, or a tuple of several, for as many inputs as the graph has.

        Raises:
            ShapeError, DTypeError: an input is not as the graph declares it.
            ValueError: a step cannot be computed; the message names the node, its operator and opset.
        """
        values = self._given(inputs)
        live = sum(x.size for x in values.values())
        with np.errstate(all="ignore"):  # infinities and NaN are values, as in every engine of ONNX
            for place, step in enumerate(self.graph.steps):
                for name, value in zip(step.outputs, self._outputs(step, values), strict=False):
                    if name:
                        values[name] = value
                        live += value.size
                if live > MOST_LIVE_ELEMENTS:
                    raise OperatorError(f"{step.describe()}: there are {live:,} numbers at one time, which is too many")
                for name in self._last_uses[place]:
                    live -= values.pop(name).size
        results = tuple(values[port.name] for port in self.graph.outputs)
        return results[0] if len(results) == 1 else results

    def _given(self, inputs: tuple[Any, ...]) -> dict[str, Value]:
        ports = self.graph.inputs
        if len(inputs) != len(ports):
            names = ", ".join(port.name for port in ports)
            raise TypeError(f"{self.describe()}: takes {len(ports)} inputs ({names}), not {len(inputs)}")
        values: dict[str, Value] = dict(self._integers)
        values.update((name, reduce(getattr, path, self)) for name, path in self._places.items())
        values.update((port.name, _checked(port, x)) for port, x in zip(ports, inputs, strict=True))
        return values

    def _outputs(self, step: Step, values: dict[str, Value]) -> tuple[Value, ...]:
        inputs = [values[name] if name else None for name in step.inputs]
        _check_types(step, inputs)
        try:
            results = run(step, inputs)
        except ValueError as error:
            if step.describe() not in str(error):
                error.add_note(f"in {step.describe()}")
            raise
        except Exception as error:
            raise OperatorError(f"{step.describe()}: cannot be computed: {error}") from error
        if any(name for name in step.outputs[len(results) :]):
            raise OperatorError(f"{step.describe()}: has {len(results)} outputs here, not {len(step.outputs)}")
        return tuple(x if isinstance(x, Tensor) else np.asarray(x) for x in results)

    def extra_repr(self) -> str:
        """The inputs and outputs, and how many steps of each operator there are."""
        ports = [", ".join(map(_described, each)) for each in (self.graph.inputs, self.graph.outputs)]
        kinds = Counter(step.kind for step in self.graph.steps)
        return f"{ports[0]} -> {ports[1]}; " + ", ".join(f"{kind}: {count}" for kind, count in kinds.items())


def _described(port: Port) -> str:
    shape = "..." if port.shape is None else ", ".join("?" if length is None else str(length) for length in port.shape)
    return f"{port.name} {port.dtype}({shape})"


def _learnt(graph: Graph) -> set[str]:
    """The weights that are learnt: all but the running statistics of a normalisation."""
    statistics = {
        name
        for step in graph.steps
        for place, name in enumerate(step.inputs)
        if place in _STATISTICS.get(step.kind, ())
    }
    return set(graph.weights) - statistics


def _check_types(step: Step, inputs: list[Value]) -> None:
    """Raise where the standard asks for operands of one type: NumPy would find one for both, and other engines fail."""
    found: dict[str, Any] = {}
    for kind, x in zip(step.types, inputs, strict=False):
        if kind and x is not None and found.setdefault(kind, x.dtype) != x.dtype:
            raise OperatorError(f"{step.describe()}: takes operands of one type, not {found[kind]} and {x.dtype}")


def _last_uses(graph: Graph) -> list[list[str]]:
    """For each step, the values that no later step reads."""
    outputs = {port.name for port in graph.outputs}
    seen = set(outputs)
    uses: list[list[str]] = []
    for step in reversed(graph.steps):
        names = dict.fromkeys(name for name in (*step.inputs, *step.outputs) if name and name not in seen)
        seen.update(names)
        uses.append(list(names))
    return uses[::-1]


def _checked(port: Port, x: Any) -> Value:
    """An input in the dtype that the graph declares.

    Raises:
        ShapeError: its shape is another.
        DTypeError: it holds another kind of numbers.
    """
    value = x if isinstance(x, Tensor) else np.asarray(x)
    kinds = "f" if port.dtype.kind == "f" else "iu" if port.dtype.kind in "iu" else "b"
    if (not isinstance(value, Tensor) and value.dtype.kind not in kinds) or (is_float(value) != (kinds == "f")):
        raise DTypeError(f"onnx input {port.name!r} holds {port.dtype}, not {value.dtype}; convert it")
    if port.shape is not None:
        fits = len(port.shape) == value.ndim and all(
            not isinstance(length, int) or length == own for length, own in zip(port.shape, value.shape, strict=True)
        )
        if not fits:
            raise ShapeError(f"onnx input {_described(port)} does not fit an array of shape {value.shape}")
    return value if value.dtype == port.dtype else value.astype(port.dtype)


class _Folders:
    """Finds each weight its place: that of its name, where the attributes are free."""

    def __init__(self, root: Module) -> None:
        self._found: dict[tuple[str, ...], tuple[Module, tuple[str, ...]]] = {(): (root, ())}

    def place_for(self, name: str, identifier: bool = False) -> tuple[Module, tuple[str, ...]]:
        """The module that a weight goes to, and the attributes that will lead to it.

        Args:
            identifier: whether the last must be an identifier, as that of a buffer.
        """
        parts = name.split(".")
        if len(parts) > _MOST_PARTS or len(name) > 200:
            parts = [name[:100]]
        holder, path = self._folder(tuple(parts[:-1]))
        attribute = _as_attribute(parts[-1])
        if identifier and not attribute.isidentifier():
            attribute = f"n{attribute}"
        return holder, (*path, _free(holder, attribute))

    def _folder(self, parts: tuple[str, ...]) -> tuple[Module, tuple[str, ...]]:
        for length in range(1, len(parts) + 1):
            if parts[:length] in self._found:
                continue
            holder, path = self._found[parts[: length - 1]]
            attribute = _free(holder, _as_attribute(parts[length - 1]))
            folder = Weights()
            setattr(holder, attribute, folder)
            self._found[parts[:length]] = folder, (*path, attribute)
        return self._found[parts]


def _as_attribute(part: str) -> str:
    """A name's part in letters, digits and underscores."""
    name = re.sub(r"[^0-9a-zA-Z_]", "_", part) or "_"
    return f"n{name}" if keyword.iskeyword(name) or name.startswith("__") else name


def _free(holder: Module, attribute: str) -> str:
    count, name = 1, attribute
    while hasattr(holder, name):
        count += 1
        name = f"{attribute}_{count}"
    return name
