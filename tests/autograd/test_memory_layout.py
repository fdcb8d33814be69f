"""What copies and views look like in memory, and that what is quicker says the same."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, functions, relu
from autograd.memory import keep_freed_memory
from autograd.primitives import few, structural
from autograd.primitives.layout import batch_innermost, broadcast, copy_across, empty, laid_like, memory_order, strided

NUMBERS = np.array([-np.inf, -1.0, -0.0, 0.0, 0.5, np.inf, np.nan])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_empty_lies_as_asked(order: tuple[int, ...]) -> None:
    array = empty((2, 3, 4), order, np.float32)
    assert array.shape == (2, 3, 4)
    assert array.dtype == np.float32
    assert memory_order(array) == order
    assert array.transpose(order).flags.c_contiguous


@pytest.mark.parametrize("shape", [(4096,), (3, 5, 700), (100_000, 2), (2, 100_000), (64, 1, 64)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("reverse", [False, True])
def test_relu_of_many_is_relu_of_each(shape: tuple[int, ...], dtype: Any, reverse: bool) -> None:
    x = np.resize(NUMBERS, shape).astype(dtype)
    if reverse:
        x = np.resize(NUMBERS, shape[::-1]).astype(dtype).T
    found = relu(Tensor(x))
    assert found.dtype == dtype
    np.testing.assert_array_equal(found.data, np.maximum(x, 0))
    strided_ = relu.forward(x[..., ::2])
    np.testing.assert_array_equal(strided_, np.maximum(x[..., ::2], 0))


@pytest.mark.parametrize("shape", [(4, 3), (2, 4, 3), (0, 4, 3)])
def test_broadcast_is_numpys(shape: tuple[int, ...]) -> None:
    for x in (np.arange(3.0), np.ones((4, 1)), np.float64(2.0).reshape(()), np.arange(8.0)[::2].reshape(4, 1)):
        found = broadcast(x, shape)
        np.testing.assert_array_equal(found, np.broadcast_to(x, shape))
        assert not found.flags.writeable


def test_what_does_not_broadcast_is_refused() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        functions.broadcast_to(Tensor([1.0, 2.0]), (3,))
    with pytest.raises(ValueError, match="broadcast"):
        functions.broadcast_to(Tensor([[1.0, 2.0]]), (2,))


def test_windows_of_few_images_are_a_view_and_cannot_be_written() -> None:
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    found = structural.windows(x, kernel=(2, 2), stride=(2, 2), dilation=(1, 1))
    assert np.shares_memory(found, x)
    assert not found.flags.writeable
    assert found[0, 0, 1, 0].tolist() == [[8.0, 9.0], [12.0, 13.0]]


def test_strided_takes_memory_of_any_kind() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    for each in (x, x.transpose(2, 0, 1), x[:, ::2], x[::-1]):
        np.testing.assert_array_equal(strided(each, each.shape, each.strides), each)
    assert strided(x[:0], (0, 3), (0, 8)).shape == (0, 3)


def test_laid_like_copies_only_what_lies_otherwise() -> None:
    model = empty((3, 4, 5), (2, 0, 1), float)
    x = np.arange(60.0).reshape(3, 4, 5)
    found = laid_like(x, model)
    np.testing.assert_array_equal(found, x)
    assert found.strides == model.strides
    assert laid_like(found, model) is found
    repeated = np.broadcast_to(1.0, (3, 4, 5))
    assert laid_like(repeated, x).flags.c_contiguous


@pytest.mark.parametrize("axis", [(0,), (1,), (2,), (1, 2), (0, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("ufunc", [np.maximum, np.minimum, np.add])
def test_reductions_over_few_elements(ufunc: Any, keepdims: bool, axis: tuple[int, ...]) -> None:
    shape = [300, 300, 300]
    for place, length in zip(axis, (3, 2), strict=False):
        shape[place] = length
    shape = [length if length < 300 else 40 for length in shape]
    x = np.resize([3.0, 1.0, 3.0, np.nan, -2.0, 7.0, 7.0], shape) if ufunc is not np.add else np.ones(shape)
    for order in [(0, 1, 2), (1, 2, 0)]:
        laid = np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))
        np.testing.assert_array_equal(
            few.reduce_few(ufunc, laid, axis, keepdims), ufunc.reduce(x, axis=axis, keepdims=keepdims)
        )


@pytest.mark.parametrize("name", ["MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES"])
def test_who_tunes_the_allocator_is_left_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    assert keep_freed_memory() is False


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())
    assert keep_freed_memory() is False


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is the C library of Linux alone: run the tests there too")
def test_freed_memory_is_not_mapped_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first rounds, 40 MB that are taken and given back cost no page faults (20,000 without it)."""
    program = (
        "import resource, numpy as np, autograd\n"
        "def rounds():\n"
        "    for _ in range(3):\n"
        "        arrays = [np.ones(1 << 20) for _ in range(5)]\n"
        "        del arrays\n"
        "rounds()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "rounds()\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)\n"
    )
    for name in ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_", "GLIBC_TUNABLES"):
        monkeypatch.delenv(name, raising=False)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    if not keep_freed_memory():
        pytest.skip("this C library is not glibc; on one that is, the memory is kept")
    assert int(done.stdout) < 2000


@pytest.mark.parametrize("shape", [(32, 5, 32, 32), (130, 7, 12, 13), (16, 2, 64, 64), (128, 40, 30)])
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2), (0, 3, 2, 1)])
def test_copies_across_orders(shape: tuple[int, ...], order: tuple[int, ...]) -> None:
    order = tuple(axis for axis in order if axis < len(shape))
    x = empty(shape, order, np.float32)
    x[...] = np.arange(x.size, dtype=np.float32).reshape(shape)
    found = batch_innermost(x, len(shape) - 2)
    assert memory_order(found) == (*range(1, len(shape)), 0)
    np.testing.assert_array_equal(found, x)
    wide = empty((*shape[:-1], shape[-1] + 3), (*range(1, len(shape)), 0), np.float32)
    wide[...] = -1.0
    copy_across(wide[..., 1:-2], x)
    np.testing.assert_array_equal(wide[..., 1:-2], x)
    assert (wide[..., :1] == -1).all()
    assert (wide[..., -2:] == -1).all()
