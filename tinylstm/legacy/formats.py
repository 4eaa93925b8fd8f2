"""Files of this package under names that promise Keras' formats: it is said once in a run."""

import warnings
from contextlib import contextmanager
from pathlib import Path

from .dialect import spoken

OF_KERAS = ".h5", ".hdf5", ".keras"
_said = False


def forget_what_was_said():
    """Say it again, in another run."""
    global _said
    _said = False


def promises_keras(path):
    """Whether a file's name says that Keras can read it."""
    return Path(str(path)).suffix in OF_KERAS


@contextmanager
def said_once(path):
    """A block that writes a file: if its name promises too much, the first such block warns."""
    global _said
    with warnings.catch_warnings():
        if _said:
            warnings.filterwarnings("ignore", ".*is written in the safetensors format")
        yield
    _said = _said or promises_keras(path)


def make_folders(path):
    """From 2.4 on a model with any other name was a folder, and those above it were made too."""
    if spoken().counts_steps and isinstance(path, str | Path) and not promises_keras(path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
