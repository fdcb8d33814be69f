"""A headless Chromium for tests of pages: what a visitor sees, presses and hears, and what the page asks for."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@contextmanager
def opened_browser() -> Iterator[Any]:
    """Chromium, driven by Playwright; skips where either is missing."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright drives the browser: pip install gradwalk[browser]"
    )
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


class Visit:
    """A page in its own window, with everything that it complained of or asked for.

    Attributes:
        page: Playwright's page.
        complaints: console messages and errors.
        requests: addresses that were asked for, but for the page itself and what it holds.
    """

    def __init__(self, browser: Any, file: Path, width: int = 1000, scheme: str = "light", **context: Any) -> None:
        self._context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **context)
        self.page = self._context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url, file.as_uri()))
        self.page.goto(file.as_uri())

    def _note(self, url: str, own: str) -> None:
        if url != own and not url.startswith("data:"):
            self.requests.append(url)

    def close(self) -> None:
        """End the visit."""
        self._context.close()
