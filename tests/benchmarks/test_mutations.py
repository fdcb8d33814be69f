"""The mutation score: what counts as a mutant, and that the operators do what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")

from benchmarks import mutations
from benchmarks.derivatives.case import Case

SQUARE = Case("square", lambda x: x * x, lambda g, x: (2 * g * x,), (np.array([[0.5, -1.0, 2.0], [0.25, 3.0, -2.5]]),))
SUM = Case("sum", lambda x: x.sum(), lambda g, x: (g * np.ones(x.shape),), SQUARE.inputs)
G = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.5]])


def test_every_operator_makes_a_mutant_of_a_square_and_each_time_the_same() -> None:
    found = dict(mutations.mutants(SQUARE, seed=0))
    again = dict(mutations.mutants(SQUARE, seed=0))
    assert list(found) == mutations.NAMES
    right = SQUARE.backward(G, *SQUARE.inputs)[0]
    for name, mutant in found.items():
        assert mutant is not None, name
        wrong: Any = mutant.backward(G, *SQUARE.inputs)[0]
        assert wrong.shape == right.shape
        assert np.array_equal(wrong, again[name].backward(G, *SQUARE.inputs)[0])  # type: ignore[union-attr]
        assert np.array_equal(SQUARE.backward(G, *SQUARE.inputs)[0], right), "the right one is left alone"


def test_a_change_of_nothing_is_no_mutant() -> None:
    """Every element of this gradient is the same: nothing can be swapped, shifted, reversed or averaged."""
    found = dict(mutations.mutants(SUM, seed=0))
    same = {"two elements swapped", "one off along an axis", "an axis reversed", "transposed", "averaged along an axis"}
    assert {name for name, mutant in found.items() if mutant is None} == same


def test_the_check_kills_the_mutants_of_a_square_and_a_sum() -> None:
    for case in (SQUARE, SUM):
        for name, mutant in mutations.mutants(case, seed=1):
            if mutant is not None and name not in mutations.FAINT:
                assert mutations._verdict(mutant) == "fail", name
        assert mutations._verdict(case) == "pass"


def test_the_table_sums_up_what_counts_alone() -> None:
    scores = {
        "sign": mutations.Score(killed=3, survivors=["f"]),
        "zero": mutations.Score(killed=4, equivalent=2),
        "all × (1 + 1e-9)": mutations.Score(survivors=["f", "g"]),
    }
    lines = mutations.table(scores).splitlines()
    assert lines[4].split() == ["all", "8", "7", "1", "0", "2", "87.5", "%"]
    assert lines[5].split()[-7:] == ["2", "0", "2", "0", "0", "0.0", "%"]


def test_a_run_writes_what_it_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "mutations.json"
    assert mutations.main(["--seeds", "1", "--only", "cube", "--output", str(output)]) == 0
    written = json.loads(output.read_text(encoding="utf-8"))
    assert written["rows"]["sign"] == {"killed": 1, "survivors": [], "undecided": [], "equivalent": 0}
    assert written["alarms"] == []
    assert "right functions that were not passed: none" in capsys.readouterr().out
