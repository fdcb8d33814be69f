"""Every fault of the lab: caught, in its place, gone when it is off, and told of truly."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import Value, functions
from autograd.rule import primitives
from autograd.testing import GradientReport, check_grad
from autograd.testing.faults import FAMILIES, Fault, catalogue, fault, find

FAULTS = catalogue()
EXERCISE = Path(__file__).parents[4] / "docs" / "faults.md"

# Of how many faults the diagnosis names the mistake first or second: measured, so that it does not become less.
DIAGNOSED = {
    "elementwise": 29,
    "structural": 14,
    "reductions": 11,
    "contractions": 9,
    "walk": 8,
    "networks": 17,
    "numerics": 10,
}

each_fault = pytest.mark.parametrize("each", FAULTS, ids=lambda each: each.name)


@cache
def report_of(name: str) -> GradientReport:
    """What `check_grad` says, called as a user would, while a fault is on."""
    function, inputs = find(name).trigger()
    with fault(name), np.errstate(all="ignore"):
        return check_grad(function, *inputs, raises=False)


@each_fault
def test_the_check_catches_the_fault_and_names_its_place(each: Fault) -> None:
    report = report_of(each.name)
    assert report.verdict == "fail"
    assert {place.operation for place in report.places} == ({each.where} if each.where else set())


@pytest.mark.uncounted
@each_fault
def test_the_same_check_passes_while_the_fault_is_off(each: Fault) -> None:
    function, inputs = each.trigger()
    with fault(each):
        pass
    assert check_grad(function, *inputs).verdict == "pass"


@pytest.mark.parametrize("family", FAMILIES)
def test_the_diagnosis_names_as_many_mistakes_as_were_measured(family: str) -> None:
    named = [each.name for each in catalogue(family) if set(report_of(each.name).causes[:2]) & set(each.causes)]
    print(f"{family}: the diagnosis names {len(named)} of {len(catalogue(family))}")
    assert len(named) >= DIAGNOSED[family], sorted({each.name for each in catalogue(family)} - set(named))


def test_four_diagnoses_of_five_are_right() -> None:
    assert sum(DIAGNOSED.values()) >= 0.8 * len(FAULTS)


def test_the_catalogue_has_sixty_faults_with_names_of_their_own() -> None:
    assert len(FAULTS) >= 60
    assert max(Counter(each.name for each in FAULTS).values()) == 1
    assert {each.family for each in FAULTS} == set(FAMILIES)


PROJECTS = (
    "PyTorch|burn|HIPS|MyGrad|Karpathy|micrograd|tinygrad|SmallPebble|Caffe|Coursera|Flux|neon|cTensor|ONNX|MXNet"
)


def test_a_fault_tells_its_story_in_sentences_and_a_historical_one_names_its_project() -> None:
    for each in FAULTS:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", each.name), each
        assert each.title.endswith("."), each
        assert each.story.endswith("."), each
        assert each.causes, each
        assert not each.historical or re.search(PROJECTS, each.story), each


def test_the_place_is_a_primitive_or_an_operation_written_by_hand() -> None:
    by_hand = {"softmax", "cross_entropy", "standardize", "average", "dropout", "leaky_relu", "gelu"}
    reductions = {"mean", "var", "prod"}
    known = {rule.name for rule in primitives()} | by_hand | reductions | {"detach", "the backward pass", ""}
    assert {each.where for each in FAULTS} <= known


def test_a_trigger_is_an_ordinary_input() -> None:
    """No zeros, no ties but those of a symmetric matrix, and its own each time: what a user would try first."""
    for each in FAULTS:
        for x, other in zip(each.trigger().inputs, each.trigger().inputs, strict=True):
            numbers = np.asarray(getattr(x, "_data", x))
            assert other is not x, each
            assert np.array_equal(np.asarray(getattr(other, "_data", other)), numbers), each
            assert np.all(numbers != 0), each
            symmetric = numbers.ndim == 2 and np.array_equal(numbers, numbers.T)
            assert symmetric or numbers.size == len(np.unique(np.abs(numbers))), each


def test_a_family_or_a_name_that_is_none_is_refused_with_what_there_is() -> None:
    with pytest.raises(LookupError, match="no family is named 'walks'; there are elementwise"):
        catalogue("walks")
    with pytest.raises(LookupError, match="did you mean 'cos_without_minus'"):
        find("cos_without_minu")


def table() -> list[str]:
    """The table of the exercise, as the catalogue has it."""
    lines: list[str] = []
    for family in FAMILIES:
        lines += ["", f"### {family}", "", "| name | the mistake | its story | place |", "|---|---|---|---|"]
        for each in catalogue(family):
            cells = (f"`{each.name}`", each.title, each.story, each.where or "—")
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines


def test_the_table_of_the_exercise_is_that_of_the_catalogue() -> None:
    text = EXERCISE.read_text(encoding="utf-8")
    told = text[text.index("<!-- table -->") + len("<!-- table -->") : text.index("<!-- end of table -->")]
    assert told.strip() == "\n".join(table()).strip()
    assert f"{len(FAULTS)} faults" in text


def test_the_code_of_the_exercise_runs(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", EXERCISE.read_text(encoding="utf-8"), flags=re.DOTALL)
    for block in blocks:
        exec(block, {})
    assert "the operation 'broadcast_to'" in capsys.readouterr().out
    assert len(blocks) == 2


@pytest.mark.parametrize("name", ["dropout_not_scaled", "cross_entropy_not_averaged", "mean_without_divisor"])
def test_values_go_the_right_way_through_what_is_written_by_hand(name: str) -> None:
    rows = [[Value(0.5), Value(-1.0), Value(2.0)], [Value(1.5), Value(0.25), Value(-0.5)]]
    calls: dict[str, Any] = {
        "dropout_not_scaled": lambda: F.dropout(rows, 0.5, rng=np.random.default_rng(0)).sum(),
        "cross_entropy_not_averaged": lambda: F.cross_entropy(rows, np.array([0, 2])),
        "mean_without_divisor": lambda: functions.mean(rows),
    }
    calls[name]().backward()
    right = [x.grad for row in rows for x in row]
    for row in rows:
        for x in row:
            x.zero_grad()
    with fault(name):
        calls[name]().backward()
    assert [x.grad for row in rows for x in row] == right
    assert any(right)
