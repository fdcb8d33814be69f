"""The two coverage bars: each fails alone."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.coverage_bars import importable, total

CHECKER = Path(__file__).with_name("coverage_bars.py")


def run_checker(tmp_path: Path, lines: tuple[int, int], branches: tuple[int, int]) -> subprocess.CompletedProcess[str]:
    summary = {
        "covered_lines": lines[0],
        "num_statements": lines[1],
        "covered_branches": branches[0],
        "num_branches": branches[1],
    }
    files = {"autograd/node.py": {"summary": summary, "missing_lines": [7, 9], "missing_branches": []}}
    path = tmp_path / "coverage.json"
    path.write_text(json.dumps({"totals": summary, "files": files}), encoding="utf-8")
    return subprocess.run([sys.executable, str(CHECKER), str(path)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("lines", "branches", "code"),
    [
        ((950, 1000), (900, 1000), 0),
        ((949, 1000), (1000, 1000), 1),
        ((1000, 1000), (899, 1000), 1),
        ((1000, 1000), (0, 0), 0),
        ((0, 0), (0, 0), 1),
    ],
)
def test_each_bar_is_held_alone(tmp_path: Path, lines: tuple[int, int], branches: tuple[int, int], code: int) -> None:
    assert run_checker(tmp_path, lines, branches).returncode == code


def test_only_what_cannot_be_imported_is_left_out() -> None:
    files = {
        "autograd/node.py": _entry(90, 100),
        "autograd/replay/jax/table.py": _entry(1, 50),
        "autograd/replay/arrays/compiled/plan.py": _entry(2, 60),
        "autograd/replay/arrays/plan.py": _entry(30, 40),
    }
    assert total(importable(files, []))["num_statements"] == 250
    kept = total(importable(files, ["jax", "numba"]))
    assert (kept["covered_lines"], kept["num_statements"]) == (120, 140)
    assert total(importable(files, ["jax"]))["covered_lines"] == 122


def _entry(covered: int, statements: int) -> dict[str, Any]:
    counts = {"covered_lines": covered, "num_statements": statements, "covered_branches": 0, "num_branches": 0}
    return {"summary": counts}


def test_both_figures_and_the_missed_lines_are_printed(tmp_path: Path) -> None:
    printed = run_checker(tmp_path, (949, 1000), (950, 1000)).stdout
    assert "lines 94.90 % (bar 95 %), branches 95.00 % (bar 90 %): TOO LITTLE" in printed
    assert "autograd/node.py: lines 94.9 %, branches 95.0 %; lines missed: 7, 9" in printed
