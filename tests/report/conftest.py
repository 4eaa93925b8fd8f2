"""A browser, and pages of small models."""

import pytest

import tinylstm
from tinylstm import LSTM, Dense, Sequential

from .browser import browser, opened, sources  # noqa: F401  fixtures

N, T, D, H, K = 6, 5, 2, 4, 3
LETTERS = ["abcde", "fghij", "klmno", "pqrst", "uvwxy", "zabcd"]


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
