"""Parts that need an optional package."""

from __future__ import annotations

import importlib
from typing import Any


def import_compiled(module: str) -> Any:
    """A module that is compiled by numba.

    Raises:
        ImportError: numba is not installed.
    """
    try:
        importlib.import_module("numba")
    except ModuleNotFoundError as error:
        if error.name != "numba":
            raise
        raise ImportError(
            "backend='numba' needs numba, which is not installed: pip install 'gradwalk[fast]', or take backend='numpy'"
        ) from error
    return importlib.import_module(module)
