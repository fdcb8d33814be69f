"""`Player`: a film that shows itself in a notebook and a terminal, and saves itself as a page of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from viz.drawing import Drawing
from viz.player.block import to_block, to_page
from viz.player.frame import Film
from viz.player.nudges import Nudges
from viz.render import RenderUnavailable


class Player:
    """The forward and the backward pass of a graph, step by step.

    A notebook shows a player with a slider and keys; `print` and a terminal show the steps as text.

    Attributes:
        drawing: the picture after the pass.
        film: its frames.
    """

    def __init__(self, drawing: Drawing, film: Film, nudges: Nudges) -> None:
        self.drawing = drawing
        self.film = film
        self._nudges = nudges

    @cached_property
    def text(self) -> str:
        """The steps as lines of text."""
        width = len(str(len(self.film.frames)))
        lines = [f"{place:>{width}}  {frame.sentence}" for place, frame in enumerate(self.film.frames, start=1)]
        if self.film.hidden:
            lines.append(f"{self.film.hidden:,} steps inside of boxes for several nodes are not shown")
        return "\n".join([*lines, *filter(None, [self.film.remark, self.film.picture.notice])])

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """The frames as plain data, for other programs."""
        return [frame._asdict() for frame in self.film.frames]

    @cached_property
    def html(self) -> str:
        """The player as one block of HTML that needs no network and no kernel."""
        try:
            svg = self.drawing.svg
        except RenderUnavailable as error:
            return to_block(self.film, None, missing=str(error))
        return to_block(self.film, svg, self._nudges)

    def save(self, path: str | Path) -> Path:
        """Write the player to a file, in the format of its ending: .html, .txt or .json.

        Returns:
            The path.

        Raises:
            ValueError: another ending.
        """
        path = Path(path)
        writers: dict[str, Callable[[], str]] = {
            ".html": lambda: to_page(self.film, self.html),
            ".txt": lambda: f"{self.text}\n",
            ".json": lambda: json.dumps({"title": self.film.picture.title, "events": self.events}, indent=1) + "\n",
        }
        writer = writers.get(path.suffix.lower())
        if writer is None:
            raise ValueError(f"save: {path.name!r} ends in none of {', '.join(writers)}; the ending chooses the format")
        path.write_text(writer(), encoding="utf-8")
        return path

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        try:
            return self.text
        except Exception as error:  # a debugger or a log must be able to name any object
            return f"<Player that cannot be shown: {type(error).__name__}: {error}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the player, and always the steps as text."""
        bundle = {"text/plain": repr(self)}
        try:
            bundle["text/html"] = self.html
        except Exception as error:  # a notebook cell must show what there is
            bundle["text/plain"] += f"\n(no player: {type(error).__name__}: {error})"
        return bundle
