"""What of a training is kept, beside its model, and how another one goes on from there.

A callback is what its attributes are. Those that the training has changed are kept, as far as they
are numbers, words, arrays, or lists and dicts of these.
"""

import numpy as np

from ..callbacks.backup import BackupAndRestore
from ..data.streamed import Streamed
from ..kernels.training.loop import draw_order
from ..surface.errors import mismatch

ASIDE = {"model", "params", "_made"}  # which the next training sets
NOT_THERE = object()


def found(model, callbacks):
    """What was kept of an earlier training, or None; the model is then as it was."""
    kept = (one.found(model) for one in callbacks if isinstance(one, BackupAndRestore))
    return next((one for one in kept if one is not None), None)


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
        left = list(kept["noted"])
        for one in self.others:  # each is the first of its class that is left
            entry = next((entry for entry in left if entry[0] == type(one).__name__), None)
            if entry is not None:
                vars(one).update(entry[1])
                left = [other for other in left if other is not entry]
        model.stop_training = kept["stopped"]
        if not kept["batch"]:
            return 0
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
        if name not in ASIDE and is_data(value) and differs(value, before.get(name, NOT_THERE))
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
