"""Zip archives that somebody else wrote: read where they are sound, and no larger than their size
allows.

Python's own reader believes what an archive says of itself. So before it reads, the end of the
file is looked at: how long the list of members is; and before a member is read, how much all of
them would take.
"""

import struct
import zipfile
import zlib
from contextlib import contextmanager

from .opening import opened_file
from .refusals import Damaged, named, told

END = struct.Struct("<4s4H2LH")  # the record at the end of an archive
LONG_END = struct.Struct("<4sQ2H2L4Q")  # a longer one before it, where numbers may be larger;
BETWEEN = 20  # and the bytes between both, which lead there
LONGEST = 2**20  # bytes of the list of members
BESIDE = 16 * 2**20  # bytes that members may have beside twice those of their file
FOLDER = 0x10  # among a member's attributes; PyTorch reads nothing of one, and gives what is there
METHODS = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
PIECE = 2**20  # bytes that are read at once
UNSOUND = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError),
    *(RuntimeError, ValueError, OverflowError),  # encrypted, names and places that cannot be
)


@contextmanager
def file_at(path):
    """The open file at a path, and its size in bytes; what the system refuses is said."""
    with told(path, "read"), opened_file(path, buffering=-1) as opened:
        yield opened


@contextmanager
def opened(file, size):
    """The archive in an open file of that size, whose members are no more than it allows.

    Raises
    ------
    Damaged
        If it is not sound.
    """
    need_end(file, size)
    with sound():
        archive = zipfile.ZipFile(file)
    with archive:
        need_members(archive.infolist(), size)
        yield archive


@contextmanager
def sound():
    """A block that does nothing but read of an archive, which may not be sound."""
    try:
        yield
    except UNSOUND as reason:
        raise Damaged(f"it is no sound zip archive: {reason}") from None


@contextmanager
def member_of(archive, name):
    """A member of an archive, opened."""
    with sound():
        member = archive.open(name)
    with member:
        yield member


def need_end(file, size):
    """Refuse an archive whose list of members is not where its last bytes say, or a long one."""
    length, start, stop = list_of_members(file, size)
    if length > LONGEST:
        raise Damaged(f"its list of members has {length:,} bytes")
    if start + length != stop:
        raise Damaged(f"its list of members should end at byte {stop:,}")


def list_of_members(file, size):
    """How many bytes the list of members has, where it starts, and where it must stop."""
    tail = LONG_END.size + BETWEEN + END.size
    file.seek(max(0, size - tail))
    last = file.read(tail).rjust(tail, b"\0")
    file.seek(0)
    record, between = END.unpack(last[-END.size :]), last[LONG_END.size : -END.size]
    if record[0] != b"PK\x05\x06" or record[-1]:
        raise Damaged("it does not end as a zip archive does")
    longer = LONG_END.unpack(last[: LONG_END.size])
    if (longer[0], between[:4]) == (b"PK\x06\x06", b"PK\x06\x07"):
        return *longer[-2:], size - tail
    return *record[5:7], size - END.size


def need_members(members, size):
    """Refuse members that take much more than the file, or are packed or named in odd ways."""
    names = [member.filename for member in members]
    if len({*names}) < len(names):
        raise Damaged("it has two members of one name")
    if any(member.compress_type not in METHODS for member in members):
        raise Damaged("a member is packed in a way that is not read here")
    if any(one.filename.endswith("/") or one.external_attr & FOLDER for one in members):
        raise Damaged("a member is a folder, which has no bytes")
    total = sum(member.file_size for member in members)
    if total > 2 * size + BESIDE:
        raise Damaged(f"its members would have {total:,} bytes")


def need_checksums(archive):
    """Refuse an archive with a member that has another checksum than it says. All is read."""
    with sound():
        wrong = archive.testzip()
    if wrong is not None:
        raise Damaged(f"its member {named(wrong)} has another checksum than it says")


def read_of(member, count):
    """So many bytes of an open member, or what it has left."""
    with sound():
        return member.read(count)


def fill(member, place):
    """Read the next bytes of an open member to where they shall be, a memoryview of bytes."""
    while len(place):
        found = read_of(member, min(PIECE, len(place)))
        if not found:
            raise Damaged(f"a member of it lacks {len(place):,} bytes")
        place[: len(found)] = found
        place = place[len(found) :]
