"""What is given to a program, as numbers alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, Value


def plain(given: Any) -> Any:
    """An input without nodes: a number, an array, a list."""
    if isinstance(given, Tensor | Value):
        return given.data
    if isinstance(given, list):
        return [each.data for each in given]
    return np.vectorize(lambda each: each.data)(given) if given.dtype == object else given


def several(outputs: Any) -> tuple[Any, ...]:
    """The outputs as a tuple, also where there is one."""
    return outputs if isinstance(outputs, tuple) else (outputs,)
