"""The gradients as sums of products: against plain loops, PyTorch and what the backward pass recorded."""

from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import GraphError, Tensor
from tests.viz.convolution.oracle import Case, draw_case, in_batch, terms
from viz.convolution import input_gradient, kernel_gradient
from viz.convolution.backward import input_plane, kernel_plane

EXACT = {"rel": 1e-12, "abs": 1e-12}


@pytest.mark.uncounted
@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("seed", range(25))
def test_scatter_and_gather_give_each_pixel_s_gradient(seed: int, constant: bool) -> None:
    case = draw_case(np.random.default_rng(seed))
    y, x, _ = case.run(constant=constant)
    every = terms(case)
    upstream = case.upstream if case.upstream.ndim == 4 else case.upstream[None]
    for index in np.ndindex(*x.shape):
        gradient = input_gradient(y, index)
        expected = [(result, place) for result, at, place, _ in every if at == in_batch(index, case)]
        scattered = [(in_batch(product.left_at, case), product.right_at) for product in gradient.scatter]
        assert scattered == expected
        numbers = [(upstream[result], case.w[place]) for result, place in expected]
        assert [(product.left, product.right) for product in gradient.scatter] == numbers
        total = sum(left * right for left, right in numbers)
        assert gradient.total == pytest.approx(total, **EXACT)
        assert sum(product.value for product in gradient.gather) == pytest.approx(total, **EXACT)
        if constant:
            assert gradient.recorded is None
            assert gradient.remark == (
                "no .grad is recorded for a constant: computed from the upstream gradient and the kernel"
            )
        else:
            assert gradient.recorded == x.grad[index] == pytest.approx(total, **EXACT)
            assert gradient.remark == "equal to the recorded .grad"


@pytest.mark.uncounted
@pytest.mark.parametrize("seed", range(25))
def test_the_gather_is_the_scatter_with_zeros_around_and_between(seed: int) -> None:
    case = draw_case(np.random.default_rng(seed))
    y, x, _ = case.run()
    outputs = case.w.shape[0] // case.groups
    for index in np.ndindex(*x.shape):
        gradient = input_gradient(y, index)
        assert len(gradient.gather) == outputs * case.w.shape[2] * case.w.shape[3]
        met = [product for product in gradient.gather if product.place == "inside"]
        assert sorted(met) == sorted(gradient.scatter)
        assert all(product.left == 0.0 for product in gradient.gather if product.place != "inside")
        offsets = [product.right_at[2:] for product in gradient.gather]
        one = [(k, l) for k in reversed(range(case.w.shape[2])) for l in reversed(range(case.w.shape[3]))]
        assert offsets == one * outputs  # the order of a kernel rotated by 180°


@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("seed", range(25))
def test_the_correlation_gives_each_kernel_element_s_gradient(seed: int, constant: bool) -> None:
    case = draw_case(np.random.default_rng(seed))
    y, _, w = case.run(constant=constant)
    every = terms(case)
    upstream = case.upstream if case.upstream.ndim == 4 else case.upstream[None]
    for index in np.ndindex(*w.shape):
        gradient = kernel_gradient(y, index)
        expected = [(number, upstream[result], at) for result, at, place, number in every if place == index]
        assert [(product.left, product.right) for product in gradient.products] == [term[:2] for term in expected]
        assert [in_batch(product.left_at, case) for product in gradient.products] == [at for _, _, at in expected]
        assert gradient.total == pytest.approx(sum(left * right for left, right, _ in expected), **EXACT)
        assert gradient.recorded == w.grad[index] == pytest.approx(gradient.total, **EXACT)


@pytest.mark.uncounted
@pytest.mark.parametrize("seed", range(20))
def test_all_three_agree_with_pytorch(seed: int) -> None:
    torch: Any = pytest.importorskip("torch")
    case = draw_case(np.random.default_rng(seed))
    y, _, _ = case.run()
    x, w = (torch.tensor(array, requires_grad=True) for array in (case.x, case.w))
    (top, bottom), (left, right) = case.pads
    padded = torch.nn.functional.pad(x, (left, right, top, bottom))
    b = None if case.b is None else torch.tensor(case.b)
    out = torch.nn.functional.conv2d(padded, w, b, case.stride, 0, case.dilation, case.groups)
    out.backward(torch.tensor(case.upstream))
    for index in np.ndindex(*case.x.shape):
        gradient = input_gradient(y, index)
        assert gradient.total == pytest.approx(float(x.grad[index]), **EXACT)
    for index in np.ndindex(*case.w.shape):
        assert kernel_gradient(y, index).total == pytest.approx(float(w.grad[index]), **EXACT)


@pytest.mark.parametrize("seed", range(20))
def test_whole_planes_are_the_recorded_gradients(seed: int) -> None:
    case = draw_case(np.random.default_rng(seed))
    y, x, w = case.run()
    convolution = input_gradient(y).convolution
    for n in range(convolution.batch):
        for c in range(convolution.channels):
            plane = x.grad[convolution.full(n, c)]
            np.testing.assert_allclose(input_plane(convolution, n, c), plane, rtol=1e-12, atol=1e-12)
    for o in range(len(case.w)):
        for among, c in enumerate(convolution.inputs_of(o)):
            np.testing.assert_allclose(kernel_plane(convolution, o, c), w.grad[o, among], rtol=1e-12, atol=1e-12)


def simple(rng: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    numbers = np.random.default_rng(rng)
    x = Tensor(numbers.normal(size=(1, 4, 4)), requires_grad=True)
    w = Tensor(numbers.normal(size=(1, 1, 2, 2)), requires_grad=True)
    return x, w, F.conv2d(x, w)


def test_a_gradient_with_other_parts_in_it_is_told_apart() -> None:
    x, w, y = simple()
    (y.sum() + (x * x).sum() + w.sum()).backward()
    pixel, element = input_gradient(y, (0, 1, 1)), kernel_gradient(y, (0, 0, 1, 0))
    assert pixel.recorded == x.grad[0, 1, 1] == pytest.approx(pixel.total + 2 * x.data[0, 1, 1])
    assert element.recorded == pytest.approx(element.total + 1.0)
    for gradient in (pixel, element):
        assert gradient.remark == (
            "this convolution's part: the recorded .grad also holds what other uses or passes brought"
        )


def test_a_second_pass_adds_to_what_the_first_brought() -> None:
    _, _, y = simple()
    y.sum().backward()
    y.sum().backward()
    gradient = input_gradient(y, (0, 1, 1))
    assert gradient.recorded == pytest.approx(2 * gradient.total)
    assert "other uses or passes" in gradient.remark


def test_an_input_that_was_computed_has_a_gradient_too() -> None:
    x, w, _ = simple()
    h = x.relu()
    y = F.conv2d(h, w)
    y.backward(np.arange(9.0).reshape(1, 3, 3))
    gradient = input_gradient(y, (0, 2, 1))
    assert gradient.recorded == h.grad[0, 2, 1] == pytest.approx(gradient.total)
    assert gradient.remark == "equal to the recorded .grad"


def test_a_frozen_kernel_has_no_recorded_gradient() -> None:
    x = Tensor(np.ones((1, 3, 3)), requires_grad=True)
    y = F.conv2d(x, np.ones((1, 1, 2, 2)))
    y.sum().backward()
    gradient = kernel_gradient(y)
    assert gradient.recorded is None
    assert gradient.total == 4.0
    assert gradient.remark == "no .grad is recorded for a constant: computed from the input and the upstream gradient"


def test_before_a_backward_pass_there_is_no_gradient_to_show() -> None:
    _, _, y = simple()
    for function in (input_gradient, kernel_gradient):
        with pytest.raises(GraphError, match=f"{function.__name__}: no gradient has come to .* call backward on what"):
            function(y)


def test_after_a_pass_that_freed_them_there_is_no_gradient_to_show() -> None:
    _, _, y = simple()
    (y * 2.0).sum().backward(keep="leaves")
    with pytest.raises(GraphError, match=r"keep='leaves' frees it again"):
        input_gradient(y)


def test_after_the_gradients_were_forgotten_the_sum_is_computed() -> None:
    x, w, y = simple()
    y.sum().backward()
    before = input_gradient(y, (0, 1, 1)), kernel_gradient(y)
    x.zero_grad()
    w.zero_grad()
    after = input_gradient(y, (0, 1, 1)), kernel_gradient(y)
    assert [gradient.recorded for gradient in after] == [None, None]
    assert [gradient.total for gradient in after] == [gradient.total for gradient in before]
    assert all(gradient.remark.startswith("no .grad is recorded: computed from") for gradient in after)


def test_a_step_inside_whose_gradient_was_forgotten_is_named() -> None:
    x, w = Tensor(np.ones((1, 3, 3)), requires_grad=True), Tensor(np.ones((1, 1, 2, 2)), requires_grad=True)
    y = F.conv2d(x, w, padding=1)
    y.sum().backward()
    y.parents[1].parents[0].zero_grad()  # the padded input, which handed the gradient to x
    with pytest.raises(GraphError, match=r"conv2d: the gradient of pad \(node \d+\) was freed, .* keep='all'"):
        input_gradient(y)


def test_a_gradient_that_is_not_the_pass_s_is_refused() -> None:
    _, _, y = simple()
    y.sum().backward()
    y.grad = y.grad + 1.0
    with pytest.raises(GraphError, match=r"products of the gradient at .* but the graph holds"):
        input_gradient(y, (0, 1, 1))


def test_an_index_of_the_input_and_of_the_weight_is_checked() -> None:
    _, _, y = simple()
    y.sum().backward()
    with pytest.raises(IndexError, match=r"input_gradient: leaf .* of shape \(1, 4, 4\) has no element \(0, 4, 0\)"):
        input_gradient(y, (0, 4, 0))
    with pytest.raises(IndexError, match=r"kernel_gradient: leaf .* of shape \(1, 1, 2, 2\) has no element"):
        kernel_gradient(y, (0, 0, 0, 2))


def test_a_pixel_that_no_window_holds_has_gradient_zero() -> None:
    x = Tensor(np.ones((1, 5, 5)), requires_grad=True)
    y = F.conv2d(x, np.ones((1, 1, 2, 2)), stride=2)
    y.sum().backward()
    gradient = input_gradient(y, (0, 4, 4))
    assert gradient.scatter == ()
    assert gradient.total == gradient.recorded == 0.0
    assert all(product.place != "inside" for product in gradient.gather)


def test_float32_gradients_agree_within_their_own_rounding() -> None:
    rng = np.random.default_rng(0)
    x = Tensor(rng.normal(size=(2, 8, 9, 9)).astype(np.float32), requires_grad=True)
    w = Tensor(rng.normal(size=(16, 8, 3, 3)).astype(np.float32), requires_grad=True)
    y = F.conv2d(x, w, padding=1)
    y.backward(rng.normal(size=y.shape).astype(np.float32))
    assert input_gradient(y, (1, 3, 4, 5)).remark == "equal to the recorded .grad"
    assert kernel_gradient(y, (7, 3, 1, 2)).remark == "equal to the recorded .grad"


def test_the_case_covers_what_it_should() -> None:
    cases: list[Case] = [draw_case(np.random.default_rng(seed)) for seed in range(40)]
    assert any(case.groups > 1 for case in cases)
    assert any(max(case.stride) > 1 and max(case.dilation) > 1 for case in cases)
    assert any(case.pads[0][0] != case.pads[0][1] for case in cases)
    assert any(case.x.ndim == 3 for case in cases)
    leftover = [
        (n + sum(pad) - d * (k - 1) - 1) % s
        for case in cases
        for n, pad, d, k, s in zip(
            case.x.shape[-2:], case.pads, case.dilation, case.w.shape[2:], case.stride, strict=True
        )
    ]
    assert any(leftover)  # strides that do not divide
