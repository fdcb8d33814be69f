"""Notebooks for tests: made, executed and exported by programs of their own, and a JupyterLab that surely ends."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_STARTS = 60.0  # seconds that a server may take

_EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
path, *cells = sys.argv[1:]
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
nbformat.write(notebook, path)
"""
_SIGN = """
import sys, nbformat
from nbformat.sign import NotebookNotary
notebook = nbformat.read(sys.argv[1], as_version=4)
notebook.cells.append(nbformat.v4.new_markdown_cell("Signed."))
NotebookNotary().sign(notebook)
nbformat.write(notebook, sys.argv[2])
"""
# Runs a program until its own input ends, which it does when the test's process does, however that may end.
_GUARD = """
import os, signal, subprocess, sys
program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
sys.stdin.read()
try:
    os.killpg(program.pid, signal.SIGKILL)
except ProcessLookupError:
    pass
program.wait()
"""


def require_jupyter() -> None:
    """Skips where a program is missing."""
    for package in ("nbformat", "nbclient", "nbconvert", "ipykernel", "jupyterlab"):
        pytest.importorskip(package, reason=f"{package} opens notebooks: pip install gradwalk[notebooks]")


def apart(home: Path) -> dict[str, str]:
    """An environment in which Jupyter knows nothing of the user, and Python finds this project."""
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    folders = {name: str(home / name.lower()) for name in names}
    return {**os.environ, **folders, "HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


def run(arguments: list[str], environment: Mapping[str, str]) -> None:
    """Run Python with arguments; fails with what it said where it fails."""
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=150, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def execute(path: Path, cells: list[str], environment: Mapping[str, str]) -> None:
    """Write a notebook of these cells with their outputs."""
    run(["-c", _EXECUTE, str(path), *cells], environment)


def sign(path: Path, signed: Path, environment: Mapping[str, str]) -> None:
    """Write a signed notebook with the same outputs, as if they had been made here; it says so in a cell of its own."""
    run(["-c", _SIGN, str(path), str(signed)], environment)


def export(path: Path, environment: Mapping[str, str]) -> Path:
    """The notebook as HTML, without the libraries that nbconvert would have from the network."""
    libraries = [f"--HTMLExporter.{name}_url=" for name in ("mathjax", "require_js", "jquery", "mermaid_js")]
    run(["-m", "nbconvert", "--to", "html", str(path), *libraries], environment)
    return path.with_suffix(".html")


@contextmanager
def jupyter_lab(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """A JupyterLab for this machine alone: its address."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    program = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}",
        "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    log = folder / "server.log"
    with log.open("w") as said:
        guard = subprocess.Popen(
            [sys.executable, "-c", _GUARD, *program], env=environment, stdin=subprocess.PIPE, stdout=said, stderr=said
        )
    try:
        _wait_for(f"{address}/api/status", guard, log)
        yield address
    finally:
        guard.communicate()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _STARTS
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start: {log.read_text()[-2000:]}")
