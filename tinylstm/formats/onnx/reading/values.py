"""What the values of a graph are, while it is read.

A value is numbers that are known (an array, whose elements may be words for lengths that are
free), one number `Filled` into some shape, states that come in or go out, a `Mask`, or a `Flow`:
what the layers so far have made of the input. Of a flow it is followed what each axis has. An axis
is a tuple of parts, since a Reshape lays axes side by side: (STEPS,), or (WAYS, FEATURES), the last
of which varies fastest.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from ....files.refusals import named
from ....surface.errors import mismatch

BATCH, STEPS, FEATURES = "samples", "steps", "features"
WAYS = "directions"  # of a recurrent operator
ONE = "one"  # an axis of length 1 that nothing lies along


class Link(NamedTuple):
    """A layer, behind those before it.

    Attributes
    ----------
    before : Link or None
    kind : type
    settings : dict
        Arguments of its constructor.
    weights : tuple
        Of each parameter, in Keras' order, its columns: arrays that lie side by side.
    name : str
        Of its node.
    mask : str
        The mask that it makes, if it does.
    ways : tuple of Way
        Of a recurrent one.
    """

    before: Any
    kind: type
    settings: dict
    weights: tuple = ()
    name: str = ""
    mask: str = ""
    ways: tuple = ()

    def behind(self, before):
        """The same layer behind others."""
        return self._replace(before=before)


class Way(NamedTuple):
    """A recurrent operator in one of its directions.

    Attributes
    ----------
    before : Link or None
        The layers whose output it reads.
    operator : Operator
    settings : dict
        Arguments of the layer.
    backwards : bool
        Whether it reads that output from the last step on.
    weights : tuple
        As a `Link` has them.
    name : str
    """

    before: Any
    operator: Any
    settings: dict
    backwards: bool
    weights: tuple
    name: str


class Flow(NamedTuple):
    """What the layers so far have made of the input.

    Attributes
    ----------
    chain : Link or None
        The layers; without the recurrent operator whose output it is.
    axes : tuple of tuple of str
    lengths : dict
        Of each part of an axis; None where it is free.
    turned : bool
        Whether the last step comes first: of what the layers put out, or an operator reads.
    ways : tuple of Way
        The directions of a recurrent operator, as far as it is not known what is used of it.
    state : str
        Of such a one: "every" step of h, the last "h", or a last state that can only "go on".
    merged : str or None
        How its two directions were merged, if they were.
    packed : frozenset or None
        The mask by which its steps are at the front.
    blanked : bool
        Whether it is zero at masked steps.
    """

    chain: Any
    axes: tuple
    lengths: dict
    turned: bool = False
    ways: tuple = ()
    state: str = "every"
    merged: Any = None
    packed: Any = None
    blanked: bool = False


class Given(NamedTuple):
    """States that come in from outside; each is a row of an input."""

    rows: tuple  # of (name, number)
    axes: tuple
    lengths: dict


class Several(NamedTuple):
    """The last states of several layers, one behind the other."""

    of: tuple  # of flows, each of one direction
    axes: tuple
    lengths: dict


class Mask(NamedTuple):
    """Which steps count: where all of some layers say so."""

    of: frozenset


class Counts(NamedTuple):
    """How many steps of each sample count, by a mask."""

    of: frozenset


class Part(NamedTuple):
    """A part of an activation that is written operator by operator: see `gelu`."""

    of: Flow
    made: str


class Filled(NamedTuple):
    """One number, or one length, in a shape that is free."""

    value: Any


class Unknown(ValueError):
    """A node that cannot be what a layer is made of: what is wrong with it, and what would do."""

    def __init__(self, what, expected, received):
        super().__init__(what)
        self.what, self.expected, self.received = what, expected, received

    def at(self, node):
        """The refusal of a node."""
        where = f"{named(node.name)}, of the operator {named(node.operator)}"
        sentence = f"Node {where}, is no part of a layer of tinylstm: {self.what}."
        return mismatch(sentence, self.expected, self.received)


class OtherAxes(Unknown):
    """A recurrent operator that reads samples where it expects steps."""


def length_of(value, axis):
    """Of an axis: a whole number, or a word."""
    words = [part for part in axis if part != ONE]
    parts = [value.lengths[part] for part in words]
    if None not in parts:
        return math.prod(parts)
    return " x ".join(word if n is None else str(n) for word, n in zip(words, parts, strict=True))


def said(value):
    """What a value is, in words."""
    if isinstance(value, Flow | Given | Several):
        kind = "what flows" if isinstance(value, Flow) else "states"
        return f"{kind}, with axes ({', '.join(map(said_axis, value.axes))})"
    if isinstance(value, np.ndarray):
        return f"known numbers of shape {value.shape}"
    if isinstance(value, Part):
        return f"{value.made}, where x is {said(value.of)}"
    words = {Mask: "a mask", Counts: "how many steps count", Filled: "one number everywhere"}
    return words.get(type(value), "nothing")


def said_axis(axis):
    """What an axis has, in words."""
    return " x ".join(axis)
