"""NumPy's own calls on Tensors: the ones that are ours, and a TypeError that names every other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import DTypeError, Tensor, Value
from tests.autograd.support import leaf, upstream

ARRAY = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -0.75]])
OTHER = np.array([1.25, -2.0, 0.5])

SUPPORTED: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(np, name)
        for name in (
            "exp",
            "expm1",
            "square",
            "sin",
            "cos",
            "tan",
            "arctan",
            "sinh",
            "cosh",
            "tanh",
            "absolute",
            "abs",
            "fabs",
            "negative",
            "positive",
        )
        if name != "fabs"
    },
    "log of 2 + x": lambda x: np.log(2.0 + x),
    "sqrt": lambda x: np.sqrt(np.square(x)),
    "log1p": lambda x: np.log1p(x * x),
    "sum": np.sum,
    "sum axis": lambda x: np.sum(x, axis=1),
    "sum positional": lambda x: np.sum(x, 0),
    "sum keepdims": lambda x: np.sum(x, -1, keepdims=True),
    "sum all positional": lambda x: np.sum(x, 0, None, None, True),
    "mean": lambda x: np.mean(x, axis=(0, 1)),
    "mean keepdims": lambda x: np.mean(x, 1, None, None, True),
    "var": lambda x: np.var(x, axis=0),
    "var ddof": lambda x: np.var(x, 1, None, None, 1),
    "std": lambda x: np.std(x, ddof=1),
    "var correction": lambda x: np.var(x, axis=1, correction=1),
    "prod": lambda x: np.prod(x, axis=1),
    "max": lambda x: np.max(x, 0),
    "min": lambda x: np.min(x, axis=1, keepdims=True),
    "amax": lambda x: np.amax(x, 0, None, True),
    "amin": np.amin,
    "add.reduce": lambda x: np.add.reduce(x),
    "add.reduce axis": lambda x: np.add.reduce(x, axis=1),
    "add.reduce of all": lambda x: np.add.reduce(x, axis=None),
    "multiply.reduce": lambda x: np.multiply.reduce(x, 1),
    "maximum.reduce": lambda x: np.maximum.reduce(x, axis=1),
    "minimum.reduce": lambda x: np.minimum.reduce(x),
    "reshape": lambda x: np.reshape(x, (3, 2)),
    "reshape keyword": lambda x: np.reshape(x, shape=(6,)),
    "ravel": np.ravel,
    "transpose": np.transpose,
    "transpose axes": lambda x: np.transpose(x, (1, 0)),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "moveaxis": lambda x: np.moveaxis(x, 0, -1),
    "moveaxis of two": lambda x: np.moveaxis(x, (0, 1), (1, 0)),
    "squeeze": lambda x: np.squeeze(x[None], axis=0),
    "expand_dims": lambda x: np.expand_dims(x, axis=(0, 2)),
    "flip": lambda x: np.flip(x, axis=1),
    "broadcast_to": lambda x: np.broadcast_to(x, (2, 2, 3)),
    "pad": lambda x: np.pad(x, 1),
    "pad constant": lambda x: np.pad(x, ((0, 1), (2, 0)), "constant", constant_values=7.0),
    "concatenate": lambda x: np.concatenate([x, OTHER[None]]),
    "concatenate axis": lambda x: np.concatenate((x, x), 1),
    "concatenate flat": lambda x: np.concatenate([x, OTHER], axis=None),
    "stack": lambda x: np.stack([x, x], axis=-1),
    "where": lambda x: np.where(ARRAY > 0, x, OTHER),
    "clip": lambda x: np.clip(x, -1.0, 1.0),
    "clip keywords": lambda x: np.clip(x, a_min=-1.0, a_max=None),
    "clip min max": lambda x: np.clip(x, min=-1.0, max=1.0),
    "einsum": lambda x: np.einsum("ij,j->i", x, OTHER),
    "matmul": lambda x: np.matmul(x, OTHER),
    "array @ tensor": lambda x: OTHER[:2] @ x,
    "tensor @ array": lambda x: x @ OTHER,
    "array * tensor": lambda x: OTHER * x,
    "array - tensor": lambda x: OTHER - x,
    "array / tensor": lambda x: OTHER / x,
    "array ** tensor": lambda x: abs(OTHER) ** x,
    "np.float64 * tensor": lambda x: np.float64(2.5) * x,
    "np.int64 - tensor": lambda x: np.int64(2) - x,
    "np.float64 / tensor": lambda x: np.float64(2.5) / x,
    "0-d array + tensor": lambda x: np.array(2.5) + x,
    "maximum": lambda x: np.maximum(x, OTHER),
    "minimum": lambda x: np.minimum(OTHER, x),
    "logaddexp": lambda x: np.logaddexp(x, OTHER),
    "add": lambda x: np.add(OTHER, x),
    "floor": lambda x: x * np.floor(x + 0.26),
    "rint": lambda x: x * np.rint(x + 0.26),
    "sign": lambda x: x * np.sign(x),
    "round": lambda x: x * np.round(x + 0.026, 1),
    "around": lambda x: x * np.around(x + 0.026, decimals=1),
    "nan_to_num": lambda x: np.nan_to_num(x, nan=1.0),
    "cumsum": lambda x: np.cumsum(x),
    "cumsum axis": lambda x: np.cumsum(x, 1),
    "cumprod": lambda x: np.cumprod(x, axis=0),
    "tile": lambda x: np.tile(x, (2, 2)),
    "repeat": lambda x: np.repeat(x, 2, axis=0),
    "roll": lambda x: np.roll(x, 1, axis=1),
    "split": lambda x: np.split(x, [1], axis=1)[1],
    "sort": lambda x: np.sort(x, axis=0),
    "take_along_axis": lambda x: np.take_along_axis(x, np.array([[1], [0]]), axis=1),
    "dot": lambda x: np.dot(x, OTHER),
    "outer": lambda x: np.outer(x, OTHER),
    "tensordot": lambda x: np.tensordot(x, OTHER, axes=1),
    "diag": lambda x: np.diag(x, 1),
    "diagonal": lambda x: np.diagonal(x, offset=-1),
    "trace": lambda x: np.trace(x, offset=1),
    "tril": lambda x: np.tril(x, -1),
    "triu": lambda x: np.triu(x),
    "linalg.norm": lambda x: np.linalg.norm(x, axis=1),
    "linalg.inv": lambda x: np.linalg.inv(x[:, :2]),
    "linalg.solve": lambda x: np.linalg.solve(x[:, :2], OTHER[:2]),
    "linalg.det": lambda x: np.linalg.det(x[:, :2]),
    "linalg.slogdet": lambda x: np.linalg.slogdet(x[:, :2])[1],
    "linalg.cholesky": lambda x: np.linalg.cholesky(x @ x.T),
    "subtract": lambda x: np.subtract(x, 1),
    "divide": lambda x: np.true_divide(x, OTHER),
    "power": lambda x: np.power(x, 3),
    "float_power": lambda x: np.float_power(x, 2.0),
}


@pytest.mark.parametrize("name", SUPPORTED)
def test_supported_call_is_differentiated(name: str) -> None:
    """NumPy's own result on arrays is the value; central differences of it are the gradient."""
    function = SUPPORTED[name]
    x = leaf(ARRAY)
    out = function(x)
    assert isinstance(out, Tensor)
    expected = function(ARRAY)
    np.testing.assert_allclose(out.data, expected, rtol=1e-13)
    gradient = upstream(2, out.shape, float)
    out.backward(gradient)
    for place in np.ndindex(*ARRAY.shape):
        step = np.zeros_like(ARRAY)
        step[place] = 1e-6
        slope = np.sum((function(ARRAY + step) - function(ARRAY - step)) / 2e-6 * gradient)
        assert x.grad[place] == pytest.approx(slope, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("compare", [np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal])
def test_comparisons_give_booleans(compare: Any) -> None:
    x = leaf(ARRAY)
    for left, right in ((x, 0.5), (x, x), (OTHER, x), (x, OTHER), (np.float64(0.5), x)):
        found = compare(left, right)
        plain = [each.data if isinstance(each, Tensor) else each for each in (left, right)]
        assert found.dtype == bool
        np.testing.assert_array_equal(found, compare(*plain))
    assert (x > 0).dtype == np.greater_equal(OTHER, x).dtype == (x == x).dtype == bool


@pytest.mark.parametrize(
    "ask", [np.isnan, np.isinf, np.isfinite, np.signbit, np.argmax, np.argmin, np.shape, np.ndim, np.size]
)
def test_questions_about_the_data(ask: Any) -> None:
    np.testing.assert_array_equal(ask(leaf(ARRAY)), ask(ARRAY))


def test_like_functions_give_plain_arrays() -> None:
    x = leaf(np.float32([1.0, 2.0]))
    for like in (np.zeros_like, np.ones_like):
        assert type(like(x)) is np.ndarray
        assert like(x).dtype == np.float32


UNSUPPORTED: dict[str, tuple[str, Callable[[Tensor], Any]]] = {
    "linalg.svd": (r"np\.linalg\.svd", lambda x: np.linalg.svd(x)),
    "cumsum dtype": (r"np\.cumsum.*dtype=", lambda x: np.cumsum(x, 0, np.float32)),
    "cumsum out": (r"np\.cumsum.*out=", lambda x: np.cumsum(x, out=np.zeros(6))),
    "sort kind": (r"np\.sort.*kind=", lambda x: np.sort(x, kind="heapsort")),
    "trace dtype": (r"np\.trace.*dtype=", lambda x: np.trace(x, dtype=np.float32)),
    "fft": (r"np\.fft\.fft", lambda x: np.fft.fft(x)),
    "median": (r"np\.median", lambda x: np.median(x)),
    "allclose": (r"np\.allclose|np\.isclose", lambda x: np.allclose(x, ARRAY)),
    "where with one argument": (r"np\.where", lambda x: np.where(x)),
    "arctan2": (r"np\.arctan2", lambda x: np.arctan2(x, x)),
    "floor_divide": (r"np\.floor_divide", lambda x: x.data // x),
    "add.at": (r"np\.add\.at", lambda x: np.add.at(np.zeros(3), [0], x)),
    "add.at on a tensor": (r"np\.add\.at", lambda x: np.add.at(x, 0, 1.0)),
    "multiply.outer": (r"np\.multiply\.outer", lambda x: np.multiply.outer(x, x)),
    "add.accumulate": (r"np\.add\.accumulate", lambda x: np.add.accumulate(x)),
    "subtract.reduce": (r"np\.subtract\.reduce", lambda x: np.subtract.reduce(x)),
    "out=": (r"np\.add.*out=", lambda x: np.add(x, 1.0, out=np.zeros((2, 3)))),
    "out= a tensor": (r"np\.exp.*out=", lambda x: np.exp(ARRAY, out=x)),
    "where=": (r"np\.add.*where=", lambda x: np.add(x, 1.0, where=ARRAY > 0)),
    "dtype=": (r"np\.exp.*dtype=", lambda x: np.exp(x, dtype=np.float32)),
    "sum dtype": (r"np\.sum.*dtype=", lambda x: np.sum(x, 0, np.float32)),
    "sum out": (r"np\.sum.*out=", lambda x: np.sum(x, axis=0, out=np.zeros(3))),
    "sum where": (r"np\.sum.*where=", lambda x: np.sum(x, where=ARRAY > 0)),
    "sum initial": (r"np\.sum.*initial=", lambda x: np.sum(x, initial=5.0)),
    "max out": (r"np\.max.*out=", lambda x: np.max(x, 0, np.zeros(3))),
    "reshape order": (r"np\.reshape.*order=", lambda x: np.reshape(x, (6,), order="F")),
    "pad mode": (r"np\.pad.*mode", lambda x: np.pad(x, 1, "edge")),
    "pad mode keyword": (r"np\.pad.*mode", lambda x: np.pad(x, 1, mode="reflect")),
    "concatenate dtype": (r"np\.concatenate.*dtype=", lambda x: np.concatenate([x, x], dtype=np.float32)),
    "einsum optimize": (r"einsum.*optimize", lambda x: np.einsum("ij->j", x, optimize=True)),
    "in place on an array": (r"np\.add.*out=", lambda x: ARRAY.copy().__iadd__(x)),
    "np.array of tensors": ("stack", lambda x: np.array([x, x])),
    "np.array of numbers": ("stack", lambda x: np.array([x.sum(), x.max()])),
    "np.asarray": (r"\.data|\.numpy", lambda x: np.asarray(x)),
    "np.array as objects": ("Tensor", lambda x: np.array([x], dtype=object)),
    "np.testing": (".", lambda x: np.testing.assert_allclose(x, ARRAY)),
    "assignment into an array": (".", lambda x: ARRAY.copy().__setitem__(0, x[0])),
    "assignment into a tensor": ("where or concatenate", lambda x: x.__setitem__(0, 1.0)),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_unsupported_call_is_a_type_error_that_names_it(name: str) -> None:
    pattern, call = UNSUPPORTED[name]
    x = leaf(ARRAY)
    with pytest.raises(TypeError, match=pattern):
        call(x)
    assert x.data.tolist() == ARRAY.tolist()


def test_no_call_gives_an_object_array() -> None:
    """Whatever NumPy does with a Tensor, its graph never hides in an array of objects."""
    x = leaf(OTHER)
    for call in (
        lambda: np.array(x),
        lambda: np.array([x, 1.0], dtype=object),
        lambda: np.full((2,), x.sum()),
        lambda: np.vstack([x, x]),
        lambda: np.hstack([x, x]),
        lambda: np.asarray([x[0], x[1]]),
    ):
        with pytest.raises(TypeError):
            call()


def test_constant_becomes_an_array_and_a_copy() -> None:
    x = Tensor(OTHER)
    array = np.asarray(x)
    array[0] = 9.0
    assert x.data.tolist() == OTHER.tolist()
    assert np.array([x, x]).shape == (2, 3)
    assert np.asarray(x, dtype=np.float32).dtype == np.float32


def test_values_and_numpys_unsupported_functions() -> None:
    for call in (lambda v: np.cbrt(v), lambda v: np.arctan2(v, 1.0), lambda v: np.add(v, 1.0, out=np.zeros(()))):
        with pytest.raises(TypeError, match=r"np\."):
            call(Value(1.0))


def test_error_of_numpys_is_ours_with_shapes() -> None:
    with pytest.raises(ValueError, match=r"add.*\(2, 3\).*\(2,\)"):
        np.add(leaf(ARRAY), np.ones(2))
    with pytest.raises(DTypeError):
        np.add(leaf(ARRAY), np.array(["a", "b", "c"]))
