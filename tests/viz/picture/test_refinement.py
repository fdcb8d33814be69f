"""Colour refinement beside its definition, worked out in dictionaries."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from viz.picture.refinement import Refinement, Uses

Edge = tuple[int, int, int]

COUNT = 10
COLOURS = st.lists(st.integers(0, 3), min_size=COUNT, max_size=COUNT)
EDGES = st.lists(st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1), st.integers(0, 2)), max_size=30)


def uses_of(edges: list[Edge]) -> Uses:
    sources, targets, places = np.array(edges, dtype=int).reshape(-1, 3).T
    return Uses(sources, targets, places)


def one_round(colours: list[Any], edges: list[Edge]) -> list[Any]:
    """By the definition: the colour, the arguments' colours with their number, the set of colours that use the item."""
    described = []
    for item, colour in enumerate(colours):
        arguments = sorted(repr((place, colours[source])) for source, target, place in edges if target == item)
        results = {repr((place, colours[target])) for source, target, place in edges if source == item}
        described.append((colour, tuple(arguments), tuple(sorted(results))))
    names: dict[Any, int] = {}
    return [names.setdefault(each, len(names)) for each in described]


def partition(colours: Any) -> set[frozenset[int]]:
    classes: dict[Any, set[int]] = {}
    for item, colour in enumerate(colours):
        classes.setdefault(int(colour), set()).add(item)
    return {frozenset(members) for members in classes.values()}


@given(COLOURS, EDGES)
def test_every_round_is_the_definition_s(colours: list[int], edges: list[Edge]) -> None:
    refinement = Refinement(np.array(colours), uses_of(edges))
    assert partition(refinement.colours) == partition(colours)
    for _ in range(COUNT + 1):
        before = partition(colours)
        colours = one_round(colours, edges)
        told_apart = refinement.advance()
        assert partition(refinement.colours) == partition(colours)
        assert refinement.count == len(partition(colours))
        assert (told_apart == 0) == (before == partition(colours))
    assert told_apart == 0


@given(COLOURS, EDGES, st.integers(1, COUNT))
def test_a_round_that_exceeds_the_limit_changes_nothing(colours: list[int], edges: list[Edge], limit: int) -> None:
    refinement = Refinement(np.array(colours), uses_of(edges))
    before = refinement.colours.copy()
    expected = len(partition(one_round(colours, edges)))
    told_apart = refinement.advance(limit)
    assert (told_apart is None) == (expected > limit)
    if told_apart is None:
        assert (refinement.colours == before).all()
        assert refinement.count == len(partition(before))


@given(COLOURS, EDGES, st.sets(st.integers(0, COUNT - 1)))
def test_split_items_are_told_apart_from_there_on(colours: list[int], edges: list[Edge], items: set[int]) -> None:
    refinement = Refinement(np.array(colours), uses_of(edges))
    while refinement.advance():
        pass
    refinement.split(np.array(sorted(items), dtype=int))
    expected: list[Any] = [-1 - item if item in items else colour for item, colour in enumerate(colours)]
    for _ in range(2 * COUNT):
        expected = one_round(expected, edges)
        refinement.advance()
    assert partition(refinement.colours) == partition(expected)


def test_a_sum_of_three_terms_is_none_of_four_but_a_term_of_two_sums_is_one_of_three() -> None:
    def final(edges: list[Edge], count: int) -> set[frozenset[int]]:
        refinement = Refinement(np.array([0] * count), uses_of(edges))
        while refinement.advance():
            pass
        return partition(refinement.colours)

    sums = [(0, 7, 0), (1, 7, 0), (2, 7, 0), (3, 8, 0), (4, 8, 0), (5, 8, 0), (6, 8, 0)]
    assert frozenset({7, 8}) not in final(sums, 9)
    shared = [(0, 2, 0), (0, 3, 0), (1, 4, 0), (1, 5, 0), (1, 6, 0)]
    assert frozenset({0, 1}) in final(shared, 7)


def test_no_uses_and_no_items() -> None:
    none = uses_of([])
    assert Refinement(np.array([5, 5, 9]), none).advance() == 0
    assert Refinement(np.array([], dtype=int), none).advance() == 0
