"""Some damaged files of PyTorch: `tests.attacks.damaged_checkpoints`."""

import pytest

from tests.attacks.damaged_checkpoints import attack

pytest.importorskip("torch")


def test_damaged_files_of_pytorch_are_refused_in_a_sentence_or_read_as_it_does():
    assert list(attack(300, seed=1)) == []
