"""Bags of embeddings against PyTorch, for one order of derivatives, and against bags written out, for two."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor
from tests.autograd.support import leaf
from tests.nn.functional.test_values import data, values
from tests.nn.oracle import Case, hold, torch

MODES = ["sum", "mean", "max"]


def bags_of(rng: np.random.Generator, rows: int) -> tuple[Any, Any, bool, list[list[int]]]:
    """Integers, offsets, whether these include the last, and the places of each bag's integers."""
    if rng.integers(2):
        count, length = int(rng.integers(0, 4)), int(rng.integers(1, 4))
        given = rng.integers(0, rows, size=(count, length))
        return given, None, False, np.arange(count * length).reshape(count, length).tolist()
    lengths = rng.integers(0, 4, size=rng.integers(1, 5))
    ends, last = np.cumsum(lengths), bool(rng.integers(2))
    offsets = np.concatenate([[0], ends]) if last else ends - lengths
    places = [list(range(end - length, end)) for end, length in zip(ends, lengths, strict=True)]
    return rng.integers(0, rows, size=int(lengths.sum())), offsets, last, places


def written_out(table: Any, weights: Any, given: Any, places: list[list[int]], mode: str, padding: Any) -> Any:
    """Each bag by itself, in PyTorch."""
    out: list[Any] = []
    for bag in places:
        kept = [place for place in bag if padding is None or given.ravel()[place] != padding % len(table)]
        rows = [
            table[int(given.ravel()[place])] * (1.0 if weights is None else weights.ravel()[place]) for place in kept
        ]
        if not rows:
            out.append(table[0] * 0.0)
        elif mode == "max":
            out.append(torch.stack(rows).amax(dim=0))
        else:
            out.append(torch.stack(rows).sum(dim=0) / (len(rows) if mode == "mean" else 1.0))
    return torch.stack(out) if out else table[:0] * 1.0


def test_embedding_bag() -> None:
    def draw(rng: np.random.Generator) -> Case:
        rows, mode, second = int(rng.integers(1, 5)), str(rng.choice(MODES)), bool(rng.integers(2))
        given, offsets, last, places = bags_of(rng, rows)
        padding = None if rng.integers(2) else int(rng.integers(-rows, rows))
        arrays = [rng.normal(size=(rows, int(rng.integers(1, 4))))]
        if mode == "sum" and rng.integers(2):
            arrays.append(rng.normal(size=given.shape))
        options: dict[str, Any] = {"mode": mode, "include_last_offset": last, "padding_idx": padding}

        def ours(table: Any, weights: Any = None) -> Any:
            return F.embedding_bag(given, table, offsets, per_sample_weights=weights, **options)

        def theirs(table: Any, weights: Any = None) -> Any:
            if second or not len(places):
                return written_out(table, weights, given, places, mode, padding)
            starts = None if offsets is None else torch.from_numpy(offsets)
            return torch.nn.functional.embedding_bag(
                torch.from_numpy(given), table, starts, per_sample_weights=weights, **options
            )

        return Case(arrays, ours, theirs, note=f"{given.tolist()} {offsets} {options}", second=second)

    hold(draw)


def test_layer() -> None:
    def draw(rng: np.random.Generator) -> Case:
        rows, mode = int(rng.integers(2, 5)), str(rng.choice(MODES))
        given, offsets, last, places = bags_of(rng, rows)
        options: dict[str, Any] = {"mode": mode, "include_last_offset": last}
        options["padding_idx"] = None if rng.integers(2) else int(rng.integers(-rows, rows))
        ours, theirs = nn.EmbeddingBag(rows, 3, **options), torch.nn.EmbeddingBag(rows, 3, **options)
        assert repr(ours) == repr(theirs)
        assert ours.padding_idx is None or not ours.weight.data[ours.padding_idx].any()
        return Case(
            [ours.state_dict()["weight"]],
            lambda table: nn.functional_call(ours, {"weight": table}, given, offsets),
            lambda table: written_out(table, None, given, places, mode, options["padding_idx"]),
            note=f"{given.tolist()} {offsets} {options}",
        )

    hold(draw)


def test_by_hand() -> None:
    table = leaf([[1.0, 6.0], [3.0, 4.0], [5.0, 2.0]])
    out = F.embedding_bag([1, 0, 2, 2], table, [0, 2, 2], mode="mean")
    assert out.data.tolist() == [[2.0, 5.0], [0.0, 0.0], [5.0, 2.0]]
    out.backward(np.array([[2.0, 4.0], [100.0, 100.0], [3.0, 5.0]]))
    assert table.grad.tolist() == [[1.0, 2.0], [1.0, 2.0], [3.0, 5.0]]
    assert F.embedding_bag([[1, 0], [2, 2]], table, mode="max").data.tolist() == [[3.0, 6.0], [5.0, 2.0]]
    assert F.embedding_bag([[1, 0], [1, 1]], table, mode="max", padding_idx=1).data.tolist() == [[1.0, 6.0], [0.0, 0.0]]
    weighted = F.embedding_bag([[1, 0]], table, mode="sum", per_sample_weights=[[10.0, 1.0]])
    assert weighted.data.tolist() == [[31.0, 46.0]]


@pytest.mark.parametrize("mode", MODES)
def test_empty_bags_give_zeros(mode: str) -> None:
    table = leaf(np.ones((2, 3)))
    for given, offsets, count in (([], [0, 0], 2), (np.zeros((2, 0), int), None, 2), (np.zeros((0, 2), int), None, 0)):
        out = F.embedding_bag(given, table, offsets, mode=mode)
        assert out.data.tolist() == [[0.0] * 3] * count
        out.backward(np.ones(out.shape))
        assert not table.grad.any()


def test_values() -> None:
    table = values([[1.0, 2.0], [3.0, 4.0]])
    for mode, expected in (("sum", [[5.0, 8.0]]), ("mean", [[5 / 3, 8 / 3]]), ("max", [[3.0, 4.0]])):
        np.testing.assert_allclose(data(F.embedding_bag([[0, 1, 0]], table, mode=mode)), expected)
    F.embedding_bag([[0, 1, 0]], table, mode="sum")[0, 0].backward()
    assert [table[0, 0].grad, table[1, 0].grad] == [2.0, 1.0]


def test_float32() -> None:
    table = Tensor(np.ones((2, 3), np.float32), requires_grad=True)
    for mode in MODES:
        out = F.embedding_bag([[0, 1], [1, 1]], table, mode=mode, padding_idx=0)
        assert out.dtype == np.float32


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda t: F.embedding_bag([[0]], t, mode="prod"), ValueError, r"mode='prod' is none of 'sum', 'mean', 'max'"),
        (
            lambda t: F.embedding_bag([0], t),
            ShapeError,
            r"input of shape \(1,\) without offsets; give \(B, L\) without",
        ),
        (lambda t: F.embedding_bag([[0]], t, [0]), ShapeError, r"input of shape \(1, 1\) with offsets"),
        (
            lambda t: F.embedding_bag([0, 1], t, [1]),
            ValueError,
            r"offsets must ascend from 0 to at most 2, .* got \[1\]",
        ),
        (lambda t: F.embedding_bag([0, 1], t, [0, 2, 1]), ValueError, r"offsets must ascend"),
        (lambda t: F.embedding_bag([0, 1], t, [0, 3]), ValueError, r"offsets must ascend"),
        (lambda t: F.embedding_bag([0, 1], t, [0.0]), DTypeError, r"offsets holds float64 data"),
        (lambda t: F.embedding_bag([[2]], t), ValueError, r"2 is outside 0 to 1, the rows of the weight"),
        (lambda t: F.embedding_bag([[0]], t[:0]), ShapeError, r"weight must have shape \(V, D\) with at least one row"),
        (lambda t: F.embedding_bag([[0]], t, padding_idx=2), ValueError, r"padding_idx=2 names none of 2 rows"),
        (
            lambda t: F.embedding_bag([[0]], t, per_sample_weights=[[1.0]]),
            ValueError,
            r"per_sample_weights are for mode='sum', not mode='mean'",
        ),
        (
            lambda t: F.embedding_bag([[0]], t, mode="sum", per_sample_weights=[1.0]),
            ShapeError,
            r"per_sample_weights must have the input's shape \(1, 1\), not \(1,\)",
        ),
    ],
)
def test_refused_arguments(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=f"^embedding_bag: {message}"):
        call(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"EmbeddingBag: mode='average' is none of"):
        nn.EmbeddingBag(2, 3, mode="average")
