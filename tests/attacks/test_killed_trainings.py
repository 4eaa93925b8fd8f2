"""Some trainings that are killed and go on: `tests.attacks.killed_trainings`."""

from tests.attacks.killed_trainings import attack


def test_trainings_that_were_killed_go_on_as_if_they_had_not_been():
    assert list(attack(12, seed=3)) == []
