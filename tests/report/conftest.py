"""A browser, and pages of small models."""

import pytest

import tinylstm
from tinylstm import LSTM, Dense, Sequential

from .browser import browser, drawn, opened, sources  # noqa: F401  fixtures

N, T, D, H, K = 6, 5, 2, 4, 3
LETTERS = ["abcde", "fghij", "klmno", "pqrst", "uvwxy", "zabcd"]


def settled(tab):
    """The tab, once all panels know where the cursor is."""
    tab.evaluate("() => new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)))")
    return drawn(tab)


def move(tab, **cursor):
    """Move the sliders of the bar: sample, time, unit."""
    for name, value in cursor.items():
        tab.locator(f"#at-{name}").fill(str(value))
    return settled(tab)


def where(tab):
    """Where the sliders are: {sample, time, unit}."""
    return {
        name: int(tab.locator(f"#at-{name}").input_value()) for name in ("sample", "time", "unit")
    }


def number(text):
    """A number as the page writes it."""
    return float(text.strip("()").replace("\N{MINUS SIGN}", "-"))


@pytest.fixture
def model():
    found = Sequential([LSTM(H, input_shape=(T, D)), Dense(K, "softmax")])
    found.compile(loss="categorical_crossentropy")
    return found


@pytest.fixture
def written(tmp_path, model, rng):
    """The report of a small model, its samples and its path: (model, x, path)."""
    x, y = rng.normal(size=(N, T, D)), rng.integers(0, K, N)
    y = tinylstm.to_categorical(y, K)
    path = tmp_path / "report.html"
    tinylstm.report(model, x, y, path, labels=LETTERS, classes="uvw")
    return model, x, path


@pytest.fixture
def shown(opened, tmp_path):  # noqa: F811
    """A function that writes a page of a model and opens it."""

    def show(*given, width=1100, **options):
        path = tmp_path / "report.html"
        tinylstm.report(*given, path=path, **options)
        return opened(path, width=width)

    return show
