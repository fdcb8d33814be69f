"""The page of results: its tables from the JSON of a run, and the refusal of a quick one."""

import json

import pytest

from benchmarks import page, plot
from benchmarks.environments import ROOT

ROWS = [
    {
        "workload": "CNN step", "mode": mode, "peer": "PyTorch 2", "unit": "s", "reference": True, "status": "measured",
        "ours": 1e-3 * ratio, "theirs": 1e-3, "ratio": ratio, "bar": "≤ 0.6", "bar_met": ratio <= 0.6,
    }
    for mode, ratio in (("eager", 1.25), ("fast", 0.1))
] + [
    {"workload": "start", "mode": "fast", "unit": "s", "status": "measured", "ours": 4.0},
    {"workload": "CNN step", "mode": "", "peer": "JAX 1", "unit": "s", "status": "not measured", "reason": "no wheel"},
]  # fmt: skip
RUN = {
    "date": "2030-01-02T03:04:05+00:00", "quick": False, "load": 1.0, "rows": ROWS,
    "machine": {"processor": "Some CPU", "processors": 2, "platform": "Linux", "python": "3.11.7 (main)"},
}  # fmt: skip
GROWN = {
    "quick": False,
    "rows": [{"work": "W", "of": "node", "unit": "s", "costs": {"10": 1.0, "20": 2.0}, "reason": ""}],
}


@pytest.fixture
def fill(monkeypatch, tmp_path):
    """Fills a page in from the given documents; returns the exit status and the page."""

    def run(**documents):
        monkeypatch.setattr(plot, "save_all", lambda rows, output: [f"plots at {output.parent.name}"])
        for name, document in documents.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
        own = tmp_path / "speed.md"
        own.write_text((ROOT / "docs" / "speed.md").read_text(encoding="utf-8"), encoding="utf-8")
        return page.main(["--results", str(tmp_path), "--page", str(own)]), own.read_text(encoding="utf-8")

    return run


def test_a_line_for_each_work_and_peer_and_what_has_no_number(fill):
    status, text = fill(latest=RUN, growth=GROWN)
    assert status == 0
    assert "Measured on 2030-01-02: Some CPU, 2 processors, Linux, Python 3.11.7" in text
    assert (
        "| CNN step | PyTorch 2 | 1 ms | 1.25 ms, **1.25** (≤ 0.6: NOT MET) | – | 100 µs, **1/10.0** (≤ 0.6: met) |"
    ) in text
    assert "| start |  |  | – | – | 4,000 ms |" in text
    assert "- CNN step, JAX 1: not measured: no wheel" in text
    assert "| W | node | 10: 1,000 ms, 20: 2,000 ms | GROWS by 100 % |" in text


def test_filling_in_again_replaces(fill):
    _, text = fill(latest=RUN)
    again = page.replaced(text, "measurements", "nothing")
    assert "CNN step | PyTorch" not in again
    assert "How it is measured" in again
    with pytest.raises(ValueError, match="no <!-- other: begin -->"):
        page.replaced(text, "other", "")


def test_a_quick_run_is_not_quoted(fill):
    with pytest.raises(SystemExit, match="quick run"):
        fill(latest={**RUN, "quick": True})


def test_without_results_it_says_what_to_run(fill, capsys):
    status, _ = fill()
    assert status == 2
    assert "python -m benchmarks" in capsys.readouterr().err
