"""Every reduction against PyTorch: axes negative, several or none, keepdims, ties, zeros, empty arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, argmax, argmin
from autograd import functions as F
from tests.autograd.support import (
    LAYOUTS,
    Operand,
    base_shape,
    examples,
    leaf,
    numbers,
    operands,
    seeds,
    upstream,
)
from tests.autograd.torch_oracle import agree, torch

Axes = tuple[int, ...]


def last_axis(x: Any, axes: Axes) -> Any:
    """The torch tensor with the reduced axes joined to one, the last, in row-major order."""
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    size = int(np.prod([x.shape[axis] for axis in axes], dtype=int))
    return x.permute((*kept, *axes)).reshape(*(x.shape[axis] for axis in kept), size)


def torch_std(x: Any, ddof: int) -> Any:
    """The standard deviation, with derivative 0 where all elements are equal."""
    variance = torch.var(x, dim=-1, correction=ddof)
    constant = variance == 0
    return torch.where(constant, 0.0, torch.where(constant, 1.0, variance).sqrt())


def first(choose: Callable[..., Any]) -> Callable[[Any], Any]:
    """The extreme element that NumPy finds first, so that it alone has a gradient."""
    return lambda x: torch.take_along_dim(x, torch.as_tensor(choose(x.detach().numpy(), axis=-1))[..., None], -1)[
        ..., 0
    ]


REDUCTIONS: dict[str, tuple[Callable[..., Any], Callable[[Any], Any]]] = {
    "sum": (F.sum, lambda x: x.sum(-1)),
    "mean": (F.mean, lambda x: x.mean(-1)),
    "var": (F.var, lambda x: torch.var(x, dim=-1, correction=0)),
    "var ddof=1": (lambda x, **o: F.var(x, ddof=1, **o), lambda x: torch.var(x, dim=-1, correction=1)),
    "std": (F.std, lambda x: torch_std(x, 0)),
    "std ddof=1": (lambda x, **o: F.std(x, ddof=1, **o), lambda x: torch_std(x, 1)),
    "prod": (F.prod, lambda x: torch.prod(x, dim=-1)),
    "max": (F.max, first(np.argmax)),
    "min": (F.min, first(np.argmin)),
    "logsumexp": (F.logsumexp, lambda x: torch.logsumexp(x, dim=-1)),
}
LEAST_SIDE = {"sum": 0, "prod": 0, "var ddof=1": 2, "std ddof=1": 2}


@st.composite
def reductions(draw: Callable[..., Any], name: str) -> tuple[Operand, Any, Axes, bool]:
    """An operand, the axis argument as a user may write it, the axes it means, and keepdims."""
    needs_two = LEAST_SIDE.get(name, 1) == 2  # elements in each group
    operand = draw(operands(least_side=LEAST_SIDE.get(name, 1), least_dims=int(needs_two)))
    ndim = operand.array.ndim
    chosen = tuple(draw(st.lists(st.integers(0, ndim - 1), unique=True, min_size=int(needs_two)))) if ndim else ()
    written: Any = tuple(axis - ndim if draw(st.booleans()) else axis for axis in chosen)
    if len(chosen) == 1 and draw(st.booleans()):
        written = written[0]
    if len(chosen) == ndim and draw(st.booleans()):
        written = None
    return operand, written, tuple(sorted(chosen)), draw(st.booleans())


@pytest.mark.parametrize("name", REDUCTIONS)
@examples()
@given(data=st.data(), seed=seeds)
def test_reduction(name: str, data: st.DataObject, seed: int) -> None:
    operand, axis, axes, keepdims = data.draw(reductions(name))
    shape = operand.array.shape
    ours, theirs = REDUCTIONS[name]
    out_shape = [1 if place in axes else n for place, n in enumerate(shape) if keepdims or place not in axes]
    agree(
        lambda x: ours(x, axis=axis, keepdims=keepdims),
        lambda x: theirs(last_axis(x, axes)).reshape(out_shape),
        [operand],
        seed,
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("axis", [(-2, -1), (-1, -2), (-1,), (1, -1), (0,), (0, 1, 2, 3)])
@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "logsumexp"])
def test_few_elements_of_many_groups(name: str, axis: Axes, layout: str) -> None:
    """As pooling reduces: thousands of groups of four, full of ties, which take a way of their own through memory."""
    rng = np.random.default_rng(21)
    ours, theirs = REDUCTIONS[name]
    axes = tuple(sorted(place % 6 for place in axis))
    for dtype in (np.float64, np.float32):
        base = numbers(rng, base_shape((5, 3, 2, 70, 2, 2), layout), special=True, dtype=dtype)
        agree(lambda x: ours(x, axis=axis), lambda x: theirs(last_axis(x, axes)), [Operand(base, layout)], seed=3)


@pytest.mark.parametrize("shape, axis", [((30, 50), 1), ((500, 2, 2), (1, 2)), ((2, 2, 500), (0, 1))])
def test_maximum_of_many_groups_with_nan(shape: tuple[int, ...], axis: Any) -> None:
    """The first NaN of a group is its maximum and takes its gradient; groups without are as usual."""
    rng = np.random.default_rng(22)
    data = rng.choice([1.0, 2.0, np.nan], size=shape)
    x = leaf(data)
    out = F.max(x, axis=axis)
    np.testing.assert_array_equal(out.data, np.max(data, axis=axis))
    gradient = upstream(4, out.shape, float)
    out.backward(gradient)
    axes = (axis,) if isinstance(axis, int) else axis
    rows = np.moveaxis(data, axes, range(-len(axes), 0)).reshape(out.size, -1)
    found = np.moveaxis(x.grad, axes, range(-len(axes), 0)).reshape(out.size, -1)
    expected = np.zeros_like(rows)
    expected[np.arange(out.size), np.argmax(rows, axis=1)] = gradient.reshape(-1)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", [name for name in REDUCTIONS if " " not in name])
def test_method_is_the_function(name: str) -> None:
    data = np.random.default_rng(3).normal(size=(2, 3, 4))
    x, y = leaf(data), leaf(data)
    by_method = getattr(x, name)(axis=(0, -1), keepdims=True)
    by_function = getattr(F, name)(y, axis=(0, -1), keepdims=True)
    by_method.backward(np.arange(1.0, 4.0).reshape(1, 3, 1))
    by_function.backward(np.arange(1.0, 4.0).reshape(1, 3, 1))
    np.testing.assert_array_equal(by_method.data, by_function.data)
    np.testing.assert_array_equal(x.grad, y.grad)


@examples(100)
@given(operand=operands(least_dims=1, least_side=1), keepdims=st.booleans(), seed=seeds)
def test_argmax_and_argmin_are_numpys(operand: Operand, keepdims: bool, seed: int) -> None:
    array = operand.array
    axis = seed % array.ndim
    x = operand.view(leaf(operand.base))
    np.testing.assert_array_equal(argmax(x, axis=axis, keepdims=keepdims), array.argmax(axis, keepdims=keepdims))
    np.testing.assert_array_equal(argmin(x, axis=axis, keepdims=keepdims), array.argmin(axis, keepdims=keepdims))
    assert argmax(x) == array.argmax()
    assert x.argmin() == array.argmin()


@pytest.mark.parametrize("shape, axis", [((0, 3), 0), ((0,), None), ((2, 0, 3), (0, 1)), ((3, 0), 1)])
def test_sum_and_prod_over_no_elements(shape: tuple[int, ...], axis: Any) -> None:
    """0 and 1 as NumPy has them, still in the graph: the gradient is an empty array of the leaf's shape."""
    for ours, numpys in ((F.sum, np.sum), (F.prod, np.prod)):
        x = leaf(np.zeros(shape))
        out = ours(x, axis=axis)
        assert isinstance(out, Tensor)
        np.testing.assert_array_equal(out.data, numpys(np.zeros(shape), axis=axis))
        out.backward(np.ones(out.shape))
        assert x.grad is not None
        assert x.grad.shape == shape


@pytest.mark.parametrize("name", REDUCTIONS)
def test_no_groups_at_all(name: str) -> None:
    """Groups of three elements, none of them: an empty result and an empty gradient."""
    for shape, axis, kept in (((0, 3), 1, (0,)), ((3, 2, 0), (0, 1), (0,))):
        x = leaf(np.zeros(shape))
        out = REDUCTIONS[name][0](x, axis=axis)
        assert out.shape == kept
        out.backward(np.ones(kept))
        assert x.grad.shape == shape


@pytest.mark.parametrize("ours", [F.mean, F.var, F.std])
def test_mean_of_no_elements_is_nan(ours: Callable[..., Any]) -> None:
    x = leaf(np.zeros((3, 0)))
    out = ours(x, axis=1)
    assert np.isnan(out.data).all()
    out.backward(np.ones(3))
    assert x.grad is not None
    assert x.grad.shape == (3, 0)


@pytest.mark.parametrize("ddof", [2, 3])
def test_variance_without_degrees_of_freedom_is_nan(ddof: int) -> None:
    assert np.isnan(F.var(leaf([1.0, 2.0]), ddof=ddof).item())


@pytest.mark.parametrize("constant", [0.0, 2.0, 0.1, 1e8 + 0.1, 1e-30])
@pytest.mark.parametrize("count", [2, 3, 7, 10])
def test_std_of_equal_elements_has_gradient_zero(constant: float, count: int) -> None:
    x = leaf([constant] * count)
    out = F.std(x)
    out.backward(2.5)
    assert out.item() == 0.0
    assert x.grad.tolist() == [0.0] * count


@pytest.mark.parametrize(
    "elements, expected",
    [
        ([0.0, 2.0, 3.0], [6.0, 0.0, 0.0]),
        ([2.0, 0.0, 3.0, 5.0], [0.0, 30.0, 0.0, 0.0]),
        ([0.0, 2.0, 0.0], [0.0, 0.0, 0.0]),
        ([0.0], [1.0]),
        ([-2.0, 3.0], [3.0, -2.0]),
    ],
)
def test_product_with_zeros(elements: list[float], expected: list[float]) -> None:
    x = leaf(elements)
    F.prod(x).backward()
    assert x.grad.tolist() == expected


@pytest.mark.parametrize(
    "elements, expected",
    [
        ([1000.0, 1000.0], [0.5, 0.5]),
        ([-1000.0, -1000.0, -1000.0, -1000.0], [0.25] * 4),
        ([1000.0, -1000.0], [1.0, 0.0]),
        ([-np.inf, 0.0], [0.0, 1.0]),
        ([-np.inf, -np.inf], [0.0, 0.0]),
        ([np.inf, 0.0], [1.0, 0.0]),
    ],
)
def test_logsumexp_far_from_zero(elements: list[float], expected: list[float]) -> None:
    x = leaf(elements)
    F.logsumexp(x).backward()
    np.testing.assert_allclose(x.grad, expected, rtol=1e-12)


def test_logsumexp_shifts_each_row_by_its_own_maximum() -> None:
    x = leaf([[1000.0, 1001.0], [-1000.0, -1001.0]])
    out = F.logsumexp(x, axis=1)
    rest = np.log1p(np.exp(-1.0))
    np.testing.assert_allclose(out.data, [1001.0 + rest, -1000.0 + rest], rtol=1e-15)
    out.backward(np.array([1.0, -2.0]))
    large = 1.0 / (1.0 + np.exp(-1.0))
    np.testing.assert_allclose(x.grad, [[1.0 - large, large], [-2.0 * large, -2.0 * (1.0 - large)]], rtol=1e-12)


@pytest.mark.parametrize("ours, nan_wins", [(F.max, True), (F.min, True)])
def test_extreme_of_nan_is_nan_and_takes_the_gradient(ours: Callable[..., Any], nan_wins: bool) -> None:
    x = leaf([1.0, np.nan, 5.0, np.nan])
    out = ours(x)
    out.backward(3.0)
    assert np.isnan(out.data) == nan_wins
    assert x.grad.tolist() == [0.0, 3.0, 0.0, 0.0]
