"""What a user sees of a script that fails: its own lines, and not those of the machinery."""

import os
import sys
import traceback
from pathlib import Path

import click

from .. import state
from ..errors import PACKAGE
from ..kernels import compiler
from .dialect import spoken
from .missing import MissingFeature

OURS = (PACKAGE, str(Path(compiler.__file__).parent) + os.sep)

PYTHON_2 = "The script is written for Python 2: a tool such as 2to3 rewrites it for Python 3."
OF_PYTHON_2 = ("xrange", "raw_input", "unicode", "unichr", "basestring", "execfile")
SYNTAX_OF_PYTHON_2 = ("Missing parentheses in call to", "multiple exception types must be")


def report(reason, file):
    """Print an exception: a missing feature in two sentences, others as a traceback."""
    if is_python_2(reason):
        reason.add_note(PYTHON_2)
    mode = spoken().state_mode
    if mode and is_about_states(reason):
        reason.add_note(f"--state-mode {mode} gave all LSTM layers their state mode.")
    shown = traceback.TracebackException.from_exception(reason)
    cut(shown, os.path.dirname(file) + os.sep)
    if isinstance(reason, MissingFeature) and shown.stack:
        last = shown.stack[-1]
        click.echo(f"{os.path.relpath(last.filename)}, line {last.lineno}: {last.line}", err=True)
        click.echo(str(reason), err=True)
    else:
        shown.print(file=sys.stderr)


def is_python_2(reason):
    """Whether an exception comes of what Python 2 had and Python 3 has not."""
    if isinstance(reason, SyntaxError):
        return reason.msg.startswith(SYNTAX_OF_PYTHON_2)
    return isinstance(reason, NameError) and reason.name in OF_PYTHON_2


def is_about_states(reason):
    """Whether the engine's bookkeeping of states raised it."""
    *_, (frame, _) = traceback.walk_tb(reason.__traceback__)
    return frame.f_code.co_filename == state.__file__


def cut(shown, folder):
    """Leave only the frames of the script and of modules beside it, here and in the causes."""
    shown.stack[:] = [frame for frame in shown.stack if is_own(frame.filename, folder)]
    for other in (shown.__cause__, shown.__context__, *(shown.exceptions or ())):
        if other is not None:
            cut(other, folder)


def is_own(file, folder):
    """Whether a file is the script's: in its folder, not installed, and not of this package."""
    return file.startswith(folder) and "site-packages" not in file and not file.startswith(OURS)
