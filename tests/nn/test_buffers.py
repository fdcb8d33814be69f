"""Buffers: state that is not learnt."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor


class Running(nn.Module):
    def __init__(self) -> None:
        self.linear = nn.Linear(2, 2)
        self.register_buffer("mean", np.zeros(2))
        self.register_buffer("steps", 0)
        self.register_buffer("cache", np.ones(3), persistent=False)
        self.register_buffer("absent", None)

    def forward(self, x: Any) -> Any:
        return self.linear(x) - self.mean


def test_buffers_are_state_but_not_parameters() -> None:
    model = nn.Sequential({"first": Running()})
    assert [name for name, _ in model.named_buffers()] == ["first.mean", "first.steps", "first.cache"]
    assert [buffer.shape for buffer in model.buffers()] == [(2,), (), (3,)]
    assert list(model.state_dict()) == ["first.mean", "first.steps", "first.linear.weight", "first.linear.bias"]
    assert [name for name, _ in model.named_parameters()] == ["first.linear.weight", "first.linear.bias"]
    state = model.state_dict()
    state["first.mean"][:] = 7.0
    assert model.first.mean.tolist() == [0.0, 0.0]  # the state is a copy
    state["first.steps"] = np.array(5)
    model.load_state_dict(state)
    assert (model.first.mean.tolist(), int(model.first.steps)) == ([7.0, 7.0], 5)
    twin = pickle.loads(pickle.dumps(model))
    assert twin.first.mean.tolist() == [7.0, 7.0]
    twin.first.mean[0] = 1.0
    assert model.first.mean[0] == 7.0


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda s: s.update(mean=np.zeros(3)), r"'mean' has shape \(3,\), and the buffer has \(2,\)"),
        (lambda s: s.update(mean=np.zeros(2, dtype=int)), "'mean' holds int64, not floating-point numbers"),
        (lambda s: s.update(steps=np.array(0.5)), "'steps' holds float64, not integers"),
        (lambda s: s.pop("steps"), "missing: 'steps'"),
        (lambda s: s.update(cache=np.zeros(3)), "no such parameter or buffer: 'cache'"),
    ],
)
def test_a_state_whose_buffers_do_not_fit_changes_nothing(change: Any, message: str) -> None:
    model = Running()
    before, state = model.state_dict(), nn.Linear(2, 2)
    state = {**before, "linear.weight": np.ones((2, 2))}
    change(state)
    with pytest.raises(ValueError, match=message):
        model.load_state_dict(state)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_state_that_lacks_something_may_be_loaded_in_part() -> None:
    model = Running()
    missing, unexpected = model.load_state_dict({"mean": np.ones(2), "other": np.ones(1)}, strict=False)
    assert (missing, unexpected) == (["steps", "linear.weight", "linear.bias"], ["other"])
    assert model.mean.tolist() == [1.0, 1.0]


def test_buffers_take_arrays_and_refuse_the_rest() -> None:
    model = Running()
    model.mean = [1, 2]
    assert model.mean.tolist() == [1, 2]
    model.absent = np.ones(1)
    assert len(model.buffers()) == 4
    model.mean = None
    assert [name for name, _ in model.named_buffers()] == ["steps", "cache", "absent"]
    with pytest.raises(TypeError, match="the buffer 'steps' holds numbers, not str"):
        model.steps = "a"
    with pytest.raises(TypeError, match=r"the buffer 'steps' holds numbers, not Tensor; give an array"):
        model.steps = Tensor([1.0])
    with pytest.raises(TypeError, match="the buffer 'steps' holds numbers, not Tensor"):
        model.register_buffer("steps", nn.Parameter([1.0]))
    for name in ("linear", "forward", "a.b"):
        with pytest.raises(TypeError, match=f"a buffer cannot be called '{name}'"):
            model.register_buffer(name, np.ones(1))
    del model.steps
    assert "steps" not in model.state_dict()


def test_a_transient_buffer_may_come_back_as_one_that_stays() -> None:
    module = nn.Module()
    module.register_buffer("mean", 1.0, persistent=False)
    del module.mean
    module.register_buffer("mean", 2.0)
    assert list(module.state_dict()) == ["mean"]
