"""NumPy's archives of arrays, ``.npz``: read without NumPy's own reader, which would unpickle.

A file is a zip archive. Each member is one array: a magic word, a version, a header, the numbers.
The header is a dict of Python; here it is read as it is always written, and never evaluated.

Source: ``numpy.lib.format``, "Format version 1.0".
"""

import math
import re

import numpy as np

from ..data.available import need_memory
from ..surface.errors import mismatch
from . import zipped
from .contents import LITTLE, NPY
from .header import AXES, LARGEST
from .refusals import Damaged, named

LENGTHS = {1: 2, 2: 4, 3: 4}  # bytes that say a header's length, by the version
LONGEST = 10_000  # bytes of a header
HEADER = re.compile(
    r"\{'descr': '([<>|=]?[a-zA-Z]\d*)', 'fortran_order': (True|False), "
    r"'shape': \(((?:\d{1,19}(?:, |,)?)*)\), *\} *\n",
    re.ASCII,
)


def read(path):
    """The arrays of a file, by their names.

    Raises
    ------
    OSError
        If there is no file, or the system does not let it be read.
    ValueError
        If it is damaged, larger than its size allows, or has arrays of anything but numbers.
    """
    with zipped.file_at(path) as (file, size):
        try:
            with zipped.opened(file, size) as archive:
                return arrays_in(archive, path)
        except Damaged as reason:
            raise mismatch(
                f"{path} is not a file of NumPy's savez: {reason}.",
                "an .npz file of arrays of numbers",
                f"{size:,} bytes",
            ) from None


def arrays_in(archive, path):
    """The arrays of an archive, by their names."""
    members = archive.infolist()
    size = sum(member.file_size for member in members)
    if size > LITTLE:
        need_memory(size, "The arrays of a file do not fit into memory.", str(path))
    found = {}
    for member in members:
        name = member.filename.removesuffix(".npy")
        if name == member.filename:
            raise Damaged(f"{named(name)} is no array")
        with zipped.member_of(archive, member) as file:
            found[name] = array_in(file, member.file_size, name)
            if zipped.read_of(file, 1):
                raise Damaged(f"{named(name)} has more numbers than its shape")
    return found


def array_in(file, size, name):
    """The array of an open member of so many bytes."""
    descr, in_columns, shape, start = header_of(file, name)
    if not re.fullmatch(r"[<>|=]?[fiub]\d+", descr):
        raise Damaged(f"{named(name)} has the dtype {descr!r}, which is not one of numbers")
    try:
        dtype = np.dtype(descr)
    except TypeError:
        raise Damaged(f"{named(name)} has the unknown dtype {descr!r}") from None
    if len(shape) > AXES or math.prod(max(n, 1) for n in shape) * dtype.itemsize > LARGEST:
        raise Damaged(f"{named(name)} has a shape that no memory can hold")
    needed = math.prod(shape) * dtype.itemsize
    if needed != size - start:
        raise Damaged(f"{named(name)} needs {needed:,} bytes and has {size - start:,}")
    array = np.empty(shape, dtype, order="F" if in_columns else "C")
    zipped.fill(file, memoryview(array.reshape(-1, order="A").view(np.uint8)))
    return array


def header_of(file, name):
    """What a member says of its array: dtype, whether columns come first, shape; and how many bytes
    that took."""
    begin = zipped.read_of(file, len(NPY) + 2)
    length = LENGTHS.get(begin[-2]) if len(begin) == len(NPY) + 2 else None
    if not begin.startswith(NPY) or length is None:
        raise Damaged(f"{named(name)} is no array of NumPy")
    count = int.from_bytes(zipped.read_of(file, length), "little")
    if count > LONGEST:
        raise Damaged(f"{named(name)} has a header of {count:,} bytes")
    said = HEADER.fullmatch(zipped.read_of(file, count).decode("latin-1"))
    if said is None:
        raise Damaged(f"{named(name)} is not described as an array of numbers is")
    shape = tuple(int(n) for n in re.findall(r"\d+", said[3]))
    return said[1], said[2] == "True", shape, len(begin) + length + count
