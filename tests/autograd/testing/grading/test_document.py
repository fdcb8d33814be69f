"""The assignment of document 004, its references, and the page that shows it graded."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradwalk.assignments import layers
from tests.seeds import seed_formulas as document

DOCS = Path(__file__).resolve().parents[4] / "docs"
PAGE = (DOCS / "grading.md").read_text(encoding="utf-8")
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def making() -> Any:
    found = importlib.util.spec_from_file_location("make_grading", DOCS / "make_grading.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_references_are_the_documents_formulas() -> None:
    x, w, b, image = (RNG.normal(size=shape) for shape in [(5,), (3, 5), (3,), (5, 6, 2)])
    kernel, bias, label = RNG.normal(size=(3, 3, 2, 4)), RNG.normal(size=4), np.eye(5)[2]
    for found, expected in [
        (layers.fc(x, w, b), document.fc(x, w, b)),
        (layers.relu(x), document.relu(x)),
        (layers.loss_cross_entropy_softmax(x, label), document.loss_cross_entropy_softmax(x, label)[0]),
        (layers.maxpool(image, 2, 2), document.maxpool(image, 2, 2)),
        (layers.maxpool(image, 3, 1), document.maxpool(image, 3, 1)),
        (layers.conv(image, kernel, bias), document.conv(image, kernel, bias)),
    ]:
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.uncounted
def test_the_pages_table_is_what_grading_says(making: Any) -> None:
    grades = making.graded()
    assert making.with_table(PAGE, str(grades)) == PAGE, "run python docs/make_grading.py"
    assert grades.of("ada")
    assert grades.of("ada").points == 20.0
    wrong = {(mark.student, mark.exercise, mark.part) for mark in grades if mark.verdict != "right"}
    assert {(exercise, part) for student, exercise, part in wrong if student == "emmy"} == {
        ("FC", "w"), ("Relu", "x"), ("Relu", "contracts"), ("loss_cross_entropy_softmax", "value"),
        ("Conv", "x"), ("Conv", "w"),
    }  # fmt: skip
    assert {(exercise, part) for student, exercise, part in wrong if student == "grace"} == {
        ("Relu", "contracts"), ("Maxpool", "x"), ("Maxpool", "contracts")
    }  # fmt: skip
    verdicts = {mark.verdict for mark in grades.of("kurt")}
    assert verdicts == {"right", "wrong", "wrong shape", "missing", "raised", "too slow", "not looked at"}


def test_a_table_that_is_out_of_date_is_seen(making: Any) -> None:
    assert making.with_table(PAGE, "student\nnobody") != PAGE
    assert "nobody\n```" in making.with_table(PAGE, "student\nnobody")


def test_the_pages_examples_run() -> None:
    block = re.search(r"^```python\n(>>> .*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert block is not None
    test = doctest.DocTestParser().get_doctest(block[1], {}, "grading.md", None, 0)
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert not said, "".join(said)
