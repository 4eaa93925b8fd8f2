"""A few hundred of the odd values: `tests.attacks.odd_values`."""

from tests.attacks.odd_values import attack

TRIES = 400  # some 4 s


def test_odd_values_are_taken_or_refused_in_a_sentence():
    assert list(attack(TRIES, seed=1)) == []
