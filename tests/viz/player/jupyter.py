"""Notebooks for tests: made, executed and exported by programs of their own, and a JupyterLab that surely ends."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_STARTS, _ENDS = 60.0, 10.0  # seconds

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
NotebookNotary().sign(notebook)
"""


def require_jupyter() -> None:
    """Skips where a program is missing."""
    for package in ("nbformat", "nbclient", "nbconvert", "ipykernel", "jupyterlab"):
        pytest.importorskip(package, reason=f"{package} opens notebooks: pip install gradwalk[notebooks]")


def apart(home: Path) -> dict[str, str]:
    """An environment in which Jupyter knows nothing of the user, and Python finds this project."""
    folders = {
        name: str(home / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    return {**os.environ, **folders, "HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


def run(arguments: list[str], environment: Mapping[str, str]) -> None:
    """Run Python with arguments; fails with what it said where it fails."""
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr


def execute(path: Path, cells: list[str], environment: Mapping[str, str]) -> None:
    """Write a notebook of these cells with their outputs."""
    run(["-c", _EXECUTE, str(path), *cells], environment)


def trust(path: Path, environment: Mapping[str, str]) -> None:
    """Sign a notebook, as if its outputs had been made here."""
    run(["-c", _SIGN, str(path)], environment)


def export(path: Path, environment: Mapping[str, str]) -> Path:
    """The notebook as HTML, without the libraries that nbconvert would have from the network."""
    libraries = [f"--HTMLExporter.{name}_url=" for name in ("mathjax", "require_js", "jquery", "mermaid_js")]
    run(["-m", "nbconvert", "--to", "html", str(path), *libraries], environment)
    return path.with_suffix(".html")


@contextmanager
def jupyter_lab(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """A JupyterLab on this machine alone: its address."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    options = [
        "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}", "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            _wait_for(f"{address}/api/status", server, folder / "server.log")
            yield address
        finally:
            _end(server)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _STARTS
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start: {log.read_text()[-2000:]}")


def _end(server: subprocess.Popen[bytes]) -> None:
    """End a server and the kernels that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, number)
            server.wait(timeout=_ENDS)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
    server.wait(timeout=_ENDS)
