"""Data of every figure."""

import pytest

from .recorded import D, K, N, T


@pytest.fixture
def data(rng):
    return rng.normal(size=(N, T, D)), rng.normal(size=(N, K))
