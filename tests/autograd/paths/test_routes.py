"""Routes through small graphs against their enumeration, and through graphs that nobody can enumerate."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given

from autograd.paths.routes import Arrow, count, product_of, total
from autograd.paths.search import CLOSED, by_size, ranked
from tests.autograd.paths.bars import takes_at_most
from tests.autograd.support import examples, seeds

Arrows = list[list[Arrow]]
PLAIN = [2.0, -3.0, 0.5, 1.0, -1.0, 0.25, 1.0]
ODD = [*PLAIN, 0.0, -0.0, False, True, math.inf, -math.inf, math.nan]


def random_arrows(seed: int, weights: list[float]) -> Arrows:
    """Up to nine nodes, of which each leads to the last and is reached from the first; arrows may be parallel."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 10))
    arrows: Arrows = [[] for _ in range(size)]
    for node in range(size - 1):
        targets = [node + 1, *rng.integers(node + 1, size, size=rng.integers(0, 3)).tolist()]
        rng.shuffle(targets)
        arrows[node] = [Arrow(target, weights[rng.integers(len(weights))]) for target in targets]
    return arrows


def enumerated(arrows: Arrows, node: int = 0) -> Iterator[tuple[int, ...]]:
    """Every route by the places of its arrows, in their order."""
    if node == len(arrows) - 1:
        yield ()
        return
    for place, arrow in enumerate(arrows[node]):
        for rest in enumerated(arrows, arrow.target):
            yield (place, *rest)


def weights_of(arrows: Arrows, places: tuple[int, ...]) -> list[float]:
    weights = []
    node = 0
    for place in places:
        node, weight = arrows[node][place]
        weights.append(weight)
    return weights


def size_of(product: float) -> float:
    """NaN comes before infinity, infinity before numbers."""
    return math.inf if math.isnan(product) else 1e300 if math.isinf(product) else abs(product)


@examples(400)
@given(seed=seeds)
def test_counts_totals_and_the_largest_are_those_of_the_enumeration(seed: int) -> None:
    arrows = random_arrows(seed, PLAIN)
    routes = list(enumerated(arrows))
    products = [math.prod(weights_of(arrows, route)) for route in routes]
    assert count(arrows) == len(routes)
    assert total(arrows) == pytest.approx(math.fsum(products), rel=1e-12, abs=1e-12 * math.fsum(map(abs, products)))
    assert total(arrows, absolute=True) == pytest.approx(math.fsum(map(abs, products)), rel=1e-12)
    expected = sorted(zip((-abs(product) for product in products), routes, strict=True))
    found = sorted(ranked(arrows), key=lambda route: by_size(arrows, route))
    assert [route.places for route in found] == [route for _, route in expected]
    for route, (size, _) in zip(found, expected, strict=True):
        assert route.rank == pytest.approx(math.log(-size), abs=1e-12)


@examples(400)
@given(seed=seeds)
def test_the_search_is_in_order_as_it_goes(seed: int) -> None:
    """Whoever asks for three routes gets the three largest, without the others having been looked at."""
    arrows = random_arrows(seed, ODD)
    products = {route: product_of(weights_of(arrows, route)) for route in enumerated(arrows)}
    sizes = sorted(map(size_of, products.values()), reverse=True)
    found = list(ranked(arrows))
    assert len({route.places for route in found}) == len(found) == len(products)
    assert [size_of(products[route.places]) for route in found] == pytest.approx(sizes, rel=1e-12)
    for most in (1, 3):
        assert list(itertools.islice(ranked(arrows), most)) == found[:most]
    for route in found:
        assert (route.rank == CLOSED) == (products[route.places] == 0.0)


@examples(300)
@given(seed=seeds)
def test_equal_routes_are_in_the_order_of_their_arrows(seed: int) -> None:
    arrows = random_arrows(seed, [1.0, -1.0])
    assert [route.places for route in ranked(arrows)] == list(enumerated(arrows))
    closed = random_arrows(seed, [0.0])
    assert [route.places for route in ranked(closed)] == list(enumerated(closed))


@pytest.mark.parametrize(
    "weights, expected",
    [
        ([], 1.0),
        ([2.0, -3.0], -6.0),
        ([0.0, math.inf], 0.0),  # what received nothing hands on nothing
        ([0.0, math.nan], 0.0),
        ([math.inf, 0.0], math.nan),
        ([math.inf, False], 0.0),  # a closed gate lets nothing through
        ([math.nan, False], 0.0),
        ([math.nan, 0.0], math.nan),
        ([math.inf, -2.0], -math.inf),
        ([True, 2.0], 2.0),
        ([1e200, 1e200, 1e-300], math.inf),  # a product is that of floats
    ],
)
def test_products_with_zeros_and_infinities(weights: list[float], expected: float) -> None:
    found = product_of(weights)
    assert type(found) is float
    assert found == expected or (math.isnan(found) and math.isnan(expected))


def test_the_order_of_large_and_small_products_survives_their_overflow() -> None:
    """Three routes whose products are 0 and infinity as floats, and are ranked by their logarithms."""
    length = 400
    arrows: Arrows = [[Arrow(1, 1.0), Arrow(length + 1, 1.0), Arrow(2 * length + 1, 1.0)]]
    for start, weight in ((1, 1e-10), (length + 1, 1e10), (2 * length + 1, 2e-10)):
        arrows += [[Arrow(node + 1, weight)] for node in range(start, start + length - 1)]
        arrows += [[Arrow(3 * length + 1, weight)]]
    arrows.append([])
    found = list(ranked(arrows))
    assert [route.places[0] for route in found] == [1, 2, 0]
    assert found[0].rank == pytest.approx(length * math.log(1e10))


def doubling(nodes: int, doubled: int, weights: Iterator[float]) -> Arrows:
    """A chain in which so many links, spread over it, are double."""
    every = nodes // doubled
    return [
        [Arrow(node + 1, next(weights)) for _ in range(2 if node % every == 0 and node // every < doubled else 1)]
        for node in range(nodes - 1)
    ] + [[]]


def test_ten_thousand_nodes_and_ten_to_the_fifty_routes() -> None:
    rng = np.random.default_rng(1)
    arrows = doubling(10_000, 167, iter(rng.uniform(0.6, 1.5, size=20_000).tolist()))
    with takes_at_most(1.0):
        number = count(arrows)
        whole = total(arrows)
        best = list(itertools.islice(ranked(arrows), 20))
    assert number == 2**167 > 10**50
    assert 0 < whole < math.inf
    assert whole == pytest.approx(math.prod(math.fsum(arrow.weight for arrow in leaving) for leaving in arrows[:-1]))
    # The largest takes the larger of every pair; each further one gives up as little as it can.
    steps = sorted(
        math.log(max(pair) / min(pair))
        for pair in ([a.weight for a in leaving] for leaving in arrows)
        if len(pair) == 2
    )
    losses = sorted(sum(chosen) for size in range(7) for chosen in itertools.combinations(steps[:12], size))
    top = sum(math.log(max(arrow.weight for arrow in leaving)) for leaving in arrows[:-1])
    np.testing.assert_allclose([route.rank for route in best], top - np.array(losses[:20]), rtol=1e-9)


def test_many_arrows_into_one_node() -> None:
    rng = np.random.default_rng(2)
    weights = rng.normal(size=5000)
    arrows = [[Arrow(1, float(weight)) for weight in weights], [Arrow(2, 1.0), Arrow(2, -0.5)], []]
    assert count(arrows) == 10_000
    found = [route.places for route in itertools.islice(ranked(arrows), 3)]
    order = np.argsort(-np.abs(weights))
    assert found[0] == (order[0], 0)
    assert len(set(found)) == 3
