"""A real browser: Chromium of the system, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, sync_playwright

CHROMIUM = os.environ.get("BASTION_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
REQUIRED = "BASTION_REQUIRE_BROWSER" in os.environ
# No sandbox inside a container run by root; the other flags keep Chromium from calling home.
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and not REQUIRED,
    reason="no Chromium: install your system's package chromium, or name the program in BASTION_CHROMIUM",
)


@contextmanager
def open_page() -> Iterator[Page]:
    """Start a browser, give a page of it, and end it."""
    assert CHROMIUM, "Chromium is required here: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_page()
        browser.close()
