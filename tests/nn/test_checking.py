"""`nn.check_gradients`: it passes what is right, finds what is wrong, and leaves the model as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import Elementwise, Tensor, where
from nn import init

RNG = np.random.default_rng(3)
X, LABELS = RNG.normal(size=(6, 3)), np.array([0, 1, 1, 0, 1, 0])


def perceptron(dtype: Any = np.float64) -> nn.Module:
    return nn.Sequential(
        nn.Linear(3, 5, dtype=dtype, rng=np.random.default_rng(0)),
        nn.ReLU(),
        nn.Linear(5, 2, dtype=dtype, rng=np.random.default_rng(1)),
    )


def test_a_right_model_passes_and_stays_as_it_was() -> None:
    model = perceptron(np.float32)
    model[2].bias.requires_grad_(False)
    before = model.state_dict()
    generator = init.default_generator().bit_generator.state
    report = nn.check_gradients(model, (X.astype(np.float32), LABELS), F.cross_entropy)
    assert report.passed
    assert [slope.name for slope in report.slopes[::2]] == ["0.weight", "0.bias", "2.weight", "input 0"]
    assert all(abs(s.by_gradient - s.by_differences) < 1e-8 for s in report.slopes)
    assert len({s.by_gradient for s in report.slopes}) == len(report.slopes)
    assert "0.weight" in str(report)
    assert "right" in repr(report)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
        assert array.dtype == np.float32
    assert not any(parameter.has_grad for parameter in model.parameters())
    assert init.default_generator().bit_generator.state == generator


class OneWrong(nn.Module):
    """A weight whose gradient is off in one element of 60, by a part of a thousand."""

    def __init__(self) -> None:
        self.weight = nn.Parameter(np.random.default_rng(4).normal(size=(3, 20)))
        self.bias = nn.Parameter(np.zeros(20))

    def forward(self, x: Any) -> Any:
        off = np.zeros((3, 20), dtype=bool)
        off[1, 7] = True
        return (x @ where(off, leaky_identity(self.weight), self.weight) + self.bias).tanh()


leaky_identity = Elementwise("leaky_identity", lambda x: x * 1.0, [lambda out, x: 0.0 * x + 1.001])


def test_one_wrong_element_is_found_and_named() -> None:
    with pytest.raises(AssertionError, match="1 gradients are wrong") as caught:
        nn.check_gradients(OneWrong(), X)
    assert "weight[1, 7]: the gradient is" in str(caught.value).split("\n  ")[1]
    verdicts = {line.split()[0]: line.split()[-1] for line in str(caught.value).split("\n")[2:8]}
    assert verdicts == {"weight": "wrong", "bias": "right", "input": "right"}


class Detached(nn.Module):
    """A path that the gradient does not see."""

    def __init__(self) -> None:
        self.weight = nn.Parameter([1.0, 2.0, 3.0])

    def forward(self, x: Any) -> Any:
        return x * self.weight * self.weight.detach()


def test_a_path_that_was_cut_is_found() -> None:
    with pytest.raises(AssertionError, match=r"weight\[0\]|weight\[1\]|weight\[2\]"):
        nn.check_gradients(Detached(), X)


class Jump(nn.Module):
    """A kink that moves with the parameter's own numbers, so that it always stands on one."""

    def __init__(self) -> None:
        self.weight = nn.Parameter([1.0, -2.0])
        self.register_buffer("kink", np.zeros(2))

    def forward(self) -> Any:
        if not self.kink.any():
            self.kink = self.weight.numpy()
        return (self.weight - self.kink).relu() * 3.0 + self.weight


def test_on_a_kink_the_verdict_is_unclear_not_wrong() -> None:
    model = Jump()
    report = nn.check_gradients(model, ())
    assert {slope.verdict for slope in report.slopes} == {"unclear"}
    assert not report.passed


def test_several_inputs_and_outputs_without_a_loss() -> None:
    class Both(nn.Module):
        def __init__(self) -> None:
            self.linear = nn.Linear(3, 2)

        def forward(self, x: Any, y: Any, places: Any) -> Any:
            return self.linear(x * y), (y * y)[places]

    report = nn.check_gradients(Both(), (X, Tensor(X + 1.0), np.array([0, 0, 2])))
    assert report.passed
    assert [slope.name for slope in report.slopes[::2]] == ["linear.weight", "linear.bias", "input 0", "input 1"]


def test_units_on_a_kink_are_moved_off_it() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    nn.init.zeros_(model[0].bias)
    report = nn.check_gradients(model, np.zeros((2, 3)))
    assert {slope.verdict for slope in report.slopes} == {"right"}


def test_dropout_is_the_same_in_every_evaluation() -> None:
    for rng in (None, np.random.default_rng(8)):
        model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5, rng=rng), nn.Linear(8, 2), nn.BatchNorm1d(2))
        buffers = [buffer.copy() for buffer in model.buffers()]
        assert nn.check_gradients(model, X).passed
        for buffer, before in zip(model.buffers(), buffers, strict=True):
            np.testing.assert_array_equal(buffer, before)


wrong_cube = Elementwise("wrong_cube", lambda x: x * x * x, [lambda out, x: 4 * x * x])


class Drowned(nn.Module):
    """A wrong gradient beside a constant so large that no difference can tell."""

    def __init__(self) -> None:
        self.weight = nn.Parameter([1e-3, -2e-3, 1e-3])

    def forward(self, x: Any) -> Any:
        return (wrong_cube(self.weight) * x).sum() + 1e6


def test_what_differences_cannot_tell_is_not_called_right() -> None:
    report = nn.check_gradients(Drowned(), np.ones(3))
    assert {slope.verdict for slope in report.slopes} == {"unclear"}
    assert not report.passed


def test_a_gradient_of_zero_is_right_beside_others() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 2))  # the first bias cancels
    report = nn.check_gradients(model, (X, LABELS), F.cross_entropy)
    assert report.passed
    assert abs(next(slope.by_gradient for slope in report.slopes if slope.name == "0.bias")) < 1e-12


class Counting(nn.Module):
    """Another function at each call."""

    def __init__(self) -> None:
        self.weight = nn.Parameter([1.0, 2.0, 3.0])
        self.calls = 0

    def forward(self, x: Any) -> Any:
        self.calls += 1
        return self.weight * x * self.calls


def test_a_loss_that_changes_from_call_to_call_is_refused() -> None:
    with pytest.raises(ValueError, match="the loss of Counting is another one when it is evaluated again"):
        nn.check_gradients(Counting(), X)


def test_layers_of_every_kind() -> None:
    class Reader(nn.Module):
        def __init__(self) -> None:
            self.embedding = nn.Embedding(5, 4, padding_idx=0)
            self.lstm = nn.LSTM(4, 3)
            self.attention = nn.MultiheadAttention(3, 1)

        def forward(self, words: Any, state: Any, mask: Any) -> Any:
            out, state = self.lstm(self.embedding(words), state)
            mixed, _ = self.attention(out, out, out, attn_mask=mask)
            return {"out": mixed, "state": state}

    words = np.array([[1, 0], [4, 2], [0, 3]])
    state = (RNG.normal(size=(1, 2, 3)), RNG.normal(size=(1, 2, 3)))
    mask = np.where(np.tril(np.ones((3, 3))) > 0, RNG.normal(size=(3, 3)), -np.inf)
    report = nn.check_gradients(Reader(), (words, state, mask))
    assert report.passed, report
    assert "input 2" in {slope.name for slope in report.slopes}
