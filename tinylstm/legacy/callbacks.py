"""Callbacks as Keras 1 and 2 had them. Source: as `watching`, which has those that watch."""

import numpy as np

from .. import callbacks as engine
from ..kernels.compiling import show
from .checkpoint import ModelCheckpoint
from .dialect import spoken
from .generators import is_stream
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
