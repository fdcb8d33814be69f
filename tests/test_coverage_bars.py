"""The two coverage bars: each fails alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKER = Path(__file__).with_name("coverage_bars.py")


def run_checker(
    tmp_path: Path, lines: tuple[int, int], branches: tuple[int, int], require_all: str = "1"
) -> subprocess.CompletedProcess[str]:
    summary = {
        "covered_lines": lines[0],
        "num_statements": lines[1],
        "covered_branches": branches[0],
        "num_branches": branches[1],
    }
    files = {"autograd/node.py": {"summary": summary, "missing_lines": [7, 9], "missing_branches": []}}
    path = tmp_path / "coverage.json"
    path.write_text(json.dumps({"totals": summary, "files": files}), encoding="utf-8")
    environment = {**os.environ, "GRADWALK_REQUIRE_ALL": require_all}
    command = [sys.executable, str(CHECKER), str(path)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


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


def test_where_tests_may_skip_both_figures_are_told_alone(tmp_path: Path) -> None:
    checked = run_checker(tmp_path, (949, 1000), (950, 1000), require_all="")
    assert checked.returncode == 0
    assert checked.stdout == (
        "coverage: lines 94.90 % (bar 95 %), branches 95.00 % (bar 90 %): not held, since tests of missing parts were "
        "skipped\n"
    )
    assert run_checker(tmp_path, (0, 0), (0, 0), require_all="").returncode == 1


def test_both_figures_and_the_missed_lines_are_printed(tmp_path: Path) -> None:
    printed = run_checker(tmp_path, (949, 1000), (950, 1000)).stdout
    assert "lines 94.90 % (bar 95 %), branches 95.00 % (bar 90 %): TOO LITTLE" in printed
    assert "autograd/node.py: lines 94.9 %, branches 95.0 %; lines missed: 7, 9" in printed
