"""The page in a browser: its panels, its numbers, and nothing from elsewhere."""

import re

import numpy as np

import tinylstm
from tinylstm import LSTM, Dense, Sequential

from .conftest import H, K, N, T

TIME = 10_000  # milliseconds until a page that never comes is given up


def ready(tab):
    """The tab, once its panels are drawn."""
    tab.wait_for_function("document.querySelector('.numbers td')?.textContent", timeout=TIME)
    return tab


def number(text):
    """A number as the page writes it."""
    return float(text.replace("\N{MINUS SIGN}", "-"))


def test_every_panel_appears(opened, written):
    tab = ready(opened(written[-1]))
    titles = tab.locator("section > h2").all_inner_texts()
    assert titles[:2] == ["Input, prediction, target", "Gates and states"]
    for section in tab.locator("section .panel").all():
        assert section.inner_text().strip()


def test_numbers_at_the_cursor_are_those_of_the_engine(opened, written):
    model, x, path = written
    tab, trace = ready(opened(path)), model.trace(x)["lstm"]
    for sample, time, unit in ((0, 0, 0), (N - 1, T - 1, H - 1), (2, 3, 1)):
        for name, value in (("sample", sample), ("time", time), ("unit", unit)):
            tab.locator(f"#at-{name}").fill(str(value))
        tab.wait_for_timeout(50)
        for name in "ifgoch":
            shown = number(tab.locator(f".numbers td[data-name={name}]").inner_text())
            np.testing.assert_allclose(shown, getattr(trace, name)[sample, time, unit], atol=6e-5)


def test_a_page_needs_no_more_than_its_file(written):
    text = written[-1].read_text(encoding="utf-8")
    outside = re.sub(
        r'<script type="(importmap|application/json)".*?</script>', "", text, flags=re.S
    )
    assert "http" not in outside.replace("http-equiv", "")
    assert "default-src 'none'" in text
    assert "innerHTML" not in outside


def test_html_of_users_stays_text(opened, tmp_path, model, rng):
    evil = "</script><img src=x onerror=alert(1)>"
    path = tmp_path / "report.html"
    x, y = rng.normal(size=(N, T, 2)), np.eye(K)[[0] * N]
    tinylstm.report(model, x, y, path, labels=[evil] * T, classes=[evil] * K, title=evil)
    tab = ready(opened(path))
    assert tab.locator("img").count() == 0
    assert tab.locator("h1").inner_text() == evil
    assert tab.locator(".letters button").first.inner_text() == evil
    assert evil in tab.locator("#input caption").inner_text()


def test_a_large_model_is_sampled_and_the_page_says_so(opened, tmp_path, rng):
    model = Sequential([LSTM(100, input_shape=(450, 1)), Dense(1)])
    path = tmp_path / "report.html"
    tinylstm.report(model, rng.normal(size=(3, 450, 1)), path=path)
    assert path.stat().st_size < 1.5e6
    said = ready(opened(path)).locator("#about").inner_text()
    assert "1 of 3 samples" in said
    assert "the last 300 of 450 steps" in said
    assert "48 of the 100 units of lstm" in said
