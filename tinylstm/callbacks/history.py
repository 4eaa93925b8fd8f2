"""Losses and metrics of every epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import ref

from ..surface.types import Logs
from ..whole import at_once
from .callback import Callback

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..model import Sequential


class History(Callback):
    """Losses and metrics of every epoch: ``history.history["loss"]``, and ``history.epoch``.

    It knows its model, beside what it has noted: see `Last`.
    """

    __slots__ = ("_model",)  # not in `vars`, which are what it has noted

    @property
    def model(self) -> Sequential:
        """The model that was trained, None before and in a copy."""
        return getattr(self, "_model", None)  # type: ignore[return-value]

    @model.setter
    def model(self, model: Sequential) -> None:
        self._model = model

    def __init__(self) -> None:
        self.epoch = []
        self.validated = []  # those epochs that a validation followed
        self.history = {}

    def __repr__(self) -> str:
        return f"<History of {len(self.epoch)} epochs: {', '.join(self.history)}>"

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        grown = [(self.epoch, epoch)]
        if any(name.startswith("val_") for name in logs):
            grown.append((self.validated, epoch))
        grown += [(self.history.setdefault(name, []), value) for name, value in logs.items()]
        at_once(*(partial(column.append, value) for column, value in grown))

    def extend(self, first: int, columns: Mapping[str, Sequence[float]]) -> None:
        """Several epochs at once, from the first on: {name: a value each}; again, if need be."""
        behind = slice(first - self.epoch[0] if self.epoch else 0, None)
        lists = [(self.history.setdefault(name, []), values) for name, values in columns.items()]
        lists.append((self.epoch, range(first, first + len(lists[0][1]))))
        at_once(*(partial(column.__setitem__, behind, values) for column, values in lists))

    def plot(self, metric: str | None = None) -> Figure:
        """A figure of loss and metrics over the epochs; see `plotting.training_curves`."""
        from ..plotting import training_curves

        return training_curves(self, metric)


class Last:
    """The history of a model's last training, as an attribute of the model.

    A history keeps its model, so the model keeps only what it has noted, else neither would ever be
    let go; of that it makes another history where nobody has the first one any more.

    Parameters
    ----------
    doc : str
    """

    def __init__(self, doc: str) -> None:
        self.__doc__ = doc

    def __set_name__(self, kind, name):
        self.place = f"_{name}"

    def __get__(self, model: Any, kind: Any = None) -> History:
        if model is None:
            return self  # type: ignore[return-value]
        noted, last = vars(model)[self.place]
        history = last()
        if history is None and noted is not None:
            history = History.__new__(History)
            history.__dict__, history.model = noted, model
            self.__set__(model, history)
        return history

    def __set__(self, model: Any, history: History | None) -> None:
        held = (None, lambda: None) if history is None else (vars(history), ref(history))
        vars(model)[self.place] = held
