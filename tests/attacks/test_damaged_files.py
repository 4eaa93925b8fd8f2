"""Some damaged files: `tests.attacks.damaged_files`."""

from tests.attacks.damaged_files import attack
from tests.files.by_hand import ATTACKS

TRIES = len(ATTACKS) + 1500  # some 5 s


def test_damaged_files_are_refused_in_a_sentence_or_read_as_others_do():
    assert list(attack(TRIES, seed=1)) == []
