"""Some damaged files of Keras 3: `tests.attacks.damaged_keras`."""

from tests.attacks.damaged_keras import attack


def test_damaged_files_of_keras_are_refused_in_a_sentence_or_can_be_used():
    assert list(attack(150, seed=1)) == []
