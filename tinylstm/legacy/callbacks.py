"""Callbacks as Keras 1 and 2 had them. Source: as `watching`, which has those that watch."""

import numpy as np

from .. import callbacks as engine
from ..data.sources import is_stream
from ..kernels.compiling import show
from ..surface.arguments import as_list
from .checkpoint import ModelCheckpoint
from .dialect import spoken
from .learning_rate import LearningRateScheduler, ReduceLROnPlateau
from .notes import RemoteMonitor, TensorBoard
from .watching import Callback, EarlyStopping

OTHERS = ("BaseLogger", "ProgbarLogger", "BackupAndRestore")
LAMBDAS = tuple(
    f"on_{what}_{when}" for what in ("epoch", "batch", "train") for when in ("begin", "end")
)


class CSVLogger(Callback, engine.CSVLogger):
    """Keras' old CSVLogger: columns for the first epoch's logs alone, whatever the file had."""

    def on_epoch_end(self, epoch, logs=None):
        if self.names is None and spoken().number < (2, 13):
            self.names = sorted(logs)
            if not self.filename.stat().st_size:
                self.write(["epoch", *self.names])
        super().on_epoch_end(epoch, logs)


class TerminateOnNaN(Callback, engine.TerminateOnNaN):
    """Keras' old TerminateOnNaN, in its words; the batch has changed nothing."""

    def on_nonfinite(self, epoch, batch, loss):
        show(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True


class LambdaCallback(Callback, engine.LambdaCallback):
    """Keras' old LambdaCallback: functions by position too; what else is named becomes its own."""

    def __init__(self, *functions, **named):
        named |= dict(zip(LAMBDAS, functions, strict=False))
        own = {name: named.pop(name) for name in [*named] if not name.startswith("on_")}
        super().__init__(**named)
        vars(self).update(own)


class BatchAlone(engine.Callback):
    """Gives a callback of Keras up to 2.2 what it got between batches: the values of each batch.

    Parameters
    ----------
    callback : Callback
        Of the script; all it is told comes through here.
    """

    def __init__(self, callback):
        self.callback = callback

    def __getattribute__(self, name):
        if name.startswith(("on_train_batch", "on_batch")) or not name.startswith(("on_", "set_")):
            return super().__getattribute__(name)
        return getattr(self.callback, name)

    def on_train_batch_begin(self, batch, logs=None):
        self.before = self.so_far if batch else {}
        params = self.callback.params
        self.done = batch * params["batch_size"]
        self.size = min(params["batch_size"], params["samples"] - self.done)
        self.callback.on_train_batch_begin(batch, {"batch": batch, "size": self.size})

    def on_train_batch_end(self, batch, logs=None):
        self.so_far = dict(logs)
        alone = type(logs)(batch=batch, size=self.size)
        for name, mean in logs.items():  # mean: over all batches of the epoch so far
            total = mean * (self.done + self.size) - self.before.get(name, 0.0) * self.done
            alone[name] = total / self.size
        self.callback.on_train_batch_end(batch, alone)


class ValidationFirst(engine.Callback):
    """Before 2.4 an epoch's logs, and so the history, began with what was validated."""

    def on_epoch_end(self, epoch, logs=None):
        for name in [name for name in logs if not name.startswith("val_")]:
            logs[name] = logs.pop(name)


def as_spoken(given):
    """The callbacks of a `fit` with these arguments, told what this version of Keras told them."""
    callbacks = given.get("callbacks") or ()
    if isinstance(callbacks, engine.Callback):
        callbacks = [callbacks]
    callbacks = as_list(callbacks, "callbacks")
    if spoken().counts_steps:
        return callbacks
    if given.get("validation_data") is not None or given.get("validation_split"):
        callbacks = [ValidationFirst(), *callbacks]
    if spoken().number >= (2, 3) or is_stream(given.get("x")):
        return callbacks
    return [
        BatchAlone(callback)
        if isinstance(callback, engine.Callback) and callback.wants_batches()
        else callback
        for callback in callbacks
    ]


def validation_arrays(given):
    """[x, y, weights] that a `fit` with these arguments validates on, or None."""
    data, split = given.get("validation_data"), given.get("validation_split")
    if data is None and split:
        x, y, weights = (given.get(name) for name in ("x", "y", "sample_weight"))
        at = int(len(x) * (1 - split))
        data = x[at:], y[at:], *([] if weights is None else [weights[at:]])
    if data is None or is_stream(data):
        return None
    x, y, *weights = map(np.asarray, data)
    return [x, y[:, None] if y.ndim == 1 else y, *(weights or [np.ones(len(x))])]


OLD = (
    *(Callback, EarlyStopping, ReduceLROnPlateau, ModelCheckpoint, LearningRateScheduler),
    *(CSVLogger, TerminateOnNaN, LambdaCallback, TensorBoard, RemoteMonitor),
)
TABLE = {"History": engine.History} | {kind.__name__: kind for kind in OLD}
