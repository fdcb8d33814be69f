"""The application built on `autograd`, `nn` and `viz`: the command `gradwalk`, its demo and the demo's page."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["version_text"]


def version_text() -> str:
    """The version of the installed distribution; of a source tree that was never installed, that it was not."""
    try:
        return version("gradwalk")
    except PackageNotFoundError:
        return "(not installed)"
