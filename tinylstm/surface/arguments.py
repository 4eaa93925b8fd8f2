"""Arguments as a user may write them: what each stands for, or a sentence that refuses it.

Every check that several arguments share is here, and takes the value and what the sentence is to
call it; functions that a user gives are in `callables`, arrays in `data`.
"""

import os
import re
import sys
from numbers import Real
from pathlib import Path

import numpy as np

from .errors import OLD_NAMES, has_a_name, kind_of, mismatch, near, snake_case

LARGEST = 2**63 - 1  # whole numbers of compiled code
UNWRITABLE = re.compile("[\\0\\ud800-\\udfff]")  # in a file: the end of a word, halves of letters
OWN = {  # what may be one of the user's own, and where it is said how
    "layer": "docs/own_layer.md",
    "loss": "docs/own_loss.md",
    "metric": "docs/own_loss.md",
    "optimizer": "docs/own_optimizer.md",
    **dict.fromkeys(
        ("activation", "initializer", "regularizer", "constraint"), "docs/own_parts.md"
    ),
}


def known(names, name, what, kind=ValueError):
    """The name, where it is among those that are known.

    Raises
    ------
    ValueError, or of the kind
        If it is not; names the nearest one that is.
    """
    if isinstance(name, str) and name in names:
        return name
    written = name if isinstance(name, str) else snake_case(kind_of(name).rpartition(" ")[2])
    found = [OLD_NAMES[written]] if OLD_NAMES.get(written) in names else near(names, written)
    hint = f" Did you mean {' or '.join(map(repr, found))}?" if found else ""
    said = kind_of(name) if has_a_name(name) else repr(name)
    by = f" One is chosen by its name.{hint}" if has_a_name(name) else hint
    own = f"; or one of your own: {OWN[what]}" if what in OWN else ""
    expected = f"one of {', '.join(sorted(names))}{own}"
    raise mismatch(f"Unknown {what}: {said}.{by}", expected, said, kind)


def find(table, name, what, kind=ValueError):
    """The entry of a table under a name; see `known`."""
    return table[known(table, name, what, kind)]


def whole_number(value, what, least=1, most=LARGEST):
    """The value as an int.

    Raises
    ------
    ValueError
        If it is not a whole number, below the least that makes sense, or beyond the most.
    """
    number = isinstance(value, Real) and not isinstance(value, bool)
    if number and hasattr(value, "item"):
        value = value.item()  # NumPy's small floats know no large numbers
    if not number or not least <= value <= most or not float(value).is_integer():
        beyond = number and value > most
        expected = f"{least} or more" + (f", at most {most:,}" if beyond else "")
        raise mismatch(f"{what} must be a whole number.", expected, repr(value))
    return int(value)


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


def numbers(values, what, most):
    """The values as floats, with zeros behind them: as many as there may be.

    Raises
    ------
    TypeError, ValueError
        If they are not numbers, or more.
    """
    found = [finite_number(value, f"Each number in {what}") for value in as_list(values, what)]
    if len(found) > most:
        raise mismatch(f"{what} has too many numbers.", f"at most {most}", len(found))
    return (*found, *[0.0] * (most - len(found)))


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


def as_list(values, what, expected=None, form="list"):
    """The values as a list, where they are several; a word is one. form: what they are called.

    Raises
    ------
    TypeError
        If they are not.
    """
    try:
        if not isinstance(values, str | bytes):
            return list(values)
    except TypeError:
        pass
    expected = f"a {form}" if expected is None else expected
    raise mismatch(f"{what} is not a {form}.", expected, repr(values), TypeError)


def shape_of(values, what, expected="a tuple"):
    """The lengths of a shape, as a list; see `as_list`."""
    return as_list(values, what, expected, "tuple")


def listed(values, what):
    """The values as a list; none of None."""
    return [] if values is None else as_list(values, what)


def checked_name(name, what):
    """A name that files can have, or None."""
    if not (name is None or (isinstance(name, str) and name)):
        raise mismatch(f"{what} has a name of letters.", "a str, or None", repr(name), TypeError)
    if name is not None and UNWRITABLE.search(name):
        expected = "none of \\0 and no half of a letter, \\ud800 to \\udfff"
        raise mismatch(f"{what} has a name of letters that can be written.", expected, repr(name))
    return name


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


def need_model(model):
    """Refuse what is no model."""
    methods = ("forward", "backward", "trace")
    if isinstance(model, type) or not all(hasattr(model, name) for name in methods):
        raise mismatch("This is not a model.", "a Sequential", repr(model), TypeError)
