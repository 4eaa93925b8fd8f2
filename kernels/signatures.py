"""The types with which kernels are compiled, read from the names of their parameters.

A name means one type in all kernels; ``docs/notation.md`` says what it stands for. What comes back
says the annotation of the function, ``-> float``; nothing, where there is none.
"""

import inspect
from functools import cache

import numba
import numpy as np
from numba import types

from .compiling import address_of
from .streaming.generation import FEEDBACK
from .tables import BATCH, LAYER, METRIC, PLAN, TENSOR
from .threads import Columns
from .training.optimizers import RULE

RESULTS = {
    inspect.Signature.empty: types.none,
    bool: types.boolean,
    int: types.int64,
    float: types.float64,
}


def array(of, axes=1):
    """The type of an array of numbers of a type, or of rows of a table."""
    return types.Array(numba.from_dtype(np.dtype(of)), axes, "C")


@cache
def types_by_name(dtype):
    """{name of a parameter: its type} in kernels of a dtype."""
    row = numba.from_dtype
    columns = types.NamedUniTuple(types.int64, len(Columns._fields), Columns)
    table = (
        # Of the model's dtype: vectors; matrices; what has rows, steps and features.
        (array(dtype), "theta grad work inputs targets weights outputs carried beginning"),
        (array(dtype), "weight valid row scratch packed nothing values"),
        (array(dtype, 2), "moments z target y dz w dw a M out"),
        (array(dtype, 3), "answers"),
        # Of a dtype of their own.
        (array(np.int8), "flags"),
        (array(np.int64), "order samples widths meeting board"),
        (array(np.int64, 2), "tensors spans classes"),
        (array(np.float64), "option sums totals norms all_shares"),
        (array(np.float64, 2), "results shares"),
        # Single numbers.
        (types.int64, "count n B k s marks z_at start stop seed number"),
        (types.int64, "a_transposed M_transposed ready"),
        (types.float64, "cost"),
        # A row of a table, all of a table, a table that has one row.
        *((row(LAYER), "layer"), (array(LAYER), "layers")),
        *((row(BATCH), "batch"), (array(BATCH), "batch_table")),
        *((row(PLAN), "p"), (array(PLAN), "plan_table")),
        *((row(RULE), "rule"), (array(RULE), "rule_table")),
        *((row(TENSOR), "tensor"), (array(TENSOR), "penalties constraints")),
        *((array(METRIC), "metrics"), (array(FEEDBACK), "feedback_table")),
        (columns, "columns"),
    )
    return {name: one for one, names in table for name in names.split()}


def parameters_of(function):
    """Names of the parameters of a kernel or of a kind, in their order."""
    return tuple(inspect.signature(function).parameters)


@cache
def signature(function, dtype, rule=None):
    """The types of a kernel, or of all kernels of a kind, for one dtype.

    Parameters
    ----------
    function : kernel or function
        A kernel of this package, or a kind of ``kinds.py``.
    dtype : numpy.dtype or str
    rule : numpy.dtype, optional
        Of an optimiser's numbers, where they are more than those of `RULE`. The annotation of a
        parameter says the same.
    """
    said, known = inspect.signature(function), types_by_name(dtype)
    if rule is not None:
        known = known | {"rule": numba.from_dtype(rule)}
    arguments = [
        known[name] if one.annotation is one.empty else numba.from_dtype(one.annotation)
        for name, one in said.parameters.items()
    ]
    return RESULTS[said.return_annotation](*arguments)


def address_for(dtype, kernel, kind=None):
    """Address of a kernel's machine code for a dtype; compiles it where needed.

    kind: that of ``kinds.py`` which it is of, where anybody may have written it.
    """
    return address_of(kernel, signature(kernel if kind is None else kind, dtype))
