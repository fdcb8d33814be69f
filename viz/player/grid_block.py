"""A film of grids as a block: the grids as a picture, the table of the steps, and what the player needs beside."""

from __future__ import annotations

from typing import Any

from viz.picture.wording import counted
from viz.player.grid_film import Cell, Chapter, Grid, GridFilm, Step
from viz.player.grid_picture import grid_svg
from viz.player.packing import packed_block, steps_table


def to_block(film: GridFilm) -> str:
    """The block of a film."""
    svg, width = grid_svg(film.chapters[0], film.title)
    steps = film.steps
    table = steps_table(
        ("step", "what happens"), ([step.sentence] for step in steps), len(steps), "; ".join(film.remarks)
    )
    names = ", ".join(chapter.name for chapter in film.chapters)
    alternative = f"{film.title}: {counted(len(steps), 'step')}: {names}"
    return packed_block(svg, width, alternative, table, "grids", film_data(film))


def film_data(film: GridFilm) -> dict[str, Any]:
    """What the script needs beside the table."""
    return {
        "title": film.title,
        "limits": film.limits,
        "remarks": film.remarks,
        "chapters": [_chapter(chapter) for chapter in film.chapters],
    }


def _chapter(chapter: Chapter) -> dict[str, Any]:
    return {
        "name": chapter.name,
        "formula": chapter.formula,
        "strips": [[_item(item) for item in strip] for strip in chapter.strips],
        "result": [_item(item) for item in chapter.result],
        "steps": [_step(step) for step in chapter.steps],
    }


def _item(item: Grid | str) -> Any:
    if isinstance(item, str):
        return item
    return {
        "id": item.id,
        "title": item.title,
        "role": item.role,
        "moves": item.moves,
        "first": item.first,
        "rows": [[_cell(cell) for cell in row] for row in item.rows],
    }


def _cell(cell: Cell) -> list[Any]:
    return [cell.text, cell.shade, cell.kind] if cell.kind else [cell.text, cell.shade]


def _step(step: Step) -> list[Any]:
    put = {grid: [[place, *_cell(cell)] for place, cell in cells.items()] for grid, cells in step.put.items()}
    answer = step.answer and [float(f"{step.answer[0]:.6g}"), float(f"{step.answer[1]:.1g}")]
    return [step.lit, put, step.ringed, step.foot, answer, step.question]
