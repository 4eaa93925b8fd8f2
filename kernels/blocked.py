"""Large matrix products, in blocks that stay in the caches: ``out += op(a) @ op(M)``.

Three things bring a product to the speed of the processor's arithmetic:

- tiles of the result that stay in registers (``tiles.py``);
- both factors packed beforehand: M into panels as wide as a tile, a into blocks as high as one, so
  that a tile reads both from one end to the other;
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
from .tiles import ROWS, add_half_tile, add_tile, columns_of, tile_columns

DEPTH = 192
HEIGHT = 256  # rows of a block of a
RESULT = 2**20


def padded(size, unit):
    """The size, rounded up to a whole number of units."""
    return (size + unit - 1) // unit * unit


round_up = inner(padded)


def packed_size(k, m):
    """Numbers that an M (k, m), packed as a whole, takes in any dtype."""
    return k * padded(m, columns_of("float32"))


def scratch_size(n, k, m):
    """Numbers that ``out (n, m) += a (n, k) @ M (k, m)`` takes beside its factors."""
    rows = min(padded(n, ROWS), HEIGHT)
    return min(k, DEPTH) * rows + packed_size(k if k <= n else min(k, DEPTH), m)


@lru_cache
def product_signature(dtype):
    """Type of `add_blocked_product` for one dtype."""
    number = numba.from_dtype(np.dtype(dtype))
    matrix, vector = types.Array(number, 2, "C"), types.Array(number, 1, "C")
    flag = types.int64
    return types.none(matrix, flag, matrix, flag, matrix, vector, vector, flag)


@kernel
def add_blocked_product(a, a_transposed, M, M_transposed, out, scratch, packed, ready):
    """out += op(a) @ op(M), where op transposes if the flag beside it is 1.

    op(a) (n, k), op(M) (k, m), out (n, m).  scratch: see `scratch_size`.  packed: empty, or room
    for the whole of op(M) packed (`packed_size`), which is then kept; ready: 1 if an earlier call
    has left it there.
    """
    n, m = out.shape
    k = M.shape[1] if M_transposed else M.shape[0]
    behind = min(k, DEPTH) * min(round_up(n, ROWS), HEIGHT)
    block_of_a = scratch[:behind]
    panels = packed if len(packed) > 0 else scratch[behind:]
    whole = len(packed) > 0 or k <= n  # op(M) is packed as a whole, or block after block
    across = round_up(m, tile_columns(out)) if whole else 0
    step = max(ROWS, RESULT // m // ROWS * ROWS) if whole else n
    for top in range(0, n, step):
        for q in range(0, k, DEPTH):
            depth = min(DEPTH, k - q)
            if top == 0 and not ready:
                pack_panels(M, M_transposed, q, depth, m, panels[q * across :])
            for r in range(top, min(n, top + step), HEIGHT):
                height = min(HEIGHT, top + step - r, n - r)
                pack_rows(a, a_transposed, r, height, q, depth, block_of_a)
                add_block(block_of_a, panels[q * across :], depth, out, r, height)


@inner
def pack_panels(M, transposed, first, depth, m, panels):
    """Rows `first` ... of op(M), `depth` of them, as panels (depth, columns) one after the other.

    The last panel is as wide as the others; nobody reads what its columns beyond m give.
    """
    columns = tile_columns(panels)
    whole = m // columns * columns
    for q in range(depth):
        if not transposed:
            for j in range(0, whole, columns):
                for c in range(columns):
                    panels[j * depth + q * columns + c] = M[first + q, j + c]
            for c in range(m - whole):
                panels[whole * depth + q * columns + c] = M[first + q, whole + c]
        for c in range(m - whole, columns if whole < m else 0):
            panels[whole * depth + q * columns + c] = panels.dtype.type(0)
    if transposed:
        for j in range(m):
            at = j // columns * columns * depth + j % columns
            for q in range(depth):
                panels[at + q * columns] = M[j, first + q]


@inner
def pack_rows(a, transposed, first, height, start, depth, packed):
    """Columns `start` ... of rows `first` ... of op(a), as (depth, ROWS) one after the other.

    Where there are no more rows, the last one stands in.
    """
    for r in range(0, height, ROWS):
        last = min(ROWS, height - r) - 1
        for q in range(start, start + depth):
            at = r * depth + (q - start) * ROWS
            for i in range(ROWS):
                row = first + r + (i if last == ROWS - 1 else min(i, last))
                packed[at + i] = a[q, row] if transposed else a[row, q]


@inner
def add_block(rows, panels, depth, out, first, height):
    """out[first : first + height] += rows @ panels, tile by tile."""
    m, columns = out.shape[1], tile_columns(out)
    for j in range(0, m, columns):
        width = min(columns, m - j)
        for r in range(0, height, ROWS):
            high = min(ROWS, height - r)
            at = (first + r) * m + j
            if high > ROWS // 2:
                add_tile(rows, r * depth, panels, j * depth, depth, out, at, m, high, width)
            else:
                add_half_tile(rows, r * depth, panels, j * depth, depth, out, at, m, high, width)
