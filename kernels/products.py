"""Matrix products: loops of our own for small ones, BLAS for large ones.

The forms are the three of back-propagation: ``a @ M`` forward, ``a @ M.T`` for the gradient that
goes back, ``a.T @ M`` for the gradient of a weight. A loop takes four inner indices in one pass, so
that each element of the output is loaded and stored once for four multiply-adds.
"""

from .compiler import gemm, inner

BLAS_FROM = 1_500  # multiply-adds from which BLAS is faster than the loops; forward: of one row


@inner
def add_product(a, M, out):
    """out += a @ M.  a (n, k), M (k, m), out (n, m).

    The way does not depend on n, so that a sample's output has the same bits in any batch.
    """
    n, k = a.shape
    m = M.shape[1]
    if k * m >= BLAS_FROM:
        gemm(a, False, M, False, 1.0, out)
        return
    last = k - k % 4
    for r in range(n):
        for q in range(0, last, 4):
            a0, a1, a2, a3 = a[r, q], a[r, q + 1], a[r, q + 2], a[r, q + 3]
            for j in range(m):
                out[r, j] += a0 * M[q, j] + a1 * M[q + 1, j] + a2 * M[q + 2, j] + a3 * M[q + 3, j]
        for q in range(last, k):
            a0 = a[r, q]
            for j in range(m):
                out[r, j] += a0 * M[q, j]


@inner
def add_product_nt(a, M, out):
    """out += a @ M.T.  a (n, k), M (m, k), out (n, m)."""
    n, k = a.shape
    m = M.shape[0]
    if n * k * m >= BLAS_FROM:
        gemm(a, False, M, True, 1.0, out)
        return
    zero = a.dtype.type(0)
    last = m - m % 4
    for r in range(n):
        for j in range(0, last, 4):
            s0, s1, s2, s3 = zero, zero, zero, zero
            for q in range(k):
                s0 += a[r, q] * M[j, q]
                s1 += a[r, q] * M[j + 1, q]
                s2 += a[r, q] * M[j + 2, q]
                s3 += a[r, q] * M[j + 3, q]
            out[r, j] += s0
            out[r, j + 1] += s1
            out[r, j + 2] += s2
            out[r, j + 3] += s3
        for j in range(last, m):
            s0 = zero
            for q in range(k):
                s0 += a[r, q] * M[j, q]
            out[r, j] += s0


@inner
def set_product_tn(a, M, out):
    """out = a.T @ M.  a (n, k), M (n, m), out (k, m); n = 0 gives zeros."""
    n, k = a.shape
    m = M.shape[1]
    if n * k * m >= BLAS_FROM:
        gemm(a, True, M, False, 0.0, out)
        return
    if n == 0:
        zero_rows(out)
        return
    first = 1 + (n - 1) % 4
    for q in range(k):
        out_q, a0, b0 = out[q], a[0, q], M[0]
        for j in range(m):
            out_q[j] = a0 * b0[j]
        for r in range(1, first):
            a0, b0 = a[r, q], M[r]
            for j in range(m):
                out_q[j] += a0 * b0[j]
        for r in range(first, n, 4):
            a0, a1, a2, a3 = a[r, q], a[r + 1, q], a[r + 2, q], a[r + 3, q]
            for j in range(m):
                out_q[j] += a0 * M[r, j] + a1 * M[r + 1, j] + a2 * M[r + 2, j] + a3 * M[r + 3, j]


@inner
def sum_rows(a, out):
    """out = sum over rows of a.  a (n, m), out (m)."""
    for j in range(a.shape[1]):
        out[j] = a.dtype.type(0)
    for r in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[j] += a[r, j]


@inner
def fill_rows(row, out):
    """Every row of out becomes the given one.  row (m), out (n, m)."""
    for r in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[r, j] = row[j]


@inner
def fill(out, value):
    """Every element of the vector out becomes the value."""
    for j in range(len(out)):
        out[j] = value


@inner
def copy(source, out):
    """out = source.  source, out (m)."""
    for j in range(len(out)):
        out[j] = source[j]


@inner
def add(source, out):
    """out += source.  source, out (m)."""
    for j in range(len(out)):
        out[j] += source[j]


@inner
def multiply(a, b, out):
    """out = a * b, elementwise.  a, b, out (m)."""
    for j in range(len(out)):
        out[j] = a[j] * b[j]


@inner
def zero_rows(out):
    """out = 0.  out (n, m)."""
    for r in range(out.shape[0]):
        fill(out[r], out.dtype.type(0))
