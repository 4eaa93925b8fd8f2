"""What an open file of tensors holds, read and checked from its first byte to its last.

Its header is read and checked at once; the tensors on demand, so that somebody may look first at
what they are. They are read, not mapped into memory: a file that is cut off while it is used ends
a process that has it mapped.
"""

import os
from contextlib import contextmanager

import numpy as np

from ..data.available import need_memory
from ..surface.errors import mismatch
from . import checksum, header
from .bounded_json import value_of
from .header import BFLOAT16, LENGTH, NUMPY
from .refusals import Damaged, named, told

PIECE = 2**20  # bytes that are read at once
LITTLE = 16 * 2**20  # bytes of a file that are read without a look at the memory there is
HDF5, ZIP, NPY = b"\x89HDF\r\n\x1a\n", b"PK\x03\x04", b"\x93NUMPY"  # how such files begin
SIGNATURES = {
    HDF5: "an HDF5 file, as Keras writes them",
    ZIP: "a zip archive, as Keras and PyTorch write them",
    NPY: "a NumPy file",
}
WITHOUT_CHECKSUM = "tinylstm weights", 1  # kind and version of the files that have none


def need_own_format(start):
    """Refuse a file that begins as those of other formats do, by the name of its own."""
    for signature, name in SIGNATURES.items():
        if start.startswith(signature):
            raise Damaged(f"it is {name}, which is not read here")


class Contents:
    """An open file of tensors.

    Attributes
    ----------
    about : dict
        What is said of the whole: see `container.write`.
    entries : dict of str to Entry
        Of each tensor its dtype, as the format calls it, and its shape.
    checksum : str or None
        That the file says it has; `tensors` compares it.
    """

    def __init__(self, path, file):
        self._path, self._file = path, file
        self._sum = None  # begins behind the header
        self._size = os.fstat(file.fileno()).st_size
        with self._sound():
            self._read_header()

    @contextmanager
    def _sound(self):
        """A block in which the file is refused where it is damaged."""
        try:
            yield
        except Damaged as reason:
            self._file.seek(0)
            raise mismatch(
                f"{self._path} is not a complete safetensors file: {reason}.",
                "a file as tinylstm wrote it; a copy from before may be whole",
                f"{self._size:,} bytes that begin with {self._file.read(LENGTH)!r}",
            ) from None

    def _read_header(self):
        self._length = self._bytes(min(LENGTH, self._size)).tobytes()
        need_own_format(self._length)
        length = int.from_bytes(self._length, "little")
        header.need_length(length, self._size)
        self._header = self._bytes(length).tobytes()
        self.entries, metadata = header.read(self._header, self._size)
        self.checksum = metadata.pop(checksum.FIELD, None)
        self.about = {name: value_of(text, self._size) for name, text in metadata.items()}
        self._sum = self._start_of_sum()

    def _start_of_sum(self):
        """The sum of what has been read; None for a file that has no checksum."""
        if self.checksum is not None:
            head = checksum.opened(self._header, self.checksum)
            return checksum.start(self._length, head)
        kind = self.about.get("kind")
        ours = isinstance(kind, str) and kind.startswith("tinylstm")
        if ours and (kind, self.about.get("version")) != WITHOUT_CHECKSUM:
            raise Damaged("it has lost its checksum")
        return None

    def tensors(self, places=None):
        """All tensors, {name: array}, the checksum of the file compared. To be called once.

        Those of bfloat16 are float32, which has all their numbers.

        Parameters
        ----------
        places : {name: array}, optional
            Where some of them are read to: contiguous, of the file's dtypes and shapes. Where this
            raises, they have other numbers than before.

        Raises
        ------
        OSError, ValueError
            As in `container.read`.
        MemoryError
            If they do not fit into memory.
        """
        for name, one in self.entries.items():
            if one.dtype not in NUMPY and one.dtype != BFLOAT16:
                sentence = f"Tensor {named(name)} in {self._path} has a dtype that NumPy has not."
                way = "tensor.float() makes one of PyTorch such before it is saved"
                raise mismatch(sentence, f"one of {', '.join(NUMPY)}; {way}", one.dtype)
        with told(self._path, "read"), self._sound():
            halves = [one for one in self.entries.values() if one.dtype == BFLOAT16]
            size = self._size - LENGTH - len(self._header)
            size += sum(one.stop - one.start for one in halves)
            if size > LITTLE:
                sentence = "The tensors of a file do not fit into memory."
                need_memory(size, sentence, str(self._path))
            found = self._read_tensors(places or {})
            if os.fstat(self._file.fileno()).st_size != self._size:
                raise Damaged("it was changed while it was read")
            if self._sum is not None and self._sum.hexdigest() != self.checksum:
                raise Damaged("its bytes have another checksum than it says")
        return {name: found[name] for name in self.entries}

    def _read_tensors(self, places):
        """{name: array} in the order of the file, in which no byte is between them."""
        found = {}
        for name, one in sorted(self.entries.items(), key=lambda item: item[1].start):
            if one.dtype == BFLOAT16:
                found[name] = self._read_halves(one.shape)
                continue
            place = places.get(name)
            found[name] = np.empty(one.shape, NUMPY[one.dtype]) if place is None else place
            self._fill(found[name].reshape(-1).view(np.uint8))
        return found

    def _read_halves(self, shape):
        """Numbers of bfloat16, which are the upper halves of float32, as such: in their own place,
        each half goes to where none stands that is not read yet."""
        found = np.empty(shape, NUMPY["F32"])
        halves = found.reshape(-1).view(NUMPY["U16"])  # lower, upper, lower, upper ...
        self._fill(halves[found.size :].view(np.uint8))
        for at in range(0, found.size, PIECE):
            piece = halves[found.size + at :][:PIECE].copy()
            both = halves[2 * at :][: 2 * len(piece)]
            both[0::2], both[1::2] = 0, piece
        return found

    def _bytes(self, size):
        """The next bytes of the file."""
        found = np.empty(size, np.uint8)
        self._fill(found)
        return found

    def _fill(self, found):
        """Read the next bytes of the file, which are added to its sum on the way."""
        view, at = memoryview(found), 0
        while at < len(found):
            count = self._file.readinto(view[at : at + PIECE])
            if not count:
                raise Damaged("it was cut off while it was read")
            if self._sum is not None:
                self._sum.update(view[at : at + count])
            at += count
