"""Pooling against PyTorch: every kernel, stride, padding, dilation and rounding, ties, and the divisor's rules."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import nn.functional as F
from autograd import ShapeError
from tests.autograd.support import LAYOUTS, Operand, base_shape, examples, leaf, numbers, seeds
from tests.autograd.torch_oracle import agree, torch

LONGEST = {1: 9, 2: 6, 3: 4}


class Pooling(NamedTuple):
    """One configuration of a pooling."""

    image: tuple[int, ...]
    options: dict[str, Any]

    def each(self, option: str, default: Any = 1) -> tuple[int, ...]:
        axes = len(self.kernel)
        value = self.options.get(option, default)
        return value if isinstance(value, tuple) else (value,) * axes

    @property
    def kernel(self) -> tuple[int, ...]:
        return tuple(self.options["kernel_size"])

    @property
    def windows(self) -> list[tuple[int, int, int, int, int]]:
        """For each axis: how many windows fit, counted by where one may start; the length, stride, padding and span."""
        out = []
        strides = self.kernel if self.options["stride"] is None else self.each("stride")
        lengths = self.image[-len(self.kernel) :]
        for length, k, s, p, d in zip(
            lengths, self.kernel, strides, self.each("padding"), self.each("dilation"), strict=True
        ):
            span = d * (k - 1) + 1
            last = length + 2 * p - span  # where the last whole window starts, counted from the padding's first element
            count = 0 if last < 0 and not self.options["ceil_mode"] else max(last // s + 1, 0)
            if self.options["ceil_mode"] and count * s < length + p and last > (count - 1) * s and last > -s:
                count += 1
            out.append((count, length, s, p, span))
        return out

    def sees_padding_alone(self) -> bool:
        """Whether a window has no element in the image, which PyTorch does not notice."""
        for (count, length, s, p, _), k, d in zip(self.windows, self.kernel, self.each("dilation"), strict=True):
            for window in range(count):
                places = [window * s - p + d * offset for offset in range(k)]
                if not any(0 <= place < length for place in places):
                    return True
        return False


@st.composite
def poolings(draw: Callable[..., Any], axes: int, kind: str) -> Pooling:
    """Small configurations, some with a kernel larger than its image."""
    lengths = draw(st.tuples(*[st.integers(1, LONGEST[axes])] * axes))
    kernel = draw(st.tuples(*[st.integers(1, 4 if axes == 1 else 3)] * axes))
    dilation = draw(st.tuples(*[st.integers(1, 2)] * axes)) if kind == "max" else (1,) * axes
    options: dict[str, Any] = {
        "kernel_size": kernel,
        "stride": draw(st.one_of(st.none(), st.integers(1, 4), st.tuples(*[st.integers(1, 4)] * axes))),
        "padding": draw(st.tuples(*[st.integers(0, most) for most in [k // 2 for k in kernel]])),
        "ceil_mode": draw(st.booleans()),
    }
    if kind == "max":
        options["dilation"] = dilation
    else:
        options["count_include_pad"] = draw(st.booleans())
        if axes > 1 and draw(st.integers(0, 3)) == 0:
            options["divisor_override"] = draw(st.sampled_from([-2, 1, 3]))
    batch = draw(st.sampled_from([(), (0,), (1,), (2,), (2,)]))
    return Pooling((*batch, draw(st.integers(1, 3)), *lengths), options)


def check(kind: str, case: Pooling, seed: int) -> None:
    """Hold value and gradient against PyTorch's, or both refusals."""
    name = f"{kind}_pool{len(case.kernel)}d"
    ours, theirs = getattr(F, name), getattr(torch.nn.functional, name)
    rng = np.random.default_rng(seed)
    layout = str(rng.choice(LAYOUTS))
    dtype = np.float32 if seed % 4 == 0 else np.float64
    operand = Operand(numbers(rng, base_shape(case.image, layout), seed % 2 == 0, dtype), layout)
    if all(window[0] > 0 for window in case.windows):
        agree(lambda x: ours(x, **case.options), lambda x: theirs(x, **case.options), [operand], seed)
        return
    with pytest.raises(ShapeError, match=f"{name}: the kernel"):
        ours(operand.array, **case.options)
    with pytest.raises(RuntimeError):
        theirs(torch.from_numpy(np.array(operand.array)), **case.options)


@examples()
@given(case=poolings(1, "max"), seed=seeds)
def test_max_pool1d(case: Pooling, seed: int) -> None:
    assume(not case.sees_padding_alone())
    check("max", case, seed)


@examples()
@given(case=poolings(2, "max"), seed=seeds)
def test_max_pool2d(case: Pooling, seed: int) -> None:
    assume(not case.sees_padding_alone())
    check("max", case, seed)


@examples()
@given(case=poolings(3, "max"), seed=seeds)
def test_max_pool3d(case: Pooling, seed: int) -> None:
    assume(not case.sees_padding_alone())
    check("max", case, seed)


@examples()
@given(case=poolings(1, "avg"), seed=seeds)
def test_avg_pool1d(case: Pooling, seed: int) -> None:
    check("avg", case, seed)


@examples()
@given(case=poolings(2, "avg"), seed=seeds)
def test_avg_pool2d(case: Pooling, seed: int) -> None:
    check("avg", case, seed)


@examples()
@given(case=poolings(3, "avg"), seed=seeds)
def test_avg_pool3d(case: Pooling, seed: int) -> None:
    impossible = any(window[0] < 1 for window in case.windows)
    # Here alone PyTorch refuses a kernel that is larger than the image even where its padding makes room for it.
    assume(impossible or all(span <= length for _, length, _, _, span in case.windows))
    check("avg", case, seed)


@pytest.mark.parametrize("name", ["max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d"])
def test_arguments_have_pytorchs_order_and_defaults(name: str) -> None:
    axes = int(name[-2])
    array = np.random.default_rng(axes).normal(size=(2, 3, *(5,) * axes))
    ours, theirs = getattr(F, name), getattr(torch.nn.functional, name)
    last = [(2, 2, 1, 2), (2, 2, 1, 1, True)] if name.startswith("max") else [(2, 2, 1, True), (2, 2, 1, True, False)]
    for arguments in [(2,), (3, 2), (3, 2, 1), *last]:
        expected = theirs(torch.from_numpy(array), *arguments).numpy()
        np.testing.assert_allclose(ours(array, *arguments), expected, rtol=1e-12)


def test_a_kernel_of_one_row_or_one_column() -> None:
    image = np.array([[[1.0, 2.0, 3.0, 4.0], [8.0, 7.0, 6.0, 5.0]]])
    assert F.max_pool2d(image, (1, 2)).tolist() == [[[2.0, 4.0], [8.0, 6.0]]]
    assert F.max_pool2d(image, (2, 1)).tolist() == [[[8.0, 7.0, 6.0, 5.0]]]
    assert F.avg_pool2d(image, (1, 2)).tolist() == [[[1.5, 3.5], [7.5, 5.5]]]


def test_padding_never_wins_a_maximum() -> None:
    x = leaf(np.full((1, 1, 3, 3), -1.0))
    out = F.max_pool2d(x, 3, stride=2, padding=1)
    assert out.data.tolist() == [[[[-1.0, -1.0], [-1.0, -1.0]]]]
    out.sum().backward()
    assert x.grad.sum() == 4.0


def test_the_first_of_tied_maxima_takes_all_in_row_major_order() -> None:
    x = leaf([[[1.0, 2.0], [2.0, 2.0]]])
    F.max_pool2d(x, 2).backward(np.array([[[3.0]]]))
    assert x.grad.tolist() == [[[0.0, 3.0], [0.0, 0.0]]]


def test_overlapping_windows_add_up() -> None:
    x = leaf([[0.0, 5.0, 0.0, 1.0]])
    F.max_pool1d(x, 3, stride=1).backward(np.array([[2.0, 3.0]]))
    assert x.grad.tolist() == [[0.0, 5.0, 0.0, 0.0]]


def test_ceil_mode_drops_a_window_that_would_start_in_the_padding() -> None:
    ones = np.ones((1, 3))
    assert F.avg_pool1d(ones, 2, stride=2, padding=1, ceil_mode=True).shape == (1, 2)
    assert F.avg_pool1d(np.ones((1, 4)), 2, stride=2, padding=1, ceil_mode=True).tolist() == [[0.5, 1.0, 0.5]]


def test_a_window_that_sees_padding_alone_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"max_pool1d: .* dilation \(2,\) sees nothing but the padding"):
        F.max_pool1d(np.ones((1, 1, 1)), 2, 1, padding=1, dilation=2)


def test_nan_is_a_maximum() -> None:
    out = F.max_pool1d(np.array([[1.0, math.nan, 2.0, 3.0]]), 2)
    assert math.isnan(out[0, 0])
    assert out[0, 1] == 3.0


@pytest.mark.parametrize("pool, size", [(F.max_pool2d, 3), (F.avg_pool2d, 3)])
def test_more_padding_than_half_the_kernel_is_refused(pool: Any, size: int) -> None:
    with pytest.raises(ValueError, match=r"pool2d: padding=2 must be at most half of the kernel \(3, 3\)"):
        pool(np.ones((1, 4, 4)), size, 2, 2)
    with pytest.raises(RuntimeError):
        getattr(torch.nn.functional, pool.__name__)(torch.ones(1, 4, 4), size, 2, 2)


@pytest.mark.parametrize("pool", [F.max_pool2d, F.avg_pool2d])
def test_is_one_scope_of_primitives(pool: Any) -> None:
    out = pool(leaf(np.ones((1, 4, 4))), 2, padding=1)
    names = []
    while out.rule is not None:
        assert out.scope == pool.__name__
        names.append(out.rule.name)
        out = out.parents[0]
    assert names in (["max", "windows", "pad"], ["divide", "sum", "windows", "pad"])
