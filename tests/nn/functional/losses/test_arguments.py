"""What all losses do with their arguments: Values, plain numbers, memory layouts, dtypes, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor, Value
from nn.functional import losses
from tests.nn.functional.losses.configurations import LOSSES, NAMES
from tests.nn.functional.losses.loss_draws import LossTest, Setup
from tests.nn.oracle import assert_near

every_loss = pytest.mark.parametrize("loss", LOSSES, ids=NAMES)


def draws(loss: LossTest, count: int = 20) -> list[tuple[Setup, Any]]:
    """Configurations of a loss, and the function with its options."""
    found = []
    for seed in range(count):
        drawn = loss.draw(np.random.default_rng([7, seed]))
        if drawn.options.get("distance_function"):
            continue  # which is written for arrays with methods, not for arrays of Values
        options = {**drawn.options, **drawn.extra}
        found.append((drawn, lambda *x, options=options: getattr(F, loss.function)(*x, **options)))
    return found


def on_tensors(function: Any, drawn: Setup) -> tuple[Any, list[Any]]:
    """The loss of Tensors, and its gradients under a random upstream gradient."""
    leaves = [Tensor(each, requires_grad=True) for each in drawn.operands]
    out = function(*leaves, *drawn.constants)
    out.backward(np.random.default_rng(out.size).normal(size=out.shape))
    return out.data, [each.grad for each in leaves]


def test_every_function_is_tried() -> None:
    assert sorted({loss.function for loss in LOSSES}) == losses.__all__
    assert sorted({loss.module for loss in LOSSES}) == nn.layers.losses.__all__


@every_loss
def test_values_give_the_same_numbers(loss: LossTest) -> None:
    """Also of single numbers, and where nothing counts; a value that is 0 / 0 is NaN, not an error."""
    for drawn, function in draws(loss):
        if 0 in drawn.operands[0].shape:
            continue
        value, gradients = on_tensors(function, drawn)
        nodes = [np.asarray(np.frompyfunc(Value, 1, 1)(each), dtype=object) for each in drawn.operands]
        out = function(*nodes, *drawn.constants)
        upstream = np.random.default_rng(value.size).normal(size=value.shape)
        with np.errstate(invalid="ignore"):
            np.sum(np.asarray(out) * upstream).backward()
        found = np.array([float(each) for each in np.ravel(out)]).reshape(np.shape(out))
        assert_near(found, value, 1e-12, f"value of {drawn}")
        for operand, gradient in zip(nodes, gradients, strict=True):
            found = np.array([each.grad for each in operand.flat]).reshape(operand.shape)
            assert_near(found, gradient, 1e-12, f"gradient of {drawn}", float(np.max(np.abs(upstream))))


@every_loss
def test_plain_numbers_give_plain_numbers(loss: LossTest) -> None:
    for drawn, function in draws(loss):
        out = function(*drawn.operands, *drawn.constants)
        assert isinstance(out, np.ndarray | float)
        np.testing.assert_allclose(out, on_tensors(function, drawn)[0], rtol=1e-14)


@every_loss
def test_memory_layout_does_not_matter(loss: LossTest) -> None:
    for drawn, function in draws(loss):
        value, gradients = on_tensors(function, drawn)
        bases = [
            Tensor(np.repeat(each[..., None], 2, axis=-1)[..., ::-1], requires_grad=True) for each in drawn.operands
        ]
        views = [base.transpose(*reversed(range(base.ndim)))[0].T for base in bases]
        out = function(*views, *(np.array(each, order="F") for each in drawn.constants))
        out.backward(np.random.default_rng(out.size).normal(size=out.shape))
        assert_near(out.data, value, 1e-14, "value", 1.0)
        for base, gradient in zip(bases, gradients, strict=True):
            assert_near(base.grad[..., 0], gradient, 1e-14, "gradient", 1.0)
            assert not base.grad[..., 1].any()


@every_loss
def test_single_precision_is_kept(loss: LossTest) -> None:
    """Constants, options and weights are double precision, and promote nothing."""
    for drawn, function in draws(loss):
        leaves = [Tensor(np.asarray(each, np.float32), requires_grad=True) for each in drawn.operands]
        out = function(*leaves, *drawn.constants)
        assert out.dtype == np.float32
        out.backward(np.ones(out.shape, np.float32))
        assert {each.grad.dtype for each in leaves} == {np.dtype(np.float32)}


@every_loss
def test_an_unknown_reduction_is_refused(loss: LossTest) -> None:
    (drawn, _), *_ = draws(loss)
    message = r"reduction='average' is none of 'none', 'mean', 'sum'"
    with pytest.raises(ValueError, match=f"^{loss.function}: {message}"):
        getattr(F, loss.function)(*drawn.operands, *drawn.constants, reduction="average")
    with pytest.raises(ValueError, match=f"^{loss.module}: {message}"):
        getattr(nn, loss.module)(reduction="average")
    if loss.function != "kl_div":
        with pytest.raises(ValueError, match="reduction='batchmean'"):
            getattr(nn, loss.module)(reduction="batchmean")


@every_loss
def test_inputs_that_have_no_derivative_are_refused(loss: LossTest) -> None:
    (drawn, function), *_ = draws(loss)
    first, *others = [*drawn.operands, *drawn.constants]
    for wrong, kind in ((first.astype(int), "int64"), (first + 1j, "complex128"), (first.astype(str), "<U")):
        with pytest.raises(DTypeError, match=rf"^{loss.function}: (input1?|anchor) has dtype {kind}"):
            function(wrong, *others)


@every_loss
def test_shapes_that_would_broadcast_are_refused(loss: LossTest) -> None:
    for drawn, function in draws(loss, 40):
        arguments = [*drawn.operands, *drawn.constants]
        for place, argument in enumerate(arguments):
            if argument.ndim:
                widened = [np.asarray(each)[None] if at == place else each for at, each in enumerate(arguments)]
                with pytest.raises((ShapeError, DTypeError), match=rf"^{loss.function}: .* shape |labels must be int"):
                    function(*widened)


PAIRS = [
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "huber_loss",
    "kl_div",
    "poisson_nll_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "focal_loss",
    "multilabel_soft_margin_loss",
    "hinge_loss",
    "hinge_embedding_loss",
    "soft_margin_loss",
]


@pytest.mark.parametrize("name", PAIRS)
def test_two_arguments(name: str) -> None:
    loss = getattr(F, name)
    with pytest.raises(ShapeError, match=rf"{name}: input has shape \(3, 1\) but target has shape \(3,\); .*reshape"):
        loss(np.full((3, 1), 0.5), np.ones(3))
    with pytest.raises(DTypeError, match=f"{name}: target has dtype complex128, .* real part"):
        loss(np.full(3, 0.5), np.ones(3) * 1j)
    with pytest.raises(DTypeError, match=f"{name}: target is made of Tensors, input of Values; make both one kind"):
        loss([Value(0.5)], Tensor([1.0]))
    with pytest.raises(DTypeError, match=rf"{name}: target .*autograd\.stack"):
        loss(np.full(2, 0.5), [Tensor(1.0), Tensor(1.0)])
    with pytest.raises(ShapeError, match=f"{name}: target is a nested list whose rows have different lengths"):
        loss(np.full(2, 0.5), [[1.0, 1.0], [1.0]])


@pytest.mark.parametrize("name", PAIRS)
def test_plain_targets_are_constants_in_the_dtype_of_the_input(name: str) -> None:
    x = [0.25, 0.5, 0.75]
    loss = getattr(F, name)
    expected = loss(Tensor(x), np.ones(3))
    for target in ([1, 1, 1], (True, True, True), np.ones(3, np.uint8), np.ones(3, np.float32), [1.0, 1.0, 1.0]):
        assert loss(Tensor(x), target).item() == expected.item()
        assert loss(Tensor(x).astype(np.float32), target).dtype == np.float32
        assert loss(list(map(Value, x)), target).data == pytest.approx(expected.item(), rel=1e-14)


@pytest.mark.parametrize("name", PAIRS)
def test_a_plain_input_takes_the_dtype_of_the_target(name: str) -> None:
    target = Tensor(np.ones(3, np.float32), requires_grad=True)
    out = getattr(F, name)([0.25, 0.5, 0.75], target)
    assert out.dtype == np.float32
    if name != "hinge_embedding_loss":  # which only asks which sign the target has
        out.backward()
        assert target.grad is not None
        assert target.grad.dtype == np.float32


def test_legacy_arguments_are_not_imitated() -> None:
    for name in ("size_average", "reduce"):
        with pytest.raises(TypeError, match=name):
            F.mse_loss(np.ones(2), np.ones(2), **{name: True})
