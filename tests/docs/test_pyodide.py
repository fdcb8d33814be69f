"""The wheel in Pyodide, under Node: its sources are read there, and the quick start runs there.

npm's packages are looked for in the folder that GRADWALK_PYODIDE names, or where `make pyodide` puts them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.conftest import NOT_HERE

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "docs" / "try_pyodide.mjs"
PACKAGES = ("autograd", "nn", "viz", "gradwalk")
READ = "files compile on Python"
EVERYTHING = "everything: the 7 blocks of the quick start, and DOT"


@pytest.fixture(scope="module")
def folder() -> Path:
    """Where Pyodide is, and what gradwalk needs there."""
    folder = Path(os.environ.get("GRADWALK_PYODIDE") or ROOT / "build" / "pyodide")
    if shutil.which("node") is None:
        pytest.skip(f"{NOT_HERE} Node is not installed")
    if not (folder / "node_modules" / "pyodide").exists():
        pytest.skip(f"{NOT_HERE} no Pyodide in {folder}: make pyodide, or name its folder by GRADWALK_PYODIDE")
    return folder


@pytest.fixture(scope="module")
def pyodide(folder: Path) -> Path:
    return folder / "node_modules" / "pyodide"


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """The sources as a wheel holds them."""
    path = tmp_path / "gradwalk-0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for package in PACKAGES:
            for source in sorted((ROOT / package).rglob("*.*")):
                if "__pycache__" not in source.parts and source.is_file() and source.name != "conftest.py":
                    archive.write(source, source.relative_to(ROOT))
    return path


def tried(*arguments: Path) -> subprocess.CompletedProcess[str]:
    command = ["node", str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize(("source", "complaint"), [("def (", "broken.py"), ("import msvcrt", "lacks msvcrt")])
def test_a_source_that_pyodide_cannot_run_is_an_error(
    pyodide: Path, tmp_path: Path, source: str, complaint: str
) -> None:
    wheel = tmp_path / "broken-0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("autograd/broken.py", source)
    process = tried(wheel, pyodide)
    assert process.returncode == 1
    assert complaint in process.stderr


def test_the_quick_start_runs_in_pyodide(folder: Path, pyodide: Path, wheel: Path) -> None:
    needed = [*folder.glob("*.whl"), *folder.glob("node_modules/@emscripten-forge/numpy/pkg/numpy-*.tar.gz")]
    process = tried(wheel, pyodide, *needed)
    assert process.returncode == 0, process.stderr[-2000:]
    said = process.stdout.splitlines()
    assert READ in said[0]
    assert said[-1] == EVERYTHING
