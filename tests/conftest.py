"""Fixtures of all tests: a seeded generator, and one kernel cache for the whole run."""

import numpy as np
import pytest

import tinylstm


@pytest.fixture
def rng():
    """A generator that gives each test the same numbers in each run."""
    return np.random.default_rng(20250101)


@pytest.fixture(autouse=True)
def same_seed_for_every_test():
    """Models draw their weights from one known seed, whatever ran before."""
    tinylstm.set_random_seed(7)
    tinylstm.set_floatx("float32")
