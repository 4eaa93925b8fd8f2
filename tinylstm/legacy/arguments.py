"""Arguments of Keras 1 and 2 as those of this package: renamed, dropped or refused."""

import difflib
import inspect
from functools import wraps
from numbers import Real
from typing import NamedTuple

from .missing import missing

OF_LAYERS = ("input_shape", "batch_input_shape")


class Spelling(NamedTuple):
    """How Keras called the arguments of one function or class.

    Parameters
    ----------
    positions : tuple of str
        Its positional arguments, in order.
    renamed : dict
        {old name: name here}.
    harmless : set of str
        Arguments that cannot change results: they are dropped.
    refused : set of str
        Arguments that are not supported; one that asks for nothing (None, 0, False) is dropped.
    usual : dict
        {name: value} of those that ask for nothing with another value.
    """

    positions: tuple = ()
    renamed: dict = {}  # noqa: RUF012  never changed
    harmless: frozenset = frozenset()
    refused: frozenset = frozenset()
    usual: dict = {}  # noqa: RUF012  never changed

    def translate(self, what, args, kwargs, known):
        """The arguments by the names of this package.

        known : the names that are arguments here.

        Raises
        ------
        TypeError
            If there are too many, one is given twice, or Keras never had one of that name.
        MissingFeature
            If one is not supported.
        """
        if len(args) > len(self.positions):
            raise TypeError(
                f"{what} takes {len(self.positions)} arguments by position "
                f"({', '.join(self.positions)}); {len(args)} were given."
            )
        named = [*zip(self.positions, args, strict=False), *kwargs.items()]
        given = {}
        for name, value in named:
            new = self.renamed.get(name, name)
            if new in given:
                raise TypeError(f"{what} was given {new} twice, once as {name}.")
            if new in known:
                given[new] = value
            elif new not in self.harmless:
                self._check_refused(what, name, new, value, known)
        return given

    def _check_refused(self, what, name, new, value, known):
        """Refuse an argument, unless it asks for nothing."""
        if new not in self.refused:
            old = [other for other, new in self.renamed.items() if new in known]
            raise unknown(what, name, sorted({*known, *old}))
        asks = not isinstance(value, Real | str) or value != self.usual.get(new, 0)
        if value is not None and asks:
            raise missing(f"{what}({name}=...)", known)


def old_function(function, spelling, name=None):
    """A function of this package that takes the old arguments; name: what Keras called it."""
    name = name or function.__name__
    known = set(inspect.signature(function).parameters)

    @wraps(function)
    def translated(*args, **kwargs):
        given = spelling.translate(name, args, kwargs, known)
        check_needed(name, function, given)
        return function(**given)

    return translated


def check_needed(what, function, given):
    """Refuse arguments that lack one without which a function cannot be called.

    Raises
    ------
    TypeError
        Names those that are lacking.
    """
    parameters = inspect.signature(function).parameters
    needed = [
        name
        for name, one in parameters.items()
        if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD and name != "self"
    ]
    lacking = [name for name in needed if name not in given]
    if lacking:
        raise TypeError(f"{what} needs {' and '.join(lacking)}.")


def unknown(what, name, arguments):
    """The exception for an argument that Keras never had there."""
    near = difflib.get_close_matches(name, arguments, n=1, cutoff=0.75)
    hint = f" Did you mean {near[0]}?" if near else ""
    if name in OF_LAYERS:
        hint = " It is an argument of the first layer."
    arguments = ", ".join(arguments)
    return TypeError(f"{what} has no argument {name}.{hint}\nArguments: {arguments}")
