"""Machine code is kept on disk: another process loads it, and what is missing or broken there is made anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite", reason="backend='numba' needs numba's compiler: pip install 'gradwalk[fast]'")

from autograd import Tensor
from autograd.replay import record
from autograd.replay.arrays.compiled import native
from autograd.replay.program import Program

ROOT = Path(__file__).parents[2]

FRESH = """
import sys
import numpy as np
from autograd import Tensor
from autograd.replay import record
from autograd.replay.arrays.compiled import native

made = []
compiled = native.compiled
native.compiled = lambda source: made.append(source) or compiled(source)
program = record(lambda x: (x * x).relu() + 3.25, Tensor([1.0, -2.0], requires_grad=True), backend="numba")
outputs, (gradient,) = program.value_and_grad([2.0, 3.0], gradient=[1.0, 10.0])
print(len(made), outputs.tolist(), gradient.tolist(), "numba" in sys.modules)
"""


def in_a_new_process(source: str, **environment: str) -> str:
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", source],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_a_new_process_loads_what_another_has_compiled(tmp_path: Path) -> None:
    expected = "[7.25, 12.25] [4.0, 60.0] False"
    assert in_a_new_process(FRESH, NUMBA_CACHE_DIR=str(tmp_path)) == f"1 {expected}"
    assert in_a_new_process(FRESH, NUMBA_CACHE_DIR=str(tmp_path)) == f"0 {expected}"
    (file,) = (tmp_path / "gradwalk").iterdir()
    file.write_bytes(file.read_bytes()[:-100])
    assert in_a_new_process(FRESH, NUMBA_CACHE_DIR=str(tmp_path)) == f"1 {expected}"
    assert in_a_new_process(FRESH, NUMBA_CACHE_DIR=str(tmp_path)) == f"0 {expected}"


def squares(numbers: Any) -> Program:
    return record(lambda x: x * x + 7.0, Tensor(numbers, requires_grad=True), backend="numba")


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    np.testing.assert_array_equal(squares([1.0, 2.0])([3.0, 4.0]), [16.0, 23.0])


def test_other_shapes_and_other_machines_have_files_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    squares([1.0, 2.0])
    squares([3.0, 4.0])
    assert len(list((tmp_path / "gradwalk").iterdir())) == 1
    squares([1.0, 2.0, 3.0])
    assert len(list((tmp_path / "gradwalk").iterdir())) == 2
    monkeypatch.setattr(native, "identity", lambda: "another machine")
    squares([1.0, 2.0])
    assert len(list((tmp_path / "gradwalk").iterdir())) == 3


def test_the_cache_is_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert native.cache_folder() == tmp_path / "gradwalk"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert native.cache_folder() == tmp_path / ".cache" / "gradwalk"


def test_without_the_compiler_the_error_tells_the_remedy() -> None:
    source = """
import sys
sys.modules["llvmlite"] = sys.modules["llvmlite.binding"] = sys.modules["numba"] = None
from autograd import Tensor
from autograd.replay import record
print(record(lambda x: x * x, Tensor([3.0], requires_grad=True))([2.0]))
try:
    record(lambda x: x * x, Tensor([3.0], requires_grad=True), backend="numba")
except ImportError as error:
    print(error)
"""
    found = in_a_new_process(source)
    assert found.startswith("[4.]\n")
    assert "pip install 'gradwalk[fast]'" in found
    assert "backend='numpy'" in found


def test_a_compiler_that_is_too_old_is_told() -> None:
    source = """
import llvmlite.binding
llvmlite.binding.llvm_version_info = (15, 0, 7)
try:
    import autograd.replay.arrays.compiled
except ImportError as error:
    print(error)
"""
    found = in_a_new_process(source)
    assert "15.0.7" in found
    assert "pip install --upgrade 'gradwalk[fast]'" in found


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    source = """
import sys
from autograd import Tensor
from autograd.replay import record
record(lambda x: x * x, Tensor([3.0], requires_grad=True))([2.0])
print([name for name in ("numba", "llvmlite") if name in sys.modules])
"""
    assert in_a_new_process(source) == "[]"


def test_machines_with_other_vectors_compute_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code for shorter vectors runs here too: half and a quarter of a 64-byte register."""
    import nn.functional as F
    from autograd.replay.arrays.compiled.assembly import Machine
    from tests.replay.comparison import Comparison

    for vectors in (Machine(32, 16), Machine(16, 16)):
        monkeypatch.setattr(native, "machine", lambda vectors=vectors: vectors)
        compared = Comparison(
            lambda x, w, b: F.max_pool2d(F.conv2d(x, w, b, padding=1).relu(), 2),
            ((2, 3, 7, 9), (5, 3, 3, 3), (5,)), np.float32, rounded=True,
        )  # fmt: skip
        compared.program = Program(compared.program.tape, backend="numba")
        compared.holds_on_other_numbers()
