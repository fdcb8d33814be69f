"""Splits; the digits."""

import sys
from collections import Counter

import numpy as np
import pytest

import nn

# ---- splits ---------------------------------------------------------------------------------------------------------


def test_a_split_keeps_the_classes_shares():
    labels = np.array([0] * 50 + [1] * 30 + [2] * 20)[np.random.default_rng(0).permutation(100)]
    train, held_out = nn.stratified_split(labels, 0.1, seed=3)
    assert Counter(labels[held_out].tolist()) == {0: 5, 1: 3, 2: 2}
    assert sorted([*train, *held_out]) == list(range(100))
    assert sorted(held_out) == held_out.tolist()
    np.testing.assert_array_equal(nn.stratified_split(labels, 0.1, seed=3)[1], held_out)
    assert nn.stratified_split(labels, 0.1, seed=4)[1].tolist() != held_out.tolist()


@pytest.mark.parametrize("labels, fraction", [([0, 1], 1.0), ([0, 1], -0.1), ([[0, 1]], 0.5)])
def test_a_split_that_cannot_be_is_refused(labels, fraction):
    with pytest.raises(ValueError, match="stratified_split: labels of shape"):
        nn.stratified_split(labels, fraction)


# ---- the digits -----------------------------------------------------------------------------------------------------


def test_the_digits_are_all_there():
    datasets = pytest.importorskip("sklearn.datasets", reason="the digits come with scikit-learn")
    (images, labels), (held_images, held_labels) = nn.load_digits()
    assert images.shape == (1438, 1, 8, 8)
    assert held_images.shape == (359, 1, 8, 8)
    assert images.dtype == np.float64
    everything = np.concatenate([images, held_images])
    assert everything.min() == 0.0
    assert everything.max() == 1.0
    expected = datasets.load_digits()
    pairs = zip(expected.images.reshape(-1, 64) / 16.0, expected.target, strict=True)
    found = zip(everything.reshape(-1, 64), np.concatenate([labels, held_labels]), strict=True)
    assert sorted((x.tobytes(), int(y)) for x, y in found) == sorted((x.tobytes(), int(y)) for x, y in pairs)
    share = Counter(held_labels.tolist())
    assert all(abs(share[digit] - 0.2 * count) <= 0.5 for digit, count in Counter(expected.target.tolist()).items())


def test_the_digits_split_by_seed_and_fraction():
    pytest.importorskip("sklearn.datasets", reason="the digits come with scikit-learn")
    again, other = nn.load_digits(seed=1), nn.load_digits(seed=2)
    np.testing.assert_array_equal(again.held_out[0], nn.load_digits(seed=1).held_out[0])
    assert np.any(again.held_out[0] != other.held_out[0])
    half = nn.load_digits(held_out=0.5, dtype=np.float32)
    assert half.train[0].dtype == np.float32
    assert abs(len(half.train[0]) - len(half.held_out[0])) <= 10


def test_without_scikit_learn_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"load_digits needs scikit-learn, .*: pip install 'gradwalk\[demo\]'"):
        nn.load_digits()
