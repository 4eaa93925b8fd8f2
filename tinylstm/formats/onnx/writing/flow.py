"""What flows from layer to layer while a graph is written."""

from typing import NamedTuple


class Flow(NamedTuple):
    """A value of the graph, samples first and features last.

    Attributes
    ----------
    name : str
    lengths : tuple
        Of its axes but the last: whole numbers, or words for those that are free.
    mask : str or None
        The name of a value (samples, steps): whether a step counts.
    """

    name: str
    lengths: tuple
    mask: str | None
