"""The derivative where there is none: the documented rule, every option that changes it, and the refusal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import KinkError, Value, kinks, no_grad
from autograd import functions as F
from tests.autograd.support import leaf

KINDS = pytest.mark.parametrize("kind", [Value, leaf], ids=["Value", "Tensor"])

AT_KINK: dict[str, tuple[Any, tuple[float, ...]]] = {
    "relu": (ag.relu, (0.0,)),
    "abs": (ag.absolute, (0.0,)),
    "clip below": (lambda x: ag.clip(x, 1.0, 3.0), (1.0,)),
    "clip above": (lambda x: ag.clip(x, 1.0, 3.0), (3.0,)),
    "maximum": (ag.maximum, (2.0, 2.0)),
    "minimum": (ag.minimum, (2.0, 2.0)),
}
CHOICES: list[tuple[str, dict[str, Any], tuple[float, ...]]] = [
    ("relu", {}, (0.0,)),
    ("relu", {"relu": 0.5}, (0.5,)),
    ("relu", {"relu": 1}, (1.0,)),
    ("relu", {"abs": 1}, (0.0,)),
    ("abs", {}, (0.0,)),
    ("abs", {"abs": 1.0}, (1.0,)),
    ("abs", {"abs": -1.0}, (-1.0,)),
    ("abs", {"abs": 0.25}, (0.25,)),
    ("clip below", {}, (1.0,)),
    ("clip below", {"clip": 0.0}, (0.0,)),
    ("clip above", {}, (1.0,)),
    ("clip above", {"clip": 0.5}, (0.5,)),
    ("maximum", {}, (0.5, 0.5)),
    ("minimum", {}, (0.5, 0.5)),
    ("maximum", {"ties": "first"}, (1.0, 0.0)),
    ("minimum", {"ties": "first"}, (1.0, 0.0)),
    ("maximum", {"ties": "all"}, (1.0, 1.0)),
    ("minimum", {"ties": "all"}, (1.0, 1.0)),
    ("maximum", {"ties": "split"}, (0.5, 0.5)),
]


@KINDS
@pytest.mark.parametrize("name, options, expected", CHOICES)
def test_derivative_at_the_kink(kind: Any, name: str, options: dict[str, Any], expected: tuple[float, ...]) -> None:
    function, at = AT_KINK[name]
    variables = [kind(x) for x in at]
    with kinks(**options):
        out = function(*variables)
    out.backward(-3.0)  # the rule is fixed when the operation is recorded
    assert tuple(float(variable.grad) for variable in variables) == tuple(-3.0 * slope for slope in expected)


@KINDS
@pytest.mark.parametrize("name, options, expected", [case for case in CHOICES if case[1]])
def test_options_change_nothing_beside_the_kink(
    kind: Any, name: str, options: dict[str, Any], expected: tuple[float, ...]
) -> None:
    function, at = AT_KINK[name]
    for shift in (-0.5, 0.5):
        plain, changed = ([kind(at[0] + shift), *map(kind, at[1:])] for _ in range(2))
        function(*plain).backward(2.0)
        with kinks(**options):
            out = function(*changed)
        out.backward(2.0)
        assert [float(x.grad) for x in changed] == [float(x.grad) for x in plain]


@KINDS
@pytest.mark.parametrize("name", AT_KINK)
def test_raise_refuses_the_kink_and_names_the_remedy(kind: Any, name: str) -> None:
    function, at = AT_KINK[name]
    option = {"maximum": "ties", "minimum": "ties"}.get(name, name.split()[0])
    with kinks(**{option: "raise"}):
        with pytest.raises(KinkError, match=rf"{option}='raise'"):
            function(*map(kind, at))
        function(kind(at[0] + 0.5), *map(kind, at[1:])).backward()
    function(*map(kind, at)).backward()


REDUCED = [
    (F.max, [3.0, 1.0, 3.0, 3.0], {}, [1.0, 0.0, 0.0, 0.0]),
    (F.min, [3.0, 1.0, 3.0, 1.0], {}, [0.0, 1.0, 0.0, 0.0]),
    (F.max, [3.0, 1.0, 3.0, 3.0], {"ties": "split"}, [1 / 3, 0.0, 1 / 3, 1 / 3]),
    (F.min, [3.0, 1.0, 3.0, 1.0], {"ties": "split"}, [0.0, 0.5, 0.0, 0.5]),
    (F.max, [3.0, 1.0, 3.0, 3.0], {"ties": "all"}, [1.0, 0.0, 1.0, 1.0]),
    (F.max, [3.0, 1.0, 3.0, 3.0], {"ties": "first"}, [1.0, 0.0, 0.0, 0.0]),
    (F.max, [3.0, 1.0, 2.0, 0.0], {"ties": "raise"}, [1.0, 0.0, 0.0, 0.0]),
]


@pytest.mark.parametrize("function, data, options, expected", REDUCED)
def test_ties_of_a_reduction(function: Any, data: list[float], options: dict[str, Any], expected: list[float]) -> None:
    x, values = leaf(data), [Value(each) for each in data]
    with kinks(**options):
        tensor, scalar = function(x), function(values)
    tensor.backward(-6.0)
    scalar.backward(-6.0)
    assert x.grad.tolist() == [-6.0 * share for share in expected]
    assert [value.grad for value in values] == [-6.0 * share for share in expected]


@pytest.mark.parametrize("function", [F.max, F.min])
def test_tied_reduction_refused(function: Any) -> None:
    with kinks(ties="raise"):
        for tied in (leaf([2.0, 2.0]), [Value(2.0), Value(2.0)]):
            with pytest.raises(KinkError, match=function.__name__):
                function(tied)
        untied = function(leaf([[2.0, 1.0], [2.0, 5.0]]), axis=1)
        assert untied.shape == (2,)
        with pytest.raises(KinkError):
            function(leaf([[2.0, 1.0], [2.0, 5.0]]), axis=0)


@pytest.mark.parametrize("axis", [(0, 1), (1, 0), (0, 2), (2, 0), (-1, -2), None, 1, (0, 1, 2)])
def test_first_maximum_is_first_in_row_major_order_however_axes_are_written(axis: Any) -> None:
    data = np.random.default_rng(17).integers(2, size=(2, 3, 4)).astype(float)  # ties everywhere
    x = leaf(data)
    out = F.max(x, axis=axis)
    gradient = np.arange(1.0, out.size + 1).reshape(out.shape)
    out.backward(gradient)
    axes = sorted(range(3) if axis is None else {each % 3 for each in np.atleast_1d(axis)})
    rows, found = (np.moveaxis(each, axes, range(-len(axes), 0)).reshape(out.size, -1) for each in (data, x.grad))
    expected = np.zeros_like(rows)
    expected[np.arange(out.size), rows.argmax(axis=1)] = gradient.reshape(-1)
    np.testing.assert_array_equal(found, expected)


def test_max_and_maximum_share_differently_by_design() -> None:
    x, y = leaf([1.0, 1.0]), leaf([1.0])
    F.max(x).backward()
    assert x.grad.tolist() == [1.0, 0.0]
    z = leaf([1.0])
    ag.maximum(y, z).backward()
    assert (y.grad.tolist(), z.grad.tolist()) == ([0.5], [0.5])


@pytest.mark.parametrize("at", [-2.0, -1e-300, 1e-300, 2.0, np.inf, -np.inf])
@KINDS
def test_relu_by_three_spellings(kind: Any, at: float) -> None:
    """x.relu(), maximum(x, 0), where(x > 0, x, 0), and max of a pair: one function, one derivative beside 0."""
    spellings = [
        lambda x: x.relu(),
        lambda x: ag.relu(x),
        lambda x: ag.maximum(x, 0.0),
        lambda x: ag.maximum(0.0, x),
        lambda x: ag.where(x > 0, x, 0.0),
        lambda x: ag.clip(x, 0.0),
        lambda x: (x + abs(x)) / 2.0,
    ]
    results = []
    for spelling in spellings:
        x = kind(at)
        with np.errstate(all="ignore"):
            out = spelling(x)
        out.backward(-1.5)
        results.append((float(out.data), float(x.grad)))
    expected = (max(at, 0.0), -1.5 if at > 0 else -0.0)
    assert results[:-1] == [expected] * (len(spellings) - 1)
    assert results[-1] == expected or np.isinf(at)


@KINDS
def test_relu_spellings_at_zero_are_the_table(kind: Any) -> None:
    slopes = []
    for spelling in (lambda x: x.relu(), lambda x: ag.where(x > 0, x, 0.0), lambda x: ag.maximum(x, 0.0)):
        x = kind(0.0)
        spelling(x).backward()
        slopes.append(float(x.grad))
    assert slopes == [0.0, 0.0, 0.5]


@KINDS
def test_sqrt_at_zero_is_infinite(kind: Any) -> None:
    x = kind(0.0)
    x.sqrt().backward(-1.0)
    assert float(x.grad) == -np.inf


@pytest.mark.parametrize(
    "options",
    [
        {"ties": "half"},
        {"ties": 0.5},
        {"relu": -0.1},
        {"relu": 1.1},
        {"relu": "split"},
        {"abs": -2.0},
        {"abs": "x"},
        {"clip": 2.0},
        {"clip": "first"},
        {"relu": float("nan")},
    ],
)
def test_options_that_do_not_exist(options: dict[str, Any]) -> None:
    ((name, _),) = options.items()
    with pytest.raises(ValueError, match=f"kinks: {name}="):
        kinks(**options)


@KINDS
def test_contexts_nest_and_end(kind: Any) -> None:
    def slope() -> float:
        x = kind(0.0)
        (x.relu() + abs(x) * 10.0).backward()
        return float(x.grad)

    with kinks(relu=1.0):
        with kinks(abs=0.5):
            assert slope() == 6.0
        assert slope() == 1.0
        with pytest.raises(KeyError), kinks(relu=0.5):
            raise KeyError
        assert slope() == 1.0
        with no_grad():
            assert not kind(0.0).relu().requires_grad
    assert slope() == 0.0
