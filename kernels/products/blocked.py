"""Large matrix products, in blocks that stay in the caches: ``out += op(a) @ op(M)``.

Four things bring a product to the speed of the processor's arithmetic:

- tiles of the result that stay in registers (``tiles.py``);
- both factors packed beforehand (``packing.py``): M into panels as wide as a tile, a into blocks as
  high as one, so that a tile reads both from one end to the other;
- an order in which a panel of M stays in the nearest caches while tile after tile reads it, and a
  block of a and the part of the result that is being summed up in the next one (L2);
- the panel that comes next, fetched meanwhile.

Every element of out is the same chain of multiply-adds, q = 0, 1, 2 ..., whatever the blocks and
whatever the number of rows: a row's result has the same bits alone and in any batch.

Source: Goto and van de Geijn, Anatomy of high-performance matrix multiplication, 2008.
"""

from ..compiling import inner, kernel
from ..tables import CACHE_LINE, LINE
from ..threads import edges_of
from .packing import DEPTH, pack_panels, pack_rows, panel_width, round_up
from .tiles import (
    ROWS,
    ask_for_tile,
    half_panel_tile,
    lanes,
    last_panel_tile,
    narrow_panel_tile,
    pair_panel_tile,
    panel_tile,
    tile_columns,
)

HEIGHT = 256  # rows that are done at a time, if their part of a then takes
BLOCK = 2**17  # numbers at most: half a MB of float32


def packed_size(k, m, blocks=1):
    """Numbers that an M (k, m), packed as a whole, takes in any dtype; or in so many blocks."""
    H = m // blocks
    return k * blocks * ((H + LINE - 1) // LINE * LINE)


room_packed = inner(packed_size)


def scratch_size(n, k, m):
    """Numbers that ``out (n, m) = row + a (n, k) @ M (k, m)`` takes beside a: M packed too, a row.

    They are enough for fewer rows, or a shorter inner index, as well.
    """
    rows = min((n + ROWS - 1) // ROWS * ROWS, HEIGHT)
    columns = (m + LINE - 1) // LINE * LINE
    return max(ROWS * k, min(k * rows, BLOCK)) + (min(k, max(n, DEPTH)) + 1) * columns


room_for = inner(scratch_size)


def height_of(n, k):
    """Rows that are done at a time: so many that their part of a stays in the cache."""
    return max(ROWS, min(n, HEIGHT, BLOCK // k // ROWS * ROWS))


rows_at_once = inner(height_of)


@kernel
def blocked_product(a, a_transposed, M, M_transposed, row, out, columns, scratch, packed, ready):
    """out = row + op(a) @ op(M), or += where row is empty; op transposes if the flag before is 1.

    op(a) (n, k), op(M) (k, m), row (m), out (n, m).  columns: those of out that are meant, each
    piece from a vector register on.  scratch: see `scratch_size`.  packed: empty, or room for the
    whole of op(M) packed (`packed_size`), which is then kept; ready: 0, or 1 if an earlier call has
    left it there.
    """
    if columns.first == columns.last:
        return
    n = len(out)
    k = M.shape[1] if M_transposed else M.shape[0]
    whole = len(packed) > 0 or k <= n  # op(M) is packed as a whole, or block after block
    span = k if whole else min(k, DEPTH)
    step = rows_at_once(n, span)
    behind = span * round_up(step, ROWS)
    block_of_a = scratch[:behind]
    panels = packed if len(packed) > 0 else scratch[behind:]
    across = columns.pieces * (columns.apart + columns.pad)
    across = across if columns.pieces > 1 else round_up(out.shape[1], lanes(out))
    for q in range(0, k, span):
        deep = min(span, k - q)
        start = row if q == 0 else row[:0]
        if not ready:
            for piece in range(columns.pieces):
                begin, end = edges_of(columns, piece)
                shift = piece * columns.pad
                pack_panels(M, M_transposed, q, deep, begin, end, shift, across, panels)
        for r in range(0, n, step):
            height = min(step, n - r)
            pack_rows(a, a_transposed, r, height, q, deep, block_of_a)
            for piece in range(columns.pieces):
                edges, place = edges_of(columns, piece), (deep, piece * columns.pad, across)
                add_block(block_of_a, panels, place, start, out, r, height, edges)


@inner
def add_block(rows, panels, place, row, out, first, height, edges):
    """out[first : first + height] += rows @ panels, or = row + them, a panel after the other.

    place: inner indices; columns by which the panels lie further on; columns of all of them.
    edges: the first column that is meant, and the one after the last.
    """
    (begin, end), (deep, shift, across), columns = edges, place, tile_columns(out)
    line = CACHE_LINE // panels.itemsize
    askers = round_up(columns, line) // line  # tiles that fetch all of a panel, a line for each q
    for j in range(begin, end, columns):
        for q in range(0, deep, DEPTH):
            depth, panel = min(DEPTH, deep - q), place_of_panel(j + shift, q, deep, across)
            if q + DEPTH < deep:
                after = place_of_panel(j + shift, q + DEPTH, deep, across)
            elif j + columns < end:
                after = place_of_panel(j + columns + shift, 0, deep, across)
            else:
                after = panel
            from_row = row if q == 0 else row[:0]
            for r in range(0, height, ROWS):
                a_at, high = r * deep + q * ROWS, min(ROWS, height - r)
                block = rows, a_at, panels, panel, depth
                share = min(r // ROWS, askers - 1)  # the tiles behind ask for the last one again
                ask_at = after + share * depth * line
                put_panel_tile(*block, from_row, out, first + r, j, high, end - j, ask_at)


@inner
def place_of_panel(j, q, deep, across):
    """Where the panel begins that has columns j ... and inner indices q ... of `deep`."""
    return q * across + j * min(DEPTH, deep - q)


@inner
def put_panel_tile(a, a_at, b, b_at, depth, row, out, r, j, height, left, ask_at):
    """out[r : r + height] += or = row + rows @ panel, from column j on, where so many are left."""
    m, wide, narrow = out.shape[1], panel_width(b, left), lanes(out)
    factors, goal = (a, a_at, b, b_at, depth), (out, r * m + j, m, height, min(wide, left))
    if wide == narrow:
        narrow_panel_tile(*factors, row, j, *goal, ask_at)
    elif wide == 2 * narrow:
        pair_panel_tile(*factors, row, j, *goal, ask_at)
    elif left < wide:
        last_panel_tile(*factors, row, j, *goal, ask_at)
    elif height > ROWS // 2:
        ask_for_tile(out, (r + ROWS) * m + j, m)  # the next one
        panel_tile(*factors, row, j, *goal, ask_at)
    else:
        half_panel_tile(*factors, row, j, *goal, ask_at)
