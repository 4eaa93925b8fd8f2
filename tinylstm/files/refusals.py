"""What the system says of a path, in sentences; and what is wrong with a file that is damaged."""

import os
import stat
from contextlib import contextmanager
from reprlib import Repr

from ..surface.errors import mismatch

EXPECTED = {
    "read": "the path of a file that can be read",
    "written": "a path that can be written, on a disk with room",
}
KINDS = {
    stat.S_IFREG: "a file",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
OF_TENSORFLOW = "saved_model.pb"  # in each folder that is such a model
SHORT_WORD = 60
SHORT = Repr()
SHORT.maxstring = 100


class Damaged(Exception):
    """What is wrong with a file: the end of a sentence."""


def named(value):
    """What a file says, as it can stand in a sentence: however long it is, and without controls."""
    return SHORT.repr(value)


def word(value):
    """What a file says, as it can be shown: a short word as it is, nothing as none."""
    if value is None:
        return ""
    plain = isinstance(value, str) and value.isprintable() and len(value) <= SHORT_WORD
    return value if plain else named(value)


@contextmanager
def told(path, what):
    """Where the system refuses a path, say so in a sentence; what: "read" or "written"."""
    try:
        yield
    except (OSError, UnicodeError) as reason:
        if "\nExpected: " in str(reason):
            raise
        why, kind = getattr(reason, "strerror", None) or str(reason), type(reason)
        kind = kind if issubclass(kind, OSError) else ValueError
        refusal = mismatch(f"The file cannot be {what}: {why}.", EXPECTED[what], str(path), kind)
        refusal.errno = getattr(reason, "errno", None)
        raise refusal from None


def kind_at(path):
    """What is at a path, links followed: "a file", "a folder", "nothing" ..."""
    try:
        return kind_of(os.stat(path))
    except (FileNotFoundError, NotADirectoryError, UnicodeError):
        return "a link to nothing" if os.path.lexists(path) else "nothing"


def kind_of(status):
    """What the system's status of a path says it is."""
    return KINDS.get(stat.S_IFMT(status.st_mode), "something else")


def need_folder(path):
    """Refuse a path that is a folder itself, or in none that exists."""
    if not path.parent.is_dir():
        raise mismatch(
            "There is no such folder.", "a folder that exists", str(path), FileNotFoundError
        )
    if path.is_dir():
        raise mismatch("This is a folder.", "the path of a file", str(path), IsADirectoryError)


def need_file(kind, path):
    """Refuse to read what is no file: nothing, a folder, or what may have no end."""
    if kind != "a file":
        if os.path.exists(os.path.join(path, OF_TENSORFLOW)):
            raise mismatch(
                "This is a SavedModel of TensorFlow, a folder with a program in it.",
                "a file: where TensorFlow is, tf.keras.models.load_model(folder).save('m.keras')",
                f"{kind} at {path}",
                IsADirectoryError,
            )
        raise mismatch(
            "There is no such file.",
            "the path of a file of a model, of weights or of arrays",
            f"{kind} at {path}",
            FileNotFoundError,
        )
