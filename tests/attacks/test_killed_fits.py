"""Some kills of processes that train: `tests.attacks.killed_fits`."""

import os

import pytest

from tests.attacks.killed_fits import attack

KILLS = 4  # some 3 s


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_process_that_is_killed_while_it_trains_goes_on_as_if_it_had_not_been():
    assert list(attack(KILLS, seed=1)) == []
