"""``get_file``: files that stand in Keras' own folder on this machine. Nothing is downloaded.

Source: ``keras/utils/data_utils.py`` at 2.2.4.
"""

import hashlib
import os
import tarfile
import zipfile
from pathlib import Path

from ..surface.errors import warn
from .missing import MissingFeature


def keras_folder():
    """Where Keras keeps what it has downloaded: ``~/.keras``, unless KERAS_HOME says otherwise."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")


def get_file(
    fname=None,
    origin=None,
    untar=False,
    md5_hash=None,
    file_hash=None,
    cache_subdir="datasets",
    hash_algorithm="auto",
    extract=False,
    archive_format="auto",
    cache_dir=None,
):
    """The path of a file that Keras has downloaded before, or that somebody has put there.

    Parameters
    ----------
    fname : str
        Its name, or its whole path; by default the last part of its origin.
    origin : str
        Where Keras loads it from.
    untar : bool, default=False
        Whether ``fname`` is a folder, that ``fname.tar.gz`` holds.
    md5_hash, file_hash : str, optional
        What Keras compares with; other files are taken, with a warning.
    cache_subdir, cache_dir : str, default="datasets", ``~/.keras``
        The folder.
    hash_algorithm : {"auto", "md5", "sha256"}
        By default what the length of the hash says.
    extract : bool, default=False
        Whether it is an archive, whose contents come to stand beside it.
    archive_format : {"auto", "tar", "zip"}
        By default what it is.

    Raises
    ------
    MissingFeature
        If there is no such file; says where it is looked for.
    """
    folder = Path(cache_dir or keras_folder()).expanduser() / cache_subdir
    wanted = folder / (fname or os.path.basename(origin))
    if untar and wanted.is_dir():
        return str(wanted)
    file = wanted.with_name(wanted.name + ".tar.gz") if untar else wanted
    if not file.exists():
        source = f"; Keras loaded it from {origin}" if origin else ""
        raise MissingFeature(
            f"The script needs the file {file.name}, and nothing is downloaded here.\n"
            f"Put it at {file}{source}."
        )
    check_hash(file, file_hash or md5_hash, "md5" if md5_hash else hash_algorithm)
    if untar or extract:
        unpack(file)
    return str(wanted)


def check_hash(file, expected, algorithm):
    """Warn where a file is not the one that the script's author had."""
    if not expected:
        return
    if algorithm == "auto":
        algorithm = "sha256" if len(expected) == 64 else "md5"
    with open(file, "rb") as content:
        found = hashlib.file_digest(content, algorithm).hexdigest()
    if found != expected:
        warn(
            f"{file} is incomplete or of another version: its {algorithm} is {found}, and the "
            f"script names {expected}."
        )


def unpack(file):
    """Unpack an archive beside itself; what leads out of the folder is refused by Python."""
    if tarfile.is_tarfile(file):
        with tarfile.open(file) as archive:
            archive.extractall(file.parent, filter="data")
    elif zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            archive.extractall(file.parent)
