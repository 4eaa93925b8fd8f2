"""Functions and classes that a user gives: what they take, and a sentence where it does not fit."""

import inspect

from ..kernels.compiling import is_kernel
from .errors import mismatch


def parameters_of(kind):
    """{name: `inspect.Parameter`} of the arguments that a class is made with: its own, and those
    that it passes on, but for those that it has ``fixed``."""
    found = {}
    for base in kind.__mro__:
        if "__init__" not in vars(base):
            continue
        parameters = inspect.signature(base.__init__).parameters.values()
        for one in parameters:
            if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
                found.setdefault(one.name, one)
        if not any(one.kind is one.VAR_KEYWORD for one in parameters):
            break
    return {k: one for k, one in found.items() if k not in ("self", *getattr(kind, "fixed", ()))}


def arguments_of(kind):
    """Names of the arguments that a class is made with; see `parameters_of`."""
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


def need_kernel(kernel, names, what, page):
    """Refuse what is no `@kernel` of these arguments, which compiled code is to call.

    It is called by position: its arguments may have other names, but not these in another order.
    page: where it is said how one is written.

    Raises
    ------
    TypeError
        Names the function and its arguments.
    """
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
