"""Files of old scripts: HDF5 as Keras 2 had it, and where there were folders of models."""

from pathlib import Path

from ..formats import OF_KERAS, OWN
from ..formats.chosen import by_suffix
from ..surface.errors import warn
from .dialect import spoken

REFUSALS = ImportError, NotImplementedError, ValueError


def promises_keras(path):
    """Whether a file's name says that Keras can read it."""
    found = by_suffix(Path(str(path)))
    return found is not None and found.extra == OF_KERAS


def make_folders(path):
    """From 2.4 on a model with any other name was a folder, and those above it were made too."""
    if spoken().counts_steps and isinstance(path, str | Path) and not promises_keras(path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)


def save_in_any_case(save, given):
    """Write a file in the format that its name says; where that cannot have what is to be written,
    in our own, so that no training is lost.

    Parameters
    ----------
    save : callable
        Of the model of this package.
    given : dict
        Its arguments.
    """
    try:
        save(**given)
    except REFUSALS as reason:
        if not promises_keras(given.get("filepath")):
            raise
        save(**given, format=OWN)
        say_why(given["filepath"], "is", reason)


def said_in_any_case(need, path):
    """Say before a training what a call refuses of a file that will be written in our own format
    for that."""
    try:
        need()
    except REFUSALS as reason:
        if not promises_keras(path):
            raise
        say_why(path, "will be", reason)


def say_why(path, verb, reason):
    """Warn of a file that is another one than its name says."""
    why = str(reason).partition("\n")[0]
    warn(f"{Path(path).name} {verb} a safetensors file, which only tinylstm reads: {why}")
