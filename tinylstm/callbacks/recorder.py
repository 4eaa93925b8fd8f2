"""What a training went through: weights at some epochs, losses and gradients of all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import numpy as np

from ..data.evenly import evenly
from ..files.weights import tensors_of
from ..surface.arguments import as_list, known, whole_number
from ..surface.errors import mismatch
from ..surface.types import Array, Logs
from ..whole import at_once
from .callback import Callback
from .gradients import GradientNorms

NAMED = ("all", "log")
A_DOUBLING = 2  # epochs of "log" on the way from one to twice it
LEAST = 2  # sets of weights: before the first epoch, and after the last one


class Recorder(Callback):
    """Keep what a training goes through, for `tinylstm.report` and for looking at it.

    Parameters
    ----------
    epochs : int, "all", "log" or list of int, default=50
        After which epochs the weights are kept, beside those before the first epoch and after the
        last one, which always are. As many, evenly spaced; all; "log", 1, 2, 3, 4, 6, 8, 11 ...,
        two on the way from an epoch to twice it; or those of a list. They count from 1.
    max_bytes : int, default=67_108_864
        The weights take no more. Of a list that needs more, a `fit` is refused; of the other
        choices fewer epochs are kept, evenly taken from them.

    Attributes
    ----------
    epochs : list of int
        Those whose weights are kept: epochs that were over, so 0 is before the first one.
    vectors : list of array
        All parameters after each of these, end to end; `weights` takes them apart.
    places : dict
        {"lstm/kernel": shape}, of the tensors in their order.
    logs : dict
        {name: a number for each epoch}: losses and metrics, of all epochs.
    norms : list of GradientNorms
        Of the gradients of all epochs.
    first : int
        The epoch, from 1, of the first of these numbers.

    Raises
    ------
    ValueError
        If an argument does not fit; in `fit`, if the weights do not fit into `max_bytes`.

    Notes
    -----
    The norms are those of the very gradients that the training uses, of each batch, before they are
    clipped: `GradientNorms` has their mean and the largest over the batches of an epoch. The
    compiled loop takes them as it goes, which costs a pass over the gradient each batch, and an
    epoch ends a compiled call, as with any callback.

    It takes ``len(epochs)`` times the bytes of the weights, and some hundred bytes an epoch for
    the numbers.

    A `fit` with an ``initial_epoch`` goes on where the recorder was; any other begins anew. Beside
    `BackupAndRestore`, a training that was killed goes on with all that was recorded.

    Examples
    --------
    >>> recorder = Recorder(epochs="log")
    >>> model.fit(x, y, epochs=100, callbacks=[recorder])
    >>> recorder.weights(0)["lstm/kernel"]  # before the training
    """

    def __init__(
        self,
        epochs: int | Literal["all", "log"] | Sequence[int] = 50,
        max_bytes: int = 64 * 2**20,
    ) -> None:
        self._wanted = checked_epochs(epochs)
        self.max_bytes = whole_number(max_bytes, "max_bytes")
        self.forget()

    def forget(self) -> None:
        """Have nothing any more."""
        self.epochs: list[int] = []
        self.vectors: list[Array] = []
        self.places: dict[str, tuple[int, ...]] = {}
        self.logs: dict[str, list[float]] = {}
        self._noted: list[Any] = []  # of gradients, as plain tuples
        self.first = 1
        self._chosen: list[int] = []  # whose weights are to be kept, in the training of now

    def __repr__(self) -> str:
        size = sum(vector.nbytes for vector in self.vectors)
        return f"<Recorder of {len(self.epochs)} epochs' weights, {size:,} bytes>"

    @property
    def norms(self) -> list[GradientNorms]:
        """Of the gradients, for each epoch from `first` on."""
        return [GradientNorms(*one) for one in self._noted]

    def weights(self, epoch: int) -> dict[str, Array]:
        """The weights after so many epochs, {"lstm/kernel": array}: copies.

        Raises
        ------
        ValueError
            If they were not kept.
        """
        if epoch not in self.epochs:
            kept = ", ".join(map(str, self.epochs)) or "none"
            raise mismatch("The weights of this epoch were not kept.", f"one of {kept}", epoch)
        vector, found, start = self.vectors[self.epochs.index(epoch)], {}, 0
        for name, shape in self.places.items():
            stop = start + math.prod(shape)
            found[name] = vector[start:stop].reshape(shape).copy()
            start = stop
        return found

    # What a training calls.

    def on_train_begin(self, logs: Logs = None) -> None:
        first, last = self.params["initial_epoch"], self.params["epochs"]
        places = {name: array.shape for name, array in tensors_of(self.model).items()}
        goes_on = self.goes_on(first, places)
        chosen = self.planned(first, last, self.until(first) if goes_on else 0)
        if goes_on:
            self.forget_after(first)
        else:
            self.forget()
            self.places, self.first = places, first + 1
        self._chosen = chosen
        self.keep(first)

    def goes_on(self, first: int, places: dict[str, tuple[int, ...]]) -> bool:
        """Whether a training goes on where this recorder was, or before."""
        return places == self.places and self.epochs[0] <= first <= self.epochs[-1] and first > 0

    def until(self, epoch: int) -> int:
        """Of how many epochs the weights were kept up to this one."""
        return sum(one <= epoch for one in self.epochs)

    def forget_after(self, epoch: int) -> None:
        """Go back to where a training goes on."""
        left = self.until(epoch)
        del self.epochs[left:], self.vectors[left:], self._noted[max(epoch + 1 - self.first, 0) :]
        for values in self.logs.values():
            del values[max(epoch + 1 - self.first, 0) :]

    def planned(self, first: int, last: int, kept: int) -> list[int]:
        """After which epochs of a training the weights are to be kept, beside so many that are;
        refuses too many."""
        each = self.model.theta.nbytes
        room = self.max_bytes // max(each, 1) - kept
        wanted = [one for one in epochs_of(self._wanted, first, last) if first < one < last]
        if room < LEAST or (isinstance(self._wanted, list) and len(wanted) + LEAST > room):
            raise mismatch(
                "The weights that the recorder is to keep take more than max_bytes.",
                f"{(kept + len(wanted) + LEAST) * each:,} bytes, or fewer epochs",
                f"max_bytes={self.max_bytes:,}",
            )
        return evenly([first, *wanted, last], room)

    def keep(self, epoch: int) -> None:
        """Keep the weights of now, in the place of the last ones if these were not asked for."""
        last = self.epochs[-1:]
        replaced = last and (last == [epoch] or last[0] not in self._chosen)
        behind = slice(len(self.epochs) - bool(replaced), None)
        columns = (self.epochs, epoch), (self.vectors, self.model.theta.copy())
        at_once(*(partial(column.__setitem__, behind, [value]) for column, value in columns))

    def on_gradients(self, epoch: int, norms: GradientNorms) -> None:
        self._noted.append(tuple(norms))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        for name, value in logs.items():
            column = self.logs.setdefault(name, [])
            column += [math.nan] * (epoch + 1 - self.first - len(column))  # it came later
            column.append(value)
        self.keep(epoch + 1)


def checked_epochs(epochs):
    """The choice of epochs: a number, a word, or a sorted list."""
    if isinstance(epochs, str):
        return known(NAMED, epochs, "choice of epochs")
    if isinstance(epochs, list | tuple | range | np.ndarray):
        listed = as_list(epochs, "epochs")
        return sorted({whole_number(one, "An epoch of a Recorder", least=0) for one in listed})
    return whole_number(epochs, "epochs", least=0)


def epochs_of(wanted, first, last):
    """The epochs first ... last that a choice means."""
    if isinstance(wanted, list):
        return wanted
    if wanted == "log":
        doublings = np.arange(A_DOUBLING * math.log2(max(last, 1)) + 1) / A_DOUBLING
        return sorted(set(np.round(2**doublings).astype(int).tolist()))
    everything = range(first, last + 1)
    return everything if wanted == "all" else evenly(everything, wanted)
