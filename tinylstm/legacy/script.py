"""Runs a script as ``python script.py`` would, with Keras answered by this package."""

import ast
import os
import sys
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import click

from ..kernels.compiling import OUT
from . import modules
from .absent import AbsentModules
from .dialect import speak
from .figures import choose_backend, saved
from .foreseen import foreseen
from .names import forget_names
from .numpy_names import old_numpy
from .pandas_names import old_pandas
from .python_names import old_python
from .reports import report, report_foreseen

HELP = frozenset({"-h", "--help", "--version"})  # a script that is asked for these ends early


def run_script(path, arguments, dialect, check=True):
    """Run a script; returns its exit status, 0 or 1. A ``sys.exit`` of the script goes on.

    Parameters
    ----------
    path : str
        As the user gave it.
    arguments : list of str
        What the script finds in ``sys.argv`` behind its name.
    dialect : Dialect
    check : bool, default=True
        Do not start it where it certainly uses what is missing.
    """
    check = check and not HELP.intersection(arguments)
    try:
        source = Path(path).read_bytes()
    except OSError as reason:
        click.echo(f"The script {path} cannot be read: {reason.strerror}.", err=True)
        return 1
    file = os.path.abspath(path)
    with (
        as_main(file, [path, *arguments]) as module,
        old_numpy(),
        old_pandas(),
        old_python(),
        spoken_keras(dialect),
    ):
        return run_source(source, file, module, check)


def run_source(source, file, module, check):
    """Run the script's text in its module; returns 0, or 1 where it raises, or certainly would."""
    try:
        tree = ast.parse(source, file)
        if check and (found := foreseen(tree)):
            report_foreseen(found, file)
            return 1
        code = compile(tree, file, "exec", dont_inherit=True)
        absent = AbsentModules(tree, file)
        sys.meta_path.append(absent)
        try:
            exec(code, module.__dict__)
        except KeyboardInterrupt:
            click.echo(err=True)  # ends the line with a bar in it
            saved.waiting = True
            raise
        finally:
            absent.forget()
            saved.at_the_end()
    except Exception as reason:
        if isinstance(reason, BrokenPipeError) and OUT.is_broken():
            raise  # nobody reads what the script prints
        report(reason, file)
        return 1
    return 0


@contextmanager
def as_main(file, argv):
    """A module ``__main__`` for a script; ``sys`` is as Python would set it for one."""
    module = ModuleType("__main__")
    module.__file__ = file
    module.__loader__ = SourceFileLoader("__main__", file)
    module.__builtins__ = sys.modules["builtins"]
    before = sys.modules["__main__"], sys.argv, [*sys.path]
    sys.modules["__main__"], sys.argv = module, argv
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(file))
    try:
        yield module
    finally:
        sys.modules["__main__"], sys.argv, sys.path[:] = before


@contextmanager
def spoken_keras(dialect):
    """Keras as a dialect has it, under its names."""
    before = speak(dialect)
    installed = modules.install()
    forget_names()
    choose_backend()
    saved.begin()
    try:
        yield
    finally:
        modules.restore(installed)
        speak(before)
