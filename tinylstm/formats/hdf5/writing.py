"""Groups within groups as an HDF5 file: the same bytes for the same groups."""

import h5py
import numpy as np

from .tree import Group


def write(path, tree):
    """Write a `Group` into a file."""
    path.write_bytes(content_of(tree))


def content_of(tree):
    """The bytes of a file that holds a `Group`."""
    with h5py.File("in memory", "w", driver="core", backing_store=False) as file:
        fill(file, tree)
        file.flush()
        return file.id.get_file_image()


def fill(group, tree):
    """Put all of a `Group` into one of an open file."""
    for name, value in tree.attributes.items():
        group.attrs[name] = stored(value)
    for name, one in tree.items():
        if isinstance(one, Group):
            fill(group.create_group(name), one)
        else:
            group.create_dataset(name, data=one)


def stored(value):
    """An attribute as h5py is to have it: lists of words as words of one length."""
    if not isinstance(value, list):
        return value
    words = [one.encode() if isinstance(one, str) else one for one in value]
    return np.array(words) if words else np.empty(0, "S1")
