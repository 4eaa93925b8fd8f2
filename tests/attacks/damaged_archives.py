"""Damaged archives of arrays: each is refused in a sentence, or read as NumPy reads it.

An ``.npz`` file is flipped, cut, lengthened, patched; or it is packed anew with members that are
not as they say: other headers, sizes, names, bombs, pickles. What may come of it: `_judge`.
"""

import io
import struct
import warnings
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.attacks._judge import Row, finds
from tests.attacks._mutations import BYTES, drawn, flipped
from tests.attacks.odd_values import little_memory
from tinylstm.files import npz

ZIPPED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA
NAMES = (
    "lstm.bias",
    "lstm.bias.npy",
    "a/.npy",
    ".npy",
    "../a.npy",
    "a\0b.npy",
    "\x1b[2J.npy",
    300 * "n",
)
DESCRS = (
    "<f4",
    ">f8",
    "<f2",
    "|O",
    "<U4",
    "<i8",
    "|b1",
    "<c8",
    "<f3",
    "[('a', '<f4')]",
    "|V9",
    "<M8",
)
SHAPES = (
    *("()", "(3,)", "(2, 6)", "(0,)", "(-1,)", "(2.0,)", "(True,)", "(99999999999, 99999999999)"),
    *("(1L,)", "(" * 300, "(" + 40 * "1," + ")", "(18446744073709551616,)", "(12,) + (1,)"),
)


class Pickled:
    """What writes where it is unpickled."""

    run = False

    def __reduce__(self):
        return setattr, (Pickled, "run", True)


def attack(tries, seed):
    """Sound files, and mutants of them."""
    with TemporaryDirectory() as folder, little_memory():
        path, files = Path(folder) / "a.npz", sound()
        for content in files:
            yield from finds(ROW, path, "a sound file", content, True)
        for name, one, _, content in drawn(tries, seed, files, MUTATIONS):
            yield from finds(ROW, path, name, content, content == one)


def sound():
    """Files as NumPy writes them."""
    rng, found = np.random.default_rng(1), []
    for dtype, order in (("float32", "C"), ("float64", "F"), (">f4", "C")):
        arrays = {"lstm.kernel": rng.normal(size=(3, 4)), "lstm.bias": np.zeros(400)}
        arrays = {name: np.array(array, dtype, order=order) for name, array in arrays.items()}
        for save in (np.savez, np.savez_compressed):
            file = io.BytesIO()
            save(file, **arrays)
            found.append(file.getvalue())
    return found


def wrong(arrays, content):
    """Whether NumPy has other arrays under these names, without pickles."""
    with np.load(io.BytesIO(content), allow_pickle=False) as found:
        theirs = {name: found[name] for name in found.files}
    if arrays.keys() != theirs.keys() or any(
        one.dtype != theirs[name].dtype or one.tobytes() != theirs[name].tobytes()
        for name, one in arrays.items()
    ):
        yield "otherwise than NumPy reads it"


def of_other_members(content, rng):
    """The same members packed anew, one of them another one or with other bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    k = rng.randrange(len(members))
    name, inside = members[k]
    what = rng.random()
    if what < 0.2:
        name = rng.choice(NAMES)
    elif what < 0.3:
        inside = rng.randbytes(rng.randint(0, 300))
    elif what < 0.4:
        inside += bytes(rng.choice((1, 8, 100, 2**25, 2**27)))
    elif what < 0.5:
        inside = pickled()
    else:
        inside = of_another_header(inside, rng)
    members[k] = name, inside
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", rng.choice(ZIPPED)) as archive,
        warnings.catch_warnings(action="ignore"),
    ):
        for member in members * rng.choice((1, 1, 1, 1, 2)):
            archive.writestr(*member)
    return file.getvalue()


def pickled():
    """An array of objects, one of which is known when it is unpickled."""
    file = io.BytesIO()
    np.save(file, np.array([Pickled()], object))
    return file.getvalue()


def of_another_header(inside, rng):
    """A member whose header says something else, of its own length or another one."""
    length = struct.unpack("<H", inside[8:10])[0]
    numbers = inside[10 + length :]
    descr, shape = rng.choice(DESCRS), rng.choice(SHAPES)
    descr = descr if descr.startswith("[") else f"'{descr}'"
    order = rng.choice(("True", "False", "None", "__import__('os')"))
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"
    text = rng.choice((text, text.upper(), flipped(text.encode(), rng).decode("latin-1")))
    head = text.encode("latin-1")
    version = rng.choice((b"\1\0", b"\1\0", b"\2\0", b"\3\0", b"\4\0", b"\0\0"))
    real = rng.choice((len(head), len(head), rng.randrange(2**16)))
    said = struct.pack("<H" if version == b"\1\0" else "<L", real)
    return inside[:6] + version + said + head + numbers


def of_other_numbers(content, rng):
    """A number of the lists at its end, or of a member's head, that is another one."""
    found = bytearray(content)
    signs = b"PK\1\2", b"PK\5\6", b"PK\3\4", b"PK\6\6"
    places = [k for k in range(len(content) - 60) if content[k : k + 4] in signs] or [0]
    at = rng.choice(places) + rng.randrange(4, 46)
    size = rng.choice((1, 2, 4))
    value = rng.choice((0, 1, 2 ** (8 * size) - 1, rng.randrange(2 ** (8 * size))))
    found[at : at + size] = value.to_bytes(size, "little")
    return bytes(found)


def of_a_long_list(content, rng):
    """An archive of very many members of nothing, or whose record says a longer list."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for k in range(rng.choice((100, 3000))):
            archive.writestr(f"{k}.npy", b"")
    found = bytearray(file.getvalue())
    found[-10:-6] = struct.pack("<L", rng.choice((0, 2**21, 2**32 - 1)))
    return bytes(found)


MUTATIONS = BYTES | {
    "of other members": of_other_members,
    "of other numbers": of_other_numbers,
    "of a long list": of_a_long_list,
}
ROW = Row(npz.read, wrong)
