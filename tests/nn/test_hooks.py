"""Hooks around a module's call and in its backward pass, against PyTorch's."""

from __future__ import annotations

import copy
import gc
import pickle
from typing import Any, NamedTuple

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
            self.register_buffer("cache", [0.5], persistent=False)

        def forward(self, x: Any) -> Any:
            return self.linear(x) * self.scale * self.cache

    model = Counting()
    before = model.parameters()
    model(Tensor(X)).backward(UPSTREAM)
    assert model.astype(np.float32) is model
    assert all(new is old for new, old in zip(model.parameters(), before, strict=True))
    assert [parameter.dtype for parameter in before] == [np.float32] * 2
    assert not any(parameter.has_grad for parameter in before)
    assert (model.scale.dtype, model.calls.dtype, model.cache.dtype) == (np.float32, np.int64, np.float32)
    out = model(Tensor(X.astype(np.float32)))
    assert out.dtype == np.float32
    out.backward(UPSTREAM)
    assert before[0].grad.dtype == np.float32
    with pytest.raises(TypeError, match=r"astype: int64 parameters"):
        model.astype(int)


class Point(NamedTuple):
    x: Any
    y: Any


class Shaped(nn.Module):
    """Results in a shape of the user's own."""

    def __init__(self, shape: Any) -> None:
        self.shape = shape

    def forward(self, x: Any) -> Any:
        return self.shape(x * 2.0, x * 3.0)


def test_a_second_pass_reports_nothing_of_the_first() -> None:
    seen = []
    module = Shaped(lambda a, b: (a, b))
    module.register_full_backward_hook(lambda module, sent, got: seen.append(got))
    first, second = module(Tensor([1.0, 1.0], requires_grad=True))
    (first.sum() + second.sum()).backward()
    first.backward([5.0, 7.0])
    assert [None if each is None else each.tolist() for each in seen[1]] == [[5.0, 7.0], None]


def test_a_second_pass_that_misses_an_argument_reports_none_for_it() -> None:
    class Two(nn.Module):
        def forward(self, a: Any, b: Any) -> Any:
            return a * 2.0, b * 3.0

    seen = []
    module = Two()
    module.register_full_backward_hook(lambda module, sent, got: seen.append(sent))
    first, second = module(Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True))
    (first + second).backward()
    second.backward([5.0])
    first.backward([7.0])
    as_lists = [[None if each is None else each.tolist() for each in sent] for sent in seen]
    assert as_lists == [[[2.0], [3.0]], [None, [15.0]], [[14.0], None]]


def test_a_pass_that_was_broken_off_leaves_nothing_behind() -> None:
    seen = []
    module = Shaped(lambda a, b: a * 1.0)
    module.register_full_backward_hook(lambda module, sent, got: seen.append(got[0].tolist()))
    x = Tensor([1.0, 1.0], requires_grad=True)
    inner: list[Any] = []
    module.shape = lambda a, b: inner.append(a * 1.0) or inner[-1] * 1.0
    out = module(x)
    remove = inner[0].register_hook(lambda gradient: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        out.backward([1.0, 1.0])
    remove()
    out.backward([10.0, 20.0])
    assert seen == [[10.0, 20.0]]


@pytest.mark.parametrize(
    "shape, read",
    [
        (Point, lambda out: (out.x, out.y)),
        (lambda a, b: {"a": a, "b": b}, lambda out: (out["a"], out["b"])),
        (lambda a, b: (a, (b, None)), lambda out: (out[0], out[1][0])),
        (lambda a, b: [a, b], lambda out: out),
    ],
)
def test_results_of_every_shape_are_watched(shape: Any, read: Any) -> None:
    seen = []
    module = Shaped(shape)
    plain = module(Tensor([1.0]))
    module.register_full_backward_hook(lambda module, sent, got: seen.append(got))
    out = module(Tensor([1.0], requires_grad=True))
    assert type(out) is type(plain)
    a, b = read(out)
    (a * 5.0 + b * 7.0).backward()
    assert [float(each[0]) for each in seen[0] if each is not None] == [5.0, 7.0]


def test_only_the_hooks_are_left_out_of_a_copy() -> None:
    class Named(nn.Module):
        def __init__(self) -> None:
            self.my_hooks = [1, 2]
            self.crochet_hooks = nn.Linear(2, 2)

    twin = copy.deepcopy(Named())
    assert twin.my_hooks == [1, 2]
    assert len(twin.crochet_hooks.parameters()) == 2


def test_a_graph_with_hooks_goes_without_the_garbage_collector() -> None:
    module = Shaped(lambda a, b: (a, b))
    module.register_full_backward_hook(lambda module, sent, got: None)
    gc.collect()
    gc.disable()
    try:
        before = sum(type(each) is Tensor for each in gc.get_objects())
        for _ in range(20):
            first, second = module(Tensor([1.0], requires_grad=True))
            (first * second).backward()
        del first, second
        assert sum(type(each) is Tensor for each in gc.get_objects()) <= before
    finally:
        gc.enable()
