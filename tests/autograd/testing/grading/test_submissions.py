"""Students' files and notebooks: what is read, what cannot be, and that one does not disturb the next."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd.testing import Exercise, grade

SPEC = [Exercise("square", (np.array([1.0, -2.0, 0.5]),), lambda x: x * x, points=3)]
RIGHT = "def square(x):\n    return x * x\n\n\ndef square_back(dout, x):\n    return 2 * x * dout\n"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def notebook(path: Path, *cells: str) -> Path:
    held = [{"cell_type": "markdown", "source": "words"}]
    held += [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return written(path, json.dumps({"cells": held, "nbformat": 4}))


def test_a_file_by_its_path(tmp_path: Path) -> None:
    path = written(tmp_path / "ada.py", RIGHT)
    assert grade(path, SPEC)
    assert grade(str(path), SPEC).students == ("ada",)


def test_a_notebook_is_read_cell_by_cell(tmp_path: Path) -> None:
    path = notebook(
        tmp_path / "grace.ipynb",
        "%matplotlib inline\n!ls\nfactor = 2",
        "%%html\n<b>no Python</b>",
        "if factor:\n    %time\n    pass\n",
        RIGHT.replace("2 *", "factor *"),
        "plot(square)",
    )
    assert grade(path, SPEC)


def test_the_line_of_an_error_is_told(tmp_path: Path) -> None:
    text = RIGHT.replace("    return 2 * x * dout", "    y = 2 * x\n    return y * upstream")
    mark = grade(written(tmp_path / "ada.py", text), SPEC).of(part="x")[0]
    assert mark.diagnosis == "NameError: name 'upstream' is not defined (ada.py, line 7)"
    mark = grade(notebook(tmp_path / "ada.ipynb", "pass", text), SPEC).of(part="x")[0]
    assert mark.diagnosis.endswith("(ada.ipynb, cell 2, line 7)")


@pytest.mark.parametrize(
    "text, said",
    [
        ("def square(x)\n    return x", "ada.py, line 1: expected ':'"),
        ("import no_such_module\n" + RIGHT, "ada.py raises ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise SystemExit\n", "ada.py raises SystemExit"),
        ("while True: pass\n", "ada.py takes longer than 0.3 s to be read"),
        ("def sqare(x): pass\n", "is it sqare?"),
        ("square = 3\n", "square is no function but int"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, text: str, said: str) -> None:
    grades = grade(written(tmp_path / "ada.py", text), SPEC, seconds=0.3)
    assert [mark.verdict for mark in grades] == ["missing"] * 3
    assert said in grades[0].diagnosis


def test_what_stands_before_an_error_counts(tmp_path: Path) -> None:
    assert grade(written(tmp_path / "ada.py", RIGHT + "\nassert square(2) == 5\n"), SPEC)


def test_the_first_cell_that_failed_is_named_where_a_function_is_missing(tmp_path: Path) -> None:
    path = notebook(tmp_path / "ada.ipynb", "import nothing_like_it", "x = y", "z = 1")
    assert grade(path, SPEC)[0].diagnosis == (
        "there is no function square (ada.ipynb, cell 1 raises ModuleNotFoundError: No module named 'nothing_like_it')"
    )


def test_a_broken_notebook_is_told(tmp_path: Path) -> None:
    for text in ("{", "[]", '{"cells": 3}'):
        assert "ada.ipynb is no notebook" in grade(written(tmp_path / "ada.ipynb", text), SPEC)[0].diagnosis


def test_several_students_with_modules_of_the_same_name(tmp_path: Path) -> None:
    """Each file imports what lies beside it, and nothing of it is left for the next."""
    paths = []
    for student, factor in (("ada", 2), ("kurt", 3)):
        (tmp_path / student).mkdir()
        written(tmp_path / student / "helper.py", f"factor = {factor}\n")
        text = f"from helper import factor\n{RIGHT.replace('2 *', 'factor *')}"
        paths.append(written(tmp_path / student / f"{student}.py", text))
    before, folders = set(sys.modules), list(sys.path)
    for given in (paths, dict(zip(("Ada", "Kurt"), paths, strict=True))):
        grades = grade(given, SPEC)
        assert [mark.verdict for mark in grades.of(part="x")] == ["right", "wrong"]
    assert grades.students == ("Ada", "Kurt")
    assert not {name for name in set(sys.modules) - before if "helper" in name or "submission" in name}
    assert sys.path == folders


def test_dataclasses_find_their_module(tmp_path: Path) -> None:
    head = "from __future__ import annotations\nfrom dataclasses import dataclass\n"
    head += "@dataclass\nclass Cache:\n    x: int\n"
    assert grade(written(tmp_path / "ada.py", head + RIGHT), SPEC)


def test_several_dicts_of_functions() -> None:
    right: dict[str, Any] = {}
    exec(RIGHT, right)
    grades = grade({"ada": right, "kurt": {"square": right["square"]}}, SPEC)
    assert [mark.verdict for mark in grades.of("kurt")] == ["right", "missing", "missing"]


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        grade(tmp_path / "nobody.py", SPEC)
    with pytest.raises(TypeError, match=r"ada\.txt is neither \.py nor \.ipynb"):
        grade(written(tmp_path / "ada.txt", ""), SPEC)
