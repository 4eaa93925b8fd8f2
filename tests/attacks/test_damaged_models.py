"""Some damaged files of whole models: `tests.attacks.damaged_models`."""

from tests.attacks.damaged_models import attack

TRIES = 800  # some 3 s


def test_damaged_models_are_refused_in_a_sentence_or_can_be_used():
    assert list(attack(TRIES, seed=1)) == []
