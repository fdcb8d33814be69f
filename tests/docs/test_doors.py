"""Every block of docs/doors.md runs, in order and in one namespace."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_readme import FENCED, run_blocks

DOORS = Path(__file__).resolve().parents[2] / "docs" / "doors.md"


def test_every_block_of_the_doors_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="its modules are converted: pip install gradwalk[torch]")
    pytest.importorskip("onnx", reason="models are written as ONNX: pip install gradwalk[onnx]")
    monkeypatch.chdir(tmp_path)  # whatever a block writes
    assert len(FENCED.findall(DOORS.read_text(encoding="utf-8"))) == 6
    run_blocks(DOORS, tmp_path)
