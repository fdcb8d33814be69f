"""`Figure`: a figure that shows itself in a notebook and a terminal, and saves itself in every format."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from viz import render
from viz.convolution.scene import make_scene
from viz.convolution.sheet import Sheet
from viz.convolution.text import to_text
from viz.formats.page import drawn_as_image, drawn_inline, page
from viz.formats.svg import to_svg
from viz.formats.xdot import to_xdot
from viz.render import PaintFormat
from viz.scene.shapes import Scene


class Figure:
    """A figure of a convolution or a pooling, as it was when drawn. A notebook shows it; `print` shows it as text.

    Attributes:
        model: the numbers that it shows: a ReceptiveField, InputGradient, KernelGradient or PoolingWindow.
        sheet: the figure, free of any format.
    """

    def __init__(self, model: Any, sheet: Sheet) -> None:
        self.model = model
        self.sheet = sheet

    @cached_property
    def text(self) -> str:
        """The figure as plain text."""
        return to_text(self.sheet)

    @cached_property
    def svg(self) -> str:
        """The figure as SVG; it needs no layout engine."""
        return to_svg(self._scene, self.sheet.title, self.text)

    @cached_property
    def _scene(self) -> Scene:
        return make_scene(self.sheet)

    @cached_property
    def html(self) -> str:
        """One page that needs no network: the figure, and its text."""
        return page(self.sheet.title, drawn_inline(self.svg) + self._folded_text())

    def save(self, path: str | Path) -> Path:
        """Write the figure to a file, in the format of its ending: .svg, .png, .pdf, .html or .txt.

        Returns:
            The path.

        Raises:
            ValueError: another ending.
            RenderUnavailable: there is no program for the format; PNG needs resvg_py or Graphviz, PDF Graphviz.
        """
        path = Path(path)
        writers: dict[str, Callable[[], bytes]] = {
            ".svg": lambda: self.svg.encode(),
            ".png": lambda: self._painted("png"),
            ".pdf": lambda: self._painted("pdf"),
            ".html": lambda: self.html.encode(),
            ".txt": lambda: f"{self.text}\n".encode(),
        }
        writer = writers.get(path.suffix.lower())
        if writer is None:
            raise ValueError(f"save: {path.name!r} ends in none of {', '.join(writers)}; the ending chooses the format")
        path.write_bytes(writer())
        return path

    def _painted(self, format: PaintFormat) -> bytes:
        if format == "png" and render.resvg_available():  # paints what a browser shows
            return render.paint_by_resvg(self.svg)
        return render.paint_by_system(to_xdot(self._scene), format)

    def _folded_text(self) -> str:
        return f'<details><summary>As text</summary><pre class="scroll">{html.escape(self.text)}</pre></details>'

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        try:
            return self.text
        except Exception as error:  # a debugger or a log must be able to name any object
            return f"<Figure that cannot be shown: {type(error).__name__}: {error}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the figure, and always the text."""
        bundle = {"text/plain": repr(self)}
        try:
            block = drawn_as_image(self.svg, self.sheet.title, self._folded_text())
            bundle |= {"text/html": block, "image/svg+xml": self.svg}
        except Exception as error:  # a notebook cell must show what there is
            bundle["text/plain"] += f"\n(no picture: {type(error).__name__}: {error})"
        return bundle
