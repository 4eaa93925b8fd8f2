"""Changes that are whole or have not been, wherever a Ctrl-C is heard.

Python hears a signal, and what one thread raises in another, between two of its own steps, never
within a function of C. So what may fail or takes long is prepared, and then one call of C makes the
change; where there are several, `at_once` makes them. Nothing is held back, any signal and any
thread is served, and it costs a microsecond or two.
"""

from __future__ import annotations

from functools import partial
from operator import call
from threading import Lock
from typing import Self

from .surface.errors import mismatch


def at_once(*changes):
    """Make changes, functions of C, with no place between where a Ctrl-C is heard.

    Returns what they return.
    """
    return [*map(call, changes)]


def sets(thing, **attributes):
    """A change: an object gets these attributes, whatever it says of assignments."""
    return partial(vars(thing).update, attributes)


def writes(array, values):
    """A change: an array takes on these values, of its shape and dtype."""
    return partial(array.__setitem__, ..., values)


class End:
    """How a `Span` ends: its lock is released, by C, so that nothing is heard before.

    A Python function in its place would be entered first, and a Ctrl-C is heard there.
    """

    def __get__(self, span, kind=None):
        return self if span is None else span._lasting.__exit__

    def __call__(self, span, *reason):  # as `contextlib.ExitStack` does
        return span._lasting.__exit__(*reason)


class Span:
    """What lasts as long as a ``with`` block, even if that ends with a Ctrl-C at its very end."""

    def __init__(self) -> None:
        self._lasting = Lock()

    @property
    def lasts(self) -> bool:
        """Whether its block has begun and not ended."""
        return self._lasting.locked()

    def __enter__(self) -> Self:
        if self.lasts:
            raise mismatch("This block is under way.", "one block at a time", repr(self))
        try:
            self._lasting.acquire()
        except BaseException:  # a Ctrl-C just after
            self._lasting.release()
            raise
        return self

    __exit__ = End()
