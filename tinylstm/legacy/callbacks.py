"""Callbacks with Keras' old arguments."""

import inspect

from .. import callbacks as engine
from ..staging import is_stream
from .arguments import Spelling
from .dialect import spoken

OTHERS = ("TensorBoard", "RemoteMonitor", "BaseLogger", "ProgbarLogger", "BackupAndRestore")
PLATEAU = ("monitor", "factor", "patience", "verbose", "mode", "min_delta", "cooldown", "min_lr")
CHECKPOINT = ("filepath", "monitor", "verbose", "save_best_only", "save_weights_only", "mode")
SPELLINGS = {
    "ReduceLROnPlateau": Spelling(PLATEAU, {"epsilon": "min_delta"}),
    "ModelCheckpoint": Spelling(CHECKPOINT, refused=frozenset({"period", "options"})),
}
ASKS_NOTHING = {"period": 1}


def old_callback(name):
    """A callback of this package that takes the old arguments."""
    kind, spelling = getattr(engine, name), SPELLINGS[name]
    known = set(inspect.signature(kind).parameters)

    def __init__(self, *args, **kwargs):
        for argument, usual in ASKS_NOTHING.items():
            if kwargs.get(argument) == usual:
                del kwargs[argument]
        kind.__init__(self, **spelling.translate(name, args, kwargs, known))

    return type(name, (kind,), {"__init__": __init__, "__doc__": f"Keras' old {name}."})


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


def as_spoken(callbacks, x):
    """The callbacks of a script for a training on x, told what this version of Keras told them."""
    if spoken().number >= (2, 3) or is_stream(x):
        return callbacks
    return [
        BatchAlone(callback)
        if isinstance(callback, engine.Callback) and callback.wants_batches()
        else callback
        for callback in callbacks or ()
    ]


TABLE = {name: getattr(engine, name) for name in engine.__all__ if name[0].isupper()}
TABLE |= {name: old_callback(name) for name in SPELLINGS}
