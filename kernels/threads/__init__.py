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
from .share import are_together, is_first, own_columns, own_part, own_rows, shares_units
from .together import backward_together, forward_together, together_signatures

__all__ = [
    "GONE",
    "LINE",
    "LONG",
    "SHORT",
    "TOO_LONG",
    "add_signature",
    "add_slices",
    "are_together",
    "backward_together",
    "forward_together",
    "help_out",
    "helping_signatures",
    "is_first",
    "meet",
    "meet_in_layer",
    "meet_signatures",
    "meeting_place",
    "opened",
    "own_columns",
    "own_part",
    "own_rows",
    "share_row",
    "shares_units",
    "together_signatures",
]
