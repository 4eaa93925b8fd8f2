"""Some killed saves: `tests.attacks.killed_saves`."""

import os

import pytest

from tests.attacks.killed_saves import attack

TRIES = 20  # some 2 s


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_no_kill_while_it_is_saved_loses_a_file():
    assert list(attack(TRIES, seed=1)) == []
