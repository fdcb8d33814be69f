"""The picture as a short film of its own, for where no script runs: values appear, then gradients; it plays once."""

from __future__ import annotations

import re
from collections.abc import Mapping

from viz.player.frame import Film

_PHASES = 12  # of the forward pass, and as many of the backward pass
_SECONDS = 0.5  # of one phase
_GROUP = re.compile(r'<g id="([ne]\d+)" class="')


def animated(svg: str, film: Film) -> str:
    """The SVG with a style sheet that lets its texts appear in the order of the film, within a few seconds.

    It ends on the whole picture, which is also what a viewer who wants no motion sees.
    """
    forward, backward = _phases(film)

    def with_phases(found: re.Match[str]) -> str:
        id = found[1]
        classes = [f"f{forward[id]}"] if id in forward else []
        classes += [f"b{backward[id]}"] if id in backward else []
        return f'<g id="{id}" class="{" ".join([*classes, ""])}'

    return _GROUP.sub(with_phases, svg).replace("</style>", f'</style><style class="film">{_style()}</style>', 1)


def _phases(film: Film) -> tuple[Mapping[str, int], Mapping[str, int]]:
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


def _style() -> str:
    rules = ["@media(prefers-reduced-motion:no-preference){@keyframes appear{from{opacity:0}}"]
    rules.append(".value,.gradient,.product,.note{animation:appear .4s both}")
    for phase in range(_PHASES):
        start, later = phase * _SECONDS, (_PHASES + phase) * _SECONDS
        rules.append(f".f{phase} .value{{animation-delay:{start:g}s}}")
        rules.append(f":is(.b{phase}) :is(.gradient,.product,.note){{animation-delay:{later:g}s}}")
    return "".join([*rules, "}"])
