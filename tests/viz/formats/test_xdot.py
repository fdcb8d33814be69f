"""The drawing that Graphviz paints: the same as the SVG, by other programs."""

import io
import re
import subprocess
import xml.etree.ElementTree as ET

import numpy as np
import numpy.typing as npt
import pytest

from autograd import Value
from tests.viz.formats.test_svg import NASTY, STYLES, drawing_of, nasty_drawing
from tests.viz.svg_reader import SVG, groups, texts
from viz import Drawing, draw, render
from viz.formats.xdot import to_xdot

BACKSLASHES = ['\\"];x', "a\\\\b", '\\\\"', "\\"]


def drawn_by(drawing: Drawing) -> str:
    return to_xdot(drawing.scene)


def as_svg(dot: str, drawn: str) -> ET.Element:
    """What Graphviz makes of it."""
    command = [dot, "-Kneato", "-n2", "-Tsvg"]
    done = subprocess.run(command, input=drawn.encode(), capture_output=True, check=True)
    assert done.stderr == b""
    return ET.fromstring(done.stdout)


@pytest.mark.parametrize("style", STYLES)
def test_it_is_painted_as_the_svg_is(dot: str, style: str) -> None:
    """Two painters, two fonts: dark and light lie in the same places."""
    image = pytest.importorskip("PIL.Image", reason="it reads the paintings: pip install gradwalk[images]")
    if not render.resvg_available():
        pytest.skip("resvg_py is not installed, or there is no font")
    drawing = drawing_of("every_kind", style)

    def small(png: bytes) -> npt.NDArray[np.float64]:
        """In cells as large as a letter."""
        return np.asarray(image.open(io.BytesIO(png)).convert("L").resize((160, 60)), dtype=np.float64) / 255

    ours = small(render.paint_by_resvg(drawing.svg))
    theirs = small(render.paint_by_system(drawn_by(drawing), "png"))
    assert np.abs(ours - theirs).mean() < 0.02
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.8


@pytest.mark.parametrize("style", STYLES)
def test_every_text_of_the_svg_is_in_it(dot: str, style: str) -> None:
    drawing = drawing_of("every_kind", style)
    theirs = sorted(str(text.text) for text in as_svg(dot, drawn_by(drawing)).iter(f"{SVG}text"))
    ours = [span for group in groups(drawing.svg).values() for text in texts(group) for span in (list(text) or [text])]
    assert theirs == sorted(str(span.text) for span in ours)


def test_any_name_is_painted_as_that_text(dot: str) -> None:
    root = as_svg(dot, drawn_by(nasty_drawing([*NASTY, *BACKSLASHES])))
    shown = {str(text.text).replace("\u2060", "") for text in root.iter(f"{SVG}text")}
    assert set(BACKSLASHES) <= shown
    assert {name for name in NASTY[:6] if "  " not in name} | {"\\", '"', "'", "]]>", "한국어 이름 🙂"} <= shown


def test_a_large_drawing_is_several_strings(dot: str) -> None:
    """Graphviz reads 16,384 bytes of one quoted string."""
    drawing = draw(sum((Value(float(i), f"x{i}") for i in range(60)), Value(0.0)), max_nodes=None)
    drawn = drawn_by(drawing)
    strings = re.findall(r'"((?:\\.|[^"\\])*)"', drawn)
    assert len(strings) > 3
    assert max(len(string.encode()) for string in strings) <= 16_384
    names = {str(text.text) for text in as_svg(dot, drawn).iter(f"{SVG}text")}
    assert {f"x{i}" for i in range(60)} <= names


def test_the_newest_graphviz_paints_it_too(embedded: None, dot: str) -> None:
    backend = render._compiled()
    drawn = drawn_by(drawing_of("every_kind"))
    svg = backend._render_in_session(backend._create_session(), drawn, "svg", "nop2")
    theirs, ours = ET.fromstring(bytes(svg)), as_svg(dot, drawn)
    for part in ("text", "polygon", "path"):
        assert len(list(theirs.iter(f"{SVG}{part}"))) == len(list(ours.iter(f"{SVG}{part}"))), part
