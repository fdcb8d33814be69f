"""The picture of a film of grids, for where no script runs: its first chapter, whose window slides over it once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from viz import style
from viz.player.grid_film import SHADES, Cell, Chapter, Grid
from viz.player.small_svg import escaped
from viz.scene.measure import text_width

_CELL, _NUMBER, _TITLE, _SIGN = 26.0, 11.0, 13.0, 17.0
_GAP, _PAD = 14.0, 12.0
_SECONDS, _LONGEST = 0.6, 20.0  # of one step; of all
_PLACES = 64  # of a window that slides, at most


class _Placed(NamedTuple):
    """A grid and where it lies: its upper left cell, and the width of its cells."""

    grid: Grid
    x: float
    y: float
    width: float


def grid_svg(chapter: Chapter, label: str) -> tuple[str, int]:
    """The SVG of a chapter when all is done, and its width in pixels."""
    signs: list[str] = []
    placed: list[_Placed] = []
    done = _done(chapter)
    right = top = _PAD
    for strip in chapter.strips:
        items = [item for item in strip if item != "=" and not (isinstance(item, Grid) and item.title == "products")]
        end, bottom = _beside(items, _PAD, top, done, placed, signs)
        right, top = max(right, end), bottom + _GAP
    end, bottom = _beside(chapter.result, right, _PAD, done, placed, signs)
    width, height = end + _PAD, max(top, bottom + _PAD)
    body = "".join(_grid(each, chapter, done.get(each.grid.id, {})) for each in placed) + "".join(signs)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escaped(label)}" '
        f'font-family="{style.FONT}" font-size="{_NUMBER:g}" text-anchor="middle">'
        f"<style>{_style_sheet()}</style><style>{_motion(chapter, placed)}</style>"
        f'<rect class="paper" width="{width:.0f}" height="{height:.0f}"/>{body}</svg>'
    ), round(width)


def _beside(
    items: Sequence[Grid | str],
    x: float,
    top: float,
    done: dict[str, dict[int, tuple[int, Cell]]],
    placed: list[_Placed],
    signs: list[str],
) -> tuple[float, float]:
    """Place items from left to right; where they end on the right and below."""
    rows = max(len(item.rows) for item in items if isinstance(item, Grid))
    y = top + _TITLE + 6.0
    for item in items:
        if isinstance(item, Grid):
            cells = [
                *(cell for row in item.rows for cell in row),
                *(cell for _, cell in done.get(item.id, {}).values()),
            ]
            width = max(_CELL, *(text_width(cell.text, _NUMBER) + 8.0 for cell in cells))
            placed.append(_Placed(item, x, y, width))
            x += max(width * len(item.rows[0]), text_width(item.title, _TITLE, bold=True)) + _GAP
        else:
            width = text_width(item, _SIGN)
            signs.append(
                f'<text font-size="{_SIGN:g}" class="ink" x="{x + width / 2:.0f}" '
                f'y="{y + rows * _CELL / 2 + 0.35 * _SIGN:.0f}">{escaped(item)}</text>'
            )
            x += width + _GAP
    return x, y + rows * _CELL


def _grid(placed: _Placed, chapter: Chapter, done: dict[int, tuple[int, Cell]]) -> str:
    grid, left, top, width = placed
    drawn = [f'<text class="ink title" x="{left:.0f}" y="{top - 6:.0f}">{escaped(grid.title)}</text>']
    columns = len(grid.rows[0])
    for place, cell in enumerate(cell for row in grid.rows for cell in row):
        step, shown = done.get(place, (-1, cell))
        x, y = left + place % columns * width, top + place // columns * _CELL
        drawn.append(_cell(shown, x, y, width, f"{_when(step, chapter):.1f}" if step >= 0 else ""))
    if grid.moves and chapter.steps and grid.id in chapter.steps[0].lit:
        x, y, wide, high = _around(placed, chapter.steps[0].lit[grid.id])
        drawn.append(
            f'<rect class="ring" id="{grid.id}-ring" x="{x:.0f}" y="{y:.0f}" width="{wide:.0f}" height="{high:.0f}"/>'
        )
    return "".join(drawn)


def _cell(cell: Cell, x: float, y: float, width: float, delay: str) -> str:
    place = f'x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{_CELL:.0f}"'
    mark, later = (" late", f' style="--f:{delay}s"') if delay else ("", "")
    drawn = [f'<rect class="{f"zero {cell.kind}".strip()}" {place}/>']
    if cell.shade:
        colour, strength = "above" if cell.shade > 0 else "below", abs(cell.shade) / SHADES
        drawn.append(f'<rect class="{colour}{mark}"{later} {place} fill-opacity="{strength:.2g}"/>')
    if cell.text:
        middle = f'x="{x + width / 2:.0f}" y="{y + _CELL / 2 + 4:.0f}"'
        drawn.append(f'<text class="ink{mark}"{later} {middle}>{escaped(cell.text)}</text>')
    return "".join(drawn)


def _done(chapter: Chapter) -> dict[str, dict[int, tuple[int, Cell]]]:
    """What each cell shows in the end, and since which step, by grid."""
    done: dict[str, dict[int, tuple[int, Cell]]] = {}
    for at, step in enumerate(chapter.steps):
        for grid, cells in step.put.items():
            done.setdefault(grid, {}).update({place: (at, cell) for place, cell in cells.items()})
    return done


def _around(placed: _Placed, places: Sequence[int]) -> tuple[float, float, float, float]:
    columns = len(placed.grid.rows[0])
    rows, across = [place // columns for place in places], [place % columns for place in places]
    return (
        placed.x + min(across) * placed.width,
        placed.y + min(rows) * _CELL,
        (max(across) - min(across) + 1) * placed.width,
        (max(rows) - min(rows) + 1) * _CELL,
    )


def _when(step: int, chapter: Chapter) -> float:
    """The second at which a step is seen."""
    return step * min(_SECONDS, _LONGEST / max(len(chapter.steps), 1))


def _motion(chapter: Chapter, placed: Sequence[_Placed]) -> str:
    """The windows slide once, and results appear; who wants no motion sees the first window and all results."""
    steps = chapter.steps
    if not steps:
        return ""
    every = -(-len(steps) // _PLACES)
    seconds = _when(len(steps), chapter)
    rules = ["@keyframes late{from{opacity:0}}.late{animation:late .3s var(--f) both}"]
    for each in placed:
        if not each.grid.moves or each.grid.id not in steps[0].lit:
            continue
        x, y, *_ = _around(each, steps[0].lit[each.grid.id])
        frames = []
        for at in range(0, len(steps), every):
            left, top, *_ = _around(each, steps[at].lit[each.grid.id])
            frames.append(f"{100 * at / len(steps):.4g}%{{transform:translate({left - x:.0f}px,{top - y:.0f}px)}}")
        left, top, *_ = _around(each, steps[-1].lit[each.grid.id])
        frames.append(f"100%{{transform:translate({left - x:.0f}px,{top - y:.0f}px)}}")
        rules.append(f"@keyframes {each.grid.id}{{{''.join(frames)}}}")
        rules.append(f"#{each.grid.id}-ring{{animation:{each.grid.id} {seconds:.1f}s step-end 1 both}}")
    return f"@media(prefers-reduced-motion:no-preference){{{''.join(rules)}}}"


def _style_sheet() -> str:
    """The colours, in light and in dark."""
    fills = {"paper": style.PAPER, "ink": style.INK, "above": style.ABOVE, "below": style.BELOW, "zero": style.ZERO}
    light = "".join(f".{name}{{fill:{colour}}}" for name, colour in fills.items())
    dark = "".join(f".{name}{{fill:{style.DARK[colour]}}}" for name, colour in fills.items())
    lines = (
        f".zero{{stroke:{style.FRAME}}}.padding,.inserted{{stroke-dasharray:3 2}}"
        f".ring{{fill:none;stroke:{style.PATH};stroke-width:2.5}}"
    )
    dark_lines = f".zero{{stroke:{style.DARK[style.FRAME]}}}.ring{{stroke:{style.DARK[style.PATH]}}}"
    words = f".title{{font-size:{_TITLE:g}px;font-weight:bold;text-anchor:start}}"
    return f"{light}{lines}{words}@media(prefers-color-scheme:dark){{{dark}{dark_lines}}}"
