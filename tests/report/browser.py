"""A real browser for pages: Chromium, driven by Playwright; tests that need it are skipped without.

    def test_something(opened):
        tab = opened(path)

`opened` opens a file with the network cut, waits until its panels are drawn, and fails its test if
the page asks for anything or writes to the console. In ``.ci/run`` a skip would be a gap, so there
``TINYLSTM_BROWSER=required``.
"""

import json
import os
import shutil

import pytest

from tinylstm.report.page import modules

NAMES = "chromium", "chromium-browser", "google-chrome", "chrome"
WIDTH, HEIGHT = 1100, 900
TIME = 60_000  # milliseconds until a page that never comes is given up


def executable():
    """The path of an installed Chromium, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests of a process."""
    playwright = pytest.importorskip("playwright.sync_api", reason=missing("Playwright"))
    if executable() is None:
        skip(missing("Chromium"))
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        yield found
        found.close()


def missing(what):
    """Why there is no browser."""
    return f"{what} is not installed, so no page is opened here."


def skip(sentence):
    """Skip a test, or fail where a browser is required."""
    (pytest.fail if os.environ.get("TINYLSTM_BROWSER") == "required" else pytest.skip)(sentence)


@pytest.fixture(scope="session")
def sources(browser):
    """An empty tab that knows the modules of the page: `import("engine/model.js")`."""
    tab = browser.new_page()
    tab.set_content(f'<script type="importmap">{json.dumps({"imports": modules()})}</script>')
    yield tab
    tab.close()


@pytest.fixture
def opened(browser):
    """A function that opens a page of a path; options are those of a context of Playwright."""
    contexts, said, asked = [], [], []

    def open_page(path, width=WIDTH, height=HEIGHT, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.set_offline(True)
        context.route("**/*", lambda route: allow_the_file(route, asked))
        tab = context.new_page()
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.goto(path.resolve().as_uri())
        if tab.locator("#panels").count() and options.get("java_script_enabled", True):
            drawn(tab)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert said == [], "the page wrote to the console"
    assert asked == [], "the page asked for something else than itself"


def drawn(tab):
    """The tab, once all its panels know where the cursor is."""
    tab.wait_for_selector("#panels[aria-busy=false]", state="attached", timeout=TIME)
    return tab


def allow_the_file(route, asked):
    """Let a file be read, and note whatever else was asked for."""
    if route.request.url.startswith(("file:", "data:")):
        route.continue_()
    else:
        asked.append(route.request.url)
        route.abort()
