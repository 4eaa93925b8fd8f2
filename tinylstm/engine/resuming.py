"""What of a training a backup has, beside its model, and how another one goes on from there.

A callback is what its attributes are. A backup has those that the training has changed, as far as
they are numbers, words, arrays, or lists and dicts of these.
"""

import numpy as np

from ..callbacks.backup import BackupAndRestore
from ..callbacks.history import History
from ..data.staging import UNKNOWN
from ..data.streamed import Streamed
from ..kernels.training.loop import draw_order
from ..surface.callables import parameters_of
from ..surface.errors import mismatch

ASIDE = {"model", "params"}  # which the next training sets
NOT_THERE = object()


def earlier(model, callbacks):
    """What a backup has of an earlier training, or None; it fits the model and the callbacks."""
    backups, others = told_apart(callbacks)
    history = History()

    def check(noted):
        for one, values in theirs([*others, history], noted):
            need_alike(one, values)
            if one is history:
                need_lists(values.get("history", {}))

    read = (one.read(model, check) for one in backups)
    return next((one for one in read if one is not None), None)


def told_apart(callbacks):
    """Those that write backups, and the others."""
    backups = [one for one in callbacks if isinstance(one, BackupAndRestore)]
    return backups, [one for one in callbacks if one not in backups]


def need_same_run(run, training):
    """Refuse a run that cannot go on where an earlier training was."""
    batches, width = run.batches, len(run.results[0])
    if batches.count not in (training["count"], UNKNOWN):
        raise differs_in("batches", f"{training['count']} of them", batches.count)
    if batches.hand_on and training["rows"] not in (None, batches.rows):
        raise differs_in("rows", f"{training['rows']} in a batch", batches.rows)
    if len(training["sums"]) != width:
        what = "metrics, or only one of the two measures gradients, as a Recorder does"
        raise differs_in(what, f"{len(training['sums'])} sums", width)


def differs_in(what, expected, came):
    """The refusal of a run that is not as the earlier one."""
    sentence = f"The training of the backup had other {what}."
    return mismatch(sentence, f"{expected}, or another folder", came)


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
        if not can_be_written(callback, name, value) or (ours and not are_alike(value, old)):
            raise mismatch(
                f"The {name} of {type(callback).__name__} cannot be what the backup has.",
                f"something like {old!r}",
                repr(value),
            )


def need_lists(history):
    """Refuse a history of which a name has no list."""
    for name, values in history.items():
        if not isinstance(values, list):
            raise mismatch(f"The history of {name} is none.", "a list", repr(values))


def can_be_written(callback, name, value):
    """Whether an attribute of a callback can stand in a backup, and come back from it."""
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


class Backups:
    """Those who write backups of a training, and what the others have noted since it began.

    Parameters
    ----------
    callbacks : list of Callback
        Of the training, the history too, in their order.
    """

    def __init__(self, callbacks):
        self.writers, self.others = told_apart(callbacks)
        self.before = [dict(vars(one)) for one in self.others] if self.writers else []

    def go_on(self, run, training, shuffle):
        """Have a run go on in an earlier training, whose model is back; see `need_same_run`.

        Returns 1 where that is within an epoch.
        """
        model = run.model
        for one, values in theirs(self.others, training["noted"]):
            vars(one).update(values)
        model.stop_training = training["stopped"]
        if not training["batch"]:
            return 0
        run.results[0] = training["sums"]
        if shuffle and not run.staged:
            draw_order(run.order, model.seed, model.epochs_seen - 1)
        return 1

    def noted(self):
        """The class of each of the others, and what it has noted."""
        pairs = zip(self.others, self.before, strict=True)
        return [[type(one).__name__, changed(one, before)] for one, before in pairs]

    def look(self, run, done, batches):
        """After some batches, where all is told of them: write the training, if it is time."""
        count = run.batches.count
        epoch, batch = divmod(done, count)
        for writer in self.writers:
            if writer.is_due(batches, batch == 0):
                writer.write(
                    {
                        **{"epoch": epoch, "batch": batch, "count": count},
                        "sums": run.results[0].tolist(),
                        "stopped": run.model.stop_training,
                        "noted": self.noted(),
                    }
                )


def changed(callback, before):
    """The attributes of a callback that are not what they were, and can be written."""
    return {
        name: value
        for name, value in vars(callback).items()
        if can_be_written(callback, name, value) and differs(value, before.get(name, NOT_THERE))
    }


def differs(value, other):
    """Whether an attribute may be another one than before: a list may have changed in its place."""
    return isinstance(value, list | dict | np.ndarray) or value is not other


def is_data(value):
    """Whether a value can stand in a backup."""
    if isinstance(value, list | tuple):
        return all(map(is_data, value))
    if isinstance(value, dict):
        return all(isinstance(name, str) and is_data(one) for name, one in value.items())
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fiu"
    return value is None or isinstance(value, str | bool | int | float | np.number)
