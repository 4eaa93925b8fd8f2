"""Functions and classes that a user gives: what they take, and a sentence where it does not fit."""

import inspect
from functools import lru_cache

from ..kernels import signatures
from ..kernels.compiling import is_kernel
from .arguments import known
from .errors import mismatch


@lru_cache
def signature_of(kind, further=()):
    """What a class is made with: the arguments of its constructor and, in the place of ``**kwargs``
    there, those that its bases take by name, but for what it has ``fixed``.

    further: names of what it takes besides, None where it is not given.
    """
    found, by_name = {}, False
    for base in kind.__mro__[:-1]:
        if "__init__" not in vars(base):
            continue
        _, *own = inspect.signature(base.__init__).parameters.values()
        for one in own:
            if one.kind is one.VAR_KEYWORD or (by_name and one.kind is one.VAR_POSITIONAL):
                continue
            found.setdefault(one.name, one.replace(kind=one.KEYWORD_ONLY) if by_name else one)
        if all(one.kind is not one.VAR_KEYWORD for one in own):
            break
        by_name = True
    for name in further:
        found.setdefault(
            name, inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None)
        )
    fixed = getattr(kind, "fixed", ())
    return inspect.Signature([one for name, one in found.items() if name not in fixed])


class Signature:
    """The attribute by which `inspect` and `help` show of a class what `signature_of` finds.

    Parameters
    ----------
    further : sequence of str
        See `signature_of`.
    """

    def __init__(self, further=()):
        self.further = tuple(further)

    def __get__(self, thing, kind):
        if thing is not None:  # what is called then is its own ``__call__``
            raise AttributeError("An object has the signature of its class's __call__.")
        return signature_of(kind, self.further)


def parameters_of(kind):
    """{name: parameter} of all that a class is made with; see `signature_of`."""
    found = signature_of(kind).parameters
    return {name: one for name, one in found.items() if one.kind is not one.VAR_POSITIONAL}


def arguments_of(kind):
    """Names of the arguments that a class is made with."""
    return {*parameters_of(kind)}


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


def need_arguments_of(kind, args, kwargs):
    """Refuse arguments with which a class makes no object.

    Raises
    ------
    TypeError
        Names one that nobody knows and the nearest that there is, or those that are lacking.
    """
    found = constructor_of(kind)
    try:
        found.bind(None, *args, **kwargs)
        return
    except TypeError as reason:
        wrong = f"{kind.__name__} is not made so: {reason}."
    names = parameters_of(kind)
    for name in kwargs:
        known(names, name, f"argument of {kind.__name__}", TypeError)
    needed = [name for name, one in names.items() if one.default is one.empty]
    lacking = [name for name in needed[len(args) :] if name not in kwargs]
    if lacking:
        wrong = f"{kind.__name__} needs {' and '.join(lacking)}."
    given = [*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())]
    expected = f"{kind.__name__}({', '.join([*needed, '...'])})"
    raise mismatch(wrong, expected, f"{kind.__name__}({', '.join(given)})", TypeError)


@lru_cache
def constructor_of(kind):
    """The signature of a class's constructor."""
    return inspect.signature(kind.__init__)


def need_pair(kernels, names, kind, page):
    """Refuse what is no pair of kernels, of a class that has one as ``kernels``.

    names: of the two, "(forward, backward)".
    """
    if not isinstance(kernels, tuple | list) or len(kernels) != 2:
        raise mismatch(
            f"The kernels of {kind.__name__} are a pair.",
            f"kernels = {names}: {page}",
            f"kernels = {kernels!r}",
            TypeError,
        )


def need_kernel(kernel, kind, what, page):
    """Refuse what is no `@kernel` that can be called as those of a kind of ``kernels/kinds.py``.

    It is called by position: its arguments may have other names, but not these in another order.
    page: where it is said how one is written.

    Raises
    ------
    TypeError
        Names the function and its arguments.
    """
    names = signatures.parameters_of(kind)
    expected = f"@kernel of ({', '.join(names)}): {page}"
    if not callable(kernel):
        raise mismatch(f"{what} is a kernel.", expected, repr(kernel), TypeError)
    marked, taken = is_kernel(kernel), names_taken(kernel)
    received = f"{'@kernel ' * marked}{name_of(kernel)}({', '.join(taken)})"
    if not marked or len(taken) != len(names):
        sentence = f"{what} is not one that compiled code can call."
        raise mismatch(sentence, expected, received, TypeError)
    if any(name in names and names.index(name) != k for k, name in enumerate(taken)):
        sentence = f"{what} is called by position, and has its arguments in another order."
        raise mismatch(sentence, expected, received, TypeError)
