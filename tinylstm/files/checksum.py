"""The checksum of a file of tensors, which is in its own header.

It is the SHA-256 of the whole file, in which the checksum's own digits are zeros.
"""

from hashlib import sha256

from .refusals import Damaged

FIELD = "tinylstm checksum"
ZEROS = 64 * "0"


def field(digits):
    """How a header says it."""
    return f'"{FIELD}":"{digits}"'.encode()


def start(length, header):
    """A sum of the bytes of a file up to its header's end, whose checksum is zeros."""
    found = sha256(length)
    found.update(header)
    return found


def sealed(length, header, pieces):
    """A header with zeros for the checksum, with the checksum of the file in their place."""
    total = start(length, header)
    for piece in pieces:
        total.update(piece)
    return header.replace(field(ZEROS), field(total.hexdigest()), 1)


def opened(header, digits):
    """A header with zeros for its checksum.

    Raises
    ------
    Damaged
        If it says the checksum otherwise, and somebody else has written it.
    """
    if len(digits) != len(ZEROS) or header.count(field(digits)) != 1:
        raise Damaged("its checksum is not written as tinylstm does")
    return header.replace(field(digits), field(ZEROS))
