"""Some damaged files of weights of Keras 3: `tests.attacks.damaged_keras_weights`."""

from tests.attacks.damaged_keras_weights import attack


def test_damaged_weights_of_keras_are_refused_in_a_sentence_or_can_be_used():
    assert list(attack(100, seed=1)) == []
