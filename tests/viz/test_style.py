"""The colours: readable, in light and in dark, and apart for colour-blind eyes."""

import re
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pytest

from viz import style

Colour = npt.NDArray[np.float64]

# Machado, Oliveira and Fernandes (2009), severity 1.0: linear RGB as it is seen.
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(colour: str) -> Colour:
    channels = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, success criterion 1.4.3."""
    dark, light = sorted(float(np.dot([0.2126, 0.7152, 0.0722], linear(colour))) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def seen_apart(one: str, other: str, eyes: Colour) -> float:
    """The distance of two colours in CIELAB, where 2 can just be told apart."""

    def lab(colour: str) -> Colour:
        x = TO_XYZ @ np.clip(eyes @ linear(colour), 0, 1) / [0.95047, 1.0, 1.08883]
        f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
        return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])

    return float(np.linalg.norm(lab(one) - lab(other)))


def both(colours: Iterable[str]) -> list[list[str]]:
    """Colours in light, and what they are in dark."""
    light = list(colours)
    return [light, [style.DARK[colour] for colour in light]]


def grounds() -> set[str]:
    fills = {rule.look.fill for rule in style.RULES if rule.part in ("paper", "frame", "ground", "box")}
    return {fill for fill in fills if fill}


def test_every_text_has_contrast_on_every_ground() -> None:
    for fills, inks in zip(both(sorted(grounds())), both(style.TEXT_COLOURS.values()), strict=True):
        for fill in fills:
            for ink in inks:
                assert contrast(fill, ink) >= 4.5, (fill, ink)


def test_numbers_have_contrast_on_every_shade_of_an_array() -> None:
    for ink, zero, below, above in zip(*map(both_of, (style.INK, style.ZERO, style.BELOW, style.ABOVE)), strict=True):
        for full in (below, above):
            for strength in np.linspace(0, 1, 17):
                pairs = ((int(zero[i : i + 2], 16), int(full[i : i + 2], 16)) for i in (1, 3, 5))
                shade = "#" + "".join(f"{round(a + (b - a) * strength):02x}" for a, b in pairs)
                assert contrast(shade, ink) >= 4.5, (shade, ink)


def both_of(colour: str) -> list[str]:
    return [colour, style.DARK[colour]]


@pytest.mark.parametrize("pair", [("FORWARD", "GRADIENT"), ("BELOW", "ABOVE"), ("PATH", "LINE")])
@pytest.mark.parametrize("eyes", [np.eye(3), DEUTERANOPIA, PROTANOPIA], ids=["all", "deuteranopia", "protanopia"])
def test_pairs_that_must_differ_do_for_all_eyes(pair: tuple[str, str], eyes: Colour) -> None:
    for one, other in zip(*(both_of(getattr(style, name)) for name in pair), strict=True):
        assert seen_apart(one, other, eyes) > 20


def test_lines_stand_out_from_the_paper() -> None:
    """WCAG 2.2, success criterion 1.4.11: 3 : 1 for what must be seen; what is dead may be fainter."""
    for line in (style.LINE, style.PATH, style.WRONG):
        for ground in (style.PAPER, *style.CLUSTER_FILLS):
            assert contrast(line, ground) >= 3
            assert contrast(style.DARK[line], style.DARK[ground]) >= 3


def test_green_is_green_and_red_is_red() -> None:
    for forward, gradient in zip(both_of(style.FORWARD), both_of(style.GRADIENT), strict=True):
        assert np.argmax(linear(forward)) == 1
        assert np.argmax(linear(gradient)) == 0


def test_every_colour_has_a_counterpart_in_dark() -> None:
    used = {colour for rule in style.RULES for colour in rule.look[:2] if colour and colour != "none"}
    assert used <= set(style.DARK)


def test_of_two_rules_the_later_decides_in_css_too() -> None:
    """CSS goes by the number of classes first, so rules for all groups come before those for some."""
    of_some: set[tuple[str, str]] = set()
    for rule in style.RULES:
        said = {(rule.part, key) for key, value in rule.look._asdict().items() if value is not None}
        if rule.group == style.ROOT:
            assert not said & of_some, rule
        else:
            of_some |= said


def test_marks_change_the_look_and_the_rest_stays() -> None:
    plain = style.look_of(["gradwalk", "node", "leaf"], "box")
    on_path = style.look_of(["gradwalk", "node", "leaf", "path"], "box")
    assert on_path == plain._replace(stroke=style.PATH, stroke_width=2.5)
    assert style.look_of(["gradwalk", "node", "value", "dead"], "gradient").fill == style.MUTED
    assert style.look_of(["gradwalk", "edge", "constant"], "wire").stroke_dasharray == style.DASHED


def test_the_style_sheet_says_the_same_in_light_and_names_only_colours_in_dark() -> None:
    light, dark = style.style_sheet().split("@media")
    assert f".gradwalk .leaf .box{{fill:{style.BOXES['leaf'].fill};stroke:{style.BOXES['leaf'].border}" in light
    assert ".gradwalk .name{fill:#1c2530;font-weight:bold}" in light
    assert ".gradwalk .name{fill:#e8ebef}" in dark
    assert not re.search(r"width|dasharray|weight", dark)
