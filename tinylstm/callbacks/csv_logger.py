"""Losses and metrics of every epoch as a table on disk."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..files import add_whole, need_folder, told
from ..files.replacing import write_whole
from ..surface.arguments import choice, path_of
from ..surface.errors import mismatch
from ..surface.types import Logs, PathLike
from .callback import Callback


class CSVLogger(Callback):
    """Write a line of the logs after each epoch; the file is complete whenever training stops.

    The columns are ``epoch``, from 0, and the names of the first epoch's logs in the order of the
    alphabet; without validation also those with ``val_`` before them, which hold ``NA``.

    Parameters
    ----------
    filename : str or Path
    separator : str, default=","
    append : bool, default=False
        Go on in the file where there is one, instead of beginning it anew.

    Raises
    ------
    ValueError
        In `fit`, if the file to go on in has other columns.
    OSError
        In `fit`, if a line cannot be written; names the file, which has the lines before.

    Source: ``keras.callbacks.CSVLogger``.
    """

    def __init__(self, filename: PathLike, separator: str = ",", append: bool = False) -> None:
        self.filename = path_of(filename, "filename")
        if not isinstance(separator, str) or len(separator) != 1 or separator in '\r\n"':
            raise mismatch("separator stands between two cells.", "one letter", repr(separator))
        self.separator = separator
        self.append = choice(append, "append")

    def on_train_begin(self, logs: Logs = None) -> None:
        self.names: Any = None
        with told(self.filename, "written"):
            need_folder(self.filename)
            self.goes_on = self.append or "resumed" in (self.params or {})
            if not self.goes_on:
                self.filename.write_bytes(b"")
            self.filename.touch()
        if "resumed" in (self.params or {}):
            self.forget_from(self.params["initial_epoch"])

    def forget_from(self, epoch: int) -> None:
        """Have no line of an epoch that comes again, nor one that was not written to its end."""
        lines = self.filename.read_bytes().splitlines(keepends=True)
        left = [line for k, line in enumerate(lines) if k == 0 or epoch_of(line) < epoch]
        write_whole(self.filename, left if left and left[0].endswith(b"\n") else [])

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self.names is None:
            self.names = columns(logs)
            self.begin()
        self.write([epoch, *(as_text(logs.get(name, "NA")) for name in self.names)])

    def begin(self) -> None:
        """Write the names of the columns, or find them there."""
        header, there = ["epoch", *self.names], None
        if self.goes_on and self.filename.is_file():  # a device would have no end
            with told(self.filename, "read"):
                there = self.first_line()
        if there is None:
            self.write(header)
        elif there != header:
            raise mismatch(
                f"{self.filename} has other columns.", ", ".join(header), ", ".join(there)
            )

    def first_line(self) -> list[str] | None:
        """The cells of the file's first line; its last one is ended where it was not."""
        with open(self.filename, newline="", encoding="utf-8") as file:
            found = next(csv.reader(file, delimiter=self.separator), None)
        if found is not None and not self.filename.read_bytes().endswith(b"\n"):
            add_whole(self.filename, b"\r\n")  # it was not written to its end
        return found

    def write(self, row: Iterable[Any]) -> None:
        """Add a line, or nothing where it does not fit on the disk; the file is not kept open."""
        line = io.StringIO(newline="")
        csv.writer(line, delimiter=self.separator).writerow(row)
        add_whole(self.filename, line.getvalue().encode())


def epoch_of(line: bytes) -> float:
    """The number of the epoch whose line it is; infinity where it is not whole."""
    digits = re.match(rb'"?(\d+)', line)
    return int(digits[1]) if digits and line.endswith(b"\n") else math.inf


def columns(logs):
    """Names of the columns behind the epoch."""
    names = sorted(logs)
    validated = any(name.startswith("val_") for name in names)
    return names if validated else [*names, *(f"val_{name}" for name in names)]


def as_text(value):
    """A value for a cell: an array is written in brackets."""
    if isinstance(value, str) or np.ndim(value) == 0:
        return value
    return f'"[{", ".join(map(str, value))}]"'
