"""The picture as a short film of its own, for where no script runs: values appear, then gradients; it plays once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from viz.player.frame import Film
from viz.player.small_svg import SELECTORS
from viz.style import Style

_PHASES = 12  # of the forward pass, and as many of the backward pass
_SECONDS = 0.5  # of one phase


def film_style() -> str:
    """A style sheet that lets the texts of a small SVG appear in the order of the film, within a few seconds.

    It ends on the whole picture, which is also what a viewer who wants no motion sees.
    """
    forward, backward = _parts(["value", "local"]), _parts(["gradient", "product", "note"])
    starts = "".join(
        f".f{phase}{{--f:{phase * _SECONDS:g}s}}.b{phase}{{--b:{(_PHASES + phase) * _SECONDS:g}s}}"
        for phase in range(_PHASES)
    )
    return (
        "@media(prefers-reduced-motion:no-preference){@keyframes appear{from{opacity:0}}"
        f"{forward},{backward}{{animation:appear .4s var(--f,0s) both}}{backward}{{animation-delay:var(--b,0s)}}"
        f"{starts}}}"
    )


def _parts(names: Iterable[str]) -> str:
    return ",".join(SELECTORS.get(name, f".{name}") for name in names)


def phase_classes(film: Film, style: Style) -> Callable[[str], str]:
    """What says, for each group of the picture, when its texts appear."""
    forward, backward = _phases(film)
    for edge in film.picture.edges:  # a local derivative is known with the result, a circuit's value with its maker
        end = edge.source if style == "circuit" else edge.target
        if end in forward:
            forward[edge.id] = forward[end]

    def classes(id: str) -> str:
        said = [f"f{forward[id]}"] if id in forward else []
        return " ".join([*said, f"b{backward[id]}"] if id in backward else said)

    return classes


def _phases(film: Film) -> tuple[dict[str, int], dict[str, int]]:
    """The phase in which each box's value appears, and the one in which a gradient or a product is complete."""
    forward: dict[str, int] = {}
    backward: dict[str, int] = {}
    count = film.forward_count
    for place, frame in enumerate(film.frames):
        if frame.kind == "forward":
            forward[frame.box] = place * _PHASES // count
        else:
            phase = (place - count) * _PHASES // max(len(film.frames) - count, 1)
            backward[frame.box] = phase
            if frame.arrow:
                backward[frame.arrow] = phase
    return forward, backward
