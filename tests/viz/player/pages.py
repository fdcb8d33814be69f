"""A player's page in a browser: opened, listened to, driven by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.browser import Visit
from viz import Player

Open = Callable[..., Visit]


def visits(browser: Any, path: Path, default: Callable[[], Player]) -> Iterator[Open]:
    """A function that opens a player's page; in the end no page has complained or asked for anything else."""
    opened: list[Visit] = []

    def visit(player: Player | None = None, **window: Any) -> Visit:
        opened.append(Visit(browser, (player or default()).save(path), **window))
        opened[-1].page.wait_for_selector(".player")
        return opened[-1]

    yield visit
    for each in opened:
        assert each.complaints == []
        assert each.requests == []
        each.close()


def said(visit: Visit) -> str:
    """What is read aloud."""
    return str(visit.page.locator(".said").inner_text())


def press(visit: Visit, key: str, times: int = 1) -> None:
    """Press a key in the picture."""
    visit.page.locator(".picture").focus()
    for _ in range(times):
        visit.page.keyboard.press(key)
