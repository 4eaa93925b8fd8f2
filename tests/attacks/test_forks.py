"""The attack of forks.py, for a bounded count of tries."""

import os

import pytest

from tests.attacks.forks import JOBS, attack


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_every_child_finds_a_whole_model_that_it_can_use():
    assert [*attack(2 * len(JOBS), seed=1)] == []
