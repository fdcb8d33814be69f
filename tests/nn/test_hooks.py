"""Hooks around a module's call and in its backward pass, against PyTorch's."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from tests.nn.oracle import torch

RNG = np.random.default_rng(5)
WEIGHT, BIAS, X, UPSTREAM = (
    RNG.normal(size=(2, 3)),
    RNG.normal(size=2),
    RNG.normal(size=(4, 3)),
    RNG.normal(size=(4, 2)),
)


class Both(nn.Module):
    """Two results of two arguments and of a third that is no node."""

    def __init__(self) -> None:
        self.linear = nn.Linear(3, 2)

    def forward(self, x: Any, y: Any, factor: float) -> Any:
        return self.linear(x) * factor, x * y


class TorchBoth(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(3, 2, dtype=torch.float64)

    def forward(self, x: Any, y: Any, factor: float) -> Any:
        return self.linear(x) * factor, x * y


def pair() -> tuple[Any, Any]:
    ours, theirs = Both(), TorchBoth()
    ours.linear.load_state_dict({"weight": WEIGHT, "bias": BIAS})
    theirs.load_state_dict({name: torch.from_numpy(array) for name, array in ours.state_dict().items()})
    return ours, theirs


def numbers(gradients: Any) -> list[Any]:
    return [None if each is None else np.array(each.tolist()) for each in gradients]


def test_backward_hook_sees_what_pytorchs_sees() -> None:
    seen: dict[str, list[Any]] = {"ours": [], "theirs": []}
    ours, theirs = pair()
    ours.register_full_backward_hook(lambda module, sent, got: seen["ours"].append((numbers(sent), numbers(got))))
    theirs.register_full_backward_hook(lambda module, sent, got: seen["theirs"].append((numbers(sent), numbers(got))))
    y = RNG.normal(size=X.shape)
    for use in (lambda p, q: p.sum() * 2.0 + (q * q).sum(), lambda p, q: (q * 3.0).sum()):
        a, b = (Tensor(each, requires_grad=True) for each in (X, y))
        use(*ours(a * 2.0, b, 1.5)).backward()
        c, d = (torch.tensor(each, requires_grad=True) for each in (X, y))
        use(*theirs(c * 2.0, d, 1.5)).backward()
        np.testing.assert_allclose(a.grad, c.grad.numpy())
    assert len(seen["ours"]) == len(seen["theirs"]) == 2
    for (sent, got), (their_sent, their_got) in zip(seen["ours"], seen["theirs"], strict=True):
        assert sent[2] is their_sent[2] is None
        for mine, other in zip(sent[:2] + got, their_sent[:2] + their_got, strict=True):
            np.testing.assert_allclose(np.zeros(()) if mine is None else mine, np.zeros(()) if other is None else other)


def test_backward_hook_replaces_what_the_arguments_get() -> None:
    layer = nn.Linear(3, 2)
    layer.load_state_dict({"weight": WEIGHT, "bias": BIAS})
    layer.register_full_backward_hook(lambda module, sent, got: sent[0] * -2.0)
    x = Tensor(X, requires_grad=True)
    out = layer(x)
    for _ in range(2):  # each pass runs the hook anew
        x.zero_grad()
        out.backward(UPSTREAM)
        np.testing.assert_allclose(x.grad, -2.0 * UPSTREAM @ WEIGHT)
    np.testing.assert_allclose(layer.weight.grad, 2 * UPSTREAM.T @ X)  # what the parameters get is not replaced


def test_backward_hook_of_arguments_without_gradient() -> None:
    seen = []
    layer = nn.Linear(3, 2)
    layer.register_full_backward_hook(lambda module, sent, got: seen.append((sent, numbers(got))))
    layer(X).backward(UPSTREAM)
    ((sent, (got,)),) = seen
    assert sent == ()
    np.testing.assert_array_equal(got, UPSTREAM)


def test_wrong_number_of_replacements_is_refused() -> None:
    layer = nn.Linear(3, 2)
    layer.register_full_backward_hook(lambda module, sent, got: (sent[0], sent[0]))
    with pytest.raises(ValueError, match="Linear: a backward hook returned 2 gradients for 1 arguments"):
        layer(Tensor(X, requires_grad=True)).backward(UPSTREAM)


def test_hooks_before_and_after_replace_and_are_removed() -> None:
    layer = nn.Linear(3, 2)
    layer.load_state_dict({"weight": WEIGHT, "bias": BIAS})
    plain = X @ WEIGHT.T + BIAS
    removers = [
        layer.register_forward_pre_hook(lambda module, args: args[0] * 2.0),
        layer.register_forward_pre_hook(lambda module, args: (args[0] + 1.0,)),
        layer.register_forward_hook(lambda module, args, output: output * args[0].sum()),
    ]
    doubled = (2.0 * X + 1.0) @ WEIGHT.T + BIAS
    np.testing.assert_allclose(layer(Tensor(X)).data, doubled * (2.0 * X + 1.0).sum())
    removers.pop()()
    np.testing.assert_allclose(layer(Tensor(X)).data, doubled)
    removers.pop(0)()
    np.testing.assert_allclose(layer(Tensor(X)).data, (X + 1.0) @ WEIGHT.T + BIAS)
    removers.pop()()
    np.testing.assert_allclose(layer(Tensor(X)).data, plain)


def test_hooks_are_neither_copied_nor_pickled() -> None:
    layer = nn.Linear(3, 2)
    layer.register_forward_pre_hook(lambda module, args: 1 / 0)
    layer.register_forward_hook(lambda module, args, output: 1 / 0)
    layer.register_full_backward_hook(lambda module, sent, got: 1 / 0)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        twin(Tensor(X)).backward(UPSTREAM)
        np.testing.assert_array_equal(twin.weight.data, layer.weight.data)


def test_apply_visits_parts_before_the_whole() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU(), nn.Linear(2, 1)))
    visited: list[Any] = []
    assert model.apply(visited.append) is model
    assert visited[-1] is model
    assert {id(module) for module in visited} == {id(module) for module in model.modules()}
    assert visited.index(model[1]) > visited.index(model[1][0])


def test_freezing_and_thawing() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2))
    assert model[0].requires_grad_(False) is model[0]
    model(Tensor(X)).backward(UPSTREAM)
    assert [parameter.has_grad for parameter in model.parameters()] == [False, False, True, True]
    model.requires_grad_()
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_astype_changes_parameters_in_place_and_float_buffers() -> None:
    class Counting(nn.Module):
        def __init__(self) -> None:
            self.linear = nn.Linear(3, 2)
            self.register_buffer("scale", 2.0)
            self.register_buffer("calls", 0)

        def forward(self, x: Any) -> Any:
            return self.linear(x) * self.scale

    model = Counting()
    before = model.parameters()
    model(Tensor(X)).backward(UPSTREAM)
    assert model.astype(np.float32) is model
    assert all(new is old for new, old in zip(model.parameters(), before, strict=True))
    assert [parameter.dtype for parameter in before] == [np.float32] * 2
    assert not any(parameter.has_grad for parameter in before)
    assert (model.scale.dtype, model.calls.dtype) == (np.float32, np.int64)
    out = model(Tensor(X.astype(np.float32)))
    assert out.dtype == np.float32
    out.backward(UPSTREAM)
    assert before[0].grad.dtype == np.float32
    with pytest.raises(TypeError, match=r"astype: int64 parameters"):
        model.astype(int)


# ---- buffers ------------------------------------------------------------------------------------------------------


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


# ---- a module as a function of its parameters ---------------------------------------------------------------------


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
