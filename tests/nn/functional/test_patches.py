"""im2col and col2im against PyTorch, against each other, and as the two halves of a convolution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor, vjp
from tests.nn.functional.spatial_draws import batch, convolution, integer
from tests.nn.oracle import Case, hold, torch


def draw(rng: np.random.Generator) -> tuple[tuple[int, ...], tuple[int, ...], int, dict[str, Any]]:
    """An image's shape, a kernel, the number of patches, and the other arguments."""
    drawn = convolution(rng, axes=2, leading=batch(rng))
    options = {name: getattr(drawn, name) for name in ("dilation", "padding", "stride")}
    kernel = drawn.weight[2:]
    return drawn.image, kernel, drawn.out[-2] * drawn.out[-1], options


def unfold_case(rng: np.random.Generator) -> Case:
    image, kernel, _, options = draw(rng)
    given: Any = kernel[0] if kernel[0] == kernel[1] and rng.integers(2) else kernel
    return Case(
        [rng.normal(size=image)],
        lambda x: F.unfold(x, given, **options),
        lambda x: torch.nn.functional.unfold(x, given, **options),
        note=f"{given}, {options}",
    )


def fold_case(rng: np.random.Generator) -> Case:
    image, kernel, patches, options = draw(rng)
    rows = integer(rng, 1, 3) * kernel[0] * kernel[1]
    return Case(
        [rng.normal(size=(*image[:-3], rows, patches))],
        lambda x: F.fold(x, image[-2:], kernel, **options),
        lambda x: torch.nn.functional.fold(x, image[-2:], kernel, **options),
        note=f"{image}, {kernel}, {options}",
    )


def test_unfold() -> None:
    hold(unfold_case)


def test_fold() -> None:
    hold(fold_case)


def test_each_is_the_others_transpose() -> None:
    for seed in range(100):
        rng = np.random.default_rng(seed)
        image, kernel, _, options = draw(rng)
        x = rng.normal(size=image)
        columns, pull = vjp(lambda x: F.unfold(x, kernel, **options), x)  # noqa: B023
        y = rng.normal(size=columns.shape)
        np.testing.assert_allclose(pull(y)[0], F.fold(y, image[-2:], kernel, **options), rtol=1e-14, atol=1e-14)


def test_a_convolution_is_unfold_and_a_matrix_product_and_a_transposed_one_a_product_and_fold() -> None:
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(2, 3, 6, 5)), rng.normal(size=(4, 3, 3, 2))
    options: Any = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2)}
    out = F.conv2d(x, w, **options)
    product = w.reshape(4, -1) @ F.unfold(x, (3, 2), **options)
    np.testing.assert_allclose(product.reshape(out.shape), out, rtol=1e-13, atol=1e-13)
    columns = w.reshape(4, -1).T @ out.reshape(2, 4, -1)
    back = F.conv_transpose2d(out, w, output_padding=(1, 0), **options)
    np.testing.assert_allclose(F.fold(columns, (6, 5), (3, 2), **options), back, rtol=1e-13, atol=1e-13)


def test_fold_of_unfold_counts_the_patches_over_each_pixel() -> None:
    image = np.ones((1, 3, 4))
    counted = F.fold(F.unfold(image, 2), (3, 4), 2)
    assert counted.tolist() == [[[1.0, 2.0, 2.0, 1.0], [2.0, 4.0, 4.0, 2.0], [1.0, 2.0, 2.0, 1.0]]]


def test_pixels_that_no_patch_holds_are_zero_and_have_no_gradient() -> None:
    image = Tensor(np.arange(5.0).reshape(1, 1, 5), requires_grad=True)
    columns = F.unfold(image, (1, 1), stride=(1, 3))
    assert columns.data.tolist() == [[0.0, 3.0]]
    assert F.fold(columns, (1, 5), (1, 1), stride=(1, 3)).data.tolist() == [[[0.0, 0.0, 0.0, 3.0, 0.0]]]
    columns.backward(np.array([[2.0, 7.0]]))
    assert image.grad is not None
    assert image.grad.tolist() == [[[2.0, 0.0, 0.0, 7.0, 0.0]]]


IMAGE = np.ones((1, 2, 4, 4))


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: F.unfold(np.ones((4, 4)), 2), ShapeError, r"unfold: input must have shape \(N, C, H, W\)"),
        (lambda: F.unfold(IMAGE, 5), ShapeError, r"unfold: the kernel \(5, 5\) spans \(5, 5\)"),
        (lambda: F.unfold(IMAGE, 0), ValueError, "unfold: kernel_size=0"),
        (lambda: F.unfold(IMAGE, 2, padding=-1), ValueError, "unfold: padding=-1"),
        (lambda: F.unfold(IMAGE.astype(int), 2), DTypeError, "unfold: input has dtype int64"),
        (lambda: F.fold(np.ones(9), 4, 2), ShapeError, r"fold: input must have shape \(N, C·KH·KW, L\)"),
        (lambda: F.fold(np.ones((3, 9)), 4, 2), ShapeError, r"with 4 rows for each channel and the kernel \(2, 2\)"),
        (lambda: F.fold(np.ones((0, 9)), 4, 2), ShapeError, "rows for each channel"),
        (lambda: F.fold(np.ones((4, 8)), 4, 2), ShapeError, "has 8 columns, but unfold takes 3 x 3 patches"),
        (lambda: F.fold(np.ones((4, 9)), 1, 2), ShapeError, "has 9 columns, but unfold takes 0 x 0 patches"),
        (lambda: F.fold(np.ones((4, 25)), 1, 2, dilation=6), ShapeError, "unfold takes 0 x 0 patches"),
        (lambda: F.fold(np.ones((4, 9)), (4, 4, 4), 2), ValueError, "fold: output_size="),
        (lambda: F.fold(np.ones((4, 9)), 4, 2, stride=0), ValueError, "fold: stride=0"),
    ],
)
def test_refusals(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
