"""Embeddings against PyTorch: repeated and padding rows, any shape of integers; and vectors with a single 1."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor
from tests.autograd.support import leaf
from tests.nn.functional.test_values import data, values
from tests.nn.oracle import Case, hold, torch

T = torch.nn.functional


def places_of(rng: np.random.Generator, rows: int) -> Any:
    """Integers of any shape and kind, of which most are repeated."""
    shape = tuple(int(each) for each in rng.integers(0, 4, size=rng.integers(0, 3)))
    return rng.integers(0, rows, size=shape).astype(rng.choice(["int64", "int32", "uint8"]))


def test_embedding() -> None:
    def draw(rng: np.random.Generator) -> Case:
        rows, length = int(rng.integers(1, 5)), int(rng.integers(0, 4))
        places, padding = places_of(rng, rows), None if rng.integers(2) else int(rng.integers(-rows, rows))
        reference = torch.from_numpy(np.asarray(places, dtype=np.int64))
        return Case(
            [rng.normal(size=(rows, length))],
            lambda table: F.embedding(places, table, padding),
            lambda table: T.embedding(reference, table, padding),
            note=f"{places!r} {padding=}",
            second=places.size > 0,  # of none PyTorch has no second derivative
        )

    hold(draw)


def test_embedding_layer() -> None:
    """As a function of the table: integers have no derivative."""

    def draw(rng: np.random.Generator) -> Case:
        rows, length = int(rng.integers(1, 5)), int(rng.integers(1, 4))
        padding = None if rng.integers(2) else int(rng.integers(-rows, rows))
        ours, theirs = nn.Embedding(rows, length, padding), torch.nn.Embedding(rows, length, padding)
        assert repr(ours) == repr(theirs)
        places = places_of(rng, rows)
        reference = torch.from_numpy(np.asarray(places, dtype=np.int64))
        return Case(
            [ours.state_dict()["weight"]],
            lambda table: nn.functional_call(ours, {"weight": table}, places),
            lambda table: torch.func.functional_call(theirs, {"weight": table}, (reference,)),
            note=f"{ours} {places!r}",
            second=places.size > 0,
        )

    hold(draw)


def test_repeated_rows_add_up() -> None:
    table = leaf([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    out = F.embedding([[2, 0], [2, 2]], table)
    assert out.data.tolist() == [[[5.0, 6.0], [1.0, 2.0]], [[5.0, 6.0], [5.0, 6.0]]]
    out.backward(np.array([[[1.0, 2.0], [3.0, 5.0]], [[7.0, 11.0], [13.0, 17.0]]]))
    assert table.grad.tolist() == [[3.0, 5.0], [0.0, 0.0], [21.0, 30.0]]


def test_the_padding_row_stays() -> None:
    layer = nn.Embedding(4, 3, padding_idx=-1, rng=np.random.default_rng(0))
    assert layer.padding_idx == 3
    assert layer.weight.data[3].tolist() == [0.0] * 3
    assert layer.weight.data[:3].all()
    layer([[3, 1], [3, 3]]).sum().backward()
    assert layer.weight.grad.tolist() == [[0.0] * 3, [1.0] * 3, [0.0] * 3, [0.0] * 3]
    layer.weight.data = np.ones((4, 3))  # PyTorch too reads the row as it is
    assert layer([3]).data.tolist() == [[1.0] * 3]


def test_initial_values() -> None:
    table = nn.Embedding(300, 100, rng=np.random.default_rng(0)).weight.data
    bound = 5.0 / np.sqrt(table.size)  # five standard deviations of the mean, and of the variance over √2
    assert abs(table.mean()) < bound
    assert abs(table.var() - 1.0) < bound * np.sqrt(2.0)
    again = nn.Embedding(300, 100, rng=np.random.default_rng(0), dtype=np.float32).weight.data
    np.testing.assert_array_equal(again, table.astype(np.float32))


def test_from_pretrained() -> None:
    table = np.arange(6.0, dtype=np.float32).reshape(3, 2)
    frozen = nn.Embedding.from_pretrained(table, padding_idx=0)
    table[:] = -1.0
    assert frozen([0, 2]).data.tolist() == [[0.0, 1.0], [4.0, 5.0]]
    assert frozen.weight.dtype == np.float32
    assert not frozen.weight.requires_grad
    assert list(frozen.state_dict()) == ["weight"]
    learnt = nn.Embedding.from_pretrained(Tensor([[1.0, 2.0]]), freeze=False)
    learnt([0, 0]).sum().backward()
    assert learnt.weight.grad.tolist() == [[2.0, 2.0]]
    before = nn.init.default_generator().bit_generator.state
    assert nn.Embedding.from_pretrained([[1.0]])(0).data.tolist() == [1.0]
    assert nn.init.default_generator().bit_generator.state == before  # nothing was drawn from it
    with pytest.raises(ShapeError, match=r"from_pretrained: embeddings must have shape \(rows, length\), not \(3,\)"):
        nn.Embedding.from_pretrained(np.ones(3))
    with pytest.raises(DTypeError, match=r"from_pretrained: embeddings has dtype int64"):
        nn.Embedding.from_pretrained([[1, 2]])


def test_copies() -> None:
    layer = nn.Embedding(4, 3, padding_idx=1)
    twin = copy.deepcopy(layer)
    np.testing.assert_array_equal(twin([1, 2]).data, layer([1, 2]).data)
    twin.weight.data = np.zeros((4, 3))
    assert layer.weight.data.any()


def test_values() -> None:
    table = values([[1.0, 2.0], [3.0, 4.0]])
    out = F.embedding([1, 1], table)
    assert data(out).tolist() == [[3.0, 4.0], [3.0, 4.0]]
    (out[0, 0] * 5.0 + out[1, 0] * 7.0).backward()
    assert table[1, 0].grad == 12.0
    padded = F.embedding([1, 0], table, padding_idx=1)
    assert data(padded).tolist() == [[3.0, 4.0], [1.0, 2.0]]
    (padded[0, 0] * 5.0 + padded[1, 0] * 7.0).backward()
    assert [table[1, 0].grad, table[0, 0].grad] == [12.0, 7.0]  # and the padding row no more than before


@pytest.mark.parametrize("wrong", [-1, 3, [0, 5]])
def test_rows_that_do_not_exist(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"embedding: (-1|3|5) is outside 0 to 2, the rows .* \(3, 2\); drop or renum"):
        F.embedding(wrong, np.ones((3, 2)))


@pytest.mark.parametrize("wrong", [1.0, [1.0, 2.0], np.ones(2), Tensor([1.0]), True, "one"])
def test_what_are_no_integers(wrong: Any) -> None:
    for call in (
        lambda: F.embedding(wrong, np.ones((3, 2))),
        lambda: F.one_hot(wrong),
        lambda: nn.Embedding(3, 2)(wrong),
    ):
        with pytest.raises(DTypeError, match=r"(embedding|one_hot): input holds .* data, but .* are integers; convert"):
            call()


def test_refused_arguments() -> None:
    with pytest.raises(ShapeError, match=r"embedding: weight must have shape \(V, D\), a row .*, not \(3,\)"):
        F.embedding([0], np.ones(3))
    for padding in (-4, 3):
        with pytest.raises(ValueError, match=rf"embedding: padding_idx={padding} names none of 3 rows, -3 to 2"):
            F.embedding([0], np.ones((3, 2)), padding)
        with pytest.raises(ValueError, match=rf"Embedding: padding_idx={padding} names none of 3 rows"):
            nn.Embedding(3, 2, padding)
    with pytest.raises(ValueError, match=r"Embedding: num_embeddings=0 must be an integer of at least 1"):
        nn.Embedding(0, 2)


def test_one_hot() -> None:
    for seed in range(100):
        rng = np.random.default_rng(seed)
        classes = int(rng.integers(1, 5))
        places = places_of(rng, classes)
        reference = torch.from_numpy(np.asarray(places, dtype=np.int64))
        for count in (classes, classes + 2) if places.size == 0 else (-1, classes, classes + 2):
            out, expected = F.one_hot(places, count), T.one_hot(reference, count).numpy()
            assert out.dtype == expected.dtype
            np.testing.assert_array_equal(out, expected)
    assert F.one_hot(2, 4).tolist() == [0, 0, 1, 0]
    assert F.one_hot([], 3).shape == (0, 3)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: F.one_hot([0, 2], 2), r"one_hot: 2 is outside 0 to 1; drop or renumber it, or give more num_classes"),
        (lambda: F.one_hot([-1]), r"one_hot: -1 is outside 0 to -1"),
        (lambda: F.one_hot([0, -2]), r"one_hot: -2 is outside 0 to 0"),
        (lambda: F.one_hot([], 0), r"one_hot: there is no class in 0 to -1"),
        (lambda: F.one_hot([]), r"one_hot: an empty input does not tell the number of classes; give num_classes"),
    ],
)
def test_one_hot_refuses(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
