"""Groups within groups as an HDF5 file: the same bytes for the same groups."""

from io import BytesIO

import h5py
import numpy as np

from ...files.refusals import named
from ...surface.errors import mismatch
from .child import LONGEST_NAME
from .tree import Group


def write(path, tree):
    """Write a `Group` into a file."""
    path.write_bytes(content_of(tree))


def content_of(tree):
    """The bytes of a file that holds a `Group`; while they are made, they are there once."""
    content = BytesIO()
    with h5py.File(content, "w") as file:
        fill(file, tree)
    return content.getvalue()


def fill(group, tree):
    """Put all of a `Group` into one of an open file."""
    for name, value in tree.attributes.items():
        group.attrs[name] = stored(value)
    for name, one in tree.items():
        need_room(group, name)
        if isinstance(one, Group):
            fill(group.create_group(name), one)
        else:
            group.create_dataset(name, data=one)


def need_room(group, path):
    """Refuse a name that is none, that is never read again, or under which something is already: of
    a/b there is b in a."""
    parts = path.split("/")
    longest = max(len(part.encode()) for part in parts)
    if longest > LONGEST_NAME or not {"", "."}.isdisjoint(parts) or path in group:
        raise mismatch(
            f"There is no place in an HDF5 file for the name {named(path)}.",
            f"other names of layers, without strokes, of at most {LONGEST_NAME:,} bytes; or a file "
            "that ends in .safetensors",
            f"it in {named(group.name)}, beside {named([*group])}",
        )


def stored(value):
    """An attribute as h5py is to have it: lists of words as words of one length."""
    if not isinstance(value, list):
        return value
    words = [one.encode() if isinstance(one, str) else one for one in value]
    return np.array(words) if words else np.empty(0, "S1")
