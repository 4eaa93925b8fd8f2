"""Arrays with guards between them: numbers that show who reads or writes beside an array.

A compiled kernel notices no index outside of an array. What it writes there destroys something
else, what it reads is what happens to lie there; in small models both is often zero, and unseen.
"""

from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from ...kernels.tables import HOLD
from .report import Unsafe

GAP = 4096  # numbers between two arrays: more than an array of another shape goes beyond its own
VALUES = 12345.0, np.nan  # in them: to see who writes, to see who reads
NUMBERS = 0.0, 1.0  # among numbers of classes or words, with which a kernel finds others
FLAGS = 64, 64 | HOLD  # a bit that no flag has; and a step that is masked


class Span(NamedTuple):
    """An array in a vector: its name, its first and last number, and where its shape is said."""

    name: str
    start: int
    stop: int
    where: str = ""


class Guards:
    """A vector in which arrays lie apart; what is between them are guards.

    Parameters
    ----------
    vector : array (P,)
    spans : list of Span, in their order
    kinds : tuple
        What stands in the gaps to see who writes, and to see who reads.
    """

    def __init__(self, vector, spans, kinds=VALUES):
        self.vector, self.spans = vector, spans
        self.canary, self.unknown = kinds
        starts = [0, *(span.stop for span in spans)]
        stops = [*(span.start for span in spans), len(vector)]
        self.gaps = [slice(*pair) for pair in zip(starts, stops, strict=True)]
        self._content = [vector[span.start : span.stop].copy() for span in spans]

    def fill(self, unknown=()):
        """Write the canary into all gaps, but into some what shows who reads."""
        for gap in self.gaps:
            self.vector[gap] = self.unknown if gap in unknown else self.canary

    def restore(self):
        """Put into the arrays what was in them at first."""
        for span, content in zip(self.spans, self._content, strict=True):
            self.vector[span.start : span.stop] = content

    def beside(self, k, at):
        """The array that is nearest to a number of the k-th gap, and how the two lie, in words."""
        gap = self.gaps[k]
        behind = k > 0 and (k == len(self.spans) or at < (gap.stop - gap.start) / 2)
        span, side = self.spans[k - 1 if behind else k], "behind" if behind else "in front of"
        return span, f"{side if span.start < span.stop else 'beside what is empty:'} {span.name}"

    def need_untouched(self, where=None):
        """Refuse a number in a gap that is not what was filled in."""
        for k, gap in enumerate(self.gaps):
            places = np.flatnonzero(self.vector[gap] != self.canary)
            if len(places):
                at = places[0] if k > 0 else places[-1]
                span, words = self.beside(k, at)
                numbers = "a number" if len(places) == 1 else f"{len(places)} numbers"
                raise Unsafe(f"It writes {numbers} {words}.", where or span.where)


def alone(array, name, where="", kinds=VALUES):
    """A copy of an array between guards, and the `Guards` themselves."""
    room = np.zeros(2 * GAP + array.size, array.dtype)
    inside = room[GAP : GAP + array.size].reshape(array.shape)
    inside[...] = array
    return inside, Guards(room, [Span(name, GAP, GAP + array.size, where)], kinds)


def need_bounds(guards, run, where=None):
    """Refuse what reads or writes beside its arrays.

    guards : list of Guards
    run : function without arguments, of what is in the arrays, that gives {what it is: array}
    where : str, optional
        Where to look; by default what is said of the array.
    """
    right = result(guards, run)
    for one in guards:
        one.need_untouched(where)
    if alike(result(guards, run, {one: one.gaps for one in guards}), right):
        return
    for one in guards:
        for k, gap in enumerate(one.gaps):
            if not alike(result(guards, run, {one: [gap]}), right):
                span, words = one.beside(k, 0 if k else gap.stop)
                raise Unsafe(f"It reads {words}.", where or span.where)


def result(guards, run, unknown=MappingProxyType({})):
    """What a run gives, with numbers in some gaps, {guards: gaps}, that show who reads."""
    for one in guards:
        one.restore()
        one.fill(unknown.get(one, ()))
    return run()


def alike(found, right):
    return all(np.array_equal(found[name], a, equal_nan=True) for name, a in right.items())
