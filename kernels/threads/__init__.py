"""Threads that share a batch: who does what, and how they wait for each other."""

from .helping import help_out, helping_signatures, share_row
from .meeting import (
    GONE,
    LINE,
    LONG,
    SHORT,
    TOO_LONG,
    add_signature,
    add_slices,
    meet,
    meet_in_layer,
    meet_signatures,
    meeting_place,
    opened,
)
from .share import Columns, all_there, edges_of, own_columns, own_units
from .together import backward_together, forward_together, together_signatures

__all__ = [
    "GONE",
    "LINE",
    "LONG",
    "SHORT",
    "TOO_LONG",
    "Columns",
    "add_signature",
    "add_slices",
    "all_there",
    "backward_together",
    "edges_of",
    "forward_together",
    "help_out",
    "helping_signatures",
    "meet",
    "meet_in_layer",
    "meet_signatures",
    "meeting_place",
    "opened",
    "own_columns",
    "own_units",
    "share_row",
    "together_signatures",
]
