"""Stages of two sizes for every test, and arrays."""

import pytest

from tinylstm.data import staging

from .data import D, N, T


@pytest.fixture(autouse=True, params=["several stages", "one stage"])
def stages(request, monkeypatch):
    """Stages of a few batches, so that an epoch has several; and those that everybody has."""
    if request.param == "several stages":
        monkeypatch.setattr(staging, "STAGE_BYTES", 1200)


@pytest.fixture
def arrays(rng):
    return rng.normal(size=(N, T, D)), rng.normal(size=(N, 2)), rng.random(N)
