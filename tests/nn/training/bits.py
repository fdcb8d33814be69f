"""States in a form that compares equal where every bit is equal, in whatever order their names come."""

from __future__ import annotations

from typing import Any

import numpy as np


def bits(state: Any) -> Any:
    """A state with its arrays as bytes and its numbers as text.

    >>> bits({"w": np.array([1.0]), "lr": 0.1, "more": [None, -0.0]})
    {'w': ('<f8', (1,), '000000000000f03f'), 'lr': '0.1', 'more': ['None', '-0.0']}
    """
    if isinstance(state, dict):
        return {str(key): bits(value) for key, value in state.items()}
    if isinstance(state, list | tuple):
        return [bits(value) for value in state]
    return (state.dtype.str, state.shape, state.tobytes().hex()) if isinstance(state, np.ndarray) else repr(state)
