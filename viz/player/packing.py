"""One block of HTML that needs neither a network nor a kernel, and shows what it can wherever it is.

Where scripts run, a player takes the place of the picture. Where they do not, as in a notebook that is not trusted, the
same block is the picture, which plays by itself once, and the table of its steps.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from viz.picture.wording import counted
from viz.player.small_svg import as_data_uri, escaped

_SMALLEST_SCALE = 0.6  # a picture wider than its page shrinks so far and no farther; then it scrolls


def packed_block(svg: str, width: int, alternative: str, table: str, view: str, data: Mapping[str, Any]) -> str:
    """The block of a film.

    Args:
        svg: the picture, which is kept once: the player takes it from here.
        width: of the picture, in pixels.
        alternative: the picture in words.
        table: the steps, of which the player takes the sentences.
        view: the name of the script that shows the film: "graph" or "grids".
        data: what that script needs, beside.
    """
    film = _packed({"css": style_sheet(), "js": script(view), **data})
    id = f"film-{sha256((svg + table + film).encode()).hexdigest()[:12]}"
    return (
        f'<div id="{id}"><figure style="margin:0;overflow-x:auto"><img alt="{escaped(alternative)}" '
        f'style="max-width:100%;min-width:{int(_SMALLEST_SCALE * width)}px;height:auto" '
        f"src='{as_data_uri(svg)}'>{table}"
        f'</figure><script type="text/plain">{film}</script></div><script>({_asset("loader.js")})("{id}")</script>'
    )


def unpictured_block(reason: str, table: str) -> str:
    """The block of a film without a picture: the table of its steps."""
    return f"<figure><p>No picture: {escaped(reason)}</p>{table}</figure>"


def steps_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], count: int, remark: str = "", is_open: bool = False
) -> str:
    """The steps as a folded table, whose rows are numbered from 1; a remark below it."""
    head = "".join(f"<th>{escaped(heading)}" for heading in headings)
    body = "".join(
        f"<tr><td>{place}{''.join(f'<td>{escaped(cell)}' for cell in row)}" for place, row in enumerate(rows, 1)
    )
    return (
        f"<details{' open' * is_open}><summary>{counted(count, 'step')} as a table</summary>"
        f"<table><thead><tr>{head}</thead><tbody>{body}</tbody></table>"
        f"{f'<p>{escaped(remark)}</p>' if remark else ''}</details>"
    )


def style_sheet() -> str:
    """The looks of a player."""
    return _asset("player.css")


def script(view: str) -> str:
    """What a player runs: a function of its host, the element that it fills, and of the film."""
    return f"(host,film)=>{{\n{_asset('controls.js')}\n{_asset(f'{view}.js')}\n}}"


def live_script() -> str:
    """The module of a widget that shows a graph's film, and films that come after it."""
    return f"const player = {script('graph')};\n{_asset('live.js')}"


def _packed(data: Mapping[str, Any]) -> str:
    """Deflated and in base64, which neither HTML nor a notebook's file can damage."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


@cache
def _asset(name: str) -> str:
    """A file beside this one without its comments and its indentation."""
    return _stripped(files("viz.player").joinpath(name).read_text(encoding="utf-8").splitlines())


def _stripped(lines: Iterable[str]) -> str:
    kept = (line.split("  // ")[0].strip() for line in lines if not line.strip().startswith("//"))
    return "\n".join(line for line in kept if line)
