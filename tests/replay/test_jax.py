"""The program as a function of `jax.numpy`: the same results, the same gradients, on one device and on eight."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("JAX_PLATFORMS", "cpu")
jax = pytest.importorskip("jax", reason="JAX is not installed: pip install 'gradwalk[jax]'")

import autograd as ag  # noqa: E402
from autograd import Elementwise, Tensor, Value, kinks  # noqa: E402
from autograd.errors import DTypeError, GraphError, ShapeError  # noqa: E402
from autograd.replay import record  # noqa: E402
from autograd.replay.jax.table import FUNCTIONS  # noqa: E402
from tests.autograd.support import table  # noqa: E402
from tests.replay.cases import ARRAYS, VALUES, Recorded, convolutional, gradient_of, perceptron  # noqa: E402
from tests.replay.plain_inputs import plain, several  # noqa: E402


@pytest.fixture(autouse=True)
def wide() -> Iterator[None]:
    """float64 in JAX, for the time of a test."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def assert_same(recorded: Recorded) -> None:
    """Outputs and the gradients of inputs and leaves are the program's, under `jit`."""
    program = record(recorded.function, *recorded.inputs)
    inputs = [plain(each) for each in recorded.inputs]
    expected = program.forward(*inputs)
    gradient = gradient_of(expected)
    for leaf in program.tape.leaves.values():
        leaf.zero_grad()
    to_inputs = program.backward(gradient)
    f = program.to_jax()
    rounding = 1e-6 if np.dtype(np.float32) in program.tape.dtypes else 1e-10
    floats = [number for number, spec in enumerate(program.inputs) if spec.kind != "integers"]

    def of_floats(leaves: Any, *given: Any) -> Any:
        every = list(inputs)
        for number, each in zip(floats, given, strict=True):
            every[number] = each
        return f(leaves, *every)

    @jax.jit
    def both(leaves: Any, given: Any, upstream: Any) -> Any:
        outputs, pull = jax.vjp(of_floats, leaves, *given)
        return outputs, pull(upstream)

    given = [np.asarray(inputs[number], dtype=program.inputs[number].dtype) for number in floats]
    outputs, (of_leaves, *of_inputs) = both(f.leaves, given, gradient)
    for actual, wanted in zip(several(outputs), several(expected), strict=True):
        assert_close(actual, wanted, rounding)
    for number, actual in zip(floats, of_inputs, strict=True):
        if to_inputs[number] is not None:
            assert_close(actual, to_inputs[number], rounding)
    for leaf, name in zip(program.tape.leaves.values(), f.leaves, strict=True):  # JAX returns a dict sorted by its keys
        assert_close(of_leaves[name], leaf.grad, rounding)


def assert_close(actual: Any, expected: Any, rounding: float) -> None:
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    np.testing.assert_allclose(actual, expected, rtol=rounding, atol=rounding)


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name: str) -> None:
    assert_same(ARRAYS[name])


@pytest.mark.parametrize("name", VALUES)
def test_values(name: str) -> None:
    assert_same(VALUES[name])


def test_every_primitive_has_a_function() -> None:
    assert {rule.name for rule in table()} == set(FUNCTIONS)


def test_a_network_of_values() -> None:
    assert_same(perceptron())


def test_a_convolutional_network_with_labels() -> None:
    assert_same(convolutional())


def test_masks_are_computed_anew() -> None:
    def function(x: Any, y: Any) -> Any:
        shifted = x - np.max(x.data, axis=1, keepdims=True)
        return ag.where((x.data > 0) & (x.data < y.data), shifted, y * 2.0)

    rng = np.random.default_rng(2)
    f = record(function, *(Tensor(rng.normal(size=(2, 3)), requires_grad=True) for _ in range(2))).to_jax()
    others = rng.normal(size=(2, 2, 3))
    np.testing.assert_array_equal(jax.jit(f)({}, *others), function(*map(Tensor, others)).data)


def test_decisions_alone_are_not_computed() -> None:
    """What compiled code cannot refuse it need not compute."""
    program = record(lambda x: x * 2.0 if x.data > 1.0 else x * 3.0, Value(2.0))
    assert len(program.tape.guards) == 1
    assert "1 operations" in repr(program.to_jax())


# ---- dtypes -------------------------------------------------------------------------------------------------------


def linear(dtype: Any) -> Any:
    w = Tensor(np.array([2.0, 3.0], dtype=dtype), requires_grad=True, name="w")
    return record(lambda x: (w * x).astype(dtype).sum(), Tensor(np.array([1.0, 0.5], dtype=dtype)))


def test_float64_is_not_made_float32_in_silence() -> None:
    f = linear(np.float64).to_jax()
    assert f(f.leaves, [1.0, 1.0]).dtype == np.float64
    jax.config.update("jax_enable_x64", False)
    for attempt in (lambda: linear(np.float64).to_jax(), lambda: f(f.leaves, [1.0, 1.0])):
        with pytest.raises(DTypeError, match=r"float64.*jax_enable_x64.*dtype=\"float32\""):
            attempt()
    narrow = linear(np.float64).to_jax(dtype="float32")
    assert narrow.leaves["w"].dtype == np.float32
    out = narrow(narrow.leaves, [1.0, 1.0])
    assert (float(out), out.dtype) == (5.0, np.float32)
    plain32 = linear(np.float32).to_jax()
    assert plain32(plain32.leaves, [1.0, 1.0]).dtype == np.float32


def test_values_in_float32() -> None:
    jax.config.update("jax_enable_x64", False)
    program = record(lambda x: (x * 3.0).tanh(), Value(0.1))
    with pytest.raises(DTypeError, match="float64"):
        program.to_jax()
    out = program.to_jax(dtype=np.float32)({}, 0.1)
    assert float(out) == pytest.approx(np.tanh(0.3), rel=1e-6)


# ---- the function -------------------------------------------------------------------------------------------------


def test_grad_vmap_and_store() -> None:
    w = Tensor([2.0, 3.0], requires_grad=True, name="layer.w")
    program = record(lambda x: (w * w * x).sum(), Tensor([1.0, 0.5]))
    f = program.to_jax()
    assert list(f.leaves) == ["layer.w"]
    np.testing.assert_allclose(jax.grad(f)(f.leaves, [1.0, 0.5])["layer.w"], [4.0, 3.0])
    batch = np.arange(6.0).reshape(3, 2)
    np.testing.assert_allclose(jax.vmap(f, (None, 0))(f.leaves, batch), program(batch))
    f.store({"layer.w": jax.numpy.array([5.0, 7.0])})
    assert w.data.tolist() == [5.0, 7.0]
    assert float(f(f.leaves, [1.0, 0.0])) == 4.0  # the function itself keeps what it was made with


def test_what_does_not_fit_is_refused() -> None:
    f = linear(np.float64).to_jax()
    with pytest.raises(GraphError, match="takes the leaves w, not v"):
        f({"v": np.ones(2)}, np.ones(2))
    with pytest.raises(ShapeError, match=r"w was recorded with shape \(2,\) and is given \(3,\)"):
        f({"w": np.ones(3)}, np.ones(2))
    with pytest.raises(ShapeError, match=r"x was recorded with shape \(2,\).*jax.vmap"):
        f(f.leaves, np.ones((4, 2)))
    with pytest.raises(GraphError, match="takes 1 inputs"):
        f(f.leaves)
    labels = record(lambda x, at: x[at], Tensor([1.0, 2.0], requires_grad=True), np.array([1, 0])).to_jax()
    with pytest.raises(DTypeError, match="at takes integers"):
        labels({}, [1.0, 2.0], [0.0, 1.0])


def test_a_primitive_of_ones_own_needs_its_twin() -> None:
    from autograd.replay.jax import to_jax

    cube = Elementwise("jax_cube", lambda x: x * x * x, [lambda out, x: 3 * x * x])
    tape = record(lambda x: cube(x), Value(2.0)).tape
    with pytest.raises(LookupError, match="'jax_cube' has no JAX function; give one"):
        to_jax(tape)
    f = to_jax(tape, functions={"jax_cube": lambda x: x**3})
    assert float(jax.grad(lambda x: f({}, x))(2.0)) == 12.0


def test_without_jax_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    program = linear(np.float32)
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(ImportError, match=r"gradwalk\[jax\]"):
        program.to_jax()


def test_kinks_follow_the_options() -> None:
    """At the kink itself, where JAX alone would answer otherwise."""
    for rules, expected in (({}, 0.0), ({"abs": 0.5}, 0.5), ({"abs": -1.0}, -1.0)):
        with kinks(**rules):
            f = record(lambda x: abs(x), Value(0.0)).to_jax()
        assert float(jax.grad(lambda x, f=f: f({}, x))(0.0)) == expected


# ---- eight devices ------------------------------------------------------------------------------------------------


def test_data_parallel_gradients_are_those_of_one_device() -> None:
    environment = {
        **os.environ,
        "XLA_FLAGS": "--xla_force_host_platform_device_count=8",
        "JAX_PLATFORMS": "cpu",
    }
    command = [sys.executable, "-m", "tests.replay.eight_devices"]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["8", "devices", "agree"]
