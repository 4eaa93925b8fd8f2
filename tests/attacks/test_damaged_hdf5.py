"""Some damaged HDF5 files: `tests.attacks.damaged_hdf5`."""

from tests.attacks.damaged_hdf5 import attack


def test_damaged_hdf5_files_are_refused_in_a_sentence_or_can_be_used():
    assert list(attack(150, seed=1)) == []
