"""Products in blocks equal NumPy's, on both sides of every size at which the way changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from tinylstm.kernels.products import blocked
from tinylstm.kernels.products.blocked import (
    blocked_product,
    packed_size,
    scratch_size,
)
from tinylstm.kernels.products.column import REGISTERS, add_column
from tinylstm.kernels.products.matrix import (
    IN_PLACE,
    add_product,
    pays,
    set_product_nt,
    set_product_tn,
)
from tinylstm.kernels.products.packing import padded
from tinylstm.kernels.products.repeated import (
    add_product_with,
    recurring,
    recurring_turned,
    set_product_with,
)
from tinylstm.kernels.products.rows import sum_rows
from tinylstm.kernels.products.small import NEAR, STREAMS, add_in_tiles, add_small_product
from tinylstm.kernels.products.tiles import ROWS, columns_of, lanes_of
from tinylstm.kernels.signatures import address_for
from tinylstm.kernels.tables import BATCH, LINE
from tinylstm.kernels.threads import Columns

from tests.tolerances import NAIVE, assert_close
from tinylstm.data.arrays import table

uncompiled = pytest.mark.uncompiled
DTYPES = ["float64", "float32"]
WIDE = columns_of("float32")
SMALL = [1, 2, 3, ROWS // 2, ROWS // 2 + 1, ROWS - 1, ROWS, ROWS + 1, 2 * ROWS + 1]
COLUMNS = [1, 15, 16, 17, 24, WIDE // 2 + 1, WIDE - 1, WIDE, WIDE + 1, 72, 2 * WIDE + 5]
BESIDE = REGISTERS * lanes_of("float32")  # numbers of a row that are multiplied side by side
LARGE = [blocked.DEPTH - 1, blocked.DEPTH, blocked.DEPTH + 1, 2 * blocked.DEPTH + 3]
SIZES = st.tuples(
    st.sampled_from([*SMALL, blocked.HEIGHT - 1, blocked.HEIGHT + 1, 2 * blocked.HEIGHT]),
    st.sampled_from([*SMALL, *LARGE]),
    st.sampled_from(COLUMNS),
)
SEEDS = st.integers(0, 2**32 - 1)
many = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@njit
def in_place(a, M, out):
    """The product in tiles of what is read where it lies."""
    add_small_product(a, M, out, Columns(0, out.shape[1], 0, 1, 0))


@njit
def in_place_tn(a, M, out):
    """The same with a transposed."""
    add_in_tiles(a, 1, a.shape[1], M, out, Columns(0, out.shape[1], 0, 1, 0))


@njit
def one_column(a, M, out):
    """The product with one column."""
    add_column(a, M, out)


def between_guards(size, dtype, rng):
    """A vector of numbers, and the whole array that it lies in: NaN before and behind it."""
    room = np.full(size + 64, np.nan, dtype)
    room[32:-32] = rng.normal(size=size)
    return room[32 : 32 + size], room


def product(a, M, out, a_transposed=0, M_transposed=0, packed=None, ready=0, row=None, ends=None):
    """`blocked_product` with scratch room of just the size it asks for, full of NaN."""
    n, m = out.shape
    k = a.shape[0] if a_transposed else a.shape[1]
    size = scratch_size(n, k, m)
    room = np.full(size + 64, np.nan, out.dtype)
    room[size:] = 7  # a guard
    nothing, factors = np.zeros(0, out.dtype), (a, a_transposed, M, M_transposed)
    packed, row = (nothing if given is None else given for given in (packed, row))
    begin, end = (0, m) if ends is None else ends
    columns = Columns(begin, end, m, 1, 0)
    scratch = room[padded(m, LINE) : size]  # behind the row that the layers have before it
    blocked_product(*factors, row, out, columns, scratch, packed, ready)
    assert (room[size:] == 7).all()
    return out


@many
@given(sizes=SIZES, ways=st.tuples(st.booleans(), st.booleans()), seed=SEEDS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_products_equal_numpy_and_touch_nothing_else(sizes, ways, seed, dtype):
    (n, k, m), rng = sizes, np.random.default_rng(seed)
    a, M = rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype)
    out, room = between_guards(n * m, dtype, rng)
    expected = out.reshape(n, m) + a.astype(np.float64) @ M.astype(np.float64)
    a, M = (
        np.ascontiguousarray(array.T) if transposed else array
        for array, transposed in zip((a, M), ways, strict=True)
    )
    product(a, M, out.reshape(n, m), *map(int, ways))
    assert_close(out.reshape(n, m), expected, NAIVE[dtype], f"{sizes} {ways}")
    assert np.isnan(room[:32]).all()
    assert np.isnan(room[-32:]).all()


@many
@given(sizes=SIZES, seed=SEEDS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("transposed", [False, True])
def test_products_in_place_equal_numpy_and_touch_nothing_else(sizes, seed, dtype, transposed):
    (n, k, m), rng = sizes, np.random.default_rng(seed)
    a, (M, _) = rng.normal(size=(n, k)).astype(dtype), between_guards(k * m, dtype, rng)
    out, room = between_guards(n * m, dtype, rng)
    M, out = M.reshape(k, m), out.reshape(n, m)
    expected = out + a.astype(np.float64) @ M.astype(np.float64)
    if transposed:
        in_place_tn(np.ascontiguousarray(a.T), M, out)
    else:
        in_place(a, M, out)
    assert_close(out, expected, NAIVE[dtype], str(sizes))
    assert np.isnan(room[:32]).all()
    assert np.isnan(room[-32:]).all()


@given(n=st.integers(1, 3000), k=st.integers(1, 3000), m=st.integers(1, 3000), seed=SEEDS)
@many
def test_the_room_for_a_product_is_enough_for_fewer_rows_and_a_shorter_sum(n, k, m, seed):
    rng = np.random.default_rng(seed)
    fewer, shorter = rng.integers(1, n + 1), rng.integers(1, k + 1)
    assert used_by(fewer, shorter, m) <= scratch_size(n, k, m)


def used_by(n, k, m):
    """Numbers of scratch room that a product uses: a row, a block of a, and panels."""
    depth = k if k <= n else min(k, blocked.DEPTH)
    height = padded(blocked.height_of(n, depth), ROWS)
    return padded(m, LINE) + depth * (height + padded(m, lanes_of("float32")))


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("ways", [(0, 0), (1, 0), (0, 1)])
def test_the_three_forms_equal_numpy(rng, ways, dtype):
    n, k, m = ROWS + ROWS // 2 + 1, blocked.DEPTH + 2, WIDE + 7
    a, M = rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype)
    out = rng.normal(size=(n, m)).astype(dtype)
    expected = out + a.astype(np.float64) @ M.astype(np.float64)
    a = np.ascontiguousarray(a.T) if ways[0] else a
    M = np.ascontiguousarray(M.T) if ways[1] else M
    assert_close(product(a, M, out, *ways), expected, NAIVE[dtype], str(ways))


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("as_a_whole", [False, True])
def test_a_product_may_start_from_a_row(rng, as_a_whole, dtype):
    n, k, m = ROWS + ROWS // 2 + 1, blocked.DEPTH + 2, WIDE + 7
    a, M = rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype)
    row = rng.normal(size=m).astype(dtype)
    packed = np.full(packed_size(k, m), np.nan, dtype) if as_a_whole else None
    found = product(a, M, np.full((n, m), np.nan, dtype), packed=packed, row=row)
    expected = row + a.astype(np.float64) @ M.astype(np.float64)
    assert_close(found, expected, NAIVE[dtype], "from a row")
    placed = np.tile(row, (n, 1))
    in_place(a, M, placed)
    np.testing.assert_array_equal(found, placed)


@many
@given(
    sizes=SIZES,
    cut=st.integers(0, 9),
    ways=st.tuples(st.booleans(), st.booleans()),
    seed=SEEDS,
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_parts_of_the_columns_have_the_bits_of_the_whole(sizes, cut, ways, seed, dtype):
    (n, k, m), rng = sizes, np.random.default_rng(seed)
    a, M = rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype)
    a, M = (
        np.ascontiguousarray(array.T) if transposed else array
        for array, transposed in zip((a, M), ways, strict=True)
    )
    start = rng.normal(size=(n, m)).astype(dtype)
    whole, parts = product(a, M, start.copy(), *ways), start.copy()
    packed = np.full(packed_size(k, m), np.nan, dtype)  # one room, where each leaves its panels
    middle = min(cut * lanes_of(dtype), m)
    for ends in ((0, middle), (middle, m)):
        product(a, M, parts, *ways, packed, ends=ends)
    np.testing.assert_array_equal(parts, whole)
    again = start.copy()
    for ends in ((middle, m), (0, middle)):
        product(a, M, again, *ways, packed, 1, ends=ends)
    np.testing.assert_array_equal(again, whole)


@many
@given(sizes=SIZES, seed=SEEDS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_row_has_the_same_bits_in_blocks_and_in_place(sizes, seed, dtype):
    (n, k, m), rng = sizes, np.random.default_rng(seed)
    a, M = rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype)
    start = rng.normal(size=(n, m)).astype(dtype)
    whole = product(a, M, start.copy())
    placed = start.copy()
    in_place(a, M, placed)
    np.testing.assert_array_equal(whole, placed)
    r = rng.integers(n)
    alone = product(a[r : r + 1], M, start[r : r + 1].copy())
    np.testing.assert_array_equal(alone[0], whole[r])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, ROWS + 1])
def test_what_is_too_large_to_stay_near_has_the_same_bits_in_place(rng, n, dtype):
    k = 40 * STREAMS + 3
    m = NEAR // k + 1
    a, M = rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype)
    placed = np.zeros((n, m), dtype)
    in_place(a, M, placed)
    np.testing.assert_array_equal(product(a, M, np.zeros((n, m), dtype)), placed)


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("transposed", [0, 1])
def test_what_was_packed_once_serves_again(rng, transposed, dtype):
    n, k, m = ROWS + 1, blocked.DEPTH + 3, WIDE + 1
    M = rng.normal(size=(m, k) if transposed else (k, m)).astype(dtype)
    packed = np.full(packed_size(k, m), np.nan, dtype)
    a, b = rng.normal(size=(2, n, k)).astype(dtype)
    zeros = np.zeros((n, m), dtype)
    first = product(a, M, zeros.copy(), 0, transposed, packed)
    assert_close(first, a @ (M.T if transposed else M), NAIVE[dtype], "first")
    expected = product(b, M, zeros.copy(), 0, transposed)
    M[...] = np.nan  # nobody reads it any more
    again = product(b, M, zeros.copy(), 0, transposed, packed, ready=1)
    np.testing.assert_array_equal(again, expected)


class Sharing:
    """Threads that share a layer, one after the other, in a workspace between guards."""

    def __init__(self, threads, scratch, packed, dtype):
        self.place = 32  # of the packed M
        ends = [self.place, self.place + packed, self.place + packed + 32]
        self.work = np.full(ends[-1] + threads * scratch + 32, np.nan, dtype)
        self.guards = [self.work[:32], self.work[ends[1] : ends[2]], self.work[-32:]]
        for guard in self.guards:
            guard[:] = 7
        self.batch = table(BATCH, threads)
        self.batch["threads"], self.batch["thread"] = threads, range(threads)
        self.batch["scratch"], self.batch["scratch_size"] = ends[2], scratch
        self.batch["product"] = address_for(dtype, blocked_product)

    def check(self):
        for guard in self.guards:
            assert (guard == 7).all()


def padded_scratch(*sizes):
    """Scratch room for products of these sizes, in whole cache lines as a program has it."""
    return padded(max(scratch_size(*size) for size in sizes), LINE)


@njit
def all_pack(M, blocks, n, times, place, batch, work):
    """Every thread makes M ready for products that come again."""
    k, m = M.shape
    return [recurring(M, 0, k, m, blocks, 0, n, times, place, one, work) for one in batch]


@njit
def all_pack_turned(M, n, times, place, batch, work):
    """The same of M'."""
    k, m = M.shape
    return [recurring_turned(M, 0, k, m, n, times, place, one, work) for one in batch]


@njit
def all_set(row, a, M, blocks, times, out, b, place, batch, work):
    """out = row + a M, and then += b M: all of the first before any of the second."""
    again = all_pack(M, blocks, len(a), times, place, batch, work)
    for p in range(len(batch)):
        set_product_with(row, a, again[p], out, batch[p], work)
    for p in range(len(batch)):
        add_product_with(b, again[p], out, batch[p], work)


@njit
def all_add_turned(a, M, times, out, place, batch, work):
    """out += a M'."""
    again = all_pack_turned(M, len(a), times, place, batch, work)
    for p in range(len(batch)):
        add_product_with(a, again[p], out, batch[p], work)


UNITS = st.one_of(st.integers(1, 2 * WIDE + 5), st.sampled_from(COLUMNS))
INNER = st.sampled_from([1, 2, 3, 7, 30, *LARGE])
AGAIN = st.sampled_from([1, 8, 40])  # times that a product comes


@many
@given(
    n=st.sampled_from(SMALL),
    k=INNER,
    H=UNITS,
    blocks=st.integers(1, 4),
    large=st.booleans(),
    bias=st.booleans(),
    seed=SEEDS,
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_own_columns_of_every_block_have_the_bits_of_the_whole(
    n, k, H, blocks, large, bias, seed, dtype
):
    m = blocks * H
    k = IN_PLACE // max(m, 64) + 1 if large else k
    times, found, rng = 40, {}, np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n, k)).astype(dtype)
    M, row = rng.normal(size=(k, m)).astype(dtype), rng.normal(size=m * bias).astype(dtype)
    packed = packed_size(k, m, blocks) if pays(n, k, m, times) else 0
    for threads in (1, 2, 3):
        shared = Sharing(threads, padded_scratch((n, k, m)), packed, dtype)
        out, room = between_guards(n * m, dtype, rng)
        out[:] = np.nan
        where = shared.place, shared.batch, shared.work
        all_set(row, a, M, blocks, times, out.reshape(n, m), b, *where)
        shared.check()
        assert np.isnan(room[:32]).all()
        assert np.isnan(room[-32:]).all()
        found[threads] = out.copy()
    exact = (a.astype(np.float64) + b) @ M + (row if bias else 0)
    assert_close(found[1].reshape(n, m), exact, NAIVE[dtype], "one")
    np.testing.assert_array_equal(found[2], found[1])
    np.testing.assert_array_equal(found[3], found[1])


@many
@given(n=st.sampled_from(SMALL), k=INNER, m=UNITS, times=AGAIN, seed=SEEDS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_own_columns_of_a_product_that_goes_back_have_the_bits_of_the_whole(
    n, k, m, times, seed, dtype
):
    found, rng = {}, np.random.default_rng(seed)
    a, M = rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(m, k)).astype(dtype)
    start = rng.normal(size=(n, m)).astype(dtype)
    packed = packed_size(k, m) if pays(n, k, m, times, turned=True) else 0
    for threads in (1, 2, 3):
        shared = Sharing(threads, padded_scratch((n, k, m)), packed, dtype)
        out, room = between_guards(n * m, dtype, rng)
        out[:] = start.reshape(-1)
        where = shared.place, shared.batch, shared.work
        all_add_turned(a, M, times, out.reshape(n, m), *where)
        shared.check()
        assert np.isnan(room[:32]).all()
        assert np.isnan(room[-32:]).all()
        found[threads] = out.copy()
    assert_close(found[1].reshape(n, m), start + a.astype(np.float64) @ M.T, NAIVE[dtype], "one")
    np.testing.assert_array_equal(found[2], found[1])
    np.testing.assert_array_equal(found[3], found[1])


@njit
def all_forms(a, M, N, out, turned, gradient, sums, batch, work):
    """out += a M,  turned = a N',  gradient = a' out  and the sums of out's columns."""
    for one in batch:
        add_product(a, M, out, one, work)
        set_product_nt(a, N, turned, one, work)
    for one in batch:
        set_product_tn(a, out, gradient, one, work)
        sum_rows(out, sums, one)


@many
@given(n=st.sampled_from([*SMALL, 30, *LARGE]), k=INNER, m=UNITS, seed=SEEDS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_own_columns_of_the_three_forms_have_the_bits_of_the_whole(n, k, m, seed, dtype):
    found, rng = {}, np.random.default_rng(seed)
    a, M = rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype)
    N, start = rng.normal(size=(m, k)).astype(dtype), rng.normal(size=(n, m)).astype(dtype)
    for threads in (1, 2, 3):
        shared = Sharing(threads, padded_scratch((n, k, m), (k, n, m)), 0, dtype)
        rooms = [between_guards(size, dtype, rng) for size in (n * m, n * m, k * m, m)]
        out, turned, gradient, sums = (vector for vector, _ in rooms)
        out[:], turned[:], gradient[:], sums[:] = start.reshape(-1), np.nan, np.nan, np.nan
        out, turned, gradient = out.reshape(n, m), turned.reshape(n, m), gradient.reshape(k, m)
        all_forms(a, M, N, out, turned, gradient, sums, shared.batch, shared.work)
        shared.check()
        for _, room in rooms:
            assert np.isnan(room[:32]).all()
            assert np.isnan(room[-32:]).all()
        found[threads] = [array.copy() for array in (out, turned, gradient, sums)]
    wide = a.astype(np.float64)
    exact = [start + wide @ M, wide @ N.T, wide.T @ found[1][0], found[1][0].sum(axis=0)]
    for k, name in enumerate(("a M", "a N'", "a' dz", "sums")):
        assert_close(found[1][k], exact[k], NAIVE[dtype], name)
        for threads in (2, 3):
            np.testing.assert_array_equal(found[threads][k], found[1][k], name)


@pytest.mark.parametrize("dtype", DTYPES)
def test_more_rows_than_are_done_at_a_time_equal_numpy(rng, dtype):
    n, k, m = blocked.HEIGHT + ROWS + 1, 7, WIDE + 1
    a, M = rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype)
    found = product(a, M, np.zeros((n, m), dtype))
    assert_close(found, a.astype(np.float64) @ M, NAIVE[dtype], "rows")


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_deep_product_with_few_rows_at_a_time_equals_numpy(rng, dtype):
    k = blocked.BLOCK // ROWS + 5  # one block of a holds no more than a tile's rows
    n, m = ROWS + 1, 3
    a, M = rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype)
    found = product(a, M, np.zeros((n, m), dtype), packed=np.zeros(packed_size(k, m), dtype))
    assert_close(found, a.astype(np.float64) @ M, NAIVE[dtype], "deep")


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "k", [1, 5, BESIDE // 2, BESIDE - 1, BESIDE, BESIDE + 1, 2 * BESIDE, 3 * BESIDE + 7]
)
def test_a_product_with_one_column_equals_numpy_and_touches_nothing_else(rng, k, dtype):
    n = ROWS + 1
    (a, _), (M, _), (out, room) = (between_guards(size, dtype, rng) for size in (n * k, k, n))
    a, M, out = a.reshape(n, k), M.reshape(k, 1), out.reshape(n, 1)
    start = out.copy()
    one_column(a, M, out)
    expected = start + a.astype(np.float64) @ M.astype(np.float64)
    assert_close(out, expected, NAIVE[dtype], str(k))
    assert np.isnan(room[:32]).all()
    assert np.isnan(room[-32:]).all()
    for r in range(n):  # the same bits alone
        alone = start[r : r + 1].copy()
        one_column(a[r : r + 1], M, alone)
        np.testing.assert_array_equal(alone[0], out[r])
