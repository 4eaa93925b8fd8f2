"""What of a training is kept, beside its model, and how another one goes on from there.

A callback is what its attributes are. Those that the training has changed are kept, as far as they
are numbers, words, arrays, or lists and dicts of these.
"""

import numpy as np

from ..callbacks.backup import BackupAndRestore
from ..callbacks.history import History
from ..data.streamed import Streamed
from ..kernels.training.loop import draw_order
from ..surface.callables import parameters_of
from ..surface.errors import mismatch

ASIDE = {"model", "params", "_made"}  # which the next training sets
NOT_THERE = object()


def found(model, callbacks):
    """What was kept of an earlier training, or None; the model is then as it was."""
    keepers = [one for one in callbacks if isinstance(one, BackupAndRestore)]
    others = [one for one in callbacks if one not in keepers]
    history = History()

    def check(noted):
        for one, values in theirs([*others, history], noted):
            need_alike(one, values)
            if one is history:
                need_lists(values.get("history", {}))

    kept = (one.found(model, check) for one in keepers)
    return next((one for one in kept if one is not None), None)


def theirs(callbacks, noted):
    """Each callback with what one of its class has noted: the first that is left."""
    left = list(noted)
    for one in callbacks:
        entry = next((entry for entry in left if entry[0] == type(one).__name__), None)
        if entry is not None:
            yield one, entry[1]
            left = [other for other in left if other is not entry]


def need_alike(callback, values):
    """Refuse values of a file that its attributes cannot have.

    No method is replaced, and no word that the constructor takes, such as a path. In a callback of
    this package a number takes the place of a number, a list that of a list.
    """
    ours = type(callback).__module__.startswith("tinylstm.")
    for name, value in values.items():
        old = vars(callback).get(name)
        if not may_be_kept(callback, name, value) or (ours and not are_alike(value, old)):
            raise mismatch(
                f"The {name} of {type(callback).__name__} cannot be what was kept.",
                f"something like {old!r}",
                repr(value),
            )


def need_lists(history):
    """Refuse a history of which a name has no list."""
    for name, values in history.items():
        if not isinstance(values, list):
            raise mismatch(f"The history of {name} is none.", "a list", repr(values))


def may_be_kept(callback, name, value):
    """Whether an attribute of a callback can be kept, and come back from a file."""
    word = isinstance(value, str) and name in parameters_of(type(callback))
    own = getattr(type(callback), name, None)
    method = callable(own) or isinstance(own, property)
    return name not in ASIDE and not method and not word and is_data(value)


def are_alike(value, old):
    """Whether a value can be what another one has become."""
    numbers = bool | int | float | np.number
    if old is None:
        return not isinstance(value, str)
    if value is None:
        return isinstance(old, numbers)
    return isinstance(value, numbers) if isinstance(old, numbers) else type(value) is type(old)


def skip(data, epochs, batches):
    """Leave what a generator has given to the training before."""
    if isinstance(data, Streamed):
        data.skip(epochs, batches)


class Keeping:
    """Those who keep a training, and what the others have noted since it began.

    Parameters
    ----------
    callbacks : list of Callback
        Of the training, the history too, in their order.
    """

    def __init__(self, callbacks):
        self.keepers = [one for one in callbacks if isinstance(one, BackupAndRestore)]
        self.others = [one for one in callbacks if one not in self.keepers]
        self.before = [dict(vars(one)) for one in self.others] if self.keepers else []

    def go_on(self, run, kept, shuffle):
        """Have a training go on from what was kept; returns 1 where that is within an epoch."""
        count = run.batches.count
        if not run.staged and kept["count"] != count:
            raise mismatch(
                "The training that was kept had other batches.",
                f"{kept['count']} of them, or another folder",
                count,
            )
        model = run.model
        for one, values in theirs(self.others, kept["noted"]):
            vars(one).update(values)
        model.stop_training = kept["stopped"]
        if not kept["batch"]:
            return 0
        if len(kept["sums"]) != len(run.results[0]):
            raise mismatch(
                "The training that was kept had other metrics.",
                f"{len(kept['sums'])} sums, or another folder",
                len(run.results[0]),
            )
        run.results[0] = kept["sums"]
        if shuffle and not run.staged:
            draw_order(run.order, model.seed, model.epochs_seen - 1)
        return 1

    def noted(self):
        """The class of each of the others, and what it has noted."""
        pairs = zip(self.others, self.before, strict=True)
        return [[type(one).__name__, changed(one, before)] for one, before in pairs]

    def look(self, run, done, batches):
        """After some batches, where all is told of them: keep the training, if it is time."""
        count = run.batches.count
        epoch, batch = divmod(done, count)
        for keeper in self.keepers:
            if keeper.is_due(batches, batch == 0):
                keeper.keep(
                    {
                        **{"epoch": epoch, "batch": batch, "count": count},
                        "sums": run.results[0].tolist(),
                        "stopped": run.model.stop_training,
                        "noted": self.noted(),
                    }
                )


def changed(callback, before):
    """The attributes of a callback that are not what they were, and can be kept."""
    return {
        name: value
        for name, value in vars(callback).items()
        if may_be_kept(callback, name, value) and differs(value, before.get(name, NOT_THERE))
    }


def differs(value, other):
    """Whether an attribute may be another one than before: a list may have changed in its place."""
    return isinstance(value, list | dict | np.ndarray) or value is not other


def is_data(value):
    """Whether a value can be kept."""
    if isinstance(value, list | tuple):
        return all(map(is_data, value))
    if isinstance(value, dict):
        return all(isinstance(name, str) and is_data(one) for name, one in value.items())
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fiu"
    return value is None or isinstance(value, str | bool | int | float | np.number)
