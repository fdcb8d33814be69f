"""`GridPlayer`: the film of a convolution or a pooling."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from viz.player.grid_block import to_block
from viz.player.grid_film import GridFilm
from viz.player.player import Player


class GridPlayer(Player):
    """A convolution or a pooling, window by window, and its gradients.

    Attributes:
        film: its chapters, each with grids and steps.
    """

    def __init__(self, film: GridFilm) -> None:
        self.film = film

    @property
    def title(self) -> str:
        return self.film.title

    @property
    def sentences(self) -> list[str]:
        return [step.sentence for step in self.film.steps]

    @property
    def remarks(self) -> list[str]:
        return list(self.film.remarks)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [
            {"chapter": chapter.name, "sentence": step.sentence, "lit": step.lit, "ringed": step.ringed,
             "put": {grid: {place: cell.text for place, cell in cells.items()} for grid, cells in step.put.items()}}
            for chapter in self.film.chapters
            for step in chapter.steps
        ]  # fmt: skip

    @cached_property
    def html(self) -> str:
        return to_block(self.film)
