"""The attack of threads.py, for a bounded count of rounds."""

from tests.attacks.threads import attack


def test_threads_that_share_a_model_take_turns_or_are_refused_in_a_sentence():
    assert [*attack(15, seed=1)] == []
