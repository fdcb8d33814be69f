"""The figure of a convolution's forward pass: patch, kernel, products, sum."""

from __future__ import annotations

from autograd.element import index_text
from autograd.numbers import number_text
from viz.convolution.forward import ReceptiveField
from viz.convolution.grids import by_parts, image_grid, matrix_grid, products_grid, rest_of, strips_for
from viz.convolution.sheet import Item, Sheet, Sign, with_limits
from viz.convolution.sums import total_of
from viz.convolution.wording import Called, factor_text, products_text, settings_text, sum_text


def forward_sheet(field: ReceptiveField, called: Called) -> Sheet:
    """One element of the result: a strip for each channel of the input, and the result beside them."""
    convolution = field.convolution
    n, o, i, j = convolution.split(field.index)
    channels, kernel = convolution.inputs_of(o), convolution.windows.kernel
    parts = by_parts(field.products, kernel[0] * kernel[1])
    shown = strips_for(convolution)
    strips: list[tuple[Item, ...]] = []
    for place, (c, products) in enumerate(list(zip(channels, parts, strict=True))[:shown]):
        corners = {product.left_place: f"×{number_text(product.right)}" for product in products}
        strips.append(
            (
                image_grid(convolution, f"x{place}", called.x, n, c, corners),
                Sign("×"),
                matrix_grid(f"w{place}", called.w, (o, c - channels[0]), "value", convolution.kernel(o, c)),
                Sign("="),
                products_grid(f"p{place}", "value", products, kernel),
            )
        )
    name = index_text(called.y, field.index)
    result = matrix_grid(
        "y", called.y, convolution.full(n, o), "value", convolution.result(n, o), {(i, j)},
        footer=f"{name} = {number_text(field.total)}",
    )  # fmt: skip
    formula = f"{name} = Σ patch · kernel"
    if field.bias is not None:
        formula += f" + {called.b}"
    return with_limits(
        Sheet(
            title=formula,
            strips=tuple(strips),
            result=(Sign("Σ →" if field.bias is None else f"Σ + {factor_text(field.bias)} →"), result),
            captions=(f"{formula} = {_in_numbers(field)} = {number_text(field.total)}",),
            notes=(
                *rest_of(parts, shown, "channel"),
                settings_text("conv2d", convolution.windows, convolution.groups),
            ),
        )
    )


def _in_numbers(field: ReceptiveField) -> str:
    """The products of one channel, or each channel's sum; and the bias."""
    convolution = field.convolution
    kernel = convolution.windows.kernel
    parts = by_parts(field.products, kernel[0] * kernel[1])
    bias = [] if field.bias is None else [factor_text(field.bias)]
    if len(parts) == 1:
        return " + ".join([products_text(parts[0]), *bias])
    return " + ".join([sum_text([factor_text(total_of(part)) for part in parts]), *bias])
