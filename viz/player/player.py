"""`Player`: a film that shows itself in a notebook and a terminal, and saves itself as a page of its own."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from viz.drawing import Drawing
from viz.formats.page import page
from viz.player.block import to_block, to_unpictured_block
from viz.player.frame import Film
from viz.player.nudges import NO_NUDGES, Nudges
from viz.render import RenderUnavailable
from viz.request import Request


class Player(ABC):
    """A film: a notebook shows it with a slider and keys, `print` and a terminal show its steps as text."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What the film shows, in a line."""

    @property
    @abstractmethod
    def sentences(self) -> Sequence[str]:
        """What happens, step by step."""

    @property
    @abstractmethod
    def remarks(self) -> Sequence[str]:
        """What is to be known of the film itself."""

    @property
    @abstractmethod
    def events(self) -> list[dict[str, Any]]:
        """The steps as plain data, for other programs."""

    @property
    @abstractmethod
    def html(self) -> str:
        """The player as one block of HTML that needs no network and no kernel."""

    @cached_property
    def text(self) -> str:
        """The steps as lines of text."""
        width = len(str(len(self.sentences)))
        lines = [f"{place:>{width}}  {sentence}" for place, sentence in enumerate(self.sentences, start=1)]
        return "\n".join([*lines, *self.remarks])

    def save(self, path: str | Path) -> Path:
        """Write the player to a file, in the format of its ending: .html, .txt or .json.

        Returns:
            The path.

        Raises:
            ValueError: another ending.
        """
        path = Path(path)
        writers: dict[str, Callable[[], str]] = {
            ".html": lambda: page(self.title, self.html, scripts=True),
            ".txt": lambda: f"{self.text}\n",
            ".json": lambda: json.dumps({"title": self.title, "events": self.events}, indent=1) + "\n",
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
            return f"<Player that cannot be shown: {_told(error)}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the player, and always the steps as text."""
        bundle = {"text/plain": repr(self)}
        try:
            bundle["text/html"] = self.html
        except Exception as error:  # a notebook cell must show what there is
            bundle["text/plain"] += f"\n(no player: {_told(error)})"
        return bundle


class GraphPlayer(Player):
    """The forward and the backward pass of a graph.

    Attributes:
        drawing: the picture after the pass.
        film: its frames.
    """

    def __init__(self, drawing: Drawing, film: Film, nudges: Nudges, request: Request) -> None:
        self.drawing = drawing
        self.film = film
        self._nudges = nudges
        self._request = request

    @property
    def title(self) -> str:
        return self.film.picture.title

    @property
    def sentences(self) -> list[str]:
        return [frame.sentence for frame in self.film.frames]

    @property
    def remarks(self) -> list[str]:
        film = self.film
        hidden = f"{film.hidden:,} steps inside of boxes for several nodes are not shown" if film.hidden else ""
        return [remark for remark in (hidden, film.remark, film.picture.notice) if remark]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [frame._asdict() for frame in self.film.frames]

    @cached_property
    def html(self) -> str:
        try:
            scene = self.drawing.scene
        except RenderUnavailable as error:
            return to_unpictured_block(self.film, str(error))
        return to_block(self.film, scene, self.drawing.style, self._nudges)

    def at(self, step: int) -> Drawing:
        """The picture after so many steps, 0 for none, to be saved for a slide; all of them have one layout.

        Raises:
            ValueError: the film has fewer steps.

        Example:
            >>> from autograd import Value
            >>> from viz import play
            >>> a, b = Value(2.0), Value(-3.0)
            >>> L = a * b + a
            >>> print(play(L).at(6))
            node            value  gradient  local derivative  upstream × local
            L = v₁ + a      −4     1
            ├─ ► v₁ = a·b   −6     1         ► 1               1 × 1 = 1
            │  ├─ a         2      —         b = −3
            │  └─ b         −3     —         a = 2
            └─ a            2      —         1
            ► on the highlighted path
            v₁ receives 1 × 1 = 1
        """
        from viz.player.still import still

        return still(self.film, step, self.drawing.rankdir, self.drawing.style)

    def live(self) -> Any:
        """A widget for a notebook with a running kernel: it has a field for each leaf, and a new number there makes a
        new film. The graph itself stays as it is.

        Returns:
            An `anywidget.AnyWidget`; `widget.values` are the leaves' numbers, which Python may set too.

        Raises:
            ImportError: anywidget is not installed: `pip install gradwalk[live]`.
            GraphError: the graph consists of Tensors.
            RenderUnavailable: there is no layout engine.
        """
        from viz.player.live import live_widget

        drawing = self.drawing
        return live_widget(self._request, drawing.rankdir, drawing.style, self._nudges is not NO_NUDGES)


def _told(error: Exception) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # the error's own text is at fault
        return type(error).__name__
