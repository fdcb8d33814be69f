"""The catalogue of hand-made mistakes: each is named as what it is, where it was made, and nothing else is accused."""

from __future__ import annotations

import pytest

from autograd.testing import check_by_hand
from tests.autograd.by_hand.catalogue import CASES, Case


def is_named(case: Case) -> bool:
    """Whether every wrong answer, and at least one of each place named, has the right slip."""
    check = check_by_hand(case.root, case.answers)
    wrong = [row for row in check if row.verdict == "wrong"]
    places = {row.symbol for row in wrong} | {row.array for row in wrong if row.array}
    return set(case.at) <= places and all(
        row.slip == case.slip and (row.symbol in case.at or row.array in case.at) for row in wrong
    )


@pytest.mark.parametrize("name", CASES)
def test_the_slip_is_named(name: str) -> None:
    assert is_named(CASES[name]())


def test_the_catalogue_is_large_and_varied() -> None:
    slips = [build().slip for build in CASES.values()]
    assert len(slips) >= 100
    assert len(set(slips)) >= 35
