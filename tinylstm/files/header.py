"""The header of a safetensors file: what it says of each tensor, and of the whole.

A file is the length of its header, 8 bytes; the header, JSON; and the numbers of all tensors, one
after the other. The header says of each tensor its dtype, its shape, and from which byte to which
its numbers are; and under ``__metadata__`` texts by their names.

The library of that name is not needed: it maps the file into memory, where one that is cut off
while it is read ends the process, takes a key that stands twice, and knows no checksum. Tests hold
both to each other.

Source: github.com/huggingface/safetensors, "Format".
"""

import json
import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .bounded_json import is_text, parse
from .refusals import Damaged, named

METADATA = "__metadata__"
LENGTH = 8  # bytes of the header's length
LONGEST = 16 * 2**20  # bytes of a header
AXES = 32  # of a tensor
LARGEST = 2**62  # bytes of a tensor
NUMPY = {  # what NumPy calls the dtypes of the format that it has
    **{f"F{bits}": np.dtype(f"<f{bits // 8}") for bits in (16, 32, 64)},
    **{f"I{bits}": np.dtype(f"<i{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"U{bits}": np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32, 64)},
}
BFLOAT16 = "BF16"  # the upper half of a float32
SIZES = {  # bytes of a number of each dtype of the format
    **{name: dtype.itemsize for name, dtype in NUMPY.items()},
    **{BFLOAT16: 2, "F8_E4M3": 1, "F8_E5M2": 1, "BOOL": 1},
}
DESCRIPTION = {"dtype", "shape", "data_offsets"}


class Entry(NamedTuple):
    """What a header says of a tensor: its numbers are those from byte `start` to `stop`."""

    dtype: str
    shape: tuple
    start: int
    stop: int


def written(entries, metadata):
    """The bytes of a header, with the spaces that have the numbers start at a multiple of 8."""
    tensors = {
        name: {"dtype": one.dtype, "shape": one.shape, "data_offsets": (one.start, one.stop)}
        for name, one in entries.items()
    }
    text = json.dumps({METADATA: metadata, **tensors}, separators=(",", ":")).encode()
    return text + b" " * (-len(text) % LENGTH)


def need_length(length, size):
    """Refuse the length of a header that a file of that size has not."""
    if size < LENGTH:
        raise Damaged("it has no header")
    if length > max(size - LENGTH, LONGEST):
        raise Damaged("it does not begin as one")
    if length > size - LENGTH:
        raise Damaged(f"its header should have {length:,} bytes")
    if length > LONGEST:
        raise Damaged(f"its header has {length:,} bytes, and more than {LONGEST:,} is never read")


def read(header, size):
    """What the bytes of a header say: {name: Entry}, and the metadata.

    size: that of the whole file, in bytes, all of which the tensors must be.

    Raises
    ------
    Damaged
        If that cannot be, or is not how a header is written.
    """
    if header[:1] != b"{":
        raise Damaged("its header does not begin with a bracket")
    try:
        said = parse(header.decode(), size)
    except UnicodeDecodeError:
        raise Damaged("its header is no text") from None
    except json.JSONDecodeError as reason:
        raise Damaged(f"its header is no JSON: {reason}") from None
    metadata = said.pop(METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise Damaged(f"its {METADATA} are not names and texts")
    entries = {name: entry(name, one) for name, one in said.items()}
    need_seamless(entries, size - LENGTH - len(header))
    return entries, metadata


def entry(name, said):
    """What is said of one tensor, where it can be."""
    if not is_text(name):
        raise Damaged(f"{named(name)} is no name")
    if not isinstance(said, dict) or said.keys() != DESCRIPTION:
        raise Damaged(f"of {named(name)} it does not say {', '.join(sorted(DESCRIPTION))}")
    dtype, shape, offsets = said["dtype"], said["shape"], said["data_offsets"]
    if not isinstance(dtype, str) or dtype not in SIZES:
        raise Damaged(f"{named(name)} has the unknown dtype {named(dtype)}")
    if not are_counts(shape) or len(shape) > AXES:
        raise Damaged(f"{named(name)} has a shape that none can have")
    if not are_counts(offsets) or len(offsets) != 2:
        raise Damaged(f"{named(name)} has numbers at no place")
    size = SIZES[dtype]
    if math.prod(max(axis, 1) for axis in shape) * size > LARGEST:
        raise Damaged(f"{named(name)} has a shape that no memory can hold")
    needed, found = math.prod(shape) * size, offsets[1] - offsets[0]
    if needed != found:
        raise Damaged(f"{named(name)} needs {needed:,} bytes and has {found:,}")
    return Entry(dtype, tuple(shape), *offsets)


def are_counts(values):
    """Whether it is a list of whole numbers, 0 or more, that a file can have of something."""
    return isinstance(values, list) and all(type(n) is int and 0 <= n <= LARGEST for n in values)


def need_seamless(entries, size):
    """Refuse tensors that overlap, or do not fill so many bytes one after the other."""
    places = sorted((one.start, one.stop) for one in entries.values())
    for (_, stop), (start, _) in pairwise([(0, 0), *places, (size, size)]):
        if start != stop:
            raise Damaged(f"its tensors should go on at byte {stop:,}, not at {start:,}")
