"""What happens between the compiled calls of a training: callbacks, as in Keras."""

import math


class Callback:
    """Methods that `fit` calls; override those that you need.

    ``on_batch_...`` and ``on_train_batch_...`` are called between batches only where a callback
    overrides one: each batch is then a compiled call of its own, which costs some 10 us.
    """

    model = None
    params = None

    def set_model(self, model):
        """Called once, before anything else."""
        self.model = model

    def set_params(self, params):
        """Called once: {"epochs", "initial_epoch", "verbose", "steps" (batches an epoch),
        "samples", "batch_size"}, and "validation_samples" where there are some."""
        self.params = params

    def on_train_begin(self, logs=None):
        """Before the first epoch."""

    def on_train_end(self, logs=None):
        """After the last epoch, or the one that was stopped; logs: that epoch's.

        Not after an exception or Ctrl-C: what it does to the model would come as a surprise then.
        """

    def on_epoch_begin(self, epoch, logs=None):
        """Before an epoch; epochs count from 0."""

    def on_epoch_end(self, epoch, logs=None):
        """After an epoch; logs: its loss (nats, or what the loss counts in) and metrics."""

    def on_batch_begin(self, batch, logs=None):
        """Before a batch; batches count from 0 in each epoch."""

    def on_batch_end(self, batch, logs=None):
        """After a batch; logs: means over the epoch so far."""

    def on_train_batch_begin(self, batch, logs=None):
        """As on_batch_begin, in training."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        """As on_batch_end, in training."""
        self.on_batch_end(batch, logs)

    def on_nonfinite(self, epoch, batch, loss):
        """When a batch's loss is NaN or infinite; its update was not made."""

    def wants_batches(self):
        """Whether a method between batches is overridden."""
        names = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
        return any(getattr(type(self), name) is not getattr(Callback, name) for name in names)


class History(Callback):
    """Losses and metrics of every epoch: ``history.history["loss"]``, and ``history.epoch``."""

    def __init__(self, kind=dict):
        self.epoch = []
        self.history = kind()

    def on_epoch_end(self, epoch, logs=None):
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)

    def extend(self, first, columns):
        """Several epochs at once, from the first on: {name: a value each}."""
        for name, values in columns.items():
            self.history.setdefault(name, []).extend(values)
        self.epoch.extend(range(first, first + len(values)))

    def plot(self, metric=None):
        """A figure of loss and metrics over the epochs; see `plotting.training_curves`."""
        from .plotting import training_curves

        return training_curves(self, metric)


class TerminateOnNaN(Callback):
    """Stop at the first batch whose loss is not finite, with the weights of the batch before."""

    def on_nonfinite(self, epoch, batch, loss):
        print(f"Batch {batch} of epoch {epoch + 1}: loss is {loss}, training stops.")
        self.model.stop_training = True


def format_logs(logs):
    """The logs in one line: ``loss: 0.1234 - accuracy: 0.9600``."""
    return " - ".join(f"{name}: {number(value)}" for name, value in logs.items())


def number(value):
    """Four decimals, or four digits with an exponent where those would say nothing."""
    small = value != 0 and abs(value) < 1e-3
    return f"{value:.4e}" if small and math.isfinite(value) else f"{value:.4f}"
