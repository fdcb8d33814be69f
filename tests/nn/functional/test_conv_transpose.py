"""Transposed convolution against PyTorch to second derivatives, by hand, and its refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor, Value
from tests.nn.functional.spatial_draws import batch, each, integer, one_or_each
from tests.nn.oracle import Case, hold, torch

OURS = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
THEIRS = {
    1: torch.nn.functional.conv_transpose1d,
    2: torch.nn.functional.conv_transpose2d,
    3: torch.nn.functional.conv_transpose3d,
}


def draw(rng: np.random.Generator, axes: int, kind: str) -> Case:
    """Any configuration; "depthwise" with as many groups as channels; "pointwise" with a kernel of 1."""
    depthwise, longest = kind == "depthwise", 1 if kind == "pointwise" else 4 - axes // 2
    groups = integer(rng, 1, 4 if depthwise else 2)
    channels, outputs = (1 if depthwise else integer(rng, 1, 2)), integer(rng, 1, 2)
    kernel = tuple(integer(rng, 1, longest) for _ in range(axes))
    stride, dilation = (one_or_each(rng, axes, 1, 3 if axes < 3 else 2) for _ in range(2))
    lengths, padding, extra = [], [], []
    for k, s, d in zip(kernel, each(stride, axes), each(dilation, axes), strict=True):
        extra.append(integer(rng, 0, max(s, d) - 1))
        lengths.append(integer(rng, 1, 5 - axes))
        reach = (lengths[-1] - 1) * s + d * (k - 1) + 1
        padding.append(integer(rng, 0, min((reach + extra[-1] - 1) // 2, 3)))
    options = {
        "stride": stride, "padding": tuple(padding), "output_padding": tuple(extra), "groups": groups,
        "dilation": dilation,
    }  # fmt: skip
    shapes = [(*batch(rng), groups * channels, *lengths), (groups * channels, outputs, *kernel)]
    if rng.integers(2):
        shapes.append((groups * outputs,))
    return Case(
        [rng.normal(size=shape) for shape in shapes],
        lambda *operands: OURS[axes](*operands, **options),
        lambda *operands: THEIRS[axes](*operands, **options),
        note=str(options),
    )


@pytest.mark.parametrize("kind, count", [("any", 300), ("depthwise", 100), ("pointwise", 100)])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_transposed_convolution(axes: int, kind: str, count: int) -> None:
    hold(lambda rng: draw(rng, axes, kind), count)


def test_each_pixel_lays_down_the_kernel() -> None:
    image, kernel = np.array([[1.0, 10.0]]), np.array([[[1.0, 2.0, 3.0]]])
    assert F.conv_transpose1d(image, kernel).tolist() == [[1.0, 12.0, 23.0, 30.0]]
    assert F.conv_transpose1d(image, kernel, stride=4).tolist() == [[1.0, 2.0, 3.0, 0.0, 10.0, 20.0, 30.0]]
    assert F.conv_transpose1d(image, kernel, dilation=2).tolist() == [[1.0, 10.0, 2.0, 20.0, 3.0, 30.0]]
    assert F.conv_transpose1d(image, kernel, np.array([0.5]), padding=1).tolist() == [[12.5, 23.5]]


def test_output_padding_uncovers_what_padding_took_away_and_adds_zeros_only_beyond() -> None:
    image, kernel = np.array([[1.0, 10.0]]), np.array([[[1.0, 2.0, 3.0]]])
    whole = F.conv_transpose1d(image, kernel, stride=2)
    assert whole.tolist() == [[1.0, 2.0, 13.0, 20.0, 30.0]]
    padded = F.conv_transpose1d(image, kernel, stride=2, padding=1, output_padding=1)
    assert padded.tolist() == [[2.0, 13.0, 20.0, 30.0]]
    beyond = F.conv_transpose1d(image, kernel, np.array([0.5]), stride=2, output_padding=1)
    assert beyond.tolist() == [[1.5, 2.5, 13.5, 20.5, 30.5, 0.5]]


def test_output_padding_may_reach_the_dilation() -> None:
    """A further window would fit then, which the backward pass must not take."""
    image, kernel = Tensor([[1.0, 2.0]], requires_grad=True), np.array([[[1.0, 3.0]]])
    out = F.conv_transpose1d(image, kernel, dilation=4, output_padding=3)
    assert out.data.tolist() == [[1.0, 2.0, 0.0, 0.0, 3.0, 6.0, 0.0, 0.0, 0.0]]
    out.backward(np.arange(9.0).reshape(1, 9))
    assert image.grad is not None
    assert image.grad.tolist() == [[12.0, 16.0]]


def test_is_one_scope_of_primitives() -> None:
    image, kernel, bias = (Tensor(np.ones(shape), requires_grad=True) for shape in ((1, 1, 3, 3), (1, 1, 2, 2), 1))
    node, names = F.conv_transpose2d(image, kernel, bias, padding=1), []
    while node.rule is not None:
        assert node.scope == "conv_transpose2d"
        names.append(node.rule.name)
        node = node.parents[0]
    assert names == ["add", "getitem", "overlap_add", "contract"]


def test_keeps_float32_and_views() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(5, 4, 2, 3)).astype(np.float32), rng.normal(size=(2, 3, 2, 2)).astype(np.float32)
    view = x.transpose(3, 2, 1, 0)[::2, :, ::-1]
    out = F.conv_transpose2d(view, w)
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out, F.conv_transpose2d(np.ascontiguousarray(view), w))


IMAGE, WEIGHT = np.ones((1, 4, 3, 3)), np.ones((4, 1, 2, 2))


@pytest.mark.parametrize(
    "operands, options, error, message",
    [
        ([np.ones((3, 3)), WEIGHT], {}, ShapeError, r"conv_transpose2d: input must have shape \(N, C, H, W\)"),
        ([np.ones((1, 4, 0, 3)), WEIGHT], {}, ShapeError, "only the batch may be empty"),
        ([IMAGE, np.ones((4, 1, 2))], {}, ShapeError, r"weight must have shape \(C, O / groups, \*kernel\)"),
        ([IMAGE, np.ones((4, 0, 2, 2))], {}, ShapeError, "none of length 0"),
        ([IMAGE, np.ones((3, 1, 2, 2))], {}, ShapeError, r"takes 3; give a weight of shape \(4, 1, 2, 2\)"),
        ([IMAGE, WEIGHT], {"groups": 3}, ShapeError, "groups=3 must divide the 4 channels"),
        ([IMAGE, WEIGHT, np.ones(2)], {"groups": 4}, ShapeError, r"bias must have shape \(4,\)"),
        ([IMAGE, WEIGHT], {"padding": 2}, ShapeError, r"padding=\(2, 2\) leaves an output of \(0, 0\)"),
        ([IMAGE, WEIGHT], {"padding": "same"}, ValueError, "padding='same' must be an integer of at least 0"),
        ([IMAGE, WEIGHT], {"padding": -1}, ValueError, "padding=-1"),
        ([IMAGE, WEIGHT], {"stride": 0}, ValueError, "stride=0"),
        ([IMAGE, WEIGHT], {"dilation": (1, 1, 1)}, ValueError, "dilation="),
        ([IMAGE, WEIGHT], {"output_padding": 1}, ValueError, r"output_padding=\(1, 1\) must be smaller than"),
        ([IMAGE, WEIGHT], {"stride": 2, "output_padding": (1, 2)}, ValueError, "or pad the output with F.pad"),
        ([IMAGE.astype(int), WEIGHT], {}, DTypeError, "input has dtype int64"),
        ([Tensor(IMAGE), [[[[Value(1.0)]]]] * 4], {}, DTypeError, "input is made of Tensors, weight of Values"),
    ],
)
def test_refusals(operands: Any, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        F.conv_transpose2d(*operands, **options)
