"""A film as one block of HTML, which needs neither a network nor a kernel.

Where scripts run, a player takes the place of the picture. Where they do not, as in a notebook that is not trusted, the
same block is the picture, which plays by itself once, and the table of its steps.
"""

from __future__ import annotations

import base64
import html
import json
import zlib
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from viz.formats.page import page, smallest_width
from viz.picture.wording import counted
from viz.player.animation import animated
from viz.player.compact import as_data_uri, compact
from viz.player.frame import Film, Frame
from viz.player.nudges import NO_NUDGES, Nudges

_PACE = 900  # milliseconds from step to step


def to_block(film: Film, svg: str | None, nudges: Nudges = NO_NUDGES, missing: str = "") -> str:
    """The block of a film.

    Args:
        svg: the picture as SVG; None where it could not be laid out: the block is then the table of steps.
        nudges: what changes where an input is raised.
        missing: why there is no picture, in words.
    """
    table = steps_table(film, is_open=svg is None)
    if svg is None:
        return f"<figure><p>No picture: {html.escape(missing)}</p>{table}</figure>"
    small = animated(compact(svg), film)
    data = _packed(_data(film, nudges))
    id = f"film-{sha256((small + data).encode()).hexdigest()[:12]}"
    return (
        f'<div id="{id}"><figure style="margin:0;overflow-x:auto">'
        f'<img alt="{html.escape(_alternative(film))}" '
        f'style="max-width:100%;min-width:{smallest_width(svg)}px;height:auto" '
        f"src='{as_data_uri(small)}'>{table}"
        f'</figure><script type="text/plain">{data}</script></div><script>({_asset("loader.js")})("{id}")</script>'
    )


def to_page(film: Film, block: str) -> str:
    """A page of its own with the block; it opens from a file."""
    return page(film.picture.title, block, scripts=True)


def steps_table(film: Film, is_open: bool = False) -> str:
    """The steps as a table: number, what happens, and what the node then holds."""
    rows = "".join(
        f"<tr><td>{place}<td>{html.escape(frame.sentence)}<td>{html.escape(frame.now)}"
        for place, frame in enumerate(film.frames, start=1)
    )
    said = " ".join(filter(None, [_hidden(film), film.remark and f"{film.remark}."]))
    return (
        f"<details{' open' * is_open}><summary>{counted(len(film.frames), 'step')} as a table</summary>"
        f"<table><thead><tr><th>step<th>what happens<th>it then holds</thead><tbody>{rows}</tbody></table>"
        f"{f'<p>{html.escape(said)}</p>' if said else ''}</details>"
    )


def _hidden(film: Film) -> str:
    return f"{counted(film.hidden, 'step')} inside of boxes for several nodes not shown." if film.hidden else ""


def _alternative(film: Film) -> str:
    picture = film.picture
    counts = f"{counted(len(picture.nodes), 'node')}, {counted(len(film.frames), 'step')}"
    return f"{picture.title}: {counts}. {picture.notice}"


def _data(film: Film, nudges: Nudges) -> dict[str, Any]:
    return {
        "title": film.picture.title,
        "css": _asset("player.css"),
        "js": _asset("player.js"),
        "pace": _PACE,
        "names": film.names,
        "lines": film.lines,
        "frames": [_frame(frame) for frame in film.frames],
        "nudges": nudges._asdict(),
    }


def _packed(data: dict[str, Any]) -> str:
    """Deflated and in base64, which neither HTML nor a notebook's file can damage."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _frame(frame: Frame) -> list[Any]:
    answer = None if frame.answer is None else list(frame.answer)
    return [frame.kind, frame.box, frame.arrow, int(frame.complete), frame.line, frame.formula, answer]


@cache
def _asset(name: str) -> str:
    """A file beside this one without its comments and its indentation."""
    return _stripped(files("viz.player").joinpath(name).read_text(encoding="utf-8").splitlines())


def _stripped(lines: Iterable[str]) -> str:
    kept = (line.split("  // ")[0].strip() for line in lines if not line.strip().startswith("//"))
    return "\n".join(line for line in kept if line)

