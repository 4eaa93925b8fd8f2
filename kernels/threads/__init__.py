"""Threads that share a batch: who does what, and how they wait for each other."""

from .helping import (
    ANNOUNCED,
    AWAKE,
    BOARD,
    CLOSED,
    HELPERS,
    PATIENCE,
    help_out,
    share_row,
)
from .meeting import (
    GONE,
    LONG,
    SHORT,
    STRIDE,
    TOO_LONG,
    add_slices,
    forget_others,
    meet,
    meet_in_layer,
    meeting_place,
    opened,
)
from .share import Columns, all_there, edges_of, own_columns, own_units, shares_row
from .together import backward_together, forward_together

__all__ = [
    "ANNOUNCED",
    "AWAKE",
    "BOARD",
    "CLOSED",
    "GONE",
    "HELPERS",
    "LONG",
    "PATIENCE",
    "SHORT",
    "STRIDE",
    "TOO_LONG",
    "Columns",
    "add_slices",
    "all_there",
    "backward_together",
    "edges_of",
    "forget_others",
    "forward_together",
    "help_out",
    "meet",
    "meet_in_layer",
    "meeting_place",
    "opened",
    "own_columns",
    "own_units",
    "share_row",
    "shares_row",
]
