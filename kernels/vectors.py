"""Vectors and rows: filled, copied, added, multiplied element by element."""

from .compiling import inner


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
