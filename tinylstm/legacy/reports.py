"""What a user sees of a script that fails: its own lines, and not those of the machinery."""

import linecache
import os
import sys
import traceback
from pathlib import Path

import click

from ..kernels import compiling
from ..surface.errors import PACKAGE
from .dialect import spoken
from .hints import hint_on
from .missing import MissingFeature
from .python2 import name_of_python_2
from .python2_syntax import syntax_of_python_2
from .python2_values import value_of_python_2

OURS = (PACKAGE, str(Path(compiling.__file__).parent) + os.sep)


def report(reason, file):
    """Print an exception: what is missing in a sentence or two, others as a traceback."""
    mode = spoken().state_mode
    if mode and is_about_states(reason):
        reason.add_note(f"--state-mode {mode} gave all LSTM layers their state mode.")
    shown = traceback.TracebackException.from_exception(reason)
    cut(shown, os.path.dirname(file) + os.sep)
    name, number, line = place_of(reason, shown)
    source = "".join(linecache.getlines(name))
    sentence = sentence_on(reason, line, source) if name else ""
    if sentence:
        say(name, number, line, sentence)
        return
    shown.print(file=sys.stderr)
    hint = source and (value_of_python_2(reason, number, source) or hint_on(reason))
    if hint:
        click.echo(hint, err=True)


def report_foreseen(found, file):
    """Print what is missing of a script that was not started.

    found : [(line, MissingFeature)].
    """
    for number, reason in found:
        say(file, number, linecache.getline(file, number).strip(), str(reason))
    click.echo("Nothing of it was run; with --no-check it is, up to there.", err=True)


def say(file, number, line, sentence):
    """Print a sentence on a line."""
    click.echo(f"{os.path.relpath(file)}, line {number}: {line}", err=True)
    click.echo(sentence, err=True)


def sentence_on(reason, line, source):
    """What says it all beside the line; "" where the way to it should be shown."""
    if isinstance(reason, MissingFeature):
        return str(reason)
    return syntax_of_python_2(reason, source) or name_of_python_2(reason, line, source)


def place_of(reason, shown):
    """File, number and text of the script's line that an exception comes from; else "", 0, ""."""
    if isinstance(reason, SyntaxError):
        return reason.filename or "", reason.lineno or 0, (reason.text or "").strip()
    if not shown.stack:
        return "", 0, ""
    last = shown.stack[-1]
    return last.filename, last.lineno, last.line


def is_about_states(reason):
    """Whether the engine's bookkeeping of states raised it."""
    *_, (frame, _) = traceback.walk_tb(reason.__traceback__)
    return frame.f_globals["__name__"] == "tinylstm.layers.state"


def cut(shown, folder):
    """Leave only the frames of the script and of modules beside it, here and in the causes."""
    shown.stack[:] = [frame for frame in shown.stack if is_own(frame.filename, folder)]
    for other in (shown.__cause__, shown.__context__, *(shown.exceptions or ())):
        if other is not None:
            cut(other, folder)


def is_own(file, folder):
    """Whether a file is the script's: in its folder, not installed, and not of this package."""
    return file.startswith(folder) and "site-packages" not in file and not file.startswith(OURS)
