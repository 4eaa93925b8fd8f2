"""Attributes that methods set: they can be read, and an assignment says what does."""

from __future__ import annotations

from typing import Any, Generic, NoReturn, TypeVar

from .arguments import choice
from .errors import mismatch

T = TypeVar("T")


class Chosen(Generic[T]):
    """An attribute that methods of its object set, as ``_name``; a list is handed out as a copy.

    Parameters
    ----------
    doc : str
    by : str
        What sets it, in words.
    """

    def __init__(self, doc: str, by: str) -> None:
        self.__doc__, self.by = doc, by

    def __set_name__(self, kind, name):
        self.name, self.place = name, f"_{name}"

    def __get__(self, owner: Any, kind: Any = None) -> T:
        value: Any = self if owner is None else value_of(owner, self)
        copied: Any = [*value] if type(value) is list else value
        return copied

    def __set__(self, owner: Any, value: NoReturn) -> None:
        value_of(owner, self)
        raise mismatch(
            f"{self.name} is not set alone.",
            self.by,
            f"{self.name} = ... for {owner!r}",
            AttributeError,
        )


class Flag:
    """An attribute that is True or False, whoever sets it.

    Parameters
    ----------
    doc : str
    """

    def __init__(self, doc: str) -> None:
        self.__doc__ = doc

    def __set_name__(self, kind, name):
        self.name, self.place = name, f"_{name}"

    def __get__(self, owner: Any, kind: Any = None) -> bool:
        value: Any = self if owner is None else value_of(owner, self)
        return value

    def __set__(self, owner: Any, value: bool) -> None:
        owner.__dict__[self.place] = choice(value, self.name)


def value_of(owner, attribute):
    """The value of an attribute, which the constructor of its object has set."""
    if attribute.place not in owner.__dict__:
        raise not_yet(owner, attribute.name)
    return owner.__dict__[attribute.place]


def not_yet(owner, name):
    """What to raise of an attribute that is asked for before the constructor has set it."""
    kind = type(owner).__name__
    return mismatch(
        f"{kind} has no {name} yet.",
        "super().__init__() first, in its constructor",
        f"{kind}.{name} before",
        AttributeError,
    )
