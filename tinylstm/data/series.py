"""A long series as the samples that a model reads: overlapping windows, or parallel streams."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..surface.arguments import choice, whole_number
from ..surface.errors import mismatch
from .gate import as_array
from .misfits import way_to_numbers


def sliding_windows(
    series: ArrayLike, look_back: int, stride: int = 1, ahead: int = 1
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Windows of a series, and for each the value that comes so many steps after it.

    Parameters
    ----------
    series : array (L,) or (L, F)
    look_back : int
        T, the steps of a window.
    stride : int, default=1
        Steps from the start of a window to the start of the next.
    ahead : int, default=1
        Steps from the last value of a window to its target.

    Returns
    -------
    x : array (N, T, F)
        ``x[n] = series[n * stride : n * stride + T]``, N = (L - T - ahead) // stride + 1.
    y : array (N, F)
        ``y[n] = series[n * stride + T - 1 + ahead]``.

    Raises
    ------
    ValueError
        If the series is too short for one window and its target.

    Notes
    -----
    A state that is carried from one window to the next sees values again where windows overlap:
    use `stateful_batches` for stateful layers.
    """
    series = checked_series(series, "series")
    look_back, stride = whole_number(look_back, "look_back"), whole_number(stride, "stride")
    ahead = whole_number(ahead, "ahead")
    need_length(series, look_back + ahead, f"look_back={look_back}, ahead={ahead}")
    starts = np.arange(0, len(series) - look_back - ahead + 1, stride)
    return series[starts[:, None] + np.arange(look_back)], series[starts + look_back - 1 + ahead]


def stateful_batches(
    series: ArrayLike,
    batch_size: int,
    steps: int,
    targets: ArrayLike | None = None,
    return_sequences: bool = False,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """One long series as B parallel streams, in the order in which a stateful model reads them.

    Stream r is a run of neighbouring values, and row r of each batch goes on where row r of the
    batch before ended. ``fit(x, y, batch_size=batch_size, shuffle=False)`` does the rest.

    Parameters
    ----------
    series : array (L,) or (L, F)
    batch_size : int
        B, the number of streams.
    steps : int
        T, the steps of a sample: so far back goes a gradient.
    targets : array (L,) or (L, K), optional
        What belongs to each value; by default the value after it.
    return_sequences : bool, default=False
        As that of the last LSTM: a target for every step, not only for the last of a sample.

    Returns
    -------
    x : array (N, T, F)
        ``x[k * B + r]`` is piece k of stream r, N = B * (number of batches).
    y : array (N, K), or (N, T, K) with `return_sequences`
    rest : array (M, F)
        The end of the series, which is in no batch since it does not fill one for every stream.

    Raises
    ------
    ValueError
        If the series does not fill one batch, or has another length than the targets.

    Examples
    --------
    >>> x, y, rest = stateful_batches(np.arange(14), batch_size=2, steps=3)
    >>> x[..., 0].tolist()
    [[0, 1, 2], [6, 7, 8], [3, 4, 5], [9, 10, 11]]
    >>> y[..., 0].tolist(), rest[..., 0].tolist()
    ([3, 9, 6, 12], [13])
    """
    series = checked_series(series, "series")
    rows, steps = whole_number(batch_size, "batch_size"), whole_number(steps, "steps")
    return_sequences = choice(return_sequences, "return_sequences")
    ahead = 1 if targets is None else 0
    need_length(series, rows * steps + ahead, f"batch_size={rows}, steps={steps}")
    targets = series[1:] if targets is None else checked_series(targets, "targets")
    if len(targets) + ahead != len(series):
        raise mismatch("There is a target for each value.", len(series), len(targets))
    used = len(targets) // (rows * steps) * rows * steps
    x, y = (interleaved(part[:used], rows, steps) for part in (series, targets))
    return x, y if return_sequences else y[:, -1].copy(), series[used + ahead :].copy()


def interleaved(series, rows, steps):
    """Piece after piece of so many streams, side by side: a copy (N, T, F)."""
    streams = series.reshape(rows, -1, steps, series.shape[-1])
    return streams.swapaxes(0, 1).copy().reshape(-1, steps, series.shape[-1])


def checked_series(series: Any, what: str) -> NDArray[Any]:
    """A series as an array (L, F)."""
    array = as_array(series, what)
    is_real = array.dtype.kind in "fiub"
    if array.ndim not in (1, 2) or not is_real:
        shapes = "shape (steps,) or (steps, features)"
        raise mismatch(
            f"{what} must hold one row of real numbers for each step.",
            shapes if is_real else f"{shapes}; {way_to_numbers(array, series, what)}",
            f"{array.dtype} of shape {array.shape}",
        )
    return array[:, None] if array.ndim == 1 else array


def need_length(series, least, received):
    """Refuse a series that is too short."""
    if len(series) < least:
        raise mismatch(
            "The series is too short.", f"{least} steps or more", f"{len(series)} with {received}"
        )
