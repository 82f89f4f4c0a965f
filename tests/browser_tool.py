"""A real browser for tests: the system's Chromium, which is asked for nothing from a network."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

NO_BROWSER = "no Chromium to open it in: "
"""Begins why a test was not run; what follows is its file."""
NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_browser() -> str | None:
    """Find the program."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def require_browser(name: str) -> str:
    """Give the program; a test without it is named as not run, and fails where tests are a gate."""
    found = find_browser()
    if found is not None:
        return found
    message = f"{NO_BROWSER}{name}"
    if os.environ.get("CI"):
        pytest.fail(f"{message}; `make browser` installs it")
    pytest.skip(message)


@dataclass
class Watched:
    """A page, and everything that went wrong in it or left it."""

    page: Page
    faults: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def until(self, expression: str, *, within_s: float = 10.0) -> None:
        """Wait until an expression is true; the page's own policy forbids the browser's way."""
        deadline = time.monotonic() + within_s
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, f"never true: {expression}"
            self.page.wait_for_timeout(30)

    def require_clean(self) -> None:
        assert not self.left, f"requests that left the page: {self.left}"
        assert not self.faults, self.faults


class BrowserTool:
    """Opens pages from disk; any request for something else is refused and noted."""

    def __init__(self, browser: Browser, *, allowed: str = "file://") -> None:
        self._browser = browser
        self._allowed = allowed

    def empty(self) -> Page:
        """Give a page without anything, to run scripts in."""
        page = self._browser.new_page()
        page.route("**/*", lambda route: route.abort())
        return page

    def open(self, page_file: Path | str, *, width: int = 1360, dark: bool = False) -> Watched:
        context = self._browser.new_context(
            viewport={"width": width, "height": 860},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        watched = Watched(page=context.new_page())
        allowed = page_file.rpartition("/")[0] if isinstance(page_file, str) else self._allowed

        def look(route: Route) -> None:
            if route.request.url.startswith((allowed, "blob:", "data:")):
                route.continue_()
            else:
                watched.left.append(route.request.url)
                route.abort()

        context.route("**/*", look)
        watched.page.on("pageerror", lambda error: watched.faults.append(str(error)))
        watched.page.on(
            "console",
            lambda said: watched.faults.append(said.text) if said.type == "error" else None,
        )
        url = page_file if isinstance(page_file, str) else page_file.resolve().as_uri()
        watched.page.goto(url)
        return watched


def browsers(name: str) -> Iterator[BrowserTool]:
    """Run a browser for the tests of a file."""
    from playwright.sync_api import sync_playwright

    program = require_browser(name)
    flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield BrowserTool(browser)
        browser.close()
