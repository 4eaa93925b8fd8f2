"""Two ways to the same numbers: whether they come to the same, and what is said where not."""

from ..near import SAME, error, place
from .report import Wrong


def need_same(found, right, what, where, dtype="float64"):
    """Raise `Wrong` where results differ; both are {what it is: array}.

    what : a sentence with a place for the array's name, {}, and its worst element.
    """
    for name, array in right.items():
        if not error(found[name], array) <= SAME[dtype]:
            at = f" {place(found[name], array)}" if array.ndim else ""
            raise Wrong(what.format(f"{name}{at}"), where)
