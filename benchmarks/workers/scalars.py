"""Each library's own way to differentiate a program on scalars: forward and backward, parameters in, gradients out.

A workload is one Python program on numbers that add, multiply and have `relu`; `Scalars.step` runs it forward and
backward as a user of the library would.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from . import modes

Function = Callable[..., Any]  # (parameters, *data) -> one number
Step = Callable[[], tuple[float, Sequence[Any]]]


class Scalars(NamedTuple):
    """A library's scalars.

    Attributes:
        constant: what the program makes a number of its data into.
        relu: max(x, 0).
        step: (function, parameters) -> what runs one step to the end, and returns the value and the gradients.
    """

    constant: Callable[[float], Any]
    relu: Callable[[Any], Any]
    step: Callable[[Function, list[float]], Step]


def load(library: str, mode: str = "eager") -> Scalars:
    """The library of that name, on one thread; a mode is gradwalk's alone."""
    modes.require(mode)
    if library == "gradwalk" and mode != "eager":
        return replayed(mode)
    return {"gradwalk": gradwalk, "micrograd": micrograd, "torch": torch, "mygrad": mygrad, "hips": hips}[library]()


def nodes(value: Callable[[float], Any], forget: Any, backward: Callable[[Any], None]) -> Callable[..., Step]:
    """The step of a library whose numbers are nodes that keep their gradients."""

    def prepare(function: Function, parameters: list[float]) -> Step:
        leaves = [value(each) for each in parameters]

        def step() -> tuple[float, Sequence[Any]]:
            for leaf in leaves:
                leaf.grad = forget
            result = function(leaves)
            backward(result)
            return float(result.data), [leaf.grad for leaf in leaves]

        return step

    return prepare


def gradwalk() -> Scalars:
    """`Value`, as micrograd's users write it."""
    value = importlib.import_module("autograd").Value
    return Scalars(value, lambda x: x.relu(), nodes(value, 0.0, lambda result: result.backward()))


def micrograd() -> Scalars:
    value = importlib.import_module("micrograd.engine").Value
    return Scalars(value, lambda x: x.relu(), nodes(value, 0.0, lambda result: result.backward()))


def torch() -> Scalars:
    """Tensors of no axes."""
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)

    def leaf(number: float) -> Any:
        return torch.tensor(number, dtype=torch.float64, requires_grad=True)

    return Scalars(float, lambda x: x.relu(), nodes(leaf, None, lambda result: result.backward()))


def mygrad() -> Scalars:
    """Tensors of no axes."""
    mygrad = importlib.import_module("mygrad")
    relu = importlib.import_module("mygrad.nnet.activations").relu

    def prepare(function: Function, parameters: list[float]) -> Step:
        leaves = [mygrad.tensor(each) for each in parameters]

        def step() -> tuple[float, Sequence[Any]]:
            for leaf in leaves:
                leaf.null_grad()
            result = function(leaves)
            result.backward()
            return float(result), [leaf.grad for leaf in leaves]

        return step

    return Scalars(float, relu, prepare)


def hips() -> Scalars:
    """A function of a list of floats."""
    differentiate = importlib.import_module("autograd").value_and_grad
    numpy = importlib.import_module("autograd.numpy")

    def prepare(function: Function, parameters: list[float]) -> Step:
        both = differentiate(function)
        return lambda: both(parameters)

    return Scalars(float, lambda x: numpy.maximum(x, 0.0), prepare)


def replayed(mode: str) -> Scalars:
    """gradwalk's `Value`s, recorded once."""
    numpy = importlib.import_module("numpy")
    value = importlib.import_module("autograd").Value

    def prepare(function: Function, parameters: list[float]) -> Step:
        program = modes.record(mode, function, [value(each) for each in parameters])
        numbers = numpy.array(parameters)

        def step() -> tuple[float, Sequence[Any]]:
            result, (gradients,) = program.value_and_grad(numbers)
            return result, gradients

        step()  # compiles, where the mode compiles
        return step

    return Scalars(float, lambda x: x.relu(), prepare)
