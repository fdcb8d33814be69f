"""The marks as text, HTML, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np

from autograd.testing import Exercise, Grades, Mark, grade

THIRD = 1.0 / 3.0
MARKS = [
    Mark("ada", "relu", "value", "right", THIRD, THIRD, ""),
    Mark("ada", "relu", "x", "right", THIRD, THIRD, ""),
    Mark("ada", "relu", "contracts", "right", THIRD, THIRD, ""),
    Mark("<kurt>", "relu", "value", "right", THIRD, THIRD, ""),
    Mark("<kurt>", "relu", "x", "wrong", 0.0, THIRD, "a < b, \"c\""),
    Mark("<kurt>", "relu", "contracts", "raised", 0.0, THIRD, "=HYPERLINK(1)"),
]  # fmt: skip


def test_thirds_add_up_to_one() -> None:
    grades = Grades(MARKS)
    assert grades.of("ada").points == grades.of("ada").most == 1.0
    assert (grades.points, grades.most) == (1.333333333, 2.0)
    assert grades.of("ada")
    assert not grades
    assert len(grades.of(exercise="relu", part="x")) == 2
    assert not list(grades.of("nobody"))


def test_one_student_as_text() -> None:
    assert str(Grades(MARKS).of("<kurt>")) == (
        "exercise  part       points         verdict  diagnosis\n"
        "relu      value      0.3333/0.3333  right\n"
        "relu      x          0/0.3333       wrong    a < b, \"c\"\n"
        "relu      contracts  0/0.3333       raised   =HYPERLINK(1)\n"
        "0.3333 of 1 points"
    )  # fmt: skip


def test_several_students_as_text() -> None:
    overview, wrong = str(Grades(MARKS)).split("\n\n")
    assert overview.splitlines() == [
        "student  relu    points", "ada      1       1", "<kurt>   0.3333  0.3333", "of       1       1"
    ]  # fmt: skip
    assert [line.split()[:3] for line in wrong.splitlines()[1:]] == [
        ["<kurt>", "relu", "x"], ["<kurt>", "relu", "contracts"]
    ]  # fmt: skip
    assert repr(Grades(MARKS)) == "<Grades: 2 students, 1.333 of 2 points>"


def test_html_escapes_what_students_wrote() -> None:
    page = Grades(MARKS)._repr_html_()
    assert page.count("<table>") == page.count("</table>") == 2
    assert "&lt;kurt&gt;" in page
    assert "a &lt; b" in page
    assert "<kurt>" not in page
    assert Grades(MARKS[:3])._repr_html_().endswith("<p>1 of 1 points</p>")


def test_csv_reads_back_and_holds_no_formula(tmp_path: Path) -> None:
    text = Grades(MARKS).to_csv(tmp_path / "marks.csv")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["student", "exercise", "part", "verdict", "points", "of", "diagnosis"]
    assert [row[:4] for row in rows[1:]] == [list(mark[:4]) for mark in MARKS]
    assert [float(row[4]) for row in rows[1:]] == [mark.points for mark in MARKS]
    assert rows[5][6] == 'a < b, "c"'
    assert rows[6][6] == "'=HYPERLINK(1)"
    assert (tmp_path / "marks.csv").read_text(encoding="utf-8") == text


def test_json_reads_back(tmp_path: Path) -> None:
    text = Grades(MARKS).to_json(tmp_path / "marks.json")
    held = json.loads(text)
    assert held["students"] == {"ada": {"points": 1.0, "of": 1.0}, "<kurt>": {"points": 0.333333333, "of": 1.0}}
    assert [tuple(mark.values()) for mark in held["marks"]] == [mark[:-1] for mark in MARKS]
    assert (tmp_path / "marks.json").read_text(encoding="utf-8") == text


def test_a_report_of_a_wrong_gradient_comes_along() -> None:
    functions = {"cube": lambda x: x**3, "cube_back": lambda dout, x: x * x * dout}
    mark = grade(functions, [Exercise("cube", (np.array([1.0, 2.0]),), lambda x: x**3)]).of(part="x")[0]
    assert mark.report is not None
    assert {element.label for element in mark.report.elements} == {"x[0]", "x[1]"}
    assert all(abs(element.ratio - THIRD) < 1e-9 for element in mark.report.elements)
