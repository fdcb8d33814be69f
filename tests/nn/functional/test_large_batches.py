"""Batches that are laid innermost in memory: the same numbers as PyTorch's, in every order that memory may have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import Tensor
from autograd.primitives import contraction
from autograd.primitives.layout import memory_order
from tests.autograd.torch_oracle import torch

INNERMOST = (1, 2, 3, 0)
ORDERS = [(0, 1, 2, 3), INNERMOST, (1, 0, 2, 3), (3, 2, 1, 0)]


@pytest.fixture(params=[False, True], ids=["whole", "divided"])
def divided(request: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Copies for a matrix product made at once, and in many parts."""
    if request.param:
        monkeypatch.setattr(contraction, "_CACHE", 1 << 10)
    contraction._plan.cache_clear()
    yield
    contraction._plan.cache_clear()


def laid(x: Any, order: tuple[int, ...]) -> Any:
    """A copy of x whose axes lie in memory in this order."""
    return np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))


def compare(ours: Callable[..., Any], theirs: Callable[..., Any], arrays: list[Any], order: tuple[int, ...]) -> Tensor:
    """Results and gradients against PyTorch, of images whose copies lie in the given order; our result."""
    image, *others = (Tensor(array, requires_grad=True) for array in arrays)
    image._data = laid(image._data, order)
    out = ours(image, *others)
    references = [torch.tensor(array, requires_grad=True) for array in arrays]
    expected = theirs(*references)
    np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-9, atol=1e-9)
    upstream = np.random.default_rng(5).standard_normal(out.shape)
    out.backward(laid(upstream, order))
    expected.backward(torch.tensor(upstream))
    for ours_leaf, theirs_leaf in zip((image, *others), references, strict=True):
        np.testing.assert_allclose(ours_leaf.grad, theirs_leaf.grad.numpy(), rtol=1e-9, atol=1e-8)
    return out


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"padding": 1},
        {"padding": (2, 0), "stride": (2, 3)},
        {"dilation": 2, "padding": 2, "stride": 2},
        {"groups": 2, "padding": 1},
        {"groups": 4, "stride": 2},
    ],
    ids=str,
)
def test_convolution(divided: None, options: dict[str, Any], order: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    shapes = [(17, 4, 8, 9), (8, 4 // options.get("groups", 1), 3, 2), (8,)]
    arrays = [rng.standard_normal(shape) for shape in shapes]
    out = compare(
        lambda x, w, b: F.conv2d(x, w, b, **options), lambda x, w, b: torch.conv2d(x, w, b, **options), arrays, order
    )
    if "groups" not in options:
        product = out.parents[0]
        assert memory_order(product.data)[-1] == 0
        assert memory_order(product.parents[1].grad)[-1] == 0  # of the windows, whatever the upstream gradient's order


@pytest.mark.parametrize("kernel", [(17, 4, 8, 8), (3, 300, 1, 1)])
def test_more_channels_than_places(divided: None, kernel: tuple[int, ...]) -> None:
    rng = np.random.default_rng(2)
    images, channels = (16, 4, 8, 9) if kernel[0] == 17 else (20, 300, 2, 2), kernel
    arrays = [rng.standard_normal(images), rng.standard_normal(channels)]
    compare(F.conv2d, torch.conv2d, arrays, (0, 1, 2, 3))


def test_a_product_whose_both_sides_are_copied(divided: None) -> None:
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((30, 5, 20, 3)), rng.standard_normal((7, 20, 4, 5))
    found = contraction.contracted(x[::2], y[:, ::-1, ::2], "abcd,ecfb->dafe")
    np.testing.assert_allclose(found, np.einsum("abcd,ecfb->dafe", x[::2], y[:, ::-1, ::2]), rtol=1e-10, atol=1e-10)


def test_the_longer_side_is_not_the_divided_one(divided: None) -> None:
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((9, 60, 2, 4)), rng.standard_normal((500, 8))
    found = contraction.contracted(x[:, :50:2, 0], y[:, :4], "abd,ed->abe")
    np.testing.assert_allclose(found, np.einsum("abd,ed->abe", x[:, :50:2, 0], y[:, :4]), rtol=1e-10, atol=1e-10)


def test_overlapping_windows_of_a_sequence(divided: None) -> None:
    """A view of windows with steps of one element looks like a matrix, but BLAS takes none whose rows overlap."""
    rng = np.random.default_rng(4)
    sequence, taps = rng.standard_normal(3000), rng.standard_normal((2, 5))
    patches = np.lib.stride_tricks.sliding_window_view(sequence, 5)
    found = contraction.contracted(taps, patches, "ok,tk->ot")
    np.testing.assert_allclose(found, np.einsum("ok,tk->ot", taps, patches), rtol=1e-12, atol=1e-12)


def pooled(rng: np.random.Generator, special: bool) -> Any:
    """Images of few distinct numbers, so that maxima tie; with `special` some are infinite or NaN."""
    x = rng.integers(-2, 3, (18, 3, 9, 10)).astype(float)
    if special:
        x[rng.random(x.shape) < 0.05] = np.nan
        x[rng.random(x.shape) < 0.05] = np.inf
        x[rng.random(x.shape) < 0.2] = -np.inf
    return x


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("special", [False, True])
@pytest.mark.parametrize("arguments", [(2,), (3, 2, 1), ((2, 3), (3, 2)), (3, 1), (5, 5), (2, 2, 0, 2)], ids=str)
def test_max_pooling(arguments: tuple[Any, ...], special: bool, order: tuple[int, ...]) -> None:
    """The first of equal maxima, or the first NaN, takes the gradient; `return_indices` finds it by another way."""
    x = pooled(np.random.default_rng(6), special)
    ours = Tensor(x, requires_grad=True)
    ours._data = laid(ours._data, order)
    out = F.max_pool2d(ours, *arguments)
    np.testing.assert_array_equal(out.data, torch.nn.functional.max_pool2d(torch.tensor(x), *arguments).numpy())
    _, places = F.max_pool2d(x, *arguments, return_indices=True)
    upstream = np.random.default_rng(7).standard_normal(out.shape)
    out.backward(upstream)
    gradient = np.zeros((*x.shape[:2], x.shape[2] * x.shape[3]))
    for n, c in np.ndindex(*x.shape[:2]):
        np.add.at(gradient[n, c], places[n, c].reshape(-1), upstream[n, c].reshape(-1))
    np.testing.assert_allclose(ours.grad, gradient.reshape(x.shape), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("arguments", [(2,), (3, 2, 1), (4, 4)], ids=str)
def test_average_pooling(arguments: tuple[Any, ...], order: tuple[int, ...]) -> None:
    x = pooled(np.random.default_rng(8), False)
    compare(lambda x: F.avg_pool2d(x, *arguments), lambda x: torch.nn.functional.avg_pool2d(x, *arguments), [x], order)


def test_a_network_stays_in_one_order() -> None:
    """From the padding to the flattened features, forward and backward, nothing has to be laid out again."""
    rng = np.random.default_rng(9)
    x, weight, bias = rng.standard_normal((16, 2, 12, 12)), rng.standard_normal((4, 2, 3, 3)), rng.standard_normal(4)
    arrays = [x, weight, bias, rng.standard_normal((5, 4 * 6 * 6))]

    def ours(x: Any, weight: Any, bias: Any, scores: Any) -> Any:
        maps = F.max_pool2d(F.conv2d(x, weight, bias, padding=1).relu(), 2)
        return F.linear(maps.reshape(16, -1), scores)

    def theirs(x: Any, weight: Any, bias: Any, scores: Any) -> Any:
        maps = torch.nn.functional.max_pool2d(torch.conv2d(x, weight, bias, padding=1).relu(), 2)
        return torch.nn.functional.linear(maps.reshape(16, -1), scores)

    image, *others = (Tensor(array, requires_grad=True) for array in arrays)
    out = ours(image, *others)
    out.backward(rng.standard_normal(out.shape))
    node = out.parents[0].parents[0]  # the maxima
    while node.rule is not None:
        if node.ndim == 4:
            assert memory_order(node.data) == memory_order(node.grad) == INNERMOST, node.op
        node = node.parents[-1] if node.op == "Σ ×" else node.parents[0]


def test_second_derivatives_of_a_large_batch() -> None:
    """The rules run on nodes too, where there is no memory order to look at."""
    from autograd import grad

    rng = np.random.default_rng(10)
    x, w = rng.standard_normal((16, 2, 9, 9)), rng.standard_normal((3, 2, 3, 3))
    direction = rng.standard_normal(w.shape)

    def loss(w: Any) -> Any:
        return (F.max_pool2d(F.conv2d(Tensor(x), w, padding=1), 2) ** 3).sum()

    found = grad(lambda w: (grad(loss)(w) * direction).sum())(Tensor(w))
    weight = torch.tensor(w, requires_grad=True)
    cubes = torch.nn.functional.max_pool2d(torch.conv2d(torch.tensor(x), weight, padding=1), 2) ** 3
    (first,) = torch.autograd.grad(cubes.sum(), weight, create_graph=True)
    (expected,) = torch.autograd.grad((first * torch.tensor(direction)).sum(), weight)
    np.testing.assert_allclose(getattr(found, "data", found), expected.numpy(), rtol=1e-9, atol=1e-8)
