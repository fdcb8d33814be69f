"""Programs of Tensors as machine code equal the eager graph: results and every gradient, again and again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite", reason="backend='numba' needs numba's compiler: pip install 'gradwalk[fast]'")

import autograd
import nn.functional as F
from autograd import KinkError, Tensor, functions, kinks
from autograd.primitives.contractions import contract
from autograd.replay import record
from autograd.replay.arrays.compiled.convolution import Convolution
from autograd.replay.arrays.compiled.recognition import Recognition
from autograd.replay.arrays.generic import Generic
from autograd.replay.program import Program
from tests.replay.cases import ARRAYS, gradient_of
from tests.replay.comparison import Comparison, assert_close, eager_gradients, tensors
from tests.replay.test_arrays import CASES, CNN, Case, small_cnn

BOTH = pytest.mark.parametrize("dtype", [np.float64, np.float32])


class Compiled(Comparison):
    """A function recorded and compiled."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.program = Program(self.program.tape, backend="numba")

    @property
    def stages(self) -> list[str]:
        """What is compiled, by kind."""
        compiled: Any = self.program._executor
        recognition = Recognition(self.program.tape, compiled.compiled.module.machine)
        return [type(part).__name__ for part in recognition.parts]


@pytest.fixture(autouse=True)
def machine_code_is_kept_for_the_next_run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In pytest's own cache, not in the user's: compiling it all takes 50 seconds, loading it 7."""
    cache = getattr(request.config, "cache", None)
    if cache is not None:
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(cache.mkdir("compiled")))


@pytest.fixture
def no_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing falls back on the generic pass, which would hide what machine code computes."""

    def refuse(*_: Any) -> Any:
        raise AssertionError("the generic pass ran")

    monkeypatch.setattr(Generic, "run", refuse)


@BOTH
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_program_equals_eager_again_and_again(case: Case, dtype: Any, no_fallback: None) -> None:
    _, function, shapes = case
    Compiled(function, shapes, dtype).holds_on_other_numbers()


@pytest.mark.parametrize("name", ARRAYS)
def test_every_primitive_gives_what_numpy_gives(name: str) -> None:
    case = ARRAYS[name]
    plain = record(case.function, *case.inputs, check=False)
    compiled = Program(plain.tape, backend="numba")
    tolerance = 1e-6 if name == "cast" else 1e-12
    for _ in range(2):
        outputs = plain(*case.inputs)
        gradient = gradient_of(outputs)
        expected, found = (each.value_and_grad(*case.inputs, gradient=gradient) for each in (plain, compiled))
        several = isinstance(outputs, tuple)
        pairs = zip(expected[0], found[0], strict=True) if several else [(expected[0], found[0])]
        for one, other in [*pairs, *zip(expected[1], found[1], strict=True)]:
            if one is None:
                assert other is None
            else:
                assert_close(other, one, 1e-5 if np.asarray(one).dtype == np.float32 else tolerance)


# ---- convolutions and pooling -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("batch", "dtype"),
    [(None, np.float64), (1, np.float64), (3, np.float64), (18, np.float64), (3, np.float32)],
)
@pytest.mark.parametrize(
    ("length", "kernel", "options"),
    [
        ((6, 7), (3, 3), {}),
        ((6, 7), (3, 2), {"padding": 1}),
        ((5, 6), (2, 3), {"padding": ((1, 0), (0, 2))}),
        ((7, 8), (2, 3), {"dilation": 2}),
        ((9, 8), (2, 3), {"dilation": (3, 1), "padding": (2, 1)}),
        ((40,), (3,), {"padding": 1}),
        ((4, 3, 4), (2, 3, 2), {"padding": 1}),
        ((3, 70), (2, 5), {}),
        ((4, 5), (4, 5), {}),
        ((7, 6), (3, 2), {"stride": 2, "padding": 1}),
        ((8, 9), (2, 3), {"stride": (1, 3), "dilation": (2, 1), "padding": (2, 1)}),
        ((9, 8), (1, 1), {"stride": 2}),
        ((9, 9), (2, 2), {"stride": 4}),
        ((7,), (2,), {"stride": 3}),
        ((1, 5), (1, 1), {"stride": 2}),
        ((2, 2), (3, 3), {"stride": 4, "padding": 2}),
        ((4, 5, 4), (2, 2, 2), {"stride": 2}),
        ((12, 2), (5, 1), {"stride": (3, 1), "dilation": (2, 1), "padding": (4, 0)}),
    ],
)
def test_convolutions(
    batch: int | None, length: Any, kernel: Any, options: dict[str, Any], dtype: Any, no_fallback: None
) -> None:
    convolve: Any = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[len(length)]
    images = (3, *length) if batch is None else (batch, 3, *length)
    program = Compiled(lambda x, w, b: convolve(x, w, b, **options), (images, (5, 3, *kernel), (5,)), dtype)
    program.holds_on_other_numbers()
    assert program.stages == ["Convolution"]


@BOTH
def test_a_large_kernel(dtype: Any, no_fallback: None) -> None:
    shapes = ((3, 3, 13, 12), (5, 3, 11, 11), (5,))
    Compiled(lambda x, w, b: F.conv2d(x, w, b, padding=1), shapes, dtype).holds_on_other_numbers()


@BOTH
@pytest.mark.parametrize("channels", [(1, 1), (1, 6), (2, 13), (16, 9), (37, 4)])
def test_convolutions_of_many_channels(channels: tuple[int, int], dtype: Any, no_fallback: None) -> None:
    before, after = channels
    shapes = ((4, before, 11, 12), (after, before, 3, 3), (after,))
    Compiled(lambda x, w, b: F.conv2d(x, w, b, padding=1), shapes, dtype).holds_on_other_numbers(2)


@pytest.mark.parametrize("batch", [None, 4])
def test_groups(batch: int | None, no_fallback: None) -> None:
    images = (6, 7, 5) if batch is None else (batch, 6, 7, 5)
    for function, shapes in (
        (lambda x, w, b: F.conv2d(x, w, b, groups=3, padding=1), (images, (9, 2, 3, 3), (9,))),
        (lambda x, w: F.conv2d(x, w, groups=2), (images, (4, 3, 3, 3))),
        (lambda x, w: F.conv2d(x, w, groups=6), (images, (6, 1, 3, 3))),
    ):
        program = Compiled(function, shapes, np.float64)
        program.holds_on_other_numbers()
        assert program.stages == ["Convolution"]


@BOTH
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("image", "pool"), [((8, 8), 2), ((9, 7), 2), ((6, 71), 2), ((9, 5), (3, 1)), ((9, 9), 3)])
def test_pooling_takes_the_first_of_equals(
    image: Any, pool: Any, bias: bool, relu: bool, dtype: Any, no_fallback: None
) -> None:
    """Numbers are rounded, so that many windows hold their maximum several times."""

    def function(x: Any, w: Any, b: Any) -> Any:
        y = F.conv2d(x, w, b if bias else None, padding=1)
        return F.max_pool2d(y.relu() if relu else y, pool)

    program = Compiled(function, ((4, 2, *image), (5, 2, 3, 3), (5,)), dtype, rounded=True)
    program.holds_on_other_numbers()
    if pool != 3:
        assert program.stages == ["Convolution"]


@pytest.mark.parametrize("options", [{"stride": 1}, {"ceil_mode": True}, {"padding": 1}])
def test_other_pooling_is_left_to_numpy(options: dict[str, Any], no_fallback: None) -> None:
    def function(x: Any, w: Any) -> Any:
        return F.max_pool2d(F.conv2d(x, w).relu(), 2, **options)

    Compiled(function, ((3, 2, 7, 7), (3, 2, 3, 3)), np.float64, rounded=True).holds_on_other_numbers()


def test_what_lies_between_can_be_read_by_others(no_fallback: None) -> None:
    def result_twice(x: Any, w: Any, b: Any) -> Any:
        plain = F.conv2d(x, w)
        return plain + b.reshape(3, 1, 1), plain * 2.0

    def relu_twice(x: Any, w: Any, b: Any) -> Any:
        y = F.conv2d(x, w, b, padding=1).relu()
        return F.max_pool2d(y, 2), y.sum()

    def windows_twice(x: Any, w: Any, b: Any) -> Any:
        patches = autograd.windows(x, (3, 3), (1, 1), (1, 1))
        return F.conv2d(x, w, b), patches.sum(), F.conv2d(x * 2.0, w)

    def all_returned(x: Any, w: Any, b: Any) -> Any:
        plain = F.conv2d(x, w)
        shifted = plain + b.reshape(3, 1, 1)
        return plain, shifted, shifted.relu(), F.max_pool2d(shifted.relu(), 2)

    def relu_returned(x: Any, w: Any, b: Any) -> Any:
        y = F.conv2d(x, w, b).relu()
        return y, F.max_pool2d(y, 2)

    def bias_from_images(x: Any, w: Any, b: Any) -> Any:
        return F.conv2d(x, w, b * x[0, 0, 0, 0])

    for function in (result_twice, relu_twice, windows_twice, all_returned, relu_returned, bias_from_images):
        Compiled(function, ((2, 2, 6, 6), (3, 2, 3, 3), (3,)), np.float64).holds_on_other_numbers()


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["x", "w"])
def test_what_is_not_finite_goes_where_eager_lets_it(special: float, where: str) -> None:
    def function(x: Any, w: Any, b: Any) -> Any:
        return F.max_pool2d(F.conv2d(x, w, b, padding=1).relu(), 2)

    program = Compiled(function, ((2, 2, 6, 6), (3, 2, 3, 3), (3,)), np.float64)
    x, w, b = program._tensors()
    with np.errstate(all="ignore"):
        (x if where == "x" else w).data[0, 1, 1, 2] = special
        program.holds([x, w, b])
        program.holds(program._tensors())


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_not_finite_in_chains(special: float) -> None:
    functions_ = (
        lambda x: x.relu() * x,
        lambda x: x / (x + 1.0),
        lambda x: autograd.exp(x),
        lambda x: functions.logsumexp(x, axis=1, keepdims=True) + x,
        lambda x: F.log_softmax(x, 1),
        lambda x: (x @ x.T).relu(),
        lambda x: autograd.where(np.arange(4) < 2, x * x, 0.0),
    )
    for function in functions_:
        program = Compiled(function, ((3, 4),), np.float64)
        (x,) = program._tensors()
        with np.errstate(all="ignore"):
            x.data[1, 2] = special
            program.holds([x])
            program.holds(program._tensors())


# ---- products, indices --------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 30, 7), (7, 5, 1), (33, 40, 35), (16, 64, 16), (5, 1, 9)])
def test_products(sizes: tuple[int, int, int], dtype: Any, no_fallback: None) -> None:
    rows, summed, columns = sizes
    for function, shapes in (
        (lambda x, y: x @ y, ((rows, summed), (summed, columns))),
        (lambda x, y: x @ y.T, ((rows, summed), (columns, summed))),
        (lambda x, y: x.T @ y, ((summed, rows), (summed, columns))),
        (lambda x, y: x.T @ y.T, ((summed, rows), (columns, summed))),
        (lambda x, y: x[:, ::2] @ y.T[::2], ((rows, summed), (columns, summed))),
    ):
        Compiled(function, shapes, dtype).holds_on_other_numbers()


@BOTH
def test_products_of_stacks(dtype: Any, no_fallback: None) -> None:
    for function, shapes in (
        (lambda x, y: x @ y, ((2, 3, 5, 4), (2, 3, 4, 6))),
        (lambda x, y: x @ functions.transpose(y, (0, 2, 1)), ((3, 5, 4), (3, 17, 4))),
        (lambda x, y: x @ y, ((2, 3, 5, 4), (4, 6))),
        (lambda x, y: x @ y.T, ((7, 5, 4), (20, 4))),
        (lambda x, y: x @ y, ((4, 5), (3, 5, 2))),
        (lambda x, y: x @ y, ((1, 4, 5), (3, 5, 2))),
    ):
        Compiled(function, shapes, dtype).holds_on_other_numbers()


def test_of_two_views_of_one_array_both_contribute(no_fallback: None) -> None:
    for function in (lambda x: x * x.T, lambda x: x[1:] * x[:-1], lambda x: (x + 1.0) * (x + 1.0).T, lambda x: x @ x.T):
        Compiled(function, ((20, 20),), np.float64).holds_on_other_numbers()


def picking_program() -> tuple[Any, Program]:
    scores = Tensor(np.random.default_rng(0).normal(size=(4, 5)), requires_grad=True)
    return scores, record(lambda x, at: x[np.arange(4), at] * 2.0, scores, np.array([-5, 4, 0, 3]), backend="numba")


def test_labels_count_from_the_end_where_they_are_negative(no_fallback: None) -> None:
    scores, program = picking_program()
    outputs, (gradient, _) = program.value_and_grad(scores, np.array([4, -5, -1, 0]), gradient=[1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(outputs, 2 * scores.data[np.arange(4), [4, 0, 4, 0]])
    expected = np.zeros((4, 5))
    expected[np.arange(4), [4, 0, 4, 0]] = [2.0, 4.0, 6.0, 8.0]
    np.testing.assert_array_equal(gradient, expected)


def test_labels_out_of_range_are_told_by_numpy() -> None:
    scores, program = picking_program()
    with pytest.raises(IndexError, match="out of bounds"):
        program(scores, np.array([4, 5, 1, 0]))
    np.testing.assert_array_equal(program(scores, np.zeros(4, int)), 2 * scores.data[:, 0])


@pytest.mark.parametrize("batch", [1, 2, 16])
def test_a_network_with_labels_and_weights_that_change(batch: int, no_fallback: None) -> None:
    rng = np.random.default_rng(batch)
    weights = tensors(CNN, np.float32, rng)
    network = small_cnn(weights)
    first = rng.standard_normal((batch, 1, 8, 8)).astype(np.float32)
    program = record(network, first, rng.integers(0, 5, batch), backend="numba")
    for _ in range(3):
        x, labels = rng.standard_normal(first.shape).astype(np.float32), rng.integers(0, 5, batch)
        for weight in weights:
            weight.data = weight.data + rng.standard_normal(weight.shape).astype(np.float32) * np.float32(0.1)
            weight.zero_grad()
        loss = program.forward(x, labels)
        program.backward()
        found = [weight.grad for weight in weights]
        eager = network(Tensor(x), labels)
        for own, expected in zip(found, eager_gradients([eager], weights, [np.float32(1)]), strict=True):
            assert_close(own, expected, 1e-5)
        assert_close(loss, eager.data, 1e-5)


# ---- what a program promises --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 4), (100, 200)])
def test_what_is_returned_is_the_callers_own(shape: tuple[int, ...]) -> None:
    """Small arrays are copied from buffers, large ones allotted for each run."""
    rng = np.random.default_rng(0)
    program = record(
        lambda x: (x.relu(), x * 2.0 + 1.0), Tensor(rng.normal(size=shape), requires_grad=True), backend="numba"
    )
    x, gradient = rng.normal(size=shape), tuple(rng.normal(size=(2, *shape)))
    outputs, (found,) = program.value_and_grad(x, gradient=gradient)
    kept = [np.array(each) for each in (*outputs, found)]
    again, (other,) = program.value_and_grad(-x, gradient=gradient)
    for own, before in zip((*outputs, found), kept, strict=True):
        np.testing.assert_array_equal(own, before)
    np.testing.assert_array_equal(again[1], -2.0 * x + 1.0)
    np.testing.assert_array_equal(other, gradient[0] * (-x > 0) + 2.0 * gradient[1])
    for own in (*outputs, found, *again, other):
        own[...] = np.nan
    np.testing.assert_array_equal(program.backward((gradient[0], None))[0], gradient[0] * (-x > 0))


def test_inputs_of_any_memory_layout_and_numbers_written_in_place() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(6, 5)), Tensor(rng.normal(size=(6, 5)), requires_grad=True)
    program = record(lambda x: (x * w).sum(axis=0), x, backend="numba")
    for given in (np.asfortranarray(x), x[::-1], np.repeat(x, 2, axis=1)[:, ::2]):
        np.testing.assert_allclose(program(given), (given * w.data).sum(axis=0), rtol=1e-12)
    x[2] = 7.0
    w.data[1] = -3.0
    np.testing.assert_allclose(program(x), (x * w.data).sum(axis=0), rtol=1e-12)


def test_a_batch_axis() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(3, 2, 6, 6)), rng.normal(size=(4, 2, 3, 3))
    function = lambda x, w: F.max_pool2d(F.conv2d(x, w), 2)  # noqa: E731
    program = record(function, Tensor(x, requires_grad=True), Tensor(w, requires_grad=True), backend="numba")
    plain = Program(program.tape)
    images, gradient = rng.normal(size=(5, *x.shape)), rng.normal(size=(5, 3, 4, 2, 2))
    for one, other in zip(
        program.value_and_grad(images, w, gradient=gradient)[1], plain.value_and_grad(images, w, gradient=gradient)[1],
        strict=True,
    ):  # fmt: skip
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-11)
    none = program.value_and_grad(images[:0], w, gradient=gradient[:0])
    assert none[0].shape == (0, 3, 4, 2, 2)
    np.testing.assert_array_equal(none[1][1], np.zeros(w.shape))


def test_an_empty_batch_is_left_to_numpy() -> None:
    sums = record(lambda x, b: (x * b).sum(), np.ones((0, 4)), Tensor(np.ones(4), requires_grad=True), backend="numba")
    for _ in range(2):
        outputs, (_, gradient) = sums.value_and_grad(np.ones((0, 4)), np.arange(4.0))
        assert outputs == 0.0
        np.testing.assert_array_equal(gradient, np.zeros(4))
    w = Tensor(np.ones((4, 2, 3, 3)), requires_grad=True)
    program = record(lambda x, w: F.conv2d(x, w).sum(), np.ones((0, 2, 6, 6)), w, backend="numba")
    outputs, (_, gradient) = program.value_and_grad(np.ones((0, 2, 6, 6)), w)
    assert outputs == 0.0
    np.testing.assert_array_equal(gradient, np.zeros(w.shape))


def test_a_kink_is_looked_for_in_each_run() -> None:
    def function(x: Any) -> Any:
        with kinks(relu="raise"):
            return (x * 2.0).relu() + 1.0

    program = record(function, Tensor([1.0, -1.0], requires_grad=True), backend="numba")
    np.testing.assert_array_equal(program([3.0, -1.0]), [7.0, 1.0])
    with pytest.raises(KinkError, match="relu"):
        program([3.0, 0.0])


def test_a_bias_for_the_kernels_of_each_group(no_fallback: None) -> None:
    def spelled(x: Any, w: Any, b: Any) -> Any:
        patches = autograd.windows(x, (2, 2), (1, 1), (1, 1))  # (N, G, C, H, W, 2, 2)
        return contract(w, patches, subscripts="gocyx,ngcYXyx->ngoYX") + b.reshape(-1, 1, 1)

    for kernels in (3, 1):
        shapes = ((2, 2, 3, 5, 6), (2, kernels, 3, 2, 2), (kernels,))
        Compiled(spelled, shapes, np.float64).holds_on_other_numbers()


def test_convolution_stage_is_what_a_contraction_of_windows_becomes() -> None:
    """By its primitives: spelled by hand, without a function of `nn`."""

    def spelled(x: Any, w: Any) -> Any:
        patches = autograd.windows(autograd.pad(x, ((0, 0), (0, 0), (1, 1), (0, 0))), (3, 2), (1, 1), (1, 1))
        return contract(w, patches, subscripts="klmn,alcdmn->akcd")

    program = Compiled(spelled, ((2, 3, 5, 6), (4, 3, 3, 2)), np.float64)
    program.holds_on_other_numbers()
    assert Convolution.__name__ in program.stages
