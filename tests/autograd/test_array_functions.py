"""The functions that arrange, order and accumulate, against PyTorch on random shapes, axes and orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import functions as F
from tests.autograd.draws import Rng, array, numbers
from tests.nn.oracle import Case, hold, torch


def axis_of(rng: Rng, x: Any) -> int:
    return int(rng.integers(-x.ndim, x.ndim))


def cumulative(name: str) -> Callable[[Rng], Case]:
    def draw(rng: Rng) -> Case:
        x = array(rng, least=1)
        axis = None if rng.random() < 0.2 else axis_of(rng, x)
        their = getattr(torch, name)
        return Case(
            [x],
            lambda x: getattr(F, name)(x, axis),
            lambda x: their(x.reshape(-1), 0) if axis is None else their(x, axis),
            f"axis {axis}",
        )

    return draw


def tile(rng: Rng) -> Case:
    x = array(rng)
    reps = tuple(map(int, rng.integers(0, 3, size=rng.integers(0, 4))))
    return Case([x], lambda x: F.tile(x, reps), lambda x: torch.tile(x, reps), f"reps {reps}")


def repeat(rng: Rng) -> Case:
    x = array(rng, least=1)
    axis = None if rng.random() < 0.2 else axis_of(rng, x)
    length = x.size if axis is None else x.shape[axis]
    counts = rng.integers(0, 3, size=length)
    if rng.random() < 0.5:
        return Case(
            [x], lambda x: F.repeat(x, int(length), axis), lambda x: torch.repeat_interleave(x, length, dim=axis)
        )
    return Case(
        [x],
        lambda x: F.repeat(x, counts.tolist(), axis),
        lambda x: torch.repeat_interleave(x, torch.from_numpy(counts), dim=axis),
        f"counts {counts}, axis {axis}",
    )


def roll(rng: Rng) -> Case:
    x = array(rng, least=1)
    if rng.random() < 0.3:
        shift = int(rng.integers(-5, 6))
        return Case([x], lambda x: F.roll(x, shift), lambda x: torch.roll(x, shift), f"shift {shift}")
    axes = tuple(axis_of(rng, x) for _ in range(rng.integers(1, 4)))
    shifts = tuple(map(int, rng.integers(-5, 6, size=len(axes))))
    return Case([x], lambda x: F.roll(x, shifts, axes), lambda x: torch.roll(x, shifts, axes), f"{shifts}, {axes}")


def split(rng: Rng) -> Case:
    x = array(rng, least=1, shortest=1)
    axis = axis_of(rng, x)
    cuts = sorted(map(int, rng.integers(0, x.shape[axis] + 1, size=rng.integers(0, 3))))
    if rng.random() < 0.3:
        return Case(
            [x], lambda x: F.split(x, x.shape[axis], axis), lambda x: torch.tensor_split(x, x.shape[axis], axis)
        )
    return Case([x], lambda x: F.split(x, cuts, axis), lambda x: torch.tensor_split(x, cuts, axis), f"{cuts}, {axis}")


def sort(rng: Rng) -> Case:
    x = array(rng, least=1)
    axis = axis_of(rng, x)
    return Case([x], lambda x: F.sort(x, axis), lambda x: torch.sort(x, dim=axis, stable=True).values, f"axis {axis}")


def index_of(rng: Rng, x: Any, axis: int, longest: int = 5) -> Any:
    """An index for gather: none longer than x's axes, but along `axis`."""
    shape = [int(rng.integers(0, n + 1)) for n in x.shape]
    shape[axis] = int(rng.integers(0, longest)) if x.shape[axis] else 0
    return rng.integers(0, max(x.shape[axis], 1), size=shape)


def gather(rng: Rng) -> Case:
    x = array(rng, least=1)
    axis = axis_of(rng, x)
    index = index_of(rng, x, axis)
    return Case(
        [x], lambda x: F.gather(x, axis, index), lambda x: torch.gather(x, axis, torch.from_numpy(index)), f"{index}"
    )


def take_along_axis(rng: Rng) -> Case:
    x = array(rng, least=1, shortest=1)
    axis = axis_of(rng, x)
    shape = list(x.shape)
    shape[axis] = int(rng.integers(0, 5))
    index = rng.integers(0, x.shape[axis], size=shape)
    return Case(
        [x],
        lambda x: F.take_along_axis(x, index, axis),
        lambda x: torch.take_along_dim(x, torch.from_numpy(index), axis),
        f"{index}, axis {axis}",
    )


def scatter(rng: Rng) -> Case:
    x = array(rng, least=1, shortest=1)
    axis = axis_of(rng, x)
    index = index_of(rng, x, axis, longest=x.shape[axis] + 1)
    index = np.argsort(rng.random(size=x.shape), axis=axis)[tuple(map(slice, index.shape))]  # no place twice
    src = numbers(rng, tuple(n + int(rng.integers(0, 2)) for n in index.shape))
    return Case(
        [x, src],
        lambda x, src: F.scatter(x, axis, index, src),
        lambda x, src: torch.scatter(x, axis, torch.from_numpy(index), src[tuple(map(slice, index.shape))]),
        f"{index}, axis {axis}",
    )


def scatter_add(rng: Rng) -> Case:
    x = array(rng, least=1)
    axis = axis_of(rng, x)
    index = index_of(rng, x, axis)
    src = numbers(rng, tuple(n + int(rng.integers(0, 2)) for n in index.shape))
    return Case(
        [x, src],
        lambda x, src: F.scatter_add(x, axis, index, src),
        lambda x, src: torch.scatter_add(x, axis, torch.from_numpy(index), src[tuple(map(slice, index.shape))]),
        f"{index}, axis {axis}",
    )


def diag(rng: Rng) -> Case:
    x = array(rng, least=1, most=2)
    k = int(rng.integers(-3, 4))
    if x.ndim == 2:
        k = int(np.clip(k, -x.shape[0], x.shape[1]))  # beyond its corners PyTorch refuses
    return Case([x], lambda x: F.diag(x, k), lambda x: torch.diag(x, k), f"k {k}")


def diagonal(rng: Rng) -> Case:
    x = array(rng, least=2)
    first, second = map(int, rng.permutation(x.ndim)[:2])
    k = int(rng.integers(-2, 3))
    if x.ndim == 2 and rng.random() < 0.5 and k == 0:
        return Case([x], lambda x: F.trace(x), lambda x: torch.trace(x))
    return Case(
        [x],
        lambda x: F.diagonal(x, k, first, second),
        lambda x: torch.diagonal(x, k, first, second),
        f"offset {k}, axes {first}, {second}",
    )


def triangle(name: str) -> Callable[[Rng], Case]:
    def draw(rng: Rng) -> Case:
        x = array(rng, least=2)
        k = int(rng.integers(-3, 4))
        return Case([x], lambda x: getattr(F, name)(x, k), lambda x: getattr(torch, name)(x, k), f"k {k}")

    return draw


def outer(rng: Rng) -> Case:
    return Case([array(rng, 1, 1), array(rng, 1, 1)], F.outer, torch.outer)


def dot(rng: Rng) -> Case:
    n, m, k = map(int, rng.integers(0, 4, size=3))
    x, y = [((n,), (n,)), ((m, n), (n, k)), ((m, n), (n,)), ((2, m, n), (n, k))][rng.integers(4)]
    return Case([numbers(rng, x), numbers(rng, y)], F.dot, torch.matmul)


def tensordot(rng: Rng) -> Case:
    x = array(rng, least=1, shortest=1)
    count = int(rng.integers(0, x.ndim + 1))
    rest = tuple(rng.integers(1, 4, size=rng.integers(0, 3)))
    if rng.random() < 0.5:
        y = numbers(rng, (*x.shape[x.ndim - count :], *rest))
        return Case([x, y], lambda x, y: F.tensordot(x, y, count), lambda x, y: torch.tensordot(x, y, count))
    axes = [int(axis) for axis in rng.permutation(x.ndim)[:count]]
    order = rng.permutation(count + len(rest))
    lengths = np.array([x.shape[axis] for axis in axes] + list(rest), dtype=int)[order]
    others = [int(np.flatnonzero(order == place)[0]) for place in range(count)]
    y = numbers(rng, tuple(lengths))
    return Case(
        [x, y],
        lambda x, y: F.tensordot(x, y, (axes, others)),
        lambda x, y: torch.tensordot(x, y, (axes, others)),
        f"axes {axes}, {others}",
    )


def nan_to_num(rng: Rng) -> Case:
    x = numbers(rng, (3, 4))
    x[rng.random(x.shape) < 0.3] = rng.choice([np.nan, np.inf, -np.inf])
    options = {name: float(rng.normal()) for name in ("nan", "posinf", "neginf") if rng.random() < 0.5}
    return Case(
        [x],
        lambda x: F.nan_to_num(x, **options),
        lambda x: torch.nan_to_num(x, **options),
        f"{options}",
        second="posinf" in options and "neginf" in options,  # else a value of 1e308, whose cube overflows
    )


DRAWS = {
    "cumsum": cumulative("cumsum"),
    "cumprod": cumulative("cumprod"),
    "tril": triangle("tril"),
    "triu": triangle("triu"),
    **{
        draw.__name__: draw
        for draw in (
            *(tile, repeat, roll, split, sort, gather, take_along_axis, scatter, scatter_add),
            *(diag, diagonal, outer, dot, tensordot, nan_to_num),
        )
    },
}


@pytest.mark.parametrize("name", DRAWS)
def test_against_pytorch(name: str) -> None:
    hold(DRAWS[name])


def test_scatter_to_one_place_twice_keeps_the_last_alone() -> None:
    x, src = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True), ag.Tensor([10.0, 20.0, 30.0], requires_grad=True)
    out = ag.scatter(x, 0, [2, 0, 2], src)
    assert out.data.tolist() == [20.0, 2.0, 30.0]
    out.backward([1.0, -2.0, 0.5])
    assert src.grad is not None
    assert x.grad is not None
    assert src.grad.tolist() == [0.0, 1.0, 0.5]
    assert x.grad.tolist() == [0.0, -2.0, 0.0]


def test_sort_gives_tied_elements_a_place_each() -> None:
    x = ag.Tensor([2.0, 1.0, 2.0, np.nan, 1.0], requires_grad=True)
    out = ag.sort(x)
    np.testing.assert_array_equal(out.data, [1.0, 1.0, 2.0, 2.0, np.nan])
    out.backward([1.0, 10.0, 100.0, 1000.0, 10000.0])
    assert x.grad is not None
    assert x.grad.tolist() == [100.0, 1.0, 1000.0, 10000.0, 10.0]


def test_sort_of_many_tied_elements_keeps_their_order() -> None:
    rng = np.random.default_rng(1)
    x = ag.Tensor(rng.integers(0, 3, size=200).astype(float), requires_grad=True)
    upstream = rng.normal(size=200)
    ag.sort(x).backward(upstream)
    places = sorted(range(200), key=lambda place: x.data[place])  # Python's own sort, which is stable
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad[places], upstream)


def test_cumprod_beside_zeros_and_infinities() -> None:
    x = ag.Tensor([2.0, 0.0, 3.0, 0.0, 5.0], requires_grad=True)
    ag.cumprod(x).backward([0.0, 0.0, 0.0, 0.0, 1.0])
    assert x.grad is not None
    assert x.grad.tolist() == [0.0] * 5
    hessian = ag.hessian(lambda x: ag.cumprod(x)[-1])(np.array([2.0, 0.0, 3.0, 0.0, 5.0]))
    expected = np.zeros((5, 5))
    expected[1, 3] = expected[3, 1] = 30.0  # the product of the three that are not zero
    np.testing.assert_allclose(hessian, expected, atol=1e-12)


@pytest.mark.parametrize("name", ["tril", "triu"])
def test_what_a_triangle_cuts_off_hands_on_nothing(name: str) -> None:
    x = ag.Tensor([[1.0, np.inf], [np.nan, 2.0]], requires_grad=True)
    out = getattr(ag, name)(x * 2.0, 1 if name == "triu" else -1)
    out.backward(np.array([[3.0, 5.0], [7.0, 11.0]]))
    assert x.grad is not None
    assert x.grad.tolist() == ([[0.0, 10.0], [0.0, 0.0]] if name == "triu" else [[0.0, 0.0], [14.0, 0.0]])


@pytest.mark.parametrize("factors", [[1e200, 1e-200, 1e-200, 1e200], [1e-200, 1e200, 1e200, 1e-200, 3.0]])
def test_products_that_another_order_would_lose(factors: list[float]) -> None:
    x = ag.Tensor(factors, requires_grad=True)
    np.testing.assert_allclose(ag.cumprod(x).data, np.cumprod(factors), rtol=1e-14)
    out = ag.functions.prod(x)
    assert out.item() == pytest.approx(np.prod(factors))
    out.backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad * np.array(factors), out.item(), rtol=1e-12)


def test_integers_are_not_cut_and_do_not_wrap() -> None:
    assert ag.scatter([1, 2, 3], 0, [0], 1.5).tolist() == [1.5, 2.0, 3.0]
    assert ag.scatter_add(np.array([1, 2]), 0, [1], [0.25]).tolist() == [1.0, 2.25]
    assert ag.cumsum(np.array([200, 200], dtype=np.uint8)).tolist() == [200, 400]


def test_nothing_passes_a_step_function_not_even_nan() -> None:
    for upstream in ([np.nan, 1.0], [np.nan, np.inf]):
        x = ag.Tensor([0.5, 1.5], requires_grad=True)
        ag.floor(x).backward(upstream)
        assert x.grad is not None
        assert x.grad.tolist() == [0.0, 0.0]


def test_roll_of_the_flattened_array_adds_the_shifts_up() -> None:
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(ag.roll(x, (1, 2)), np.roll(x, 3))


def test_places_below_the_first_are_refused() -> None:
    with pytest.raises(ag.ShapeError, match=r"gather: a place from -4 to 0 lies outside"):
        ag.gather(np.zeros(3), 0, [0, -4])
