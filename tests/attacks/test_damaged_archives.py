"""Some damaged archives: `tests.attacks.damaged_archives`."""

from tests.attacks.damaged_archives import attack


def test_damaged_archives_are_refused_in_a_sentence_or_read_as_numpy_does():
    assert list(attack(600, seed=1)) == []
