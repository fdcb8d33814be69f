"""A figure as plain text, for a terminal, a log or a screen reader: the same grids, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from autograd.columns import aligned
from viz.convolution.sheet import Board, Cell, Grid, Item, Sheet, Sign, cells_of, grids_in

_KEYS = {
    "padding": "(0) padding",
    "inserted": "~0 a zero between the gradient's elements",
    "unseen": "? a constant that no window looks at",
}

Block = list[str]


def to_text(sheet: Sheet) -> str:
    """The figure in monospaced text. Selected cells stand in brackets, ringed ones in stars.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> from viz import draw_convolution
        >>> x = Tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]])
        >>> y = F.conv2d(x, Tensor([[[[1.0, 0.0], [0.0, -1.0]]]], requires_grad=True))
        >>> print(draw_convolution(y, (0, 0, 1)))
        y[0,0,1] = Σ patch · kernel
        <BLANKLINE>
        x[0]               w[0,0]         products        y[0]
           0   1   2          0   1          0   1            0    1
        0  1  [2] [3]   ×  0  1   0    =  0  2   0   Σ →  0  −4  [−4]
        1  4  [5] [6]      1  0  −1       1  0  −6        1  −4   −4
        2  7   8   9                      Σ = −4          y[0,0,1] = −4
        <BLANKLINE>
        y[0,0,1] = Σ patch · kernel = 2·1 + 3·0 + 5·0 + 6·(−1) = −4
        conv2d, kernel 2×2
        [ ] selected
    """
    strips = [_beside([_block(item) for item in strip]) for strip in sheet.strips]
    left = [line for strip in strips for line in [*strip, ""]][:-1]
    result = _beside([_block(item) for item in sheet.result])
    figure = _beside([left, result]) if result else left
    words = [*sheet.captions, *sheet.notes, *_key(sheet)]
    return "\n".join(line.rstrip() for line in [sheet.title, "", *figure, "", *words])


def _key(sheet: Sheet) -> list[str]:
    """What the signs around numbers mean, as far as they occur."""
    cells = [cell for grid in sheet.grids for cell in cells_of(grid)]
    parts = ["[ ] selected"] if any(cell.selected and not cell.ringed for cell in cells) else []
    parts += ["* * ringed"] if any(cell.ringed for cell in cells) else []
    parts += [words for kind, words in _KEYS.items() if any(cell.kind == kind for cell in cells)]
    return [", ".join(parts)] if parts else []


def _block(item: Item) -> Block:
    if isinstance(item, Sign):
        return [item.text]
    if isinstance(item, Board):
        width = max(map(_cell_width, grids_in(item)), default=0)
        rows = [_beside([_grid(grid, width) for grid in row]) for row in item.rows]
        lines = [line for row in rows for line in [*row, ""]][:-1]
        return [item.title, *lines, *([item.footer] if item.footer else [])]
    return _grid(item, _cell_width(item))


def _cell_width(grid: Grid) -> int:
    labels = [len(label) + 2 for label in grid.column_labels]
    return max([len(_marked(cell)) for cell in cells_of(grid)] + labels)


def _grid(grid: Grid, width: int) -> Block:
    cells = [[_marked(cell) for cell in row] for row in grid.rows]
    side = max(map(len, grid.row_labels), default=0)
    head = " " * side + "".join(f" {f'{label} '.rjust(width)}" for label in grid.column_labels)
    lines = [
        label.rjust(side) + "".join(f" {text.rjust(width)}" for text in row)
        for label, row in zip(grid.row_labels, cells, strict=True)
    ]
    return [grid.title, head, *lines, *([grid.cut] if grid.cut else []), *([grid.footer] if grid.footer else [])]


def _marked(cell: Cell) -> str:
    """The number between signs that tell what colours and outlines tell in a picture."""
    text = {"padding": f"({cell.text})", "inserted": f"~{cell.text}"}.get(cell.kind, cell.text)
    if cell.ringed:
        return f"*{text}*"
    return f"[{text}]" if cell.selected else f"{text} "


def _beside(blocks: Sequence[Block]) -> Block:
    """Blocks of lines beside each other, their first lines in one row; signs stand in the middle of the others."""
    height = max(map(len, blocks), default=0)
    raised = [["", *[""] * (height // 2 - 1), *block] if len(block) == 1 and height > 2 else block for block in blocks]
    return aligned(zip_longest(*raised, fillvalue="")) if raised else []
