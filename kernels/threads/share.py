"""Who does what where several threads have parts of a layer: own rows, columns or units."""

from ..compiling import inner
from ..tables import LINE


@inner
def shares_units(batch):
    """Whether each of several threads has some of the units of a single row."""
    return batch.parts > 1 and batch.together == 0


@inner
def are_together(batch):
    """Whether several threads have one workspace: each some rows, and of products some columns."""
    return batch.parts > 1 and batch.together == 1


@inner
def own_part(batch, n):
    """The first of n units that is this thread's, and the one after its last; or all of them."""
    if shares_units(batch):
        return part_of(batch, n, LINE)
    return 0, n


@inner
def own_rows(batch):
    """The first of the batch's rows that is this thread's, and the one after its last; or all."""
    if are_together(batch):
        return part_of(batch, batch.rows, 1)
    return 0, batch.rows


@inner
def own_columns(batch, m, unit):
    """The first of m columns that is this thread's, and the one after its last; or all of them."""
    if are_together(batch):
        return part_of(batch, m, unit)
    return 0, m


@inner
def is_first(batch):
    """Whether this thread does what is too small to be shared by those that are together."""
    return batch.together == 0 or batch.part == 0


@inner
def part_of(batch, n, unit):
    """This thread's part of n, in whole units; the last threads may have less, or nothing."""
    size = -(-n // (batch.parts * unit)) * unit
    return min(batch.part * size, n), min((batch.part + 1) * size, n)
