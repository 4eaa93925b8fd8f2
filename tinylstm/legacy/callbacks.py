"""Callbacks with Keras' old arguments."""

import inspect

from .. import callbacks as engine
from .arguments import Spelling

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


TABLE = {name: getattr(engine, name) for name in engine.__all__ if name[0].isupper()}
TABLE |= {name: old_callback(name) for name in SPELLINGS}
