"""A terminal at which somebody looks, and that is told of work after twenty milliseconds, not after a second."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from autograd import progress


class Terminal(io.StringIO):
    """A standard error at which somebody looks."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    terminal = Terminal()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=terminal))  # pytest sets the true one anew
    monkeypatch.setattr(progress, "_DELAY", 0.02)
    monkeypatch.setattr(progress, "_INTERVAL", 0.005)
    monkeypatch.delenv("GRADWALK_PROGRESS", raising=False)
    return terminal
