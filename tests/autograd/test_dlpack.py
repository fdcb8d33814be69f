"""Arrays to and from other libraries by DLPack, without a detour over NumPy's own protocol."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from autograd.errors import DTypeError
from tests.autograd.support import leaf


class Foreign:
    """An array that knows DLPack and nothing of NumPy."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.array.__dlpack_device__()  # type: ignore[no-any-return]


class Elsewhere(Foreign):
    """One whose numbers lie on an accelerator."""

    def __dlpack__(self, **options: Any) -> Any:
        raise BufferError("the device is not the CPU")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_array_of_another_library_becomes_a_tensor_of_its_own(dtype: Any) -> None:
    array = np.arange(12, dtype=dtype).reshape(3, 4).T
    x = Tensor(Foreign(array), requires_grad=True)
    assert x.data.dtype == dtype
    assert x.data.tolist() == array.tolist()
    array[:] = 0.0
    assert x.data[1, 2] == 9.0
    (x * 3.0).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[3.0] * 3] * 4


def test_what_cannot_be_differentiated_is_refused() -> None:
    with pytest.raises(DTypeError, match="int64 data cannot be differentiated"):
        Tensor(Foreign(np.arange(3)))
    with pytest.raises(DTypeError, match=r"Elsewhere gives no array: .*; copy it to the CPU first"):
        Tensor(Elsewhere(np.arange(3.0)))


def test_a_constant_goes_to_another_library_as_a_copy() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    for view in (x, x.T):
        other = np.from_dlpack(view)
        assert other.tolist() == view.data.tolist()
        assert not np.shares_memory(other, x.data)
    assert x.__dlpack_device__() == (1, 0)


def test_pytorch_takes_a_tensor_and_gives_one() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the other library: pip install gradwalk[torch]")
    x = Tensor(np.array([1.0, -2.0], np.float32))
    taken = torch.from_dlpack(x)
    assert (taken.dtype, taken.tolist()) == (torch.float32, [1.0, -2.0])
    assert Tensor(Foreign(torch.tensor([0.5, 0.25]))).data.tolist() == [0.5, 0.25]
    mutable = torch.tensor([[0.5, 0.25]])
    made = Tensor(mutable)
    mutable[:] = 0.0
    assert made.data.tolist() == [[0.5, 0.25]]


def test_a_graph_is_not_lost_in_silence() -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises(DTypeError, match="its graph would be lost"):
        np.from_dlpack(x * 2.0)
