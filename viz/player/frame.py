"""What a film consists of: one frame for each step, in words and numbers that are shown and never worked out again."""

from __future__ import annotations

from typing import NamedTuple

from viz.picture import Picture


class Frame(NamedTuple):
    """One step of a film.

    Attributes:
        kind: "forward" (a value appears), "seed", "edge" (a gradient flows along an arrow), "hook" or "handmade" (the
            gradients of several boxes change at once).
        box: the id of the box whose value or gradient changes.
        arrow: the id of the arrow that the gradient flows along; empty where there is none.
        sentence: what happens, in words: "d receives 1 × −4 = −4 (by +; was 0, is −4)".
        formula: the step in symbols: "∂L/∂d = ∂L/∂v₁ · 1"; of a forward step the expression.
        rule, upstream, local, contribution: the cells of a table, empty where they do not apply.
        was, now: the box's value or gradient before and after: "—" where there is none.
        complete: whether nothing further of the pass reaches the box.
        answer: the number that a viewer may be asked for, and how far off an answer may be; None where it is no number.
        line: the place of the step's source line among the film's; -1 where it is not known.
    """

    kind: str
    box: str
    arrow: str
    sentence: str
    formula: str
    rule: str
    upstream: str
    local: str
    contribution: str
    was: str
    now: str
    complete: bool
    line: int
    answer: tuple[float, float] | None = None


class Film(NamedTuple):
    """A picture and its frames.

    Attributes:
        picture: the picture after the pass.
        frames: the forward pass, then the backward pass.
        lines: the source lines that are known: "file.py:3", and the line's text.
        names: what each box is called, by its id.
        hidden: how many steps happened inside of boxes that stand for several nodes.
        remark: what a viewer should know of the film itself; may be empty.
    """

    picture: Picture
    frames: tuple[Frame, ...]
    lines: tuple[tuple[str, str], ...]
    names: dict[str, str]
    hidden: int
    remark: str

    @property
    def forward_count(self) -> int:
        """How many frames belong to the forward pass."""
        return sum(frame.kind == "forward" for frame in self.frames)
