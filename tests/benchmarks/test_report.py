"""The table, the JSON and the exit status."""

import doctest
import json

import pytest

from benchmarks import __main__ as command
from benchmarks import report, rounds
from benchmarks.catalogue import WORKLOADS
from benchmarks.rounds import Outcome

GOOD = Outcome(
    "step", "peer 1", "s", "≤ 1/12", True, ours=0.05, theirs=1.0, ratio=0.05, spread=(0.04, 0.0625),
    our_rounds=[0.05], their_rounds=[1.0],
)  # fmt: skip
SLOW = Outcome("node", "peer 1", "bytes", "≤ 1/4", False, ours=150.0, theirs=300.0, ratio=0.5, spread=(0.5, 0.5))
ABSENT = Outcome("conv", "torch 2", "s", status="not measured", reason="No matching distribution found")
WRONG = Outcome("conv", "torch 2", "s", status="failed", reason="wrong result: loss differs")


def test_the_examples_of_the_docstrings():
    assert doctest.testmod(report).failed == 0


def test_the_table_shows_measures_ratio_spread_and_verdict():
    lines = report.table([GOOD, SLOW, ABSENT]).splitlines()
    assert lines[0].split() == ["workload", "peer", "gradwalk", "peer's", "ratio", "spread", "bar"]
    assert lines[2].split("  ")[-1].strip() == "≤ 1/12: met"
    assert [part.strip() for part in lines[2].split("  ") if part.strip()] == [
        "step", "peer 1", "50 ms", "1000 ms", "1/20.0", "1/25.0 to 1/16.0", "≤ 1/12: met",
    ]  # fmt: skip
    assert lines[3].endswith("≤ 1/4: NOT MET")
    assert lines[4].endswith("not measured: No matching distribution found")
    assert len({line.index(each) for line, each in zip(lines[2:4], ("50 ms", "150 bytes"), strict=True)}) == 1


@pytest.fixture
def outcomes(monkeypatch, tmp_path):
    """Runs the command with outcomes at hand; returns the exit status and the document."""

    def run(given, *arguments):
        queue = list(given)
        monkeypatch.setattr(command, "WORKLOADS", WORKLOADS[: len(queue)])
        monkeypatch.setattr(rounds, "run", lambda workload, cache, quick: queue.pop(0))
        status = command.main(["--output", str(tmp_path / "made" / "out.json"), *arguments])
        return status, json.loads((tmp_path / "made" / "out.json").read_text(encoding="utf-8"))

    return run


def test_a_bar_that_is_not_met_and_a_peer_that_is_absent_are_no_failure(outcomes, capsys):
    status, document = outcomes([GOOD, SLOW, ABSENT], "--quick")
    assert status == 0
    assert document["quick"] is True
    assert [row["status"] for row in document["rows"]] == ["measured", "measured", "not measured"]
    assert document["rows"][0]["our_rounds"] == [0.05]
    assert "ratio" not in document["rows"][2]
    assert "not measured: No matching distribution" in capsys.readouterr().out


def test_a_wrong_result_is_a_failure(outcomes, capsys):
    status, document = outcomes([GOOD, WRONG])
    assert status == 1
    assert document["rows"][1]["reason"] == "wrong result: loss differs"
    assert "failed: wrong result" in capsys.readouterr().out


def test_a_busy_machine_is_said(outcomes, monkeypatch, capsys):
    monkeypatch.setattr(report, "load", lambda: 6.5)
    outcomes([GOOD])
    assert "busy (load 6.5)" in capsys.readouterr().out


def test_only_takes_the_workloads_of_that_name(monkeypatch, tmp_path, capsys):
    seen = []
    monkeypatch.setattr(rounds, "run", lambda workload, cache, quick: seen.append(workload.name) or GOOD)
    assert command.main(["--only", "cnn", "--output", str(tmp_path / "out.json")]) == 0
    assert seen == ["CNN step, batch 1", "CNN step, batch 16"]
    assert command.main(["--only", "no such workload"]) == 2
    assert "CNN step" in capsys.readouterr().err
