"""What a user sees of a script that fails: its own lines, and not those of the machinery."""

import os
import sys
import traceback
from pathlib import Path

import click

from ..errors import PACKAGE
from ..kernels import compiler
from .missing import MissingFeature

OURS = (PACKAGE, str(Path(compiler.__file__).parent) + os.sep)


def report(reason, file):
    """Print an exception: a missing feature in two sentences, others as a traceback."""
    shown = traceback.TracebackException.from_exception(reason)
    cut(shown, os.path.dirname(file) + os.sep)
    if isinstance(reason, MissingFeature) and shown.stack:
        last = shown.stack[-1]
        click.echo(f"{os.path.relpath(last.filename)}, line {last.lineno}: {last.line}", err=True)
        click.echo(str(reason), err=True)
    else:
        shown.print(file=sys.stderr)


def cut(shown, folder):
    """Leave only the frames of the script and of modules beside it, here and in the causes."""
    shown.stack[:] = [frame for frame in shown.stack if is_own(frame.filename, folder)]
    for other in (shown.__cause__, shown.__context__, *(shown.exceptions or ())):
        if other is not None:
            cut(other, folder)


def is_own(file, folder):
    """Whether a file is the script's: in its folder, not installed, and not of this package."""
    return file.startswith(folder) and "site-packages" not in file and not file.startswith(OURS)
