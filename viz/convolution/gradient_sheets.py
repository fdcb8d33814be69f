"""The figures of a convolution's backward pass to its input: a scatter, and the rotated kernel on the same numbers."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.element import index_text
from autograd.numbers import number_text
from viz.convolution.backward import InputGradient, input_plane, kind_of_place, spread_at
from viz.convolution.grids import (
    by_parts,
    gradient_name,
    kernel_labels,
    left_out,
    matrix_grid,
    products_grid,
    rest_of,
    strips_for,
)
from viz.convolution.sheet import Board, Cell, Grid, Item, Sheet, Sign, cells_of, grids_in, make_grid, with_limits
from viz.convolution.sums import Product, total_of
from viz.convolution.windows import Pair
from viz.convolution.wording import Called, factor_text, products_text, settings_text, sum_text
from viz.picture.wording import counted

_BLOCK_ROWS = 9  # of cells, in all blocks of a channel together


def scatter_sheet(gradient: InputGradient, called: Called) -> Sheet:
    """One pixel: each window that holds it adds its upstream gradient × kernel; a strip for each output channel."""
    convolution = gradient.convolution
    n, c, *_ = convolution.split(gradient.index)
    channels = convolution.outputs_of(c)
    parts = by_parts(gradient.scatter, max(len(gradient.scatter) // len(channels), 1))
    shown, most = strips_for(convolution), _most_blocks(convolution.windows.kernel)
    strips: list[tuple[Item, ...]] = []
    notes = []
    for place, (o, products) in enumerate(list(zip(channels, parts, strict=False))[:shown]):
        positions = {product.left_place for product in products}
        drawn = _drawn_blocks(products, most)
        offsets = {product.right_place for product in products}
        strips.append(
            (
                matrix_grid(
                    f"dy{place}", gradient_name(called.y), convolution.full(n, o), "gradient",
                    convolution.upstream(n, o), positions,
                ),
                Sign("×"),
                matrix_grid(
                    f"w{place}", called.w, (o, c - convolution.inputs_of(o)[0]), "value", convolution.kernel(o, c),
                    offsets,
                ),
                Sign("="),
                _blocks(gradient, place, o, products, drawn, called),
            )
        )  # fmt: skip
        if len(drawn) < len(products):
            rest = [product for product in products if product not in drawn]
            notes.append(left_out(f"{counted(len(rest), 'more window')} of channel {o}", rest))
    name = gradient_name(index_text(called.x, gradient.index))
    return _sheet(
        gradient,
        called,
        title=f"{name} as a scatter: each window adds {gradient_name(called.y)}[i,j] · {called.w} where it lies",
        strips=strips,
        parts=parts,
        notes=[
            "ringed: what falls on the pixel; beside each block stand the rows and columns that it falls on",
            *notes,
            *rest_of(parts, shown, "channel"),
        ],
    )


def _most_blocks(kernel: Pair) -> Pair:
    """How many rows and columns of blocks are drawn."""
    rows, columns = (max(_BLOCK_ROWS // length, 2) for length in kernel)
    return rows, columns


def _drawn_blocks(products: Sequence[Product], most: Pair) -> list[Product]:
    """The windows in the first rows and columns of those that hold the pixel."""
    rows, columns = (
        sorted({product.left_place[axis] for product in products})[: most[axis]] for axis in (0, 1)
    )
    return [product for product in products if product.left_place[0] in rows and product.left_place[1] in columns]


def _blocks(
    gradient: InputGradient,
    place: int,
    o: int,
    products: Sequence[Product],
    drawn: Sequence[Product],
    called: Called,
) -> Board:
    """For each window the block upstream · kernel, labelled by the rows and columns of the input that it falls on."""
    rows: dict[int, list[Grid]] = {}
    for number, product in enumerate(drawn):
        i, j = product.left_place
        rows.setdefault(i, []).append(_block(gradient, f"b{place}-{number}", o, product, (i, j), called))
    return Board(
        f"{gradient_name(called.y)}[i,j] · {called.w}",
        tuple(map(tuple, rows.values())),
        footer=f"Σ ringed = {number_text(total_of(products))}",
    )


def _block(gradient: InputGradient, id: str, o: int, product: Product, position: Pair, called: Called) -> Grid:
    convolution = gradient.convolution
    windows = convolution.windows
    kernel = convolution.kernel(o, convolution.split(gradient.index)[1])

    def cell(k: int, l: int) -> Cell:
        here = (k, l) == product.right_place
        row, column = windows.place(position, (k, l))
        covered = windows.covers((row, column))
        where = index_text(called.x, (row, column)) if covered else "the padding, where it is dropped"
        return Cell(
            product.left * float(kernel[k, l]),
            "inside" if covered else "padding",
            ringed=here,
            hint=f"{number_text(product.left)} × {number_text(float(kernel[k, l]))} on {where}",
        )

    return make_grid(
        id,
        f"{factor_text(product.left)} · {called.w}",
        "gradient",
        windows.kernel,
        cell,
        label=(
            lambda k: _row_label(windows.place(position, (k, 0))[0], windows.lengths[0]),
            lambda l: _row_label(windows.place(position, (0, l))[1], windows.lengths[1]),
        ),
    )


def _row_label(at: int, length: int) -> str:
    return str(at) if 0 <= at < length else ""


def gather_sheet(gradient: InputGradient, called: Called) -> Sheet:
    """One pixel: the kernel, rotated by 180°, on the spread upstream gradient; a strip for each output channel."""
    convolution = gradient.convolution
    n, c, *_ = convolution.split(gradient.index)
    kernel = convolution.windows.kernel
    channels, shown = convolution.outputs_of(c), strips_for(convolution)
    parts = by_parts(gradient.gather, kernel[0] * kernel[1])
    strips: list[tuple[Item, ...]] = []
    for place, (o, products) in enumerate(list(zip(channels, parts, strict=True))[:shown]):
        labels = kernel_labels(convolution, rotated=True)
        strips.append(
            (
                _spread_grid(gradient, f"dy{place}", n, o, products, called),
                Sign("×"),
                _rotated_grid(gradient, f"w{place}", o, called),
                Sign("="),
                products_grid(f"p{place}", "gradient", products, kernel, labels),
            )
        )
    name = gradient_name(index_text(called.x, gradient.index))
    return _sheet(
        gradient,
        called,
        title=f"{name} as a gather: the rotated kernel on {gradient_name(called.y)}",
        strips=strips,
        parts=parts,
        notes=[*_spread_note(strips), *rest_of(parts, shown, "channel")],
    )


def _spread_note(strips: Sequence[tuple[Item, ...]]) -> list[str]:
    """What the zeros are that are no upstream gradient, as far as any are drawn."""
    kinds = {cell.kind for strip in strips for item in strip for grid in grids_in(item) for cell in cells_of(grid)}
    around = ["dashed: zeros around the gradient"] if "padding" in kinds else []
    between = ["dotted: zeros between its elements, one fewer than the stride"] if "inserted" in kinds else []
    return ["; ".join(around + between)] if around or between else []


def _rotated_grid(gradient: InputGradient, id: str, o: int, called: Called) -> Grid:
    """A kernel rotated by 180°, with the indices that its elements have in the weight."""
    convolution = gradient.convolution
    c = convolution.split(gradient.index)[1]
    kernel, index = convolution.kernel(o, c), (o, c - convolution.inputs_of(o)[0])
    last = [length - 1 for length in kernel.shape]

    def cell(row: int, column: int) -> Cell:
        k, l = last[0] - row, last[1] - column
        return Cell(float(kernel[k, l]), hint=index_text(called.w, (*index, k, l)))

    return make_grid(
        id,
        f"{index_text(called.w, index)} rotated by 180°",
        "value",
        convolution.windows.kernel,
        cell,
        label=(lambda row: str(last[0] - row), lambda column: str(last[1] - column)),
    )


def _spread_grid(
    gradient: InputGradient, id: str, n: int, o: int, products: Sequence[Product], called: Called
) -> Grid:
    """The upstream gradient with zeros between and around its elements, and the rotated kernel's window on it."""
    convolution = gradient.convolution
    windows, upstream = convolution.windows, convolution.upstream(n, o)
    title = index_text(gradient_name(called.y), convolution.full(n, o))
    pixel = convolution.split(gradient.index)[2:]
    spans = [gap * (size - 1) for gap, size in zip(windows.dilation, windows.kernel, strict=True)]
    first = [pad - span for pad, span in zip(windows.before, spans, strict=True)]
    corners = {
        spread_at(windows, (pixel[0], pixel[1]), product.right_place): f"×{number_text(product.right)}"
        for product in products
    }

    def cell(row: int, column: int) -> Cell:
        place = kind_of_place(windows, (row, column))
        position = (row // windows.stride[0], column // windows.stride[1])
        hints = {
            "inside": index_text(gradient_name(called.y), convolution.full(n, o, *position)),
            "padding": "a zero around the gradient",
            "inserted": "a zero that the stride puts between the gradient's elements",
        }
        value = float(upstream[position]) if place == "inside" else 0.0
        return Cell(value, place, (row, column) in corners, corner=corners.get((row, column), ""), hint=hints[place])

    def label(axis: int, at: int) -> str:
        position, rest = divmod(at, windows.stride[axis])
        return str(position) if not rest and 0 <= position < windows.counts[axis] else ""

    height, width = (length + span for length, span in zip(windows.lengths, spans, strict=True))
    return make_grid(
        id, title, "gradient", (height, width), cell,
        first=(first[0], first[1]),
        label=(lambda row: label(0, row), lambda column: label(1, column)),
        focus=([row for row, _ in corners], [column for _, column in corners]),
    )  # fmt: skip


def _sheet(
    gradient: InputGradient,
    called: Called,
    title: str,
    strips: Sequence[tuple[Item, ...]],
    parts: Sequence[Sequence[Product]],
    notes: Sequence[str],
) -> Sheet:
    """What both forms share: the plane of the input's gradient, the sum in numbers, and how it compares."""
    convolution = gradient.convolution
    n, c, h, w = convolution.split(gradient.index)
    name = index_text(gradient_name(called.x), gradient.index)
    result = matrix_grid(
        "dx", gradient_name(called.x), convolution.full(n, c), "gradient", input_plane(convolution, n, c), {(h, w)},
        footer=f"{name} = {number_text(gradient.total)}",
    )  # fmt: skip
    return with_limits(
        Sheet(
            title=title,
            strips=tuple(strips),
            result=(Sign("Σ →"), result),
            captions=(f"{name} = {_in_numbers(parts)} = {number_text(gradient.total)}", gradient.remark),
            notes=(*notes, settings_text("conv2d", convolution.windows, convolution.groups)),
        )
    )


def _in_numbers(parts: Sequence[Sequence[Product]]) -> str:
    """The products of one channel, without those of padded and inserted zeros; or each channel's sum."""
    if len(parts) > 1:
        return sum_text([factor_text(total_of(part)) for part in parts])
    inside = [product for product in (parts[0] if parts else ()) if product.place == "inside"]
    return products_text(inside) or "0, since no window holds the pixel"
