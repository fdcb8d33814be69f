"""Long sums as one box: which additions belong to it, its terms, what it says of them."""

import random
from collections.abc import Set

import numpy as np
import pytest

from autograd import Tensor, Value, scope
from autograd.node import Node, graph_nodes
from autograd.primitives.structural import sum_
from viz import Picture, PictureNode, make_picture
from viz.picture.parts import Part, single
from viz.picture.sums import with_sums
from viz.picture.view import View


def sums(root: Node, kept: Set[int] = frozenset()) -> list[Part]:
    parts = with_sums([single(node) for node in graph_nodes(root)], kept)
    members = [node.id for part in parts for node in part.members]
    assert sorted(members) == [node.id for node in graph_nodes(root)]  # each node once
    assert [part.results[0].id for part in parts] == sorted(part.results[0].id for part in parts)
    return [part for part in parts if part.kind == "sum"]


def values(count: int) -> list[Value]:
    return [Value(float(place + 1)) for place in range(count)]


def total(values: list[Value]) -> Value:
    """Their sum as one node."""
    return sum_(values)  # type: ignore[no-any-return]


def folded(root: Node, names: dict[int, str] | None = None, limit: int = 1) -> Picture:
    return make_picture(root, names, View(max_nodes=limit))


def the_sum(picture: Picture) -> PictureNode:
    (found,) = [node for node in picture.nodes if node.kind == "sum"]
    return found


# ---- which additions belong together ------------------------------------------------------------------------------


def test_a_chain_of_additions_is_a_sum_with_its_terms_from_left_to_right() -> None:
    a, b, c, d = values(4)
    root = a + b + c + d
    (found,) = sums(root)
    assert found.terms == (a, b, c, d)
    assert found.results == (root,)
    assert len(found.members) == 3


def test_a_term_in_parentheses_is_a_result_of_its_own() -> None:
    a, b, c, d, e = values(5)
    inner = c + d
    (found,) = sums(a + b + inner + e)
    assert found.terms == (a, b, inner, e)
    within = c + d + e
    assert {part.terms for part in sums(a + b + within)} == {(a, b, within), (c, d, e)}
    assert sums(a + (b + (c + d))) == []


def test_a_result_that_is_used_twice_is_a_term() -> None:
    a, b, c, d = values(4)
    both = a + b
    (found,) = sums(both + c + d + both * 2.0)
    assert [term.op for term in found.terms] == ["+", "", "", "×"]
    doubled = sums(both + both + c)
    assert doubled[0].terms == (both, both, c)


def test_two_terms_are_an_addition_like_any_other() -> None:
    a, b, c = values(3)
    assert sums((a + b) * c) == []
    assert len(sums((a + b + c) * c)) == 1


def test_a_kept_node_ends_the_sum() -> None:
    a, b, c, d = values(4)
    three = a + b + c
    (found,) = sums(three + d, {three.id})
    assert found.results == (three,)
    (found,) = sums(three + d)
    assert found.terms == (a, b, c, d)


def test_the_zero_that_sum_starts_from_is_no_term() -> None:
    terms = values(5)
    (found,) = sums(sum(terms))
    assert found.terms == tuple(terms)
    assert len(found.members) == 6  # five additions and the 0
    zero = Value(0.0, requires_grad=False)
    (found,) = sums(zero + terms[0] + terms[1] + zero)
    assert found.terms == (zero, terms[0], terms[1], zero)  # what is used otherwise too is a term
    (found,) = sums(zero + terms[0] + terms[1], {zero.id})
    assert found.terms == (zero, terms[0], terms[1])
    assert sums(zero + terms[0] + terms[1]) == []
    (found,) = sums(terms[0] + Value(0.0, requires_grad=False) + terms[1])
    assert len(found.terms) == 3  # only at the beginning


def test_a_sum_of_values_in_one_node_is_a_sum_too() -> None:
    terms = values(6)
    (found,) = sums(total(terms))
    assert found.terms == tuple(terms)
    (found,) = sums(total(terms[:3]) + terms[3] + terms[4])
    assert found.terms == tuple(terms[:5])
    assert len(found.members) == 3
    inner = terms[0] + terms[1]
    (found,) = sums(total([inner, terms[2], terms[3]]))
    assert found.terms == (inner, terms[2], terms[3])


def test_arrays_are_added_too_but_the_sum_of_one_array_is_none() -> None:
    a, b, c = (Tensor(np.full((2, 2), float(place)), requires_grad=True) for place in range(3))
    three = a + b + c
    assert sums(three.sum())[0].results == (three,)
    assert sums(a.sum()) == []


def test_a_scope_is_not_left() -> None:
    a, b, c, d = values(4)
    with scope("inside"):
        three = a + b + c
    (found,) = sums(three + d)
    assert found.results == (three,)
    with scope("inside"):
        first = a + b
    with scope("inside"):  # another call
        assert sums(first + c) == []


@pytest.mark.uncounted
def test_the_largest_sum_and_the_smallest() -> None:
    terms = values(20_000)
    (found,) = sums(sum(terms[1:], start=terms[0]))
    assert found.terms == tuple(terms)


# ---- what the box says --------------------------------------------------------------------------------------------


def test_the_box_shows_its_largest_terms_with_their_signs() -> None:
    terms = [Value(number) for number in (0.01, 0.28, -0.2, 0.31, *[0.001] * 96)]
    loss = sum(terms[1:], start=terms[0])
    loss.backward()
    box = the_sum(folded(loss, {loss.id: "loss"}, limit=20))
    assert (box.name, box.op, box.formula, box.count, box.times) == ("loss", "Σ", "Σ of 100 terms", 99, 1)
    assert box.note == "0.31 + 0.28 − 0.2 + 97 more"
    assert (box.value, box.gradient) == (("0.496",), "1")


@pytest.mark.parametrize(
    "numbers, note",
    [
        ([-1.0, -3.0, 2.0], "−3 + 2 − 1"),
        ([1.0, 2.0, 3.0, 4.0], "4 + 3 + 2 + 1"),
        ([1.0, 2.0, 3.0, 4.0, 5.0], "5 + 4 + 3 + 2 more"),
        ([1.0, float("nan"), 2.0, 3.0, float("-inf")], "NaN − ∞ + 3 + 2 more"),
        ([0.0, 0.0, 0.0], "0 + 0 + 0"),
    ],
)
def test_terms_are_written_with_their_signs(numbers: list[float], note: str) -> None:
    assert the_sum(folded(total([Value(number) for number in numbers]))).note == note


def test_terms_that_are_arrays_go_by_their_names() -> None:
    terms = [Tensor([[size, -1.0]], requires_grad=True, name=f"t{place}") for place, size in enumerate((2.0, 9.0, 5.0))]
    assert the_sum(folded(terms[0] + terms[1] + terms[2], limit=4)).note == "t1 + t2 + t0"


def test_equal_sums_say_what_each_of_them_adds() -> None:
    random.seed(0)
    bias, weights = Value(0.5), values(4)
    outputs = []
    for _ in range(30):
        inputs = [Value(random.uniform(-1, 1)) for _ in range(4)]
        weighed = bias
        for w, x in zip(weights, inputs, strict=True):
            weighed = weighed + w * x
        outputs.append(weighed.tanh())
    names = {bias.id: "b"} | {w.id: f"w[{place}]" for place, w in enumerate(weights)}
    picture = make_picture(sum(outputs), names, View(max_nodes=40))
    box, _ = [node for node in picture.nodes if node.kind == "sum"]
    assert (box.formula, box.times, box.count) == ("Σ of 5 terms", 30, 120)
    assert box.note == "each adds 4 of V₂ and b"
    assert picture.nodes[[node.name for node in picture.nodes].index("V₂")].formula == "w·V₁"


def test_sums_of_different_lengths_claim_no_length() -> None:
    product = Value(1.0)
    for place in range(60):
        product = product * total(values(3 + place % 7))
    box = the_sum(make_picture(product, view=View(max_nodes=10)))
    assert (box.formula, box.times, box.note) == ("Σ", 60, "terms: V₁")
