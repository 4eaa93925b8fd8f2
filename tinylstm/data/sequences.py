"""Labels as one-hot rows, and sequences of different lengths as one array."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ..settings import float_dtype, named_dtype
from ..surface.arguments import as_list, known, whole_number
from ..surface.errors import mismatch, warn
from .available import need_memory
from .gate import as_array

SIDES = ("pre", "post")


def to_categorical(
    y: ArrayLike, num_classes: int | None = None, dtype: DTypeLike | None = None
) -> NDArray[Any]:
    """One-hot rows of class numbers.

    Parameters
    ----------
    y : array of whole numbers, any shape
        Class numbers from 0; a last axis of 1 is dropped.
    num_classes : int, optional
        K; by default the largest class number plus 1.
    dtype : str or numpy.dtype, optional
        Of the rows; by default `tinylstm.floatx`.

    Returns
    -------
    array (..., K)

    Raises
    ------
    ValueError
        If a value is not a whole number from 0 to K - 1, or y is empty and K is not given.

    Source: ``keras.utils.to_categorical``, which takes -1 for the last class and 1.5 for 1.
    """
    labels = as_array(y, "y")
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    check_whole(labels)
    if labels.size == 0 and num_classes is None:
        raise mismatch("y is empty, so it names no class.", "num_classes=...", "num_classes=None")
    largest = -1 if labels.size == 0 else int(labels.max())
    classes = max(largest, 0) + 1 if num_classes is None else whole_number(num_classes, "Classes")
    if labels.size and (labels.min() < 0 or largest >= classes):
        raise mismatch(
            "A class number is outside the classes.",
            f"numbers from 0 to {classes - 1}",
            f"numbers from {int(labels.min())} to {largest}",
        )
    kind = float_dtype(None) if dtype is None else known_dtype(dtype)
    need_memory(
        labels.size * classes * kind.itemsize,
        "The rows do not fit into memory.",
        f"{labels.size} rows of {classes} classes",
    )
    rows = np.zeros((labels.size, classes), kind)
    rows[np.arange(labels.size), labels.astype(np.int64).reshape(-1)] = 1
    return rows.reshape(*labels.shape, classes)


def known_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """NumPy's dtype of a name."""
    named = named_dtype(dtype)
    if named is None:
        raise mismatch("There is no such dtype.", "'float32', 'int32' ...", repr(dtype))
    return named


def check_whole(labels):
    """Refuse what cannot be class numbers."""
    if labels.dtype.kind not in "fiub":
        raise mismatch("Class numbers are whole numbers.", "0, 1, 2 ...", f"dtype {labels.dtype}")
    broken = ~(np.isfinite(labels) & (labels == np.floor(labels)))
    if broken.any():
        raise mismatch("Class numbers are whole numbers.", "0, 1, 2 ...", labels[broken][0])


def pad_sequences(
    sequences: Iterable[Any],
    maxlen: int | None = None,
    dtype: DTypeLike = "int32",
    padding: Literal["pre", "post"] = "pre",
    truncating: Literal["pre", "post"] = "pre",
    value: float = 0.0,
) -> NDArray[Any]:
    """Sequences of different lengths as one array, filled up or cut to one length.

    Parameters
    ----------
    sequences : list of sequences
        Each of numbers, or of items of one shape: (steps,) or (steps, features).
    maxlen : int, optional
        Steps of the result; by default those of the longest sequence.
    dtype : str or numpy.dtype, default="int32"
        Of the result. It cuts fractions off: ``dtype="float32"`` keeps them.
    padding, truncating : {"pre", "post"}, default="pre"
        Fill up, and cut off, before a sequence or behind it.
    value : float, default=0
        What is filled in.

    Returns
    -------
    array (number of sequences, maxlen, ...)

    Raises
    ------
    ValueError
        If the items of two sequences differ in shape, or all sequences are empty and maxlen is not
        given.

    Warns
    -----
    UserWarning
        If the dtype cuts fractions off.

    Source: ``keras.utils.pad_sequences``.
    """
    sequences = [as_array(one, "A sequence") for one in as_list(sequences, "sequences")]
    before = known(SIDES, padding, "side for padding") == "pre"
    cut_before = known(SIDES, truncating, "side for truncating") == "pre"
    shape = item_shape(sequences)
    longest = max((len(one) for one in sequences), default=0)
    steps = whole_number(longest if maxlen is None else maxlen, "maxlen")
    dtype = known_dtype(dtype)
    size = math.prod((len(sequences), steps, *shape))
    need_memory(
        size * max(dtype.itemsize, 1), "The array does not fit into memory.", f"maxlen={maxlen}"
    )
    if not fills(value, dtype):
        raise mismatch("value does not fit the dtype.", f"a number for {dtype}", repr(value))
    padded = np.full((len(sequences), steps, *shape), value, dtype)
    if padded.dtype.kind in "iu" and any(map(has_fractions, (*sequences, np.asarray(value)))):
        warn(
            f"pad_sequences cuts fractions off, as dtype={dtype.name!r} says; 'float32' keeps them."
        )
    for row, one in zip(padded, sequences, strict=True):
        kept = one[max(len(one) - steps, 0) :] if cut_before else one[:steps]
        start = steps - len(kept) if before else 0
        try:
            row[start : start + len(kept)] = kept.reshape(len(kept), *shape)
        except (TypeError, ValueError):
            received = f"{one.dtype} {one}"
            raise mismatch("A sequence does not fit the dtype.", dtype, received) from None
    return padded


def fills(value, dtype):
    """Whether an array of the dtype can be filled with a value."""
    try:
        return np.full((), value, dtype).ndim == 0 and np.ndim(value) == 0
    except (TypeError, ValueError, OverflowError):
        return False


def item_shape(sequences):
    """The one shape of all items of the sequences that are not empty."""
    shapes = [one.shape[1:] for one in sequences if one.ndim and len(one)]
    if any(one.ndim == 0 for one in sequences) or len(set(shapes)) > 1:
        raise mismatch(
            "pad_sequences takes sequences whose items have one shape.",
            "a list of (steps,), or of (steps, features)",
            f"shapes {[one.shape for one in sequences][:8]}",
        )
    return shapes[0] if shapes else ()


def has_fractions(array):
    """Whether an array holds numbers with a fraction."""
    return array.dtype.kind == "f" and bool((array != np.trunc(array)).any())
