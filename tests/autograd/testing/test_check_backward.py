"""`check_backward`: the usual ways of writing a pair; every mistake of a catalogue is found; no false alarm."""

from __future__ import annotations

import enum
from typing import Any

import numpy as np
import pytest

from autograd.testing import GradientError, check_backward
from benchmarks.derivatives import awkward, faults_of_arrays, faults_of_maps, ordinary
from benchmarks.derivatives.case import Case, softmax

FAULTS = [*faults_of_maps.CASES, *faults_of_arrays.CASES]
UNDECIDED = {"cancellation", "computed in float32 inside", "results rounded to 6 digits"}
RNG = np.random.default_rng(1)
X, W, B = RNG.normal(size=(5, 4)), RNG.normal(size=(4, 3)), RNG.normal(size=3)


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    with np.errstate(all="ignore"):
        yield


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.name)
def test_every_wrong_derivative_of_the_catalogue_is_found(case: Case) -> None:
    report = check_backward(case.forward, case.backward, *case.inputs, explore=False, raises=False)
    assert report.verdict == "fail"
    if case.causes:
        assert set(case.causes) & set(report.causes[:2])


@pytest.mark.parametrize("case", [case for case in FAULTS if case.plain], ids=lambda case: case.name)
def test_what_the_given_input_does_not_trigger_is_found_by_others(case: Case) -> None:
    assert check_backward(case.forward, case.backward, *case.plain, explore=False)
    assert check_backward(case.forward, case.backward, *case.plain, raises=False).verdict == "fail"


@pytest.mark.uncounted
@pytest.mark.parametrize("case", [*ordinary.CASES, *awkward.CASES], ids=lambda case: case.name)
def test_no_right_derivative_raises_an_alarm(case: Case) -> None:
    report = check_backward(case.forward, case.backward, *case.inputs, raises=False)
    assert report.verdict == ("inconclusive" if case.name in UNDECIDED else "pass")


def affine(x: Any, w: Any, b: Any) -> Any:
    return x @ w + b


def cached(x: Any, w: Any, b: Any) -> Any:
    return affine(x, w, b), (x, w)


def loss(x: Any, labels: Any) -> Any:
    rows = np.arange(len(labels))
    gradient = softmax(x)
    value = -np.log(gradient[rows, labels]).mean()
    gradient[rows, labels] -= 1.0
    return value, gradient / len(labels)


class Layer:
    def forward(self, x: Any) -> Any:
        self.x = x
        return np.tanh(x)

    def backward(self, dout: Any) -> Any:
        return dout * (1.0 - np.tanh(self.x) ** 2)


def gradients(dout: Any, x: Any, w: Any) -> Any:
    return dout @ w.T, x.T @ dout, dout.sum(0)


def test_the_usual_ways_to_write_a_pair() -> None:
    layer = Layer()
    pairs: list[tuple[Any, ...]] = [
        (affine, lambda dout, x, w, b: gradients(dout, x, w), X, W, B),
        (affine, lambda dLdy, w, x: gradients(dLdy, x, w), X, W, B),
        (affine, lambda dLdy, x, w, b, y: gradients(dLdy, x, w), X, W, B),
        (cached, lambda dout, cache: gradients(dout, *cache), X, W, B),
        (affine, lambda dout, x, w, b: dict(zip(("dx", "dw", "db"), gradients(dout, x, w), strict=True)), X, W, B),
        (loss, None, X, np.array([0, 1, 3, 3, 2])),
        (layer.forward, layer.backward, X),
    ]
    for forward, backward, *inputs in pairs:
        assert check_backward(forward, backward, *inputs)
    wrong = lambda dout, cache: (2.0 * gradients(dout, *cache)[0], *gradients(dout, *cache)[1:])  # noqa: E731
    assert check_backward(cached, wrong, X, W, B, raises=False).causes[0] == "double"
    report = check_backward(affine, lambda dout, x, w, b: (*gradients(dout, x, w)[:2], dout), X, W, B, raises=False)
    assert "a missing sum over axis 0?" in str(report)


def test_what_cannot_be_called_is_told() -> None:
    with pytest.raises(TypeError, match="takes neither"):
        check_backward(affine, lambda a, b, c, d, e, f, g: a, X, W, B)
    with pytest.raises(TypeError, match="returned 4 gradients"):
        check_backward(affine, lambda dout, x, w, b: (dout,) * 4, X, W, B)


class Part(enum.Enum):
    WEIGHT = "weight"
    BIAS = "bias"


def test_inputs_and_gradients_in_dicts_by_any_key() -> None:
    parts = {Part.WEIGHT: W, Part.BIAS: B}

    def forward(x: Any, parts: Any) -> Any:
        return affine(x, parts[Part.WEIGHT], parts[Part.BIAS])

    def backward(dout: Any, x: Any, parts: Any) -> Any:
        dx, dw, db = gradients(dout, x, parts[Part.WEIGHT])
        return dx, {Part.WEIGHT: dw, Part.BIAS: db}

    assert check_backward(forward, backward, X, parts)
    with pytest.raises(GradientError, match=r"the gradient of parts has no part .*BIAS"):
        check_backward(forward, lambda *given: (backward(*given)[0], {Part.WEIGHT: W}), X, parts)
