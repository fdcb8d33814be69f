"""Clipped gradients: PyTorch's numbers, gradients that are not finite or too large to square, and what is refused."""

import numpy as np
import pytest
from hypothesis import settings

import nn
from autograd import Tensor, Value


def with_gradients(*gradients, dtype=np.float64):
    leaves = [Tensor(np.zeros(np.shape(gradient), dtype=dtype), requires_grad=True) for gradient in gradients]
    for leaf, gradient in zip(leaves, gradients, strict=True):
        leaf.grad = np.array(gradient, dtype=dtype)
    return leaves


def drawn_gradients(rng):
    shapes = [tuple(rng.integers(1, 4, size=rng.integers(0, 3))) for _ in range(rng.integers(1, 5))]
    return [rng.normal(size=shape) * 10.0 ** rng.integers(-3, 3) for shape in shapes]


def test_norms_and_gradients_are_pytorchs():
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of this test: pip install gradwalk[torch]")
    for seed in range(200 * settings().max_examples // 100):
        rng = np.random.default_rng(seed)
        dtype, rtol = (np.float32, 1e-5) if seed % 3 == 2 else (np.float64, 1e-12)
        gradients = [gradient.astype(dtype) for gradient in drawn_gradients(rng)]
        ours = with_gradients(*gradients, dtype=dtype)
        theirs = [torch.zeros(gradient.shape, requires_grad=True) for gradient in gradients]
        for other, gradient in zip(theirs, gradients, strict=True):
            other.data = other.data.to(torch.tensor(gradient).dtype)
            other.grad = torch.tensor(gradient)
        spare = Tensor([1.0], requires_grad=True)  # without a gradient
        if rng.random() < 0.3:
            bound = rng.uniform(0.0, 2.0)
            nn.clip_grad_value_([*ours, spare], bound)
            torch.nn.utils.clip_grad_value_(theirs, bound)
        else:
            bound, order = rng.choice([0.0, rng.uniform(0.0, 30.0)]), rng.choice([2.0, 1.0, 0.5, 3.0, np.inf])
            norm = nn.clip_grad_norm_([*ours, spare], bound, order)
            expected = torch.nn.utils.clip_grad_norm_(theirs, bound, order)
            assert norm.__class__ is float
            np.testing.assert_allclose(norm, expected.item(), rtol=rtol)
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine.grad, other.grad.numpy(), rtol=rtol)
            assert mine.grad.dtype == dtype
        assert not spare.has_grad


def test_a_norm_by_hand():
    a, b = with_gradients([3.0, 0.0], 4.0)
    assert nn.clip_grad_norm_([a, b], 10.0) == 5.0
    np.testing.assert_array_equal(a.grad, [3.0, 0.0])
    assert nn.clip_grad_norm_([a, b], 1.0, norm_type="inf") == 4.0
    np.testing.assert_allclose(b.grad, 1.0, rtol=1e-6)
    np.testing.assert_allclose(a.grad, [0.75, 0.0], rtol=1e-6)


def test_one_parameter_and_generators_are_taken_too():
    (a,) = with_gradients([3.0, 4.0])
    assert nn.clip_grad_norm_(a, 1.0) == 5.0
    nn.clip_grad_value_((each for each in [a]), 0.5)
    np.testing.assert_array_equal(a.grad, [0.5, 0.5])


def test_values_are_clipped_as_tensors_are():
    values, tensors = [Value(3.0), Value(-4.0)], [Tensor(3.0, requires_grad=True), Tensor(-4.0, requires_grad=True)]
    for clip in (lambda leaves: nn.clip_grad_norm_(leaves, 2.0), lambda leaves: nn.clip_grad_value_(leaves, 0.25)):
        for leaves in (values, tensors):
            for leaf in leaves:
                leaf.zero_grad()
            (leaves[0] * leaves[0] + leaves[1] * leaves[1]).backward()
            clip(leaves)
        assert [value.grad for value in values] == [tensor.grad.item() for tensor in tensors]
        assert values[0].grad.__class__ is float


@pytest.mark.parametrize("clip", [lambda w: nn.clip_grad_norm_([w], 1.0), lambda w: nn.clip_grad_value_([w], 1.0)])
@pytest.mark.parametrize("start", [3.0, [3.0, 4.0]])
def test_what_is_held_elsewhere_is_not_written_and_later_passes_add(clip, start):
    w = Tensor(start, requires_grad=True)
    (w * w).sum().backward()
    before = w.grad
    copy = before.copy()
    clip(w)
    np.testing.assert_array_equal(before, copy)
    clipped = w.grad.copy()
    assert w.grad.__class__ is np.ndarray
    (w * w).sum().backward()
    np.testing.assert_array_equal(w.grad, clipped + copy)


def test_gradients_that_are_not_finite():
    a, b = with_gradients([1.0, np.inf], [2.0])
    with pytest.raises(ArithmeticError, match="clip_grad_norm_: the gradients' norm is inf, and nothing was changed"):
        nn.clip_grad_norm_([a, b], 1.0, error_if_nonfinite=True)
    np.testing.assert_array_equal(b.grad, [2.0])
    assert nn.clip_grad_norm_([a, b], 1.0) == np.inf
    np.testing.assert_array_equal(a.grad, [0.0, np.nan])
    np.testing.assert_array_equal(b.grad, [0.0])
    a, b = with_gradients([1.0, np.nan], [np.inf])
    assert np.isnan(nn.clip_grad_norm_([a, b], 1.0, norm_type=np.inf))
    np.testing.assert_array_equal(b.grad, [np.nan])
    (c,) = with_gradients([np.nan, np.inf, -5.0])
    nn.clip_grad_value_([c], 2.0)
    np.testing.assert_array_equal(c.grad, [np.nan, 2.0, -2.0])


@pytest.mark.parametrize("size", [1e200, 1e-200])
@pytest.mark.parametrize("order, norm", [(1.0, 7.0), (2.0, 5.0), (3.0, 91.0 ** (1 / 3)), (np.inf, 4.0)])
def test_norms_neither_overflow_nor_underflow(size, order, norm):
    (a,) = with_gradients([3.0 * size, 4.0 * size])
    assert nn.clip_grad_norm_([a], np.inf, order) == pytest.approx(norm * size, rel=1e-14)


def test_single_precision_gradients_are_squared_in_double():
    """PyTorch's norm is infinite here, and its gradients become 0."""
    (a,) = with_gradients([3e30, 4e30], dtype=np.float32)
    assert nn.clip_grad_norm_([a], 1.0) == pytest.approx(5e30, rel=1e-6)
    np.testing.assert_allclose(a.grad, [0.6, 0.8], rtol=1e-6)


def test_numpys_bounds_promote_no_float32():
    (a,) = with_gradients([3.0, 4.0], dtype=np.float32)
    nn.clip_grad_norm_([a], np.float64(1.0))
    assert a.grad.dtype == np.float32
    nn.clip_grad_value_([a], np.float64(0.1))
    assert a.grad.dtype == np.float32


@pytest.mark.parametrize("order", [1.0, 2.0, np.inf])
def test_a_gradient_without_elements_has_norm_zero(order):
    a, b = with_gradients(np.ones((0, 2)), [-3.0])
    assert nn.clip_grad_norm_([a], 1.0, order) == 0.0
    assert nn.clip_grad_norm_([a, b], 1.0, order) == 3.0
    nn.clip_grad_value_([a, b], 0.5)
    assert a.grad.shape == (0, 2)


def test_without_any_gradient_nothing_happens():
    a = Tensor([1.0], requires_grad=True)
    assert nn.clip_grad_norm_([a], 1.0) == 0.0
    nn.clip_grad_value_([a], 1.0)
    assert not a.has_grad


A = Tensor([1.0], requires_grad=True)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: nn.clip_grad_norm_([A], -1.0), ValueError, r"clip_grad_norm_: max_norm=-1\.0"),
        (lambda: nn.clip_grad_norm_([A], float("nan")), ValueError, "clip_grad_norm_: max_norm=nan"),
        (lambda: nn.clip_grad_norm_([A], 1.0, 0.0), ValueError, r"clip_grad_norm_: norm_type=0\.0 must be above 0"),
        (lambda: nn.clip_grad_norm_([A], 1.0, -np.inf), ValueError, "clip_grad_norm_: norm_type=-inf"),
        (lambda: nn.clip_grad_norm_([], 1.0), ValueError, "clip_grad_norm_: there is no parameter; was a generator"),
        (lambda: nn.clip_grad_norm_([A, A], 1.0), ValueError, "clip_grad_norm_: a parameter is named twice"),
        (lambda: nn.clip_grad_norm_(nn.Linear(1, 1), 1.0), TypeError, r"not a Linear; write model\.parameters\(\)"),
        (lambda: nn.clip_grad_norm_([np.ones(1)], 1.0), TypeError, "clip_grad_norm_: .* is no parameter"),
        (lambda: nn.clip_grad_value_([A], -1.0), ValueError, r"clip_grad_value_: clip_value=-1\.0"),
        (lambda: nn.clip_grad_value_([A * 2.0], 1.0), ValueError, "clip_grad_value_: .* is the result of an operation"),
    ],
)
def test_what_cannot_work_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
