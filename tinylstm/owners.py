"""Who belongs to whom: a model has its layers, and these know it without keeping it alive.

Else the two, and the workspaces between them, would be freed not when the last one forgets the
model, but when Python's garbage collector runs: it counts objects, not the megabytes in them.
"""

from typing import Any
from weakref import ref


class Owner:
    """An attribute that leads to what an object is a part of, or to None where that is gone.

    Parameters
    ----------
    doc : str
    """

    def __init__(self, doc: str) -> None:
        self.__doc__ = doc

    def __set_name__(self, kind, name):
        self.place = f"_{name}"

    def __get__(self, part: Any, kind: Any = None) -> Any:
        if part is None:
            return self
        owner = vars(part).get(self.place)
        return None if owner is None else owner()

    def __set__(self, part: Any, owner: Any) -> None:
        vars(part)[self.place] = None if owner is None else ref(owner)
