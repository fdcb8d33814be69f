"""Products in which what received nothing hands on nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.rule import primitive


def masked_product(upstream: Any, local: Any) -> Any:
    """upstream x local, and exactly 0 where nothing was received or a gate (a boolean local derivative) is closed."""
    where = primitive("where")
    open_ = np.asarray(getattr(upstream, "_data", upstream) != 0)
    gate = np.asarray(getattr(local, "_data", local))
    open_ = open_ & gate if gate.dtype == bool else open_
    return where(upstream, 0.0, condition=open_) * where(local, 0.0, condition=open_)
