"""The derivative table of running sums."""

# fmt: off
from __future__ import annotations

from typing import Any

import numpy as np

from autograd.primitives.structural import getitem
from autograd.rules import Linear


def _reversed(x: Any, axis: int) -> Any:
    return getitem(x, index=(slice(None),) * axis + (slice(None, None, -1),))


cumsum: Linear = Linear(
    "cumsum", lambda x, axis: np.cumsum(x, axis=axis),
    [lambda g, x, axis: _reversed(cumsum(_reversed(g, axis), axis=axis), axis)], symbol="Σ↦",
)
