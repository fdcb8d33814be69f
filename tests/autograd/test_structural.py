"""What moves numbers without changing them, against PyTorch: shapes, padding, joins, windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import functions as F
from tests.autograd.support import LAYOUTS, Operand, base_shape, examples, leaf, numbers, operands, seeds, several
from tests.autograd.torch_oracle import agree, torch

Pair = tuple[Callable[..., Any], Callable[..., Any]]


def _reshape(shape: tuple[int, ...], rng: np.random.Generator) -> Pair:
    size = int(np.prod(shape, dtype=int))
    choices: list[tuple[int, ...]] = [(size,), (1, size, 1), shape[::-1]]
    if size:
        choices += [(-1,), (size, -1), (1, -1, 1)]
    if size and size % 2 == 0:
        choices += [(2, -1), (size // 2, 1, 2)]
    new = choices[rng.integers(len(choices))]
    if rng.integers(2):
        return lambda x: x.reshape(*new), lambda x: x.reshape(new)
    return lambda x: ag.reshape(x, list(new)), lambda x: x.reshape(new)


def _ravel(shape: tuple[int, ...], rng: np.random.Generator) -> Pair:
    return (F.ravel if rng.integers(2) else lambda x: x.flatten()), lambda x: x.reshape(-1)


def _transpose(shape: tuple[int, ...], rng: np.random.Generator) -> Pair:
    order = tuple(int(axis) for axis in rng.permutation(len(shape)))
    written = tuple(axis - len(shape) if rng.integers(2) else axis for axis in order)
    if order == tuple(reversed(range(len(shape)))):
        return lambda x: x.transpose(), lambda x: x.permute(order)
    if rng.integers(2) and len(order) > 1:
        # two numbers in a row are refused: PyTorch's transpose would exchange the axes
        given = (written,) if len(written) == 2 and order == (0, 1) else written
        return lambda x: x.transpose(*given), lambda x: x.permute(order)
    return lambda x: ag.transpose(x, written), lambda x: x.permute(order)


def _swapaxes(shape: tuple[int, ...], rng: np.random.Generator) -> Pair:
    first, second = (int(axis) for axis in rng.integers(-len(shape), len(shape), size=2))
    return lambda x: x.swapaxes(first, second), lambda x: x.swapaxes(first, second)


def _moveaxis(shape: tuple[int, ...], rng: np.random.Generator) -> Pair:
    start, end = (int(axis) for axis in rng.integers(-len(shape), len(shape), size=2))
    return lambda x: ag.moveaxis(x, start, end), lambda x: torch.moveaxis(x, start, end)


def _squeeze(shape: tuple[int, ...], rng: np.random.Generator) -> Pair:
    place = int(rng.integers(len(shape) + 1))
    longer = (*shape[:place], 1, *shape[place:])
    axis = place - len(longer) if rng.integers(2) else place
    if rng.integers(2):
        return lambda x: x.reshape(longer).squeeze(axis), lambda x: x.reshape(longer).squeeze(axis)
    return lambda x: ag.squeeze(x.reshape(longer)), lambda x: x.reshape(longer).squeeze()


def _expand_dims(shape: tuple[int, ...], rng: np.random.Generator) -> Pair:
    axis = int(rng.integers(-len(shape) - 1, len(shape) + 1))
    if rng.integers(2):
        return lambda x: ag.expand_dims(x, axis), lambda x: x.unsqueeze(axis)
    return lambda x: ag.expand_dims(x, (0, -1)), lambda x: x.unsqueeze(0).unsqueeze(-1)


def _flip(shape: tuple[int, ...], rng: np.random.Generator) -> Pair:
    axes = tuple(int(axis) for axis in rng.permutation(len(shape))[: rng.integers(len(shape) + 1)])
    if len(axes) == len(shape):
        return lambda x: x.flip(), lambda x: x.flip(axes)
    written = tuple(axis - len(shape) if rng.integers(2) else axis for axis in axes)
    return lambda x: ag.flip(x, written[0] if len(written) == 1 else written), lambda x: x.flip(axes)


def _broadcast_to(shape: tuple[int, ...], rng: np.random.Generator) -> Pair:
    leading = tuple(int(n) for n in rng.integers(0, 4, size=rng.integers(3)))
    full = (*leading, *(int(rng.integers(0, 4)) if n == 1 else n for n in shape))
    return lambda x: ag.broadcast_to(x, full), lambda x: x.expand(full)


def _pad(shape: tuple[int, ...], rng: np.random.Generator) -> Pair:
    widths = [(int(a), int(b)) for a, b in rng.integers(0, 3, size=(len(shape), 2))]
    value = float(rng.choice([0.0, -1.5, np.inf, -np.inf]))
    written: Any = widths
    if rng.integers(3) == 0:
        written, widths = 1, [(1, 1)] * len(shape)
    elif rng.integers(3) == 0:
        written, widths = (2, 0), [(2, 0)] * len(shape)
    backwards = [n for pair in reversed(widths) for n in pair]
    return lambda x: ag.pad(x, written, value), lambda x: torch.nn.functional.pad(x, backwards, value=value)


ONE_OPERAND: dict[str, tuple[int, Callable[[tuple[int, ...], np.random.Generator], Pair]]] = {
    "reshape": (0, _reshape),
    "ravel": (0, _ravel),
    "transpose": (0, _transpose),
    "swapaxes": (1, _swapaxes),
    "moveaxis": (1, _moveaxis),
    "squeeze": (0, _squeeze),
    "expand_dims": (0, _expand_dims),
    "flip": (0, _flip),
    "broadcast_to": (0, _broadcast_to),
    "pad": (1, _pad),
}


@pytest.mark.parametrize("name", ONE_OPERAND)
@examples()
@given(data=st.data(), seed=seeds)
def test_one_operand(name: str, data: st.DataObject, seed: int) -> None:
    least_dims, build = ONE_OPERAND[name]
    operand = data.draw(operands(least_dims=least_dims))
    if name == "broadcast_to" and operand.layout == "plain" and operand.base.ndim:
        operand = Operand(operand.base[..., :1], "plain")
    agree(*build(operand.array.shape, np.random.default_rng(seed)), [operand], seed)


@st.composite
def joinable(draw: Callable[..., Any], axis_too: bool) -> list[tuple[int, ...]]:
    """Shapes that are equal, but for the first axis if `axis_too`."""
    rest = draw(st.lists(st.integers(0, 3), max_size=2))
    if not axis_too:
        return [tuple(rest)] * draw(st.integers(1, 4))
    return [(length, *rest) for length in draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))]


@examples()
@given(parts=several(joinable(axis_too=True)), seed=seeds)
def test_concatenate(parts: list[Operand], seed: int) -> None:
    ndim = parts[0].array.ndim
    axis = seed % ndim
    agree(
        lambda *xs: ag.concatenate([ag.moveaxis(x, 0, axis) for x in xs], axis=axis - ndim if seed % 2 else axis),
        lambda *xs: torch.cat([torch.moveaxis(x, 0, axis) for x in xs], dim=axis),
        parts,
        seed,
    )


@examples()
@given(parts=several(joinable(axis_too=False)), seed=seeds)
def test_stack(parts: list[Operand], seed: int) -> None:
    ndim = parts[0].array.ndim + 1
    axis = seed % (2 * ndim) - ndim
    agree(lambda *xs: ag.stack(xs, axis), lambda *xs: torch.stack(xs, dim=axis), parts, seed)


def test_join_one_tensor_with_itself_and_with_an_array() -> None:
    x = leaf([1.0, 2.0])
    out = ag.concatenate([x, np.array([5.0]), x])
    out.backward(np.array([1.0, -2.0, 100.0, 10.0, 20.0]))
    assert out.data.tolist() == [1.0, 2.0, 5.0, 1.0, 2.0]
    assert x.grad.tolist() == [11.0, 18.0]


@st.composite
def window_cases(draw: Callable[..., Any]) -> tuple[Operand, tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """An operand and (kernel, stride, dilation) for its last one or two axes; windows overlap, or leave gaps."""
    axes = draw(st.integers(1, 2))
    kernel, stride, dilation = (tuple(draw(st.integers(1, 3)) for _ in range(axes)) for _ in range(3))
    spatial = [d * (k - 1) + 1 + draw(st.integers(0, 4)) for k, d in zip(kernel, dilation, strict=True)]
    shape = (*draw(st.lists(st.integers(0, 2), max_size=2)), *spatial)
    layout = draw(st.sampled_from(LAYOUTS))
    rng = np.random.default_rng(draw(seeds))
    dtype = np.float32 if rng.integers(3) == 0 else np.float64
    return Operand(numbers(rng, base_shape(shape, layout), False, dtype), layout), kernel, stride, dilation


@examples()
@given(drawn=window_cases(), seed=seeds)
def test_windows(drawn: Any, seed: int) -> None:
    operand, kernel, stride, dilation = drawn

    def unfolded(x: Any) -> Any:
        first = x.ndim - len(kernel)
        for place, (k, s, d) in enumerate(zip(kernel, stride, dilation, strict=True)):
            x = x.unfold(first + place, d * (k - 1) + 1, s)[..., ::d]
        return x

    agree(lambda x: ag.windows(x, kernel, stride, dilation), unfolded, [operand], seed)


@pytest.mark.parametrize(
    "length, kernel, stride, padding, count", [(16, 7, 3, 2, 5), (6, 3, 2, 0, 2), (5, 5, 3, 0, 1), (7, 2, 4, 1, 2)]
)
def test_stride_that_does_not_divide(length: int, kernel: int, stride: int, padding: int, count: int) -> None:
    """Elements that no window reaches have gradient 0, and the gradient has the input's shape."""
    x = leaf(np.arange(1.0, length + 1))
    out = ag.windows(ag.pad(x, padding), (kernel,), (stride,))
    assert out.shape == (count, kernel)
    weights = np.arange(1.0, out.size + 1).reshape(out.shape)
    out.backward(weights)
    expected = np.zeros(length + 2 * padding)
    for place in range(count):
        expected[place * stride : place * stride + kernel] += weights[place]
    assert x.grad.tolist() == expected[padding : padding + length].tolist()


def test_broadcasting_is_a_node_and_constants_are_left_alone() -> None:
    x, y = leaf(np.ones((2, 1))), leaf(np.ones((3,)))
    out = x * y * np.array(2.0)
    product, constant = out.parents
    assert constant.shape == ()
    assert [parent.op for parent in product.parents] == ["broadcast", "broadcast"]
    assert product.parents[0].parents == (x,)
