"""Matrix products: for each shape of the factors the fastest way there is."""

from .blocked import blocked_product, packed_size, product_signature, scratch_size
from .matrix import (
    add_product,
    add_product_nt_again,
    nothing,
    pays,
    product_again,
    set_product_nt,
    set_product_tn,
    set_products_tn,
    sum_rows,
)

__all__ = [
    "add_product",
    "add_product_nt_again",
    "blocked_product",
    "nothing",
    "packed_size",
    "pays",
    "product_again",
    "product_signature",
    "scratch_size",
    "set_product_nt",
    "set_product_tn",
    "set_products_tn",
    "sum_rows",
]
