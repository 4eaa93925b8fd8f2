"""Matrix products: for each shape of the factors the fastest way there is."""

from .blocked import blocked_product, packed_size, scratch_size
from .inside import Block, recur, recur_backward
from .matrix import add_product, nothing, pays, set_product_nt, set_product_tn
from .repeated import (
    add_product_with,
    own_tensor,
    recurring,
    recurring_turned,
    set_product_with,
)
from .rows import fill_columns, sum_rows

__all__ = [
    "Block",
    "add_product",
    "add_product_with",
    "blocked_product",
    "fill_columns",
    "nothing",
    "own_tensor",
    "packed_size",
    "pays",
    "recur",
    "recur_backward",
    "recurring",
    "recurring_turned",
    "scratch_size",
    "set_product_nt",
    "set_product_tn",
    "set_product_with",
    "sum_rows",
]
