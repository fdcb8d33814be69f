"""A program that was saved and loaded is the same program, to the bit; a file that is none is refused."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Elementwise, Tensor, Value
from autograd.errors import GraphError
from autograd.observed import Operand
from autograd.replay import Program, Tape, load, record, replay
from autograd.replay.saving import ProgramFileError
from autograd.replay.saving.checked import check
from autograd.replay.saving.columns import Columns
from autograd.replay.saving.parameters import ArrayShelf, ArrayStore, as_json, from_json
from autograd.replay.tape import Computed, Given
from tests.autograd.support import examples
from tests.replay.cases import ARRAYS, VALUES, Recorded, convolutional, gradient_of, perceptron
from tests.replay.plain_inputs import plain
from tests.replay.rewriting import rewritten


def results(program: Program, inputs: Any) -> list[Any]:
    """Outputs, and the gradients of inputs and leaves."""
    outputs = program.forward(*inputs)
    leaves = list(program.tape.leaves.values())
    for leaf in leaves:
        leaf.zero_grad()
    to_inputs = program.backward(gradient_of(outputs))
    return [*(outputs if isinstance(outputs, tuple) else (outputs,)), *to_inputs, *(leaf.grad for leaf in leaves)]


def assert_same_bits(first: list[Any], second: list[Any]) -> None:
    for one, other in zip(first, second, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            one, other = np.asarray(one), np.asarray(other)
            assert (one.dtype, one.shape) == (other.dtype, other.shape)
            assert one.tobytes() == other.tobytes()


def assert_survives(recorded: Recorded, folder: Path) -> Program:
    program = record(recorded.function, *recorded.inputs)
    program.save(folder / "program")
    again = load(folder / "program")
    inputs = [plain(each) for each in recorded.inputs]
    assert_same_bits(results(program, inputs), results(again, inputs))
    assert again.inputs == program.inputs
    return again


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name: str, tmp_path: Path) -> None:
    assert_survives(ARRAYS[name], tmp_path)


@pytest.mark.parametrize("name", VALUES)
def test_values(name: str, tmp_path: Path) -> None:
    assert_survives(VALUES[name], tmp_path)


def test_a_convolutional_network_with_labels(tmp_path: Path) -> None:
    again = assert_survives(convolutional(), tmp_path)
    assert "conv2d" in "".join(again.tape.scopes.values())


def test_a_network_of_values(tmp_path: Path) -> None:
    again = assert_survives(perceptron(), tmp_path)
    assert len(again.tape.leaves) == 337


# ---- leaves -------------------------------------------------------------------------------------------------------


def test_leaves_are_fresh_nodes_with_the_data_of_now(tmp_path: Path) -> None:
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    program = record(lambda x: (w * x).sum(), Tensor([1.0, 1.0]))
    w.data = np.array([5.0, 7.0])
    program.save(tmp_path / "p")
    w.data = np.array([0.0, 0.0])
    (leaf,) = load(tmp_path / "p").tape.leaves.values()
    assert leaf is not w
    assert (leaf.name, leaf.requires_grad, leaf.data.tolist()) == ("w", True, [5.0, 7.0])
    leaf.data = np.array([1.0, 0.0])  # and can be written


def test_a_graph_that_exists(tmp_path: Path) -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    replay((a * b + 10.0).tanh()).save(tmp_path / "p")
    again = load(tmp_path / "p")
    assert again.forward() == float(np.tanh(4.0))
    again.backward()
    names = {leaf.name: leaf.grad for leaf in again.tape.leaves.values()}
    a_grad, b_grad = -3.0 * (1 - np.tanh(4.0) ** 2), 2.0 * (1 - np.tanh(4.0) ** 2)
    assert names == pytest.approx({"a": a_grad, "b": b_grad}, rel=1e-12)


def test_memory_order_is_kept_to_the_bit(tmp_path: Path) -> None:
    """NumPy adds up in the order of memory: a constant that lies column by column must come back so."""
    constant = np.asfortranarray(np.random.default_rng(0).normal(size=(37, 41, 3)))
    program = record(lambda x: (x * constant).sum(), np.ones((37, 41, 3)), wrt=[0])
    program.save(tmp_path / "p")
    again = load(tmp_path / "p")
    (kept,) = again.tape.constants.values()
    assert kept.strides == constant.strides
    assert not kept.flags.writeable


def test_every_column_is_saved() -> None:
    known = {
        "kind", "rules", "codes", "arity", "arguments", "params", "requires", "shapes", "dtypes", "constants",
        "inputs", "leaves", "outputs", "guards", "several", "names", "scopes",
    }  # fmt: skip
    assert {each.name for each in dataclasses.fields(Tape)} == known


# ---- parameters ---------------------------------------------------------------------------------------------------

numbers = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just(Ellipsis),
    st.builds(np.int64, st.integers(-5, 5)), st.builds(np.float32, st.floats(width=32)),
    st.builds(np.bool_, st.booleans()),
    st.sampled_from([np.dtype(np.float32), np.dtype(np.int8), np.dtype(bool)]),
    st.builds(Given, st.integers(0, 9)), st.builds(Computed, st.integers(0, 9)), st.builds(Operand, st.integers(0, 9)),
    st.builds(slice, *[st.none() | st.integers()] * 3),
    st.builds(lambda n: np.arange(float(n)).reshape(1, n), st.integers(0, 4)),
    st.just(np.array([True, False])), st.just(np.array(3, dtype=np.int16)),
)  # fmt: skip


@examples(300)
@given(
    st.recursive(
        numbers, lambda inner: st.lists(inner, max_size=3).map(tuple) | st.lists(inner, max_size=2), max_leaves=8
    )
)
def test_parameters_survive(value: Any) -> None:
    store = ArrayStore()
    text = json.dumps(as_json(value, store), allow_nan=False)
    assert_equal(from_json(json.loads(text), ArrayShelf(store.arrays, store.orders, "file")), value)


def assert_equal(actual: Any, expected: Any) -> None:
    assert actual.__class__ is expected.__class__
    if isinstance(expected, np.ndarray | np.generic):
        assert actual.dtype == expected.dtype
        np.testing.assert_array_equal(actual, expected)
    elif expected.__class__ in (tuple, list):
        assert len(actual) == len(expected)
        for one, other in zip(actual, expected, strict=True):
            assert_equal(one, other)
    elif isinstance(expected, float):
        assert np.float64(actual).tobytes() == np.float64(expected).tobytes() or actual != actual
    else:
        assert actual == expected


def test_a_parameter_without_a_form_is_refused() -> None:
    with pytest.raises(GraphError, match="type dict has no form"):
        as_json({"a": 1}, ArrayStore())


# ---- primitives of one's own --------------------------------------------------------------------------------------


def test_a_primitive_that_is_not_declared_is_named(tmp_path: Path) -> None:
    from autograd import rule

    cube = Elementwise("saved_cube", lambda x: x * x * x, [lambda out, x: 3 * x * x])
    record(lambda x: cube(x), Value(2.0)).save(tmp_path / "p")
    assert load(tmp_path / "p")(3.0) == 27.0
    del rule._registry["saved_cube"]
    with pytest.raises(LookupError, match=r"'saved_cube'.*import the module that declares it.*test_saving"):
        load(tmp_path / "p")


def test_a_primitive_that_was_replaced_is_refused(tmp_path: Path) -> None:
    first = Elementwise("saved_twice", lambda x: x + x, [2.0])
    program = record(lambda x: first(x), Value(2.0))
    Elementwise("saved_twice", lambda x: x + x + x, [3.0])
    with pytest.raises(GraphError, match="no longer the primitive of that name"):
        program.save(tmp_path / "p")


# ---- decisions ---------------------------------------------------------------------------------------------------


def test_decisions_are_kept(tmp_path: Path) -> None:
    """What Python decided while the function was recorded must come out the same in a loaded program too."""
    program = record(lambda x: x * 2.0 if x.data > 1.0 else x * 3.0, Value(2.0))
    program.save(tmp_path / "p")
    again = load(tmp_path / "p")
    (before,), (after,) = program.tape.guards, again.tape.guards
    assert (after.place, after.expected) == (before.place, before.expected)
    assert after.where.startswith("test_saving.py:")
    assert before.where.endswith(after.where)  # without the folders
    assert again(4.0) == 8.0
    with pytest.raises(GraphError, match=r"another path.*test_saving\.py"):
        again(0.5)


def test_masks_are_computed_anew(tmp_path: Path) -> None:
    def function(x: Any, y: Any) -> Any:
        shifted = x - np.max(x.data, axis=1, keepdims=True)
        return ag.where((x.data > 0) & (x.data < y.data), shifted, y * 2.0)

    rng = np.random.default_rng(2)
    inputs = [Tensor(rng.normal(size=(2, 3)), requires_grad=True) for _ in range(2)]
    assert_survives(Recorded(function, tuple(inputs)), tmp_path)
    again = load(tmp_path / "program")
    others = rng.normal(size=(2, 2, 3))
    expected = function(*map(Tensor, others)).data
    np.testing.assert_array_equal(again(*others), expected)


# ---- many Values --------------------------------------------------------------------------------------------------


def many(count: int) -> Program:
    """A program of so many Values, a hundred chains side by side."""
    a, b = Value(0.3, label="a"), Value(1.0 - 1e-6)
    ends = [a * float(number + 1) for number in range(100)]
    for number in range(count // 250):
        step = (
            (lambda x: (x * b + 1e-7).tanh())
            if number % 2
            else (lambda x, most=1.0 + number: ag.clip(x * b, -2.0, most))
        )
        ends = list(map(step, ends))
    return replay(ag.functions.sum(ends))


def test_many_values_are_columns(tmp_path: Path) -> None:
    program = many(6000)
    program.save(tmp_path / "p")
    again = load(tmp_path / "p")
    assert "columns" in json.loads((tmp_path / "p.json").read_text())["graph"]
    assert_same_bits(results(program, []), results(again, []))
    assert again.tape.params == program.tape.params
    assert again.tape.names == program.tape.names


@pytest.mark.uncounted
def test_a_hundred_thousand_values_are_quick_and_small(tmp_path: Path) -> None:
    program = many(100_000)
    start = time.process_time()
    program.save(tmp_path / "p")
    load(tmp_path / "p")
    assert time.process_time() - start < 20.0  # 0.1 s, and what the plan of a program takes: a bar against the absurd
    assert len(program.tape) > 90_000
    assert sum(each.stat().st_size for each in tmp_path.iterdir()) < 40 * len(program.tape)


def test_damaged_columns_are_refused(tmp_path: Path) -> None:
    many(6000).save(tmp_path / "p")
    for change in (
        lambda graph: graph["columns"].pop("names"),
        lambda graph: graph["columns"].update(params=[]),
        lambda graph: graph["columns"].update(scopes=3),
    ):
        text = (tmp_path / "p.json").read_text()
        with pytest.raises(ProgramFileError):
            load(rewritten(tmp_path / "p.json", change))
        (tmp_path / "p.json").write_text(text)


def test_columns_that_point_outside_are_refused() -> None:
    tape = many(6000).tape
    for change in (-1, len(tape)):
        arguments = tape.arguments.copy()
        arguments[3] = change
        columns = Columns(
            tape.codes, tape.starts, arguments, tape.requires, tape.params, (), (), tape.constants, tape.leaves, {}, {}
        )
        with pytest.raises(ProgramFileError, match="an operation whose argument comes after it"):
            check(columns, len(tape.rules), tape.inputs, tape.outputs, "p.json")
