"""The table, the JSON and the exit status."""

import json
import subprocess
import sys

import pytest

from benchmarks import plot, report, rounds
from benchmarks import run as command
from benchmarks.catalogue import WORKLOADS
from benchmarks.environments import ROOT
from benchmarks.outcome import Outcome
from benchmarks.workload import MODES

GOOD = Outcome(
    "step", "eager", "peer 1", "s", bar="≤ 1/12", bar_met=True, ours=0.05, theirs=1.0, ratio=0.05,
    spread=(0.04, 0.0625), our_rounds=[0.05], their_rounds=[1.0],
)  # fmt: skip
SLOW = Outcome(
    "step", "fast", "peer 1", "bytes", bar="≤ 1/4", bar_met=False, ours=150.0, theirs=300.0, ratio=0.5,
    spread=(0.5, 0.5), our_rounds=[150.0], their_rounds=[300.0],
)  # fmt: skip
ALONE = Outcome("start", "fast", "", "s", bar="≤ 10 s", bar_met=True, ours=4.5, our_rounds=[4.5])
ABSENT = Outcome("conv", "", "torch 2", "s", status="not measured", reason="No matching distribution found")
WRONG = Outcome("conv", "eager", "torch 2", "s", status="failed", reason="wrong result: loss differs")


def cells(line: str) -> list[str]:
    return [part.strip() for part in line.split("  ") if part.strip()]


def test_the_table_shows_measures_ratio_spread_and_verdict():
    lines = report.table([GOOD, SLOW, ALONE, ABSENT]).splitlines()
    assert lines[0].split() == ["workload", "mode", "peer", "peer's", "this", "ratio", "spread", "bar"]
    assert cells(lines[2]) == [
        "step", "eager", "peer 1", "1,000 ms", "50 ms", "1/20.0", "1/25.0 to 1/16.0", "≤ 1/12: met",
    ]  # fmt: skip
    assert cells(lines[3]) == [  # the workload is the one above
        "replay fast", "peer 1", "300 bytes", "150 bytes", "0.50", "0.50 to 0.50", "≤ 1/4: NOT MET",
    ]  # fmt: skip
    assert cells(lines[4]) == ["start", "replay fast", "4,500 ms", "≤ 10 s: met"]
    assert cells(lines[5]) == ["conv", "torch 2", "not measured: No matching distribution found"]
    assert len({line.index(each) for line, each in zip(lines[2:5], ("50 ms", "150 bytes", "4,500"), strict=True)}) == 1


def test_a_long_reason_is_cut_in_the_table_alone():
    broken = Outcome("conv", "fast", "", "s", status="failed", reason=50 * "many words " + "end")
    line = report.table([broken]).splitlines()[-1]
    assert line.endswith(" ...")
    assert len(line) < 150
    assert broken.as_json()["reason"].endswith("end")


@pytest.fixture
def outcomes(monkeypatch, tmp_path):
    """Runs the command with outcomes at hand; returns the exit status and the document."""

    def run(given, *arguments):
        queue = list(given)
        monkeypatch.setattr(command, "WORKLOADS", WORKLOADS[: len(queue)])
        monkeypatch.setattr(rounds, "run", lambda workload, cache, choice: [queue.pop(0)])
        monkeypatch.setattr(plot, "save_all", lambda rows, output: ["a plot"])
        status = command.main(["--output", str(tmp_path / "made" / "out.json"), *arguments])
        return status, json.loads((tmp_path / "made" / "out.json").read_text(encoding="utf-8"))

    return run


def test_a_bar_that_is_not_met_and_a_peer_that_is_absent_are_no_failure(outcomes, capsys):
    status, document = outcomes([GOOD, SLOW, ABSENT], "--quick")
    assert status == 0
    assert document["quick"] is True
    assert [row["status"] for row in document["rows"]] == ["measured", "measured", "not measured"]
    assert document["rows"][0]["our_rounds"] == [0.05]
    assert document["rows"][1]["mode"] == "fast"
    assert "ratio" not in document["rows"][2]
    printed = capsys.readouterr().out
    assert "not measured: No matching distribution" in printed
    assert "a plot" in printed


def test_a_wrong_result_is_a_failure(outcomes, capsys):
    status, document = outcomes([GOOD, WRONG])
    assert status == 1
    assert document["rows"][1]["reason"] == "wrong result: loss differs"
    assert "failed: wrong result" in capsys.readouterr().out


def test_a_busy_machine_is_said(outcomes, monkeypatch, capsys):
    monkeypatch.setattr(report, "load", lambda: 6.5)
    outcomes([GOOD])
    assert "busy (load 6.5)" in capsys.readouterr().out


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Runs the command without measuring; returns what was asked for: workloads, folder and choice."""

    def run(*arguments):
        seen = []
        monkeypatch.setattr(rounds, "run", lambda *given: seen.append((given[0].name, *given[1:])) or [GOOD])
        monkeypatch.setattr(plot, "save_all", lambda rows, output: [])
        assert command.main([*arguments, "--output", str(tmp_path / "out.json")]) == 0
        return seen

    return run


def test_only_takes_the_workloads_of_that_name_quick_or_not(asked, capsys):
    every = [f"CNN step, batch {size}" for size in (1, 16, 64, 256)]
    assert [name for name, *_ in asked("--only", "cnn step, b")] == every
    assert [name for name, *_ in asked("--only", "cnn step, b", "--quick")] == every
    assert command.main(["--only", "no such workload"]) == 2
    assert "CNN step" in capsys.readouterr().err


def test_a_quick_run_leaves_out_what_takes_long(asked):
    names = [name for name, *_ in asked("--quick")]
    assert names == [workload.name for workload in WORKLOADS if workload.quick]
    assert len(names) < len(asked())


def test_modes_peers_and_place_are_handed_on(asked, tmp_path):
    _, cache, choice = asked("--only", "MLP")[0]
    assert (cache, choice) == (ROOT / ".benchmarks", rounds.Choice(MODES, None, False))
    options = ("--modes", "replay", "fast", "--peers", "torch", "--quick", "--here")
    assert asked("--only", "MLP", *options)[0][1:] == (None, rounds.Choice(("replay", "fast"), ("torch",), True))
    with pytest.raises(SystemExit):
        command.main(["--modes", "backwards"])
    with pytest.raises(SystemExit):
        command.main(["--peers", "tensorflow"])


@pytest.mark.parametrize("program", [["-m", "benchmarks"], ["benchmarks/run.py"]])
def test_it_runs_as_a_package_and_as_a_file(program):
    printed = subprocess.run(
        [sys.executable, *program, "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert "--modes" in printed


def test_the_processor_is_read_where_the_system_tells_it(tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Some CPU: fast\nmodel name\t: another\n", encoding="utf-8")
    assert report.processor(cpuinfo) == "Some CPU: fast"
    assert isinstance(report.processor(tmp_path / "absent"), str)
