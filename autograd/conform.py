"""The operands of an elementwise operation, brought to its result's shape and dtype by nodes that one can see.

After this no derivative rule has to know that NumPy broadcasts or promotes: the transpose of the `broadcast_to` node is
the sum over the axes it repeated, and that of the `cast` node is the cast back.
"""

from __future__ import annotations

from typing import Any

from autograd.primitives.structural import broadcast_to, cast


def conform_elementwise(inputs: list[Any], result: Any) -> list[Any]:
    """Operands that need a gradient get the result's dtype and shape; constants stay as they are."""
    shape, dtype = result.shape, result.dtype
    for place, x in enumerate(inputs):
        if x.requires_grad and (x._data.shape != shape or x._data.dtype is not dtype):
            inputs[place] = _conform(x, shape, dtype)
    return inputs


def _conform(x: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    if x._data.dtype != dtype:
        x = cast(x, dtype=dtype)
    return x if x._data.shape == shape else broadcast_to(x, shape=shape)
