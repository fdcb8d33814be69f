"""PyTorch as the oracle: the same function of the same arrays, its value and every gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from tests.autograd.support import Array, Operand, assert_close, leaf, upstream

torch = pytest.importorskip("torch", reason="PyTorch is the oracle of these tests: pip install gradwalk[torch]")
torch.set_num_threads(1)


def to_torch(array: Array, requires_grad: bool = False) -> Any:
    """A torch tensor with a copy of the array."""
    return torch.from_numpy(np.array(array)).requires_grad_(requires_grad)


def laid_out(operand: Operand, base: Any) -> Any:
    """The operand as a view of its base, a torch tensor."""
    if operand.layout == "reversed":
        return base.flip(tuple(range(base.ndim)))
    if operand.layout == "transposed":
        return base.permute(tuple(reversed(range(base.ndim))))
    return base[..., ::2] if operand.layout == "strided" else base


def agree(ours: Callable[..., Any], theirs: Callable[..., Any], operands: Sequence[Operand], seed: int = 0) -> None:
    """Hold value, dtype, shape and the gradient with respect to every base against PyTorch's."""
    leaves = [leaf(operand.base) for operand in operands]
    with np.errstate(all="ignore"):
        out = ours(*(operand.view(each) for operand, each in zip(operands, leaves, strict=True)))
    references = [to_torch(operand.base, requires_grad=True) for operand in operands]
    expected = theirs(*(laid_out(operand, each) for operand, each in zip(operands, references, strict=True)))

    assert isinstance(out, Tensor)
    assert_close(out.data, expected.detach().numpy(), "value")
    gradient = upstream(seed, out.shape, out.dtype)
    out.backward(gradient)
    expected.backward(to_torch(gradient))
    for place, (each, reference) in enumerate(zip(leaves, references, strict=True)):
        grad = np.zeros_like(each.data) if reference.grad is None else reference.grad.numpy()
        assert each.grad is not None, f"no gradient of operand {place}"
        largest = float(np.max(np.abs(gradient), initial=0.0))
        assert_close(each.grad, grad, f"gradient of operand {place}", terms=largest)
