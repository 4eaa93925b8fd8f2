"""Losses and metrics of every epoch."""

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
        self.epoch.append(epoch)
        if any(name.startswith("val_") for name in logs):
            self.validated.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)

    def extend(self, first, columns):
        """Several epochs at once, from the first on: {name: a value each}; again, if need be."""
        at = first - self.epoch[0] if self.epoch else 0
        for name, values in columns.items():
            self.history.setdefault(name, [])[at:] = values
        self.epoch[at:] = range(first, first + len(values))

    def plot(self, metric=None):
        """A figure of loss and metrics over the epochs; see `plotting.training_curves`."""
        from ..plotting import training_curves

        return training_curves(self, metric)
