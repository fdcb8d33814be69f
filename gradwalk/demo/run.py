"""The demo from beginning to end: compute, tell the terminal, write the page."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from pathlib import Path

import numpy as np

from gradwalk import version_text
from gradwalk.demo.digits import EPOCHS, train_digits
from gradwalk.demo.findings import Findings, GraphPicture
from gradwalk.demo.terminal import digits_text, worked_text
from gradwalk.demo.worked_example import work_example
from gradwalk.page import render

__all__ = ["run_demo"]


def run_demo(folder: str | Path, seed: int = 0, epochs: int = EPOCHS, *, quiet: bool = False) -> Findings:
    """Run the demo, and write ``index.html`` and the graph into a folder.

    Args:
        folder: made where it is not there; what the demo wrote there before is replaced.
        seed: of everything that is drawn at random.
        epochs: passes over the training images.
        quiet: print nothing, and show no progress.

    Returns:
        What was computed, whether or not the accuracy suffices.

    Raises:
        OSError: the folder cannot be made or written to; the message names it.
        ImportError: scikit-learn, which brings the digits, is not installed; the message names the extra.
    """
    start = time.perf_counter()
    folder = _writable(Path(folder))
    tell = _nothing if quiet else _tell
    tell("1. A network worked by hand: every gradient, and its document's\n")
    worked = work_example()
    tell(worked_text(worked))
    tell(f"\n2. Its chain-rule graph: {_save_graph(worked.picture, folder)}")
    tell(f"\n3. A convolutional network learns to read: {epochs} epochs, seed {seed}\n")
    digits = train_digits(seed, epochs, progress=not quiet)
    tell(digits_text(digits))
    findings = Findings(worked, digits, seed, _versions(), time.perf_counter() - start)
    (folder / "index.html").write_text(render(findings), encoding="utf-8", newline="\n")
    tell(f"\n4. The page, after {findings.seconds:.1f} s\n")
    return findings


def _tell(text: str) -> None:
    print(text, flush=True)  # before the progress bar, which goes to standard error


def _nothing(text: str) -> None:
    """Stands for `_tell` where the demo is to be quiet."""


def _writable(folder: Path) -> Path:
    """The folder, made and tried, so that a mistake shows before the work and not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise OSError(
            f"cannot write to {folder}: {error.strerror or error}; choose another folder with --out"
        ) from error


def _save_graph(picture: GraphPicture, folder: Path) -> str:
    """Save the graph as a picture or as text, and say where and, where it is text, why."""
    path = folder / ("seed003.svg" if picture.svg else "seed003.txt")
    path.write_text(picture.svg or picture.text + "\n", encoding="utf-8", newline="\n")
    return str(path) if picture.svg else f"{path}\n\n{picture.text}\n\n{picture.remark}"


def _versions() -> dict[str, str]:
    import sklearn  # here, since training has found it by now, and what comes before does without

    return {
        "gradwalk": version_text(),
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "processor cores": str(os.cpu_count()),
    }
