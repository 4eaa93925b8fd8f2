"""Damaged ``.weights.h5`` files, of Keras 3: the same as `damaged_hdf5` does to other ones."""

from tests.attacks.damaged_hdf5 import MUTATIONS, of_keras, row_of


def attack(tries, seed):
    """So many mutants."""
    return of_keras(".weights.h5", MUTATIONS, row_of, tries, seed)
