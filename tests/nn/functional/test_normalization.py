"""The normalisations against PyTorch: values, two orders of derivatives, running statistics; and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor, Value
from tests.autograd.support import Array, leaf
from tests.nn.functional.test_values import check_equal
from tests.nn.oracle import Case, hold, torch

T = torch.nn.functional
EPS = [1e-5, 1e-2, 1.0]


def batch_shape(rng: np.random.Generator, spatial: int, channels: int = 0) -> tuple[int, ...]:
    """(N, C, *spatial), of which N may be 0, with more than one number for each channel unless there is none."""
    while True:
        lengths = rng.integers(1, 4, size=spatial + 1)
        lengths[0] -= rng.integers(2)
        if np.prod(lengths) != 1:
            return (int(lengths[0]), channels or int(rng.integers(1, 4)), *map(int, lengths[1:]))


def numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Random numbers far from mean 0, or few distinct ones, so that some are all equal."""
    return rng.normal(size=shape) * 2.0 + 3.0 if rng.integers(3) else rng.integers(2, size=shape) * 1.0


def affine(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[dict[str, int], list[Array]]:
    """Weight, bias, both or neither: their places among the operands behind the input, and the arrays."""
    names = [name for name in ("weight", "bias") if rng.integers(3)]
    return {name: place for place, name in enumerate(names)}, [rng.normal(size=shape) for _ in names]


def picked(places: dict[str, int], operands: Any) -> dict[str, Any]:
    return {name: operands[place] for name, place in places.items()}


def picked_there(places: dict[str, int], operands: Any) -> dict[str, Any]:
    """As `picked`, with a weight of 1 beside a lonely bias, of which PyTorch has no second derivative."""
    given = picked(places, operands)
    return {"weight": torch.ones_like(given["bias"]), **given} if list(given) == ["bias"] else given


@pytest.mark.parametrize("name", ["batch_norm", "instance_norm"])
def test_batch_and_instance_norm(name: str) -> None:
    flag = {"batch_norm": "training", "instance_norm": "use_input_stats"}[name]

    def draw(rng: np.random.Generator) -> Case:
        own, eps = bool(rng.integers(2)), float(rng.choice(EPS))
        shape = batch_shape(rng, int(rng.integers(0, 4)))
        if name == "instance_norm":
            spatial = batch_shape(rng, int(rng.integers(0, 3)))  # whose N and space are one example's space
            shape = (shape[0] or 1, shape[1], spatial[0] or 2, *spatial[2:])  # PyTorch's running ones need an example
        places, parameters = affine(rng, shape[1:2])
        running = [rng.normal(size=shape[1]), rng.uniform(0.1, 2.0, size=shape[1])]
        running = running if rng.integers(2) or not own else []
        options: dict[str, Any] = {flag: own, "eps": eps, "momentum": 0.3}

        def ours(x: Any, *operands: Any) -> Any:
            statistics = [array.copy() for array in running] or [None, None]
            return getattr(F, name)(x, *statistics, **picked(places, operands), **options)

        def theirs(x: Any, *operands: Any) -> Any:
            statistics = [torch.from_numpy(array).to(x.dtype) for array in running] or [None, None]
            return getattr(T, name)(x, *statistics, **picked_there(places, operands), **options)

        return Case([numbers(rng, shape), *parameters], ours, theirs, note=f"{places} {options} {len(running)}")

    hold(draw)


def test_layer_norm() -> None:
    def draw(rng: np.random.Generator) -> Case:
        shape = tuple(map(int, rng.integers(1, 4, size=rng.integers(1, 4)) - rng.integers(2) * (rng.integers(6) == 0)))
        last = shape[int(rng.integers(len(shape))) :]
        places, parameters = affine(rng, last)
        eps = float(rng.choice(EPS))
        return Case(
            [numbers(rng, shape), *parameters],
            lambda x, *operands: F.layer_norm(x, last, **picked(places, operands), eps=eps),
            lambda x, *operands: T.layer_norm(x, last, **picked_there(places, operands), eps=eps),
            note=f"{last} {places} {eps=}",
        )

    hold(draw)


def test_group_norm() -> None:
    def draw(rng: np.random.Generator) -> Case:
        groups, each = (int(count) for count in rng.integers(1, 4, size=2))
        shape = batch_shape(rng, int(rng.integers(0, 3)), groups * each)
        if each * np.prod(shape[2:]) == 1:
            shape = (*shape, 2)  # of one number PyTorch's result is rounding, where ours is 0
        places, parameters = affine(rng, shape[1:2])
        eps = float(rng.choice(EPS))
        return Case(
            [numbers(rng, shape), *parameters],
            lambda x, *operands: F.group_norm(x, groups, **picked(places, operands), eps=eps),
            lambda x, *operands: T.group_norm(x, groups, **picked_there(places, operands), eps=eps),
            note=f"{groups=} {places} {eps=}",
        )

    hold(draw)


def test_rms_norm() -> None:
    def draw(rng: np.random.Generator) -> Case:
        shape = tuple(map(int, rng.integers(1, 4, size=rng.integers(1, 4))))
        last = shape[int(rng.integers(len(shape))) :]
        weights = [rng.normal(size=last)] * int(rng.integers(2))
        # One number over its own size has no derivative but for eps; and zeros without one have the derivative 1e8
        eps = None if rng.integers(2) and np.prod(last) > 1 else float(rng.choice(EPS))
        array = rng.normal(size=shape)
        return Case(
            [array, *weights],
            lambda x, *w: F.rms_norm(x, last, *(w or [None]), eps=eps),
            lambda x, *w: T.rms_norm(x, last, *(w or [None]), eps=eps),
            note=f"{last} {eps=}",
        )

    hold(draw)


def test_local_response_norm() -> None:
    def draw(rng: np.random.Generator) -> Case:
        shape = (int(rng.integers(0, 3)), int(rng.integers(1, 6)), *rng.integers(1, 3, size=rng.integers(1, 4)))
        size = int(rng.integers(1, 7))
        given: dict[str, Any] = {"alpha": rng.uniform(0.1, 3.0), "beta": rng.uniform(0.2, 2.0), "k": 0.7}
        options = given if rng.integers(3) else {}
        return Case(
            [rng.normal(size=shape)],
            lambda x: F.local_response_norm(x, size, **options),
            lambda x: T.local_response_norm(x, size, **options),
            note=f"{size=} {options}",
        )

    hold(draw)


@pytest.mark.parametrize("name", ["batch_norm", "instance_norm"])
def test_running_statistics_after_several_batches(name: str) -> None:
    flag = {"batch_norm": "training", "instance_norm": "use_input_stats"}[name]
    for seed in range(100):
        rng = np.random.default_rng(seed)
        channels, momentum = int(rng.integers(1, 4)), float(rng.choice([0.1, 0.0, 1.0, 0.7]))
        ours = [rng.normal(size=channels), rng.uniform(0.1, 2.0, size=channels)]
        theirs = [torch.from_numpy(array.copy()) for array in ours]
        for _ in range(4):
            x = rng.normal(size=(int(rng.integers(1, 4)), channels, *rng.integers(2, 4, size=rng.integers(1, 3)))) * 9
            getattr(F, name)(leaf(x), *ours, **{flag: True}, momentum=momentum)
            getattr(T, name)(torch.from_numpy(x), *theirs, **{flag: True}, momentum=momentum)
        for own, reference in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(own, reference.numpy(), rtol=1e-12, atol=1e-12)


def test_batch_norm_by_hand() -> None:
    x = leaf([[1.0, 10.0], [3.0, 10.0], [5.0, 40.0]])
    average, spread = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    out = F.batch_norm(x, average, spread, [2.0, 1.0], [0.5, 0.0], training=True, momentum=0.5, eps=0.0)
    root = np.sqrt(8.0 / 3.0)  # of the first channel's variance, with divisor 3
    np.testing.assert_allclose(out.data[:, 0], [0.5 - 4 / root, 0.5, 0.5 + 4 / root], rtol=1e-14)
    np.testing.assert_allclose(out.data[:, 1], np.array([-1, -1, 2]) / np.sqrt(2.0), rtol=1e-14)
    np.testing.assert_allclose(average, [2.0, 11.0], rtol=1e-15)
    np.testing.assert_allclose(spread, [3.5, 152.0], rtol=1e-15)  # the variances with divisor 2 are 4 and 300
    out = F.batch_norm(x, average, spread, eps=0.5)
    np.testing.assert_allclose(out.data[0], [-0.5, -1.0 / np.sqrt(152.5)], rtol=1e-15)
    np.testing.assert_allclose(average, [2.0, 11.0], rtol=1e-15)  # evaluation moves nothing


def test_the_gradient_of_a_batch_sums_to_nothing() -> None:
    """A shift of all examples changes nothing, and neither does a factor, but for eps."""
    x = leaf(np.random.default_rng(0).normal(size=(5, 3, 2)))
    F.batch_norm(x, None, None, training=True, eps=0.0).backward(np.random.default_rng(1).normal(size=x.shape))
    np.testing.assert_allclose(x.grad.sum(axis=(0, 2)), 0.0, atol=1e-14)
    np.testing.assert_allclose((x.grad * x.data).sum(axis=(0, 2)), 0.0, atol=1e-14)
    assert np.abs(x.grad).max() > 0.1


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_equal_and_large_numbers(dtype: Any) -> None:
    x = Tensor(np.full((4, 2, 3), 1000.0, dtype), requires_grad=True)
    for out in (F.batch_norm(x, None, None, training=True), F.layer_norm(x, (2, 3)), F.group_norm(x, 2)):
        assert out.dtype == dtype
        np.testing.assert_array_equal(out.data, 0.0)
    large = Tensor(np.array([[1e4, -1e4, 2e4, 1e-4]], dtype), requires_grad=True)
    out = F.rms_norm(large, 4)
    out.backward(np.array([[1.0, 2.0, 3.0, 4.0]], dtype))
    assert np.isfinite(large.grad).all()
    assert large.grad.dtype == dtype


def test_an_empty_batch_moves_nothing() -> None:
    for function, flag in ((F.batch_norm, "training"), (F.instance_norm, "use_input_stats")):
        average, spread = np.array([1.0, 2.0]), np.array([3.0, 4.0])
        x = Tensor(np.zeros((0, 2, 3)), requires_grad=True)
        out = function(x, average, spread, **{flag: True})
        out.backward(np.zeros(out.shape))
        assert x.grad.shape == (0, 2, 3)
        assert [*average, *spread] == [1.0, 2.0, 3.0, 4.0]


def test_one_value_has_no_variance() -> None:
    for shape in ((1, 3), (1, 3, 1, 1)):
        with pytest.raises(ValueError, match=r"batch_norm: input of shape .* has one value for each channel, and one"):
            F.batch_norm(np.ones(shape), None, None, training=True)
    running = [np.zeros(3), np.ones(3)]
    assert F.batch_norm(np.ones((1, 3)), *running, eps=0.0).tolist() == [[1.0] * 3]
    with pytest.raises(ValueError, match=r"instance_norm: .* has one value for each channel of an example, and one"):
        F.instance_norm(np.ones((2, 3, 1)))
    assert F.instance_norm(np.ones((2, 3, 1)), *running, use_input_stats=False, eps=0.0).tolist() == [[[1.0]] * 3] * 2
    with pytest.raises(ValueError, match=r"group_norm: input of shape \(1, 2, 1\) has one value for each of 2 groups"):
        F.group_norm(np.ones((1, 2, 1)), 2)


def test_running_statistics_that_do_not_fit() -> None:
    x = np.ones((2, 3, 4))
    for function, flag in ((F.batch_norm, "training"), (F.instance_norm, "use_input_stats")):
        name = function.__name__
        with pytest.raises(ValueError, match=rf"{name}: running_mean is None; give both running_mean and .*, or"):
            function(x, None, None, **{flag: False})
        with pytest.raises(ValueError, match=rf"{name}: running_var is None; .* or neither"):
            function(x, np.zeros(3), None, **{flag: True})
        with pytest.raises(ShapeError, match=rf"{name}: running_var must have shape \(3,\), one .*, not \(2,\)"):
            function(x, np.zeros(3), np.ones(2), **{flag: True})
        for wrong, kind in ((Tensor(np.zeros(3)), "Tensor"), ([0.0] * 3, "list"), (np.zeros(3, int), "int64")):
            with pytest.raises(DTypeError, match=rf"{name}: running_mean must be a NumPy array .*, not {kind}"):
                function(x, wrong, np.ones(3), **{flag: True})


def test_a_refused_call_leaves_the_running_statistics() -> None:
    average, spread = np.zeros(3), np.ones(3)
    with pytest.raises(ShapeError, match=r"batch_norm: weight has shape \(2,\), but input of shape .* one of \(3,\)"):
        F.batch_norm(np.ones((2, 3)), average, spread, np.ones(2), training=True)
    assert [*average, *spread] == [0.0] * 3 + [1.0] * 3


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ShapeError, match=r"batch_norm: input must have shape \(N, C, ...\), not \(3,\); add"):
        F.batch_norm(np.ones(3), None, None, training=True)
    with pytest.raises(ShapeError, match=r"instance_norm: .* with at least one axis after the channels, not \(2, 3\)"):
        F.instance_norm(np.ones((2, 3)))
    with pytest.raises(ShapeError, match=r"local_response_norm: .* with at least one axis after .*, not \(2, 3\)"):
        F.local_response_norm(np.ones((2, 3)), 2)
    with pytest.raises(ValueError, match=r"local_response_norm: size=0 must be an integer of at least 1"):
        F.local_response_norm(np.ones((2, 3, 1)), 0)
    with pytest.raises(ShapeError, match=r"group_norm: num_groups=2 must divide the 3 channels of shape \(2, 3\)"):
        F.group_norm(np.ones((2, 3)), 2)
    with pytest.raises(ShapeError, match=r"group_norm: input must have shape \(N, C, ...\), not \(4,\)"):
        F.group_norm(np.ones(4), 2)
    for function in (F.layer_norm, F.rms_norm):
        name = function.__name__
        for shape in ((2,), (1, 2, 3), 4):
            with pytest.raises(ShapeError, match=rf"{name}: input of shape \(2, 3\) does not end in normalized_shape"):
                function(np.ones((2, 3)), shape)
        for none in ((), -1, 1.5, (2, -3)):
            with pytest.raises(ValueError, match=rf"{name}: normalized_shape=.* must be an integer or a sequence"):
                function(np.ones((2, 3)), none)
    with pytest.raises(ShapeError, match=r"layer_norm: bias has shape \(2,\), but input .* takes one of \(3,\)"):
        F.layer_norm(np.ones((2, 3)), 3, np.ones(3), np.ones(2))
    with pytest.raises(DTypeError, match=r"layer_norm: input is made of Tensors, weight of Values; make both one kind"):
        F.layer_norm(Tensor(np.ones((2, 1))), 1, [Value(1.0)])


def test_values() -> None:
    rng = np.random.default_rng(2)
    x, w, b = rng.normal(size=(3, 2, 2)), rng.normal(size=2), rng.normal(size=2)
    running = [rng.normal(size=2), rng.uniform(1.0, 2.0, size=2)]
    check_equal(lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True), [x, w, b])
    check_equal(lambda x, w, b: F.batch_norm(x, *running, w, b), [x, w, b])
    check_equal(lambda x, w, b: F.instance_norm(x, weight=w, bias=b), [x, w, b])
    check_equal(lambda x, w, b: F.layer_norm(x, 2, w, b), [x, w, b])
    check_equal(lambda x, w, b: F.group_norm(x, 2, w, b), [x, w, b])
    check_equal(lambda x, w: F.rms_norm(x, (2,), w), [x, w])
    check_equal(lambda x: F.local_response_norm(x, 3, 1.0), [x])


def test_plain_arrays_and_other_layouts() -> None:
    x = np.random.default_rng(4).normal(size=(4, 3, 5))
    view = x.transpose(2, 1, 0)[::-2]
    for function in (lambda x: F.batch_norm(x, None, None, training=True), lambda x: F.group_norm(x, 3)):
        out = function(view)
        assert type(out) is np.ndarray
        np.testing.assert_allclose(out, function(np.array(view)), rtol=1e-13, atol=1e-14)
