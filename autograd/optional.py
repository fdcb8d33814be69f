"""Packages that an extra brings, imported where they are needed and not before."""

from __future__ import annotations

import importlib
from typing import Any


def optional(module: str, *, of: str, extra: str, needed_by: str, otherwise: str = "") -> Any:
    """A module of an optional package.

    Args:
        module: its name, as "sklearn.datasets".
        of: the package's own name, as "scikit-learn".
        extra: gradwalk's extra that brings it.
        needed_by: what cannot be done without it, as a caller knows it.
        otherwise: what can be done instead, if anything.

    Raises:
        ImportError: it cannot be imported; the message says how to get it.

    Example:
        >>> optional("no_such_module", of="No Such", extra="none", needed_by="to_nowhere")
        Traceback (most recent call last):
        ImportError: to_nowhere needs No Such, which cannot be imported (No module named 'no_such_module'): pip install
        'gradwalk[none]'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        instead = f", or {otherwise}" if otherwise else ""
        raise ImportError(
            f"{needed_by} needs {of}, which cannot be imported ({error}): pip install 'gradwalk[{extra}]'{instead}"
        ) from error
