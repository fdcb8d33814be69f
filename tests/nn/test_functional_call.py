"""A module as a function of its parameters."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import nn
from autograd import Tensor

WEIGHT, BIAS, X = (np.random.default_rng(5).normal(size=size) for size in ((2, 3), 2, (4, 3)))


def test_functional_call_leaves_the_module_as_it_was() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
    before = model.state_dict()
    out = nn.functional_call(model, {"0.weight": WEIGHT, "0.bias": Tensor(BIAS)}, X)
    np.testing.assert_allclose(out.data, np.tanh(X @ WEIGHT.T + BIAS))
    with pytest.raises(KeyError, match=r"Sequential has no parameter '1.weight'"):
        nn.functional_call(model, {"1.weight": WEIGHT}, X)
    with pytest.raises(ValueError, match="Linear '0'"):
        nn.functional_call(model, {"0.weight": WEIGHT}, X[:, :2])
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    assert model.parameters()[0] is model[0].weight


def test_functional_call_replaces_a_shared_parameter_everywhere() -> None:
    model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    model[1].weight = model[0].weight
    matrix = np.array([[1.0, 2.0], [3.0, 5.0]])
    out = nn.functional_call(model, {"0.weight": matrix}, np.eye(2))
    np.testing.assert_allclose(np.asarray(out), (matrix @ matrix).T)


def test_threads_that_call_one_module_leave_its_parameters() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    before = model.parameters()
    results: dict[int, float] = {}

    def work(number: int) -> None:
        for _ in range(50):
            out = nn.functional_call(model, {"0.weight": np.full((2, 2), float(number))}, np.ones(2))
            assert results.setdefault(number, out.item()) == out.item()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(results.values())) == 4
    assert all(now is then for now, then in zip(model.parameters(), before, strict=True))


def test_two_replacements_of_one_parameter_are_refused() -> None:
    model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    model[1].weight = model[0].weight
    with pytest.raises(ValueError, match=r"'1.weight' of Sequential is held twice"):
        nn.functional_call(model, {"0.weight": np.ones((2, 2)), "1.weight": np.zeros((2, 2))}, np.ones(2))
