"""What is copied how: the modules ``pickle`` and ``copy`` cannot take a part out of a model."""

from .errors import mismatch


class Uncopied:
    """What lives in a model's memory, and refuses the modules.

    They would take the memory along that it shares with the model, and its locks.
    """

    copied_by: str | None = None  # what does instead, in words

    def __copy__(self):
        raise self._uncopied()

    def __reduce_ex__(self, protocol):
        raise self._uncopied()

    def _uncopied(self):
        """What to raise of the modules."""
        return mismatch(
            f"{self!r} cannot be pickled, nor copied by copy.copy or copy.deepcopy.",
            self.copied_by,
            "pickle or copy",
            TypeError,
        )


def twin_of(thing):
    """A new object with the same attributes: what a method ``copy`` begins with."""
    twin = object.__new__(type(thing))
    vars(twin).update(vars(thing))
    return twin
