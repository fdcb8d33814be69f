"""The film of a graph as a block: its picture, the table of its steps, and what the player needs beside."""

from __future__ import annotations

from collections import Counter
from typing import Any

from viz.picture.wording import counted
from viz.player.animation import film_style, phase_classes
from viz.player.frame import Film
from viz.player.nudges import NO_NUDGES, Nudges
from viz.player.packing import packed_block, steps_table, unpictured_block
from viz.player.small_svg import pixel_width, small_svg
from viz.scene import Scene
from viz.style import Style


def to_block(film: Film, scene: Scene, style: Style, nudges: Nudges = NO_NUDGES) -> str:
    """The block of a film.

    Args:
        scene: the picture.
        style: its style.
        nudges: what changes where an input is raised.
    """
    return packed_block(
        film_svg(film, scene, style), pixel_width(scene), _alternative(film), to_table(film), "graph",
        film_data(film, style, nudges),
    )  # fmt: skip


def to_unpictured_block(film: Film, reason: str) -> str:
    """The block of a film whose picture could not be laid out: the table."""
    return unpictured_block(reason, to_table(film, is_open=True))


def film_svg(film: Film, scene: Scene, style: Style) -> str:
    """The picture, which plays by itself once where no script runs."""
    return small_svg(scene, film.picture.title, film_style(), phase_classes(film, style))


def film_data(film: Film, style: Style, nudges: Nudges) -> dict[str, Any]:
    """What the script needs beside the picture and the table; frames by columns, which are packed the smallest."""
    frames = film.frames
    return {
        "title": film.picture.title,
        "circuit": style == "circuit",
        "names": film.names,
        "arrows": [[edge.id, edge.source, edge.target] for edge in film.picture.edges],
        "lines": film.lines,
        "frames": {
            "kind": [frame.kind for frame in frames],
            "box": [frame.box for frame in frames],
            "arrow": [frame.arrow for frame in frames],
            "complete": [int(frame.complete) for frame in frames],
            "line": [frame.line for frame in frames],
            "formula": [frame.formula for frame in frames],
            "answer": [frame.answer and _rounded(*frame.answer) for frame in frames],
        },
        "nudges": nudges._asdict(),
    }


def _rounded(exact: float, within: float) -> list[float]:
    """An answer with the digits that decide whether one is right."""
    return [float(f"{exact:.6g}"), float(f"{within:.1g}")]


def to_table(film: Film, is_open: bool = False) -> str:
    """The steps as a table."""
    remark = " ".join(filter(None, [_hidden(film), film.remark and f"{film.remark}."]))
    headings = ("step", "what happens", "sum so far")
    return steps_table(headings, table_rows(film), len(film.frames), remark, is_open)


def table_rows(film: Film) -> list[tuple[str, str]]:
    """What happens in each step, and the sum so far where a box adds up several contributions."""
    received = Counter(frame.box for frame in film.frames if frame.kind != "forward")
    return [
        (frame.sentence, frame.now if frame.kind != "forward" and received[frame.box] > 1 else "")
        for frame in film.frames
    ]


def _hidden(film: Film) -> str:
    return f"{counted(film.hidden, 'step')} inside of boxes for several nodes not shown." if film.hidden else ""


def _alternative(film: Film) -> str:
    picture = film.picture
    counts = f"{counted(len(picture.nodes), 'node')}, {counted(len(film.frames), 'step')}"
    return f"{picture.title}: {counts}. {picture.notice}"
