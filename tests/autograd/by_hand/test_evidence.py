"""How slips are weighed against each other: by what they explain, what they cost, and what speaks against them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Value
from autograd.testing.by_hand.circuit import Circuit
from autograd.testing.by_hand.evidence import Candidate, choose, told
from autograd.testing.by_hand.marking import mark
from autograd.testing.by_hand.sheet import read_sheet
from autograd.testing.by_hand.situation import Situation

NAN = float("nan")


@pytest.fixture
def situation() -> Situation:
    """Answers for p, q and r, which should be 2.5, 3.5 and 4.5: the first two are wrong, 1.2345 and 6.789."""
    leaves = {name: Value(1.0, name) for name in "pqr"}
    root = leaves["p"] * 2.5 + leaves["q"] * 3.5 + leaves["r"] * 4.5
    circuit = Circuit(root)
    sheet, _ = read_sheet(root, {"p": "1.2345", "q": "6.7890", "r": "4.5000"}, None, None)
    return Situation(circuit, sheet, mark(circuit, sheet), {})


def candidate(slip: str, bits: float, *predicted: float, **options: Any) -> Candidate:
    return Candidate(slip, told(f"{slip} was made"), bits, np.array(predicted), **options)


def test_the_slip_that_explains_more_comes_first(situation: Situation) -> None:
    one = candidate("one", 1.0, 1.2345, 3.5, 4.5)
    both = candidate("both", 4.0, 1.2345, 6.789, 4.5)
    assert [(finding.slip, finding.answers) for finding in choose(situation, [one, both])] == [("both", (0, 1))]


def test_of_two_that_explain_the_same_the_commoner_one_comes_first(situation: Situation) -> None:
    rare, common = candidate("rare", 5.0, 1.2345, 3.5, 4.5), candidate("common", 1.0, 1.2345, 3.5, 4.5)
    (finding,) = choose(situation, [rare, common])
    assert (finding.slip, finding.said, finding.others) == ("common", "common was made", ())


def test_one_that_is_nearly_as_good_is_named_beside_it(situation: Situation) -> None:
    first, second = candidate("first", 1.0, 1.2345, 3.5, 4.5), candidate("second", 1.5, 1.2345, 3.5, 4.5)
    assert choose(situation, [second, first])[0].others == ("second",)


def test_a_cause_goes_before_a_symptom(situation: Situation) -> None:
    symptom = candidate("symptom", 1.0, 1.2345, NAN, NAN, symptom=True, binding=False)
    cause = candidate("cause", 4.0, 1.2345, 3.5, 4.5)
    assert choose(situation, [symptom, cause])[0].slip == "cause"


def test_one_that_would_have_spoilt_a_right_answer_comes_second(situation: Situation) -> None:
    spoiling = candidate("spoiling", 1.0, 1.2345, 3.5, 9.9)
    sparing = candidate("sparing", 1.5, 1.2345, 3.5, 4.5)
    assert choose(situation, [spoiling, sparing])[0].slip == "sparing"
    assert choose(situation, [spoiling])[0].slip == "spoiling"


def test_one_that_leads_to_other_wrong_numbers_comes_second(situation: Situation) -> None:
    amiss = candidate("amiss", 1.0, 1.2345, 9.9, 4.5)
    silent = candidate("silent", 2.5, 1.2345, NAN, NAN)
    assert choose(situation, [amiss, silent])[0].slip == "silent"


def test_what_costs_more_than_it_explains_is_not_named(situation: Situation) -> None:
    assert choose(situation, [candidate("far-fetched", 14.0, 1.2345, 3.5, 4.5)]) == []
    assert choose(situation, [candidate("likely", 8.0, 1.2345, 3.5, 4.5)])
    assert choose(situation, [candidate("likely", 8.0, 1.2345, 3.5, 4.5)], dearer=6.0) == []


def test_what_changes_nothing_or_misses_explains_nothing(situation: Situation) -> None:
    assert choose(situation, [candidate("nothing", 0.0, 2.5, 3.5, 4.5)]) == []
    assert choose(situation, [candidate("near", 0.0, 1.2348, 3.5, 4.5)])[0].answers == (0,)  # within rounding
    assert choose(situation, [candidate("far", 0.0, 1.26, 3.5, 4.5)]) == []


def test_infinities_and_nan_explain_nothing(situation: Situation) -> None:
    wild = candidate("wild", 0.0, float("inf"), NAN, float("-inf"))
    assert choose(situation, [wild]) == []


def test_each_answer_is_explained_once(situation: Situation) -> None:
    findings = choose(
        situation,
        [
            candidate("p by one", 1.0, 1.2345, 3.5, 4.5),
            candidate("p by another", 5.0, 1.2345, 3.5, 4.5),
            candidate("q", 2.0, 2.5, 6.789, 4.5),
        ],
    )
    assert {(finding.slip, finding.answers) for finding in findings} == {("p by one", (0,)), ("q", (1,))}
