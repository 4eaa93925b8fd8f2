"""Files of tensors, and of what is to be said of them: written whole, read where they are sound.

A file is a safetensors file, which many programs read. Beside the tensors it has texts by their
names; one that is JSON stands for its value. Nothing is taken from a file that is not sound, and
nothing is reserved that the file's own size does not allow.

    write(path, {"lstm/bias": array}, {"kind": "tinylstm weights", "version": 2})
    tensors, about = read(path)
    with opened(path) as file:  # a look at what it is, before all of it is read
        file.about, file.entries
        tensors = file.tensors()
"""

import struct
from contextlib import contextmanager

import numpy as np

from ..surface.errors import mismatch
from . import checksum, header
from .bounded_json import text_of, value_of
from .contents import Contents
from .header import LENGTH, NUMPY, Entry
from .opening import opened_file
from .refusals import Damaged, told
from .replacing import write_whole

DTYPES = {dtype: name for name, dtype in NUMPY.items()}


def write(path, tensors, about):
    """Write a file that is the old one or the new one, complete, whenever the process dies.

    Parameters
    ----------
    path : Path
    tensors : dict of str to ndarray
        Of floats or whole numbers.
    about : dict of str to what JSON can say
        With a "kind" that begins with "tinylstm", and a whole number as "version". NaN and infinity
        may be in it.

    Raises
    ------
    OSError
        If the system does not let it be written; the old file is as it was.
    ValueError
        If it is more than is ever read again.
    """
    write_whole(path, pieces(tensors, about))


def put(path, tensors, about):
    """The same in a plain file, for who gives it its name."""
    with open(path, "wb") as file:
        file.writelines(pieces(tensors, about))


def pieces(tensors, about):
    """The bytes of a file, piece after piece; see `write`."""
    by_size = sorted(tensors.items(), key=lambda one: -one[1].dtype.itemsize)  # so all are aligned
    arrays = {name: little(array) for name, array in by_size}
    metadata = {name: text_of(value) for name, value in about.items()}
    head = header.written(laid_out(arrays), metadata | {checksum.FIELD: checksum.ZEROS})
    length = struct.pack("<Q", len(head))
    numbers = [array.reshape(-1).view(np.uint8) for array in arrays.values()]
    need_readable(head, LENGTH + len(head) + sum(map(len, numbers)))
    return [length, checksum.sealed(length, head, numbers), *numbers]


def little(array):
    """The same numbers one after the other, the last byte of each first."""
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")


def laid_out(arrays):
    """What a header says of arrays that are written one after the other."""
    entries, at = {}, 0
    for name, array in arrays.items():
        entries[name] = Entry(DTYPES[array.dtype], array.shape, at, at + array.nbytes)
        at += array.nbytes
    return entries


def need_readable(head, size):
    """Refuse to write what would not be read again."""
    try:
        header.need_length(len(head), size)
        _, metadata = header.read(head, size)
        for text in metadata.values():
            value_of(text, size)
    except Damaged as reason:
        raise mismatch(
            f"No file of this is read again: {reason}.",
            "shorter names, fewer tensors",
            f"{len(head):,} bytes of names and descriptions",
        ) from None


def read(path):
    """All that a file holds: the tensors by their names, and what is said of them.

    Raises
    ------
    OSError
        If there is no file, or the system does not let it be read.
    ValueError
        If it is not complete, or not as it was written.
    """
    with opened(path) as file:
        return file.tensors(), file.about


@contextmanager
def opened(path):
    """A file whose header has been read and is sound, a `Contents`. Raises as `read`."""
    with opened_file(path) as (file, _):
        with told(path, "read"):
            contents = Contents(path, file)
        yield contents
