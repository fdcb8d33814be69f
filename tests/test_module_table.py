"""The table of functions and layers names all of them, and PyTorch's names in it exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import nn
import nn.functional as F

TABLE = (Path(__file__).resolve().parent.parent / "docs" / "modules.md").read_text(encoding="utf-8")
ROWS = [re.split(r"(?<!\\)\|", line)[1:-1] for line in TABLE.splitlines() if line.startswith("| `")]
NOT_LISTED = {"ExportError", "FASHION_CLASSES", "FileFormatError", "GradientReport", "OnnxModel", "Split", "Summary"}
NOT_LISTED |= {"functional", "init", "optim"}  # modules of their own


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_public_name_has_a_row_and_every_row_a_public_name() -> None:
    listed = {name for row in ROWS for name in names(row[0])}
    public = {f"F.{name}" for name in F.__all__} | {f"nn.{name}" for name in set(nn.__all__) - NOT_LISTED}
    assert public - listed == set(), "not in docs/modules.md"
    assert {name for name in listed - public if not name.startswith("nn.History.")} == {"padding_mode"}


def test_rows_are_complete() -> None:
    assert len(ROWS) > 150
    for row in ROWS:
        here, formula, _, torch_name, keras_name = (cell.strip() for cell in row)
        assert names(here), row
        assert formula, row
        assert torch_name, row
        assert keras_name, row


def test_pytorchs_names_exist() -> None:
    torch = pytest.importorskip("torch", reason="the names are PyTorch's: pip install gradwalk[torch]")
    places: list[Any] = [torch, torch.nn, torch.nn.functional, torch.nn.utils, torch.optim, torch.optim.lr_scheduler]
    places += [torch.optim.swa_utils, torch.utils.data, torch.nn.init, torch.nn.Module]
    for row in ROWS:
        for name in names(row[3]):
            plain = re.sub(r"\(.*", "", name)
            if plain.startswith(("torchvision", "transforms", "torcheval", "safetensors", "load_file", "padding_mode")):
                continue
            dotted = plain.removeprefix("torch.").split(".")
            found = [each for each in places if hasattr(each, dotted[0])]
            assert found, f"{name}, PyTorch's name for {row[0]}"
