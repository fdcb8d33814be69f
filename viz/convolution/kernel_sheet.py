"""The figure of a convolution's backward pass to its kernel: the input correlated with the upstream gradient."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.element import index_text
from autograd.numbers import number_text
from viz.convolution.backward import KernelGradient, kernel_plane
from viz.convolution.grids import by_parts, gradient_name, image_grid, matrix_grid, products_grid, rest_of, strips_for
from viz.convolution.sheet import Item, Sheet, Sign, with_limits
from viz.convolution.sums import Product, total_of
from viz.convolution.wording import Called, factor_text, products_text, settings_text, sum_text


def kernel_sheet(gradient: KernelGradient, called: Called) -> Sheet:
    """One element of the kernel: a strip for each image of the batch, and the kernel's gradient beside them."""
    convolution = gradient.convolution
    o, among, k, l = gradient.index
    c, counts = convolution.inputs_of(o)[among], convolution.windows.counts
    parts = by_parts(gradient.products, counts[0] * counts[1])
    shown = strips_for(convolution)
    strips: list[tuple[Item, ...]] = []
    for n, products in enumerate(parts[:shown]):
        corners = {product.left_place: f"×{number_text(product.right)}" for product in products}
        strips.append(
            (
                image_grid(convolution, f"x{n}", called.x, n, c, corners),
                Sign("×"),
                matrix_grid(
                    f"dy{n}", gradient_name(called.y), convolution.full(n, o), "gradient", convolution.upstream(n, o)
                ),
                Sign("="),
                products_grid(f"p{n}", "gradient", products, counts),
            )
        )
    name = gradient_name(index_text(called.w, gradient.index))
    result = matrix_grid(
        "dw", gradient_name(called.w), (o, among), "gradient", kernel_plane(convolution, o, c), {(k, l)},
        footer=f"{name} = {number_text(gradient.total)}",
    )  # fmt: skip
    return with_limits(
        Sheet(
            title=f"{name} = Σ {called.x} · {gradient_name(called.y)}",
            strips=tuple(strips),
            result=(Sign("Σ →"), result),
            captions=(f"{name} = {_in_numbers(parts)} = {number_text(gradient.total)}", gradient.remark),
            notes=(
                f"outlined in {called.x}: what {index_text(called.w, gradient.index)} was multiplied with, one pixel "
                f"for each window",
                *rest_of(parts, shown, "image"),
                settings_text("conv2d", convolution.windows, convolution.groups),
            ),
        )
    )


def _in_numbers(parts: Sequence[Sequence[Product]]) -> str:
    """The products of one image, or each image's sum."""
    if len(parts) == 1:
        return products_text(parts[0])
    return sum_text([factor_text(total_of(part)) for part in parts])
