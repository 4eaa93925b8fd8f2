"""Attributes that methods set: they can be read, and an assignment says what does."""

from .arguments import choice
from .errors import mismatch


class Chosen:
    """An attribute that methods of its object set, as ``_name``; a list is handed out as a copy.

    Parameters
    ----------
    doc : str
    by : str
        What sets it, in words.
    """

    def __init__(self, doc, by):
        self.__doc__, self.by = doc, by

    def __set_name__(self, kind, name):
        self.name, self.place = name, f"_{name}"

    def __get__(self, owner, kind=None):
        if owner is None:
            return self
        value = owner.__dict__[self.place]
        return [*value] if type(value) is list else value

    def __set__(self, owner, value):
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

    def __init__(self, doc):
        self.__doc__ = doc

    def __set_name__(self, kind, name):
        self.name, self.place = name, f"_{name}"

    def __get__(self, owner, kind=None):
        return self if owner is None else owner.__dict__[self.place]

    def __set__(self, owner, value):
        owner.__dict__[self.place] = choice(value, self.name)
