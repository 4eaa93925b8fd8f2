"""Some broken streams: `tests.attacks.generators`."""

from tests.attacks.generators import attack

TRIES = 150  # some 5 s


def test_broken_streams_lose_nothing():
    assert list(attack(TRIES, seed=1)) == []
