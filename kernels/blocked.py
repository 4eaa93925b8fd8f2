"""Large matrix products, in blocks that stay in the caches: ``out += op(a) @ op(M)``.

Three things bring a product to the speed of the processor's arithmetic:

- tiles of the result that stay in registers (``tiles.py``);
- both factors packed beforehand (``packing.py``): M into panels as wide as a tile, a into blocks as
  high as one, so that a tile reads both from one end to the other;
- an order in which a panel of M stays in the nearest cache (L1), a block of a and the part of the
  result that is being summed up in the next one (L2).

Every element of out is the same chain of multiply-adds, q = 0, 1, 2 ..., whatever the blocks and
whatever the number of rows: a row's result has the same bits alone and in any batch.

Source: Goto and van de Geijn, Anatomy of high-performance matrix multiplication, 2008.
"""

from functools import lru_cache

import numba
import numpy as np
from numba import types

from .compiler import inner, kernel
from .packing import DEPTH, pack_panels, pack_rows, padded, round_up
from .tiles import (
    ROWS,
    add_half_tile,
    add_narrow_tile,
    add_tile,
    ask_for_tile,
    columns_of,
    lanes,
    tile_columns,
)

HEIGHT = 256  # rows that are done at a time, if their part of a then takes
BLOCK = 2**17  # numbers at most: half a MB of float32
COLUMNS = columns_of("float32")


def packed_size(k, m):
    """Numbers that an M (k, m), packed as a whole, takes in any dtype: float32 has wider tiles."""
    return k * padded(m, COLUMNS)


def scratch_size(n, k, m):
    """Numbers that ``out (n, m) += a (n, k) @ M (k, m)`` takes beside its factors, M packed too.

    They are enough for fewer rows, or a shorter inner index, as well.
    """
    rows = min((n + ROWS - 1) // ROWS * ROWS, HEIGHT)
    columns = (m + COLUMNS - 1) // COLUMNS * COLUMNS
    return max(ROWS * k, min(k * rows, BLOCK)) + min(k, max(n, DEPTH)) * columns


room_for = inner(scratch_size)


def height_of(n, k):
    """Rows that are done at a time: so many that their part of a stays in the cache."""
    return max(ROWS, min(n, HEIGHT, BLOCK // k // ROWS * ROWS))


rows_at_once = inner(height_of)


@lru_cache
def product_signature(dtype):
    """Type of `add_blocked_product` for one dtype."""
    number = numba.from_dtype(np.dtype(dtype))
    matrix, vector = types.Array(number, 2, "C"), types.Array(number, 1, "C")
    flag = types.int64
    return types.none(matrix, flag, matrix, flag, matrix, flag, flag, vector, vector, flag)


@kernel
def add_blocked_product(a, a_transposed, M, M_transposed, out, begin, end, scratch, packed, ready):
    """out += op(a) @ op(M), where op transposes if the flag beside it is 1.

    op(a) (n, k), op(M) (k, m), out (n, m).  begin, end: only these columns of out; begin is that of
    a panel.  scratch: see `scratch_size`.  packed: empty, or room for the whole of op(M) packed
    (`packed_size`), which is then kept; ready: 0, or 1 if an earlier call has left it there, or 2:
    and it is read from its last panel to its first, of which the caches may still hold what the
    last call has read at last.
    """
    n = len(out)
    k = M.shape[1] if M_transposed else M.shape[0]
    whole = len(packed) > 0 or k <= n  # op(M) is packed as a whole, or block after block
    span = k if whole else min(k, DEPTH)
    step = rows_at_once(n, span)
    behind = span * round_up(step, ROWS)
    block_of_a = scratch[:behind]
    panels = packed if len(packed) > 0 else scratch[behind:]
    for q in range(0, k, span):
        deep = min(span, k - q)
        if not ready:
            pack_panels(M, M_transposed, q, deep, begin, end, panels)
        for r in range(0, n, step):
            height = min(step, n - r)
            pack_rows(a, a_transposed, r, height, q, deep, block_of_a)
            add_block(block_of_a, panels, deep, out, r, height, begin, end, ready == 2)


@inner
def add_block(rows, panels, deep, out, first, height, begin, end, backwards):
    """out[first : first + height] += rows @ panels, tile by tile, a panel after the other."""
    columns = tile_columns(out)
    across, last = round_up(out.shape[1], columns), begin + round_up(end - begin, columns)
    for p in range(begin, last, columns):
        j = begin + last - columns - p if backwards else p
        for q in range(0, deep, DEPTH):
            depth = min(DEPTH, deep - q)
            for r in range(0, height, ROWS):
                a_at, b_at = r * deep + q * ROWS, q * across + j * depth
                high = min(ROWS, height - r)
                add_panel_tile(rows, a_at, panels, b_at, depth, out, first + r, j, high)


@inner
def add_panel_tile(a, a_at, panels, b_at, depth, out, r, j, height):
    """out[r : r + height] += rows @ panel, from column j to the panel's last one."""
    m, columns, narrow = out.shape[1], tile_columns(out), lanes(out)
    at, rows = r * m + j, (1, ROWS)
    if m - j < columns:  # tile by tile, as few as hold what is left
        for v in range(0, m - j, narrow):
            b, width = (panels, b_at + v, columns, depth), min(narrow, m - j - v)
            add_narrow_tile(a, a_at, *rows, *b, out, at + v, m, height, width)
    elif height > ROWS // 2:
        ask_for_tile(out, at + ROWS * m, m)  # the next one
        b = panels, b_at, columns, depth
        add_tile(a, a_at, *rows, *b, out, at, m, height, columns)
    else:
        b = panels, b_at, columns, depth
        add_half_tile(a, a_at, *rows, *b, out, at, m, height, columns)
