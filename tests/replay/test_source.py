"""The written program, run by itself, gives what the program gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Elementwise, Tensor, Value
from autograd.errors import GraphError
from autograd.replay import record, replay
from autograd.replay.source.arrays_table import TEMPLATES as OF_ARRAYS
from autograd.replay.source.values_table import TEMPLATES as OF_VALUES
from tests.autograd.support import table
from tests.replay.cases import ARRAYS, VALUES, Recorded, convolutional, gradient_of, perceptron
from tests.replay.plain_inputs import plain, several


def run(source: Any, inputs: Any, gradient: Any) -> tuple[Any, dict[str, Any]]:
    """Outputs and gradients by name, of the text alone."""
    namespace: dict[str, Any] = {}
    exec(compile(str(source), "<source>", "exec"), namespace)
    assert {name for name in namespace if not name.startswith("__")} - {"np", "math"} <= _defined(source)
    extra: dict[str, Any] = {"arrays": source.arrays} if source.arrays else {}
    functions: dict[str, Any] = {"functions": source.functions} if source.functions else {}
    outputs, saved = namespace["forward"](*inputs, **source.leaves, **extra, **functions)
    gradients = gradient if isinstance(gradient, tuple) else () if gradient is None else (gradient,)
    return outputs, namespace["backward"](saved, *gradients, **functions)


def _defined(source: str) -> set[str]:
    return {line[4 : line.index("(")] for line in source.splitlines() if line.startswith("def ")}


def assert_same(recorded: Recorded) -> Any:
    """The text of a program gives its outputs, and the gradient of every input and leaf."""
    program = record(recorded.function, *recorded.inputs)
    inputs = [plain(each) for each in recorded.inputs]
    expected = program.forward(*inputs)
    gradient = gradient_of(expected)
    for leaf in program.tape.leaves.values():
        leaf.zero_grad()
    expected_gradients = program.backward(gradient)
    source = program.to_source()
    outputs, gradients = run(source, inputs, gradient)
    for actual, wanted in zip(several(outputs), several(expected), strict=True):
        assert_close(actual, wanted)
    named = dict(zip((spec.name for spec in program.inputs), expected_gradients, strict=True))
    for name, wanted in named.items():
        assert (wanted is None) == (name not in gradients)
        if wanted is not None:
            assert_close(gradients.pop(name), wanted)
    listed = gradients.pop("leaves", [])
    leaves = list(program.tape.leaves.values())
    assert len(gradients) + len(listed) == len(leaves) - len(named.keys() & gradients.keys())
    for leaf, actual in zip(leaves, [*gradients.values(), *listed], strict=True):
        assert_close(actual, leaf.grad)
    return source


def assert_close(actual: Any, expected: Any) -> None:
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    tolerance = 1e-5 if expected.dtype == np.float32 else 1e-11
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name: str) -> None:
    assert_same(ARRAYS[name])


@pytest.mark.parametrize("name", VALUES)
def test_values(name: str) -> None:
    assert_same(VALUES[name])


def test_every_primitive_has_a_template() -> None:
    assert {rule.name for rule in table()} == set(OF_ARRAYS)
    assert {rule.name for rule in table() if hasattr(rule, "scalar")} == set(OF_VALUES)


def test_a_network_of_values_on_one_point() -> None:
    source = assert_same(perceptron())
    assert "for " not in source
    assert " + ".join(["leaf_1 * x_0", "leaf_2 * x_1"]) in source  # a neuron is one sum


def test_a_convolutional_network_with_labels() -> None:
    source = assert_same(convolutional())
    assert "np.einsum(" in source
    assert "first_maximum(" in source


# ---- how it reads -------------------------------------------------------------------------------------------------


def test_sums_of_values_read_as_sums() -> None:
    w, x, b = (Value(number, label=name) for name, number in (("w", 2.0), ("x", 3.0), ("b", 1.0)))
    source = replay(((w * x + b) + x * x).tanh()).to_source()
    lines = [line.strip() for line in source.splitlines()]
    assert "add_1 = w * x + b + x * x" in lines
    assert "d_w = d_add_1 * x" in lines
    assert "d_b = d_add_1" in lines
    assert lines.count("# add_1 = w * x + b + x * x") == 1
    assert run(source, [], None)[1] == pytest.approx({"w": 0.0, "x": 0.0, "b": 0.0}, abs=1e-9)


def test_names_are_the_nodes_names_and_unique() -> None:
    leaves = [
        Tensor([float(number)], requires_grad=True, name=name)
        for number, name in enumerate(["conv1.weight", "lambda", "np", "x", "x", "d_x", "größe", "sigmoid", "saved"])
    ]

    def function(x: Any) -> Any:
        total = x
        for leaf in leaves:
            total = total * 0.5 + leaf.sigmoid()
        return total

    source = assert_same(Recorded(function, (Tensor([0.3], requires_grad=True),)))
    assert "conv1_weight" in source.leaves
    assert len(source.leaves) == len(leaves)
    assert "lambda" not in source.leaves


def test_large_constants_are_not_printed() -> None:
    constant = np.arange(50.0)
    source = record(lambda x: (x * constant).sum(), Tensor(np.ones(50), requires_grad=True)).to_source()
    assert "49.0" not in source
    assert [array.tolist() for array in source.arrays.values()] == [constant.tolist()]
    assert 'constant_1 = arrays["constant_1"]  # (50,)' in source


def test_unused_work_is_not_written() -> None:
    def function(x: Any, y: Any) -> Any:
        x.exp().sum()
        return (x * ag.floor(y)).sum()

    program = record(function, Tensor([0.5], requires_grad=True), Tensor([2.5], requires_grad=True))
    source = program.to_source()
    assert "exp" not in source
    assert "d_floor" not in source
    assert run(source, [[0.5], [2.5]], None)[1] == {"x": [2.0], "y": [0.0]}


def test_scopes_and_shapes_are_told() -> None:
    with ag.scope("layer"):
        y = Tensor(np.ones((2, 3)), requires_grad=True, name="x").sum(axis=1)
    source = replay(y).to_source()
    assert "    # ---- layer\n" in source
    assert "# (2, 3) -> (2,)" in source


def test_no_line_is_much_too_long() -> None:
    for recorded in (perceptron(), VALUES["a grid"], ARRAYS["several outputs"]):
        for line in record(recorded.function, *recorded.inputs).to_source().splitlines():
            assert len(line) <= 130


def test_decisions_are_asserted() -> None:
    source = record(lambda x: x * 2.0 if x.data > 1.0 else x * 3.0, Value(2.0)).to_source()
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    assert namespace["forward"](4.0)[0] == 8.0
    with pytest.raises(AssertionError, match="another path"):
        namespace["forward"](0.5)


def test_masks_are_computed_anew() -> None:
    def function(x: Any, y: Any) -> Any:
        shifted = x - np.max(x.data, axis=1, keepdims=True)
        return ag.where((x.data > 0) & (x.data < y.data), shifted, y * 2.0)

    rng = np.random.default_rng(2)
    inputs = [Tensor(rng.normal(size=(2, 3)), requires_grad=True) for _ in range(2)]
    source = assert_same(Recorded(function, tuple(inputs)))
    others = rng.normal(size=(2, 2, 3))
    np.testing.assert_array_equal(run(source, others, np.ones((2, 3)))[0], function(*map(Tensor, others)).data)


KINKS: dict[str, tuple[Any, Any, Any]] = {  # a function, where it has a derivative, and where it has none
    "relu": (ag.relu, [1.0], [0.0]),
    "absolute": (ag.absolute, [1.0], [0.0]),
    "clip": (lambda x: ag.clip(x, 0.0, 2.0), [1.0], [2.0]),
    "maximum": (ag.maximum, [1.0, 3.0], [1.0, 1.0]),
    "minimum": (ag.minimum, [1.0, 3.0], [1.0, 1.0]),
    "max": (lambda *xs: ag.functions.max(ag.stack(xs)), [1.0, 3.0, 2.0], [1.0, 2.0, 2.0]),
    "min": (lambda *xs: ag.functions.min(ag.stack(xs)), [1.0, 3.0, 2.0], [3.0, 1.0, 1.0]),
}


@pytest.mark.parametrize("kind", [Value, Tensor])
@pytest.mark.parametrize("name", KINKS)
def test_raise_at_a_kink(name: str, kind: Any) -> None:
    function, beside, at = KINKS[name]
    with ag.kinks(relu="raise", abs="raise", clip="raise", ties="raise"):
        program = record(function, *(kind(each) for each in beside), check=False, wrt=range(len(beside)))
    namespace: dict[str, Any] = {}
    exec(program.to_source(), namespace)
    output, saved = namespace["forward"](*beside)
    assert output == program(*beside)
    assert list(namespace["backward"](saved).values()) == list(program.backward())
    with pytest.raises(ArithmeticError, match=f"{name}: an argument lies on a kink"):
        namespace["forward"](*at)


# ---- what has no text ---------------------------------------------------------------------------------------------


def test_a_primitive_of_ones_own_is_called() -> None:
    cube = Elementwise("source_cube", lambda x, by=1.0: by * x * x * x, [lambda out, x, by=1.0: 3 * by * x * x])
    for kind, at in ((Value, 2.0), (Tensor, [2.0, 3.0])):
        leaf = kind(at) if kind is Value else kind(at, requires_grad=True)
        source = assert_same(Recorded(lambda x: cube(x, by=2.0) * x, (leaf,)))
        assert 'functions["source_cube"](x, by=2.0)' in source


def test_a_long_tape_is_refused() -> None:
    total = Value(1.0)
    for _ in range(30):
        total = total.tanh()
    with pytest.raises(GraphError, match=r"30 operations.*most_steps=20"):
        replay(total).to_source(most_steps=20)
