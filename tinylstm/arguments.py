"""Arguments as a user may write them: what they stand for, or a sentence that refuses them."""

import inspect
import os
import sys
from numbers import Real
from pathlib import Path

import numpy as np

from .errors import mismatch


def is_finite(value):
    """Whether it is one real number, and finite as a float."""
    value = value.item() if isinstance(value, np.generic) else value  # whose float32 overflows
    return isinstance(value, Real) and -sys.float_info.max <= value <= sys.float_info.max


def finite_number(value, what, least=None):
    """The value as a float.

    Raises
    ------
    ValueError
        If it is not a finite number, or below the least that makes sense.
    """
    if not is_finite(value) or (least is not None and value < least):
        expected = "a finite number" + ("" if least is None else f", {least} or more")
        raise mismatch(f"{what} must be a number.", expected, repr(value))
    return float(value)


def choice(value, what):
    """True or False, for which 1 and 0 may stand, and None for False.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, Real | np.bool_) and value in (0, 1):
        return bool(value)
    raise mismatch(f"{what} is a choice.", "True or False", repr(value))


def checked_name(name, what):
    """A name, or None."""
    if not (name is None or (isinstance(name, str) and name)):
        raise mismatch(f"{what} has a name of letters.", "a str, or None", repr(name), TypeError)
    return name


def need_model(model):
    """Refuse what is no model."""
    from .model import Sequential

    if not isinstance(model, Sequential):
        raise mismatch("This is not a model.", "a Sequential", repr(model), TypeError)


def path_of(path, what):
    """The path of a file as a `Path`.

    Raises
    ------
    TypeError, ValueError
        If it is none.
    """
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(text, str):
        raise mismatch(f"{what} is a path.", "a str or a Path", repr(path), TypeError)
    if not text or "\0" in text:
        raise mismatch(f"{what} names no file.", "the path of a file", repr(path))
    return Path(text)


def name_of(function):
    """What a function, or an object that is called, is named in a message."""
    return getattr(function, "__name__", None) or type(function).__name__


def takes(function, *arguments, **named):
    """Whether a function can be called with these arguments; True where nobody can say."""
    try:
        inspect.signature(function).bind(*arguments, **named)
    except TypeError:
        return False
    except ValueError:  # built in, without a signature
        return True
    return True


def names_taken(function):
    """Names of a function's arguments in their order; none where nobody can say."""
    try:
        return [*inspect.signature(function).parameters]
    except ValueError:  # built in, without a signature
        return []


def need_arguments(function, names, what):
    """Refuse a function that cannot be called with what it is given.

    Raises
    ------
    TypeError
        Names the function and its arguments.
    """
    if not callable(function):
        expected = f"a function of ({', '.join(names)})"
        raise mismatch(f"{what} is a function.", expected, repr(function), TypeError)
    if not takes(function, *names):
        raise mismatch(
            f"{what} {name_of(function)} takes other arguments than it is given.",
            f"({', '.join(names)})",
            f"{name_of(function)}{inspect.signature(function)}",
            TypeError,
        )
