"""Where old scripts had folders of models, and where files."""

from pathlib import Path

from .dialect import spoken

OF_KERAS = ".h5", ".hdf5", ".keras"


def promises_keras(path):
    """Whether a file's name says that Keras can read it."""
    return Path(str(path)).suffix in OF_KERAS


def make_folders(path):
    """From 2.4 on a model with any other name was a folder, and those above it were made too."""
    if spoken().counts_steps and isinstance(path, str | Path) and not promises_keras(path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
