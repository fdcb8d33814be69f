"""gradwalk's modes: eager, the graph replayed in NumPy, and the graph replayed in compiled loops."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

from .work import UnavailableError

BACKENDS = {"replay": "numpy", "fast": "numba"}


def record(mode: str, function: Callable[..., Any], *inputs: Any) -> Any:
    """A `Program` of the function for the mode "replay" or "fast".

    Raises:
        UnavailableError: what the mode needs is not installed.
    """
    require(mode)
    return importlib.import_module("autograd.replay").record(function, *inputs, backend=BACKENDS[mode])


def require(mode: str) -> None:
    """Raise `UnavailableError` where the mode's parts are not installed."""
    if mode == "eager":
        return
    if importlib.util.find_spec("autograd.replay") is None:
        raise UnavailableError("autograd.replay is not installed")
    if mode == "fast" and importlib.util.find_spec("numba") is None:
        raise UnavailableError("numba is not installed: pip install 'gradwalk[fast]'")
