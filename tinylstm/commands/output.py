"""What a command has printed is written, or its status says that it could not be."""

import os
import sys
import warnings
from contextlib import contextmanager, suppress

import click

from ..kernels.compiling import ERR

REFUSALS = ImportError, OSError, RuntimeError, TypeError, ValueError


@contextmanager
def refusals_said():
    """Exit with 1 where a file or an argument is refused; of that, and of a warning, the sentence
    alone is said."""
    try:
        with warnings.catch_warnings():
            warnings.showwarning = say_warning
            yield
    except REFUSALS as reason:
        raise click.ClickException(str(reason)) from None


def say_warning(message, *_):
    """A warning as a sentence: no line of a user's program led to it."""
    click.echo(f"Warning: {message}", err=True)


@contextmanager
def output_written():
    """Exit with 1 where a pipe is broken, as by ``| head -1``; elsewhere a sentence says why."""
    try:
        try:
            yield
        finally:
            if sys.stdout is not None and not sys.stdout.closed:
                sys.stdout.flush()
    except OSError as reason:
        if reason.filename is not None:  # it is about some other file
            raise
        leave(reason)


def leave(reason):
    """Exit, and let Python find nothing more to write."""
    if not isinstance(reason, BrokenPipeError):
        print(f"The output could not be written: {reason.strerror}.", file=ERR)
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)
