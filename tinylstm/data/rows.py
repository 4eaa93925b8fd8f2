"""Targets and outputs as arrays, row by row: what a loss or a metric makes of each."""

import numpy as np

from ..surface.errors import mismatch
from .gate import as_array, check_numbers, real_array


def row_by_row(value_of, y_true, y_pred, sparse=False):
    """The value of each target.

    Parameters
    ----------
    value_of : callable
        Of one row, (target (1, K), y (1, K)): a number. The target of a sparse one is (1, 1).
    y_true : array (..., K)
        Or (...) or (..., 1), the numbers of classes, for a sparse one.
    y_pred : array (..., K)
        Its dtype is that of the arithmetic where it is float32, else float64.
    sparse : bool, default=False

    Returns
    -------
    array (...)

    Raises
    ------
    ValueError
        If the shapes do not fit each other, or a number is not finite.
    """
    y = as_array(y_pred, "y_pred")
    y = real_array(y, y.dtype if y.dtype == np.float32 else np.dtype(np.float64), "y_pred")
    target = real_array(y_true, y.dtype, "y_true")
    if y.ndim == 0:
        raise mismatch("y_pred has outputs along its last axis.", "(..., outputs)", "a number")
    if sparse:
        shape, short = (*y.shape[:-1], 1), y.shape[:-1]
    else:
        shape, short = y.shape, y.shape[:-1] if y.shape[-1] == 1 else None
        if y.ndim == 1 and target.shape == (*y.shape, 1):
            y = y[:, None]  # a sample each
            shape = y.shape
    if target.shape not in (shape, short):
        expected = f"shape {shape}" if short is None else f"shape {short} or {shape}"
        raise mismatch("y_true does not fit y_pred.", expected, f"shape {target.shape}")
    if sparse:
        check_numbers(target, y.shape[-1], "y_true", "the number of classes")
    rows, targets = y.reshape(-1, y.shape[-1]), target.reshape(-1, shape[-1])
    values = [value_of(targets[r : r + 1], rows[r : r + 1]) for r in range(len(rows))]
    return np.array(values, y.dtype).reshape(y.shape[:-1])
