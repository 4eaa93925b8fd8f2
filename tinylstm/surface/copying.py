"""What is copied how: the modules ``pickle`` and ``copy`` cannot take a part out of a model."""

from .errors import mismatch


class Uncopied:
    """What has a method `copy` of its own, and refuses the modules while it serves a model.

    They would take the memory along that it shares with the model, and its locks.
    """

    copied_by = None  # what does instead, in words

    def _is_free(self):
        """Whether it serves no model: it is plain settings then."""
        return False

    def _need_free(self):
        """Refuse to be copied by others."""
        if not self._is_free():
            raise mismatch(
                f"{self!r} cannot be pickled, nor copied by copy.copy or copy.deepcopy.",
                self.copied_by,
                "pickle or copy",
                TypeError,
            )

    def __copy__(self):
        self._need_free()
        return self.copy()

    def __reduce_ex__(self, protocol):
        self._need_free()
        return super().__reduce_ex__(protocol)


def twin_of(thing):
    """A new object with the same attributes: what a method ``copy`` begins with."""
    twin = object.__new__(type(thing))
    vars(twin).update(vars(thing))
    return twin
