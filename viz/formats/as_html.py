"""A picture as HTML: a page of its own, which needs no network, and a block for a notebook, which needs no trust."""

from __future__ import annotations

import html
from collections.abc import Iterable

from viz.formats import words
from viz.formats.page import drawn_as_image, drawn_inline, page
from viz.formats.table import Table, tables
from viz.formats.text import to_text
from viz.picture import Picture


def to_page(picture: Picture, svg: str | None, missing: str = "") -> str:
    """A page with the picture, the tree and the tables; it opens from a file, and light or dark as its reader prefers.

    Args:
        svg: the picture as SVG; None where it could not be laid out.
        missing: in that case why, in words.

    Example:
        >>> from autograd import Value
        >>> from viz.picture import make_picture
        >>> page = to_page(make_picture(Value(2.0, "<a>").exp()), None, "there is no layout engine")
        >>> "<title>Computation graph of v₁</title>" in page, "&lt;a&gt;" in page, "<a>" in page
        (True, True, False)
    """
    figure = f'<p class="missing">No picture: {html.escape(missing)}</p>' if svg is None else drawn_inline(svg)
    return page(
        picture.title,
        f"""<p class="summary">{html.escape(words.summary(picture))}</p>
{figure}
<details open><summary>As a tree</summary>
<div class="scroll"><pre>{html.escape(to_text(picture))}</pre></div>
</details>
{_folded_tables(picture)}""",
    )


def to_block(picture: Picture, svg: str) -> str:
    """The picture in a notebook: the SVG as an image, the one form that every front end shows, trusted or not.

    The tables below it are folded. There is no script, no style sheet and no inline SVG, which front ends take away.
    """
    return drawn_as_image(svg, f"{picture.title}: {words.summary(picture)}", _folded_tables(picture))


def _folded_tables(picture: Picture) -> str:
    drawn = "".join(f'<div class="scroll">{_table(table)}</div>' for table in tables(picture) if table.rows)
    return f"<details><summary>As tables</summary>{drawn}</details>"


def _table(table: Table) -> str:
    head = _row("th", table.headings, ' scope="col"')
    rows = "".join(_row("td", row) for row in table.rows)
    return f"<table><caption>{html.escape(table.title)}</caption><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _row(tag: str, cells: Iterable[str], attributes: str = "") -> str:
    return f"<tr>{''.join(f'<{tag}{attributes}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"
