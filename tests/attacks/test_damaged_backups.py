"""Some damaged files of trainings: `tests.attacks.damaged_backups`."""

from tests.attacks.damaged_backups import attack

TRIES = 150  # some 3 s


def test_damaged_trainings_are_refused_in_a_sentence_or_gone_on_from():
    assert list(attack(TRIES, seed=1)) == []
