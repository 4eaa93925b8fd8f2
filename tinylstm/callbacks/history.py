"""Losses and metrics of every epoch."""

from functools import partial

from ..whole import at_once
from .callback import Callback


class History(Callback):
    """Losses and metrics of every epoch: ``history.history["loss"]``, and ``history.epoch``."""

    def __init__(self, kind=dict):
        self.epoch = []
        self.validated = []  # those epochs that a validation followed
        self.history = kind()

    def __repr__(self):
        return f"<History of {len(self.epoch)} epochs: {', '.join(self.history)}>"

    def on_epoch_end(self, epoch, logs=None):
        grown = [(self.epoch, epoch)]
        if any(name.startswith("val_") for name in logs):
            grown.append((self.validated, epoch))
        grown += [(self.history.setdefault(name, []), value) for name, value in logs.items()]
        at_once(*(partial(column.append, value) for column, value in grown))

    def extend(self, first, columns):
        """Several epochs at once, from the first on: {name: a value each}; again, if need be."""
        behind = slice(first - self.epoch[0] if self.epoch else 0, None)
        lists = [(self.history.setdefault(name, []), values) for name, values in columns.items()]
        lists.append((self.epoch, range(first, first + len(lists[0][1]))))
        at_once(*(partial(column.__setitem__, behind, values) for column, values in lists))

    def plot(self, metric=None):
        """A figure of loss and metrics over the epochs; see `plotting.training_curves`."""
        from ..plotting import training_curves

        return training_curves(self, metric)
