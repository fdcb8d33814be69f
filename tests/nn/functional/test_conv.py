"""Convolution against PyTorch: every stride, dilation, group and padding, and its refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn.functional as F
from autograd import ShapeError, Tensor
from tests.autograd.support import LAYOUTS, Operand, base_shape, examples, leaf, numbers, seeds
from tests.autograd.torch_oracle import agree, torch

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")

OURS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
THEIRS = {1: torch.nn.functional.conv1d, 2: torch.nn.functional.conv2d, 3: torch.nn.functional.conv3d}
LONGEST = {1: 9, 2: 6, 3: 4}


class Convolution(NamedTuple):
    """One configuration of a convolution."""

    image: tuple[int, ...]
    weight: tuple[int, ...]
    bias: bool
    stride: Any
    padding: Any
    dilation: Any
    groups: int

    @property
    def axes(self) -> int:
        return len(self.weight) - 2

    @property
    def options(self) -> dict[str, Any]:
        return {"stride": self.stride, "dilation": self.dilation, "groups": self.groups}

    def each(self, value: Any) -> tuple[Any, ...]:
        return value if isinstance(value, tuple) else (value,) * self.axes

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The padding in numbers, written down here a second time, as PyTorch documents it."""
        if self.padding == "valid":
            return [(0, 0)] * self.axes
        if self.padding == "same":
            totals = [d * (k - 1) for d, k in zip(self.each(self.dilation), self.weight[2:], strict=True)]
            return [(total // 2, total - total // 2) for total in totals]
        return [pad if isinstance(pad, tuple) else (pad, pad) for pad in self.each(self.padding)]

    def is_possible(self) -> bool:
        lengths = self.image[-self.axes :]
        strided_same = self.padding == "same" and set(self.each(self.stride)) != {1}
        return not strided_same and all(
            d * (k - 1) + 1 <= before + length + after
            for d, k, length, (before, after) in zip(
                self.each(self.dilation), self.weight[2:], lengths, self.pairs, strict=True
            )
        )

    def theirs(self, x: Any, w: Any, b: Any = None) -> Any:
        """PyTorch's convolution. Padding that it does not know, a pair for each axis, is put around the image first."""
        padding = self.padding
        if isinstance(padding, tuple) and any(isinstance(pad, tuple) for pad in padding):
            x = torch.nn.functional.pad(x, [amount for pair in reversed(self.pairs) for amount in pair])
            padding = 0
        return THEIRS[self.axes](x, w, b, padding=padding, **self.options)

    def ours(self, x: Any, w: Any, b: Any = None) -> Any:
        return OURS[self.axes](x, w, b, padding=self.padding, **self.options)


@st.composite
def convolutions(draw: Callable[..., Any], axes: int) -> Convolution:
    """Small configurations, some of which cannot be: a kernel larger than its image, "same" with a stride."""

    def one_or_each(values: Any) -> Any:
        return draw(st.one_of(values, st.tuples(*[values] * axes)))

    groups = draw(st.integers(1, 3))
    channels, kernels = (draw(st.integers(1, 2)) for _ in range(2))
    lengths = draw(st.tuples(*[st.integers(1, LONGEST[axes])] * axes))
    kernel = draw(st.tuples(*[st.integers(1, 4 if axes == 1 else 3)] * axes))
    amounts = st.integers(0, 2)
    padding = draw(
        st.one_of(
            amounts,
            st.tuples(*[amounts] * axes),
            st.tuples(*[st.one_of(amounts, st.tuples(amounts, amounts))] * axes),
            st.sampled_from(["same", "valid"]),
        )
    )
    strides = st.just(1) if padding == "same" and draw(st.integers(0, 7)) else st.integers(1, 3)
    return Convolution(
        image=(*draw(st.sampled_from([(), (0,), (1,), (2,), (2,)])), groups * channels, *lengths),
        weight=(groups * kernels, channels, *kernel),
        bias=draw(st.booleans()),
        stride=one_or_each(strides),
        padding=padding,
        dilation=one_or_each(st.integers(1, 2)),
        groups=groups,
    )


def check(case: Convolution, seed: int) -> None:
    """Hold value and gradients against PyTorch's, or both refusals."""
    rng = np.random.default_rng(seed)
    dtype = np.float32 if seed % 4 == 0 else np.float64
    shapes = [case.image, case.weight, *([case.weight[:1]] if case.bias else [])]
    operands = []
    for shape in shapes:
        layout = str(rng.choice(LAYOUTS))
        operands.append(Operand(numbers(rng, base_shape(shape, layout), False, dtype), layout))
    if case.is_possible():
        agree(case.ours, case.theirs, operands, seed)
        return
    arrays = [operand.array for operand in operands]
    with pytest.raises(ValueError, match=f"conv{case.axes}d: "):
        case.ours(*arrays)
    with pytest.raises(RuntimeError):
        case.theirs(*(torch.from_numpy(np.array(array)) for array in arrays))


@examples()
@given(case=convolutions(1), seed=seeds)
def test_conv1d(case: Convolution, seed: int) -> None:
    check(case, seed)


@examples()
@given(case=convolutions(2), seed=seeds)
def test_conv2d(case: Convolution, seed: int) -> None:
    check(case, seed)


@examples()
@given(case=convolutions(3), seed=seeds)
def test_conv3d(case: Convolution, seed: int) -> None:
    check(case, seed)


@pytest.mark.parametrize("length, kernel, stride, padding", [(16, 7, 3, 2), (6, 3, 2, 0), (5, 2, 2, 0), (9, 3, 4, 1)])
def test_a_stride_that_does_not_divide(length: int, kernel: int, stride: int, padding: int) -> None:
    case = Convolution((1, 1, length, length), (2, 1, kernel, kernel), True, stride, padding, 1, 1)
    rng = np.random.default_rng(length)
    shapes = [case.image, case.weight, (2,)]
    agree(case.ours, case.theirs, [Operand(rng.normal(size=shape), "plain") for shape in shapes], seed=kernel)


def test_same_padding_adds_the_odd_element_at_the_end() -> None:
    out = F.conv1d(np.array([[1.0, 2.0, 3.0]]), np.array([[[1.0, 10.0]]]), padding="same")
    assert out.tolist() == [[21.0, 32.0, 3.0]]


def test_the_kernel_is_not_flipped() -> None:
    image, kernel = np.zeros((1, 3, 3)), np.arange(9.0).reshape(1, 1, 3, 3)
    image[0, 1, 1] = 1.0
    assert F.conv2d(image, kernel, padding=1)[0].tolist() == kernel[0, 0, ::-1, ::-1].tolist()


@pytest.mark.parametrize("seed", range(20))
def test_transpose_is_the_adjoint(seed: int) -> None:
    """<conv(x, w), y> = <x, transpose of conv (y, w)>, where the transpose is the backward pass."""
    rng = np.random.default_rng(seed)
    x, w = leaf(rng.normal(size=(2, 4, 7, 6))), rng.normal(size=(6, 2, 3, 2))
    out = F.conv2d(x, w, stride=(2, 3), padding=((1, 0), (0, 2)), dilation=(1, 2), groups=2)
    y = rng.normal(size=out.shape)
    out.backward(y)
    assert np.vdot(out.data, y) == pytest.approx(np.vdot(x.data, x.grad), rel=1e-12)


def test_images_may_be_constants_and_kernels_too() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 2, 5, 5)), rng.normal(size=(3, 2, 3, 3))
    plain = F.conv2d(x, w)
    assert isinstance(plain, np.ndarray)
    weight, image = leaf(w), leaf(x)
    for out, node in ((F.conv2d(x, weight), weight), (F.conv2d(image, w), image)):
        assert isinstance(out, Tensor)
        np.testing.assert_array_equal(out.data, plain)
        out.sum().backward()
        assert node.grad is not None


def test_is_one_scope_of_primitives() -> None:
    out = F.conv2d(leaf(np.ones((1, 1, 3, 3))), leaf(np.ones((1, 1, 2, 2))), leaf(np.ones(1)), padding=1)
    symbols = []
    node = out
    while node.rule is not None:
        assert node.scope == "conv2d"
        symbols.append(node.rule.name)
        node = node.parents[-1] if node.rule.name == "contract" else node.parents[0]
    assert symbols == ["add", "contract", "windows", "pad"]


def test_refuses_more_kernel_than_image() -> None:
    with pytest.raises(ShapeError, match=r"conv2d: the kernel \(3, 2\) spans \(5, 2\).* \(4, 4\) with.*pad more"):
        F.conv2d(np.ones((1, 4, 4)), np.ones((1, 1, 3, 2)), dilation=(2, 1))
