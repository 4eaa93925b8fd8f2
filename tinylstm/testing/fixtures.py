"""Fixtures for pytest: ``pytest_plugins = ["tinylstm.testing.fixtures"]`` in a conftest.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import numpy as np
import pytest

from .. import settings
from .batteries.sharing import shared_by


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator that gives each test the same numbers in each run."""
    return np.random.default_rng(20250101)


@pytest.fixture
def repeatable() -> Iterator[None]:
    """Models draw their weights from one known seed, in float32, whatever ran before."""
    before = settings._seeds, settings._floatx
    settings.set_random_seed(7)
    settings.set_floatx("float32")
    yield
    settings._seeds, settings._floatx = before


@pytest.fixture
def threads() -> Callable[..., AbstractContextManager[None]]:
    """A block in which so many threads share each batch, however small: ``with threads(2):``."""
    return shared_by
