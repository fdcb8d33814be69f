"""Parts that need an optional package."""

from __future__ import annotations

import importlib
from typing import Any

from autograd.optional import optional


def import_compiled(module: str) -> Any:
    """A module that is compiled by numba.

    Raises:
        ImportError: numba is not installed.
    """
    optional("numba", of="numba", extra="fast", needed_by="backend='numba'", otherwise="take backend='numpy'")
    return importlib.import_module(module)
