"""What callbacks of old scripts are told, and those that watch a number, as each version did.

Source: ``keras/callbacks.py`` of 1.0.8, 1.1.2, 1.2.2, 2.0.2 to 2.3.1, and of 2.6 to 2.15.
"""

import inspect

import numpy as np

from .. import callbacks as engine
from ..kernels.compiling import show
from ..surface.errors import warn
from .arguments import Spelling
from .dialect import spoken

MODES = ("auto", "min", "max")
STOPPING = ("monitor", "min_delta", "patience", "verbose", "mode", "baseline")


class Callback(engine.Callback):
    """Methods that `fit` calls, with ``params`` and ``validation_data`` as Keras had them.

    Attributes
    ----------
    params : dict
        By the names of Keras 1 and of Keras 2: nb_epoch and epochs, nb_sample and samples.
    validation_data : list or None
        [x, y, weights], where those are arrays; from 2.4 on None.
    """

    validation_data = None

    def set_model(self, model):
        super().set_model(model)
        self.validation_data = model.validation_arrays()

    def set_params(self, params):
        validated = "validation_samples" in params
        names = self.model.metrics_names
        metrics = [*names, *(f"val_{name}" for name in names if validated)]
        old = {"nb_epoch": params["epochs"], "nb_sample": params["samples"]}
        super().set_params(params | old | {"do_validation": validated, "metrics": metrics})


class Watching(Callback):
    """Mixed into what watches a number: "auto" takes a name with "acc" in it to rise."""

    spelling = Spelling()
    engine_kind = None  # the callback of this package that it is

    def __init__(self, *args, **kwargs):
        given = self.translated(args, kwargs)
        if given.get("mode", "auto") not in MODES:
            warn(f"{self.engine_kind.__name__}: the mode {given['mode']!r} is taken as 'auto'.")
            given["mode"] = "auto"
        super().__init__(**given)
        if spoken().number < (2, 4):
            self.min_delta = given.get("min_delta", self.min_delta)  # one below 0 allows worse

    def translated(self, args, kwargs, further=()):
        """The arguments by the names of this package."""
        known = {*inspect.signature(self.engine_kind).parameters, *further}
        return self.spelling.translate(self.engine_kind.__name__, args, kwargs, known)

    def should_rise(self):
        return "acc" in self.monitor

    @property
    def worst(self):
        """What any number is better than."""
        return -np.inf if self.rises else np.inf

    def is_better(self, value, reference):
        return super().is_better(value, self.worst if reference is None else reference)


class EarlyStopping(Watching, engine.EarlyStopping):
    """Keras' old EarlyStopping: its baseline was the first best; it restored where it stopped."""

    engine_kind = engine.EarlyStopping
    spelling = Spelling((*STOPPING, "restore_best_weights"))

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        if spoken().number < (2, 5):
            self.best = self.baseline

    def on_epoch_end(self, epoch, logs=None):
        value, number = self.value(logs), spoken().number
        if value is None or epoch < self.start_from_epoch:
            return
        better, late = self.improves(value), number < (2, 0, 9)
        if better:
            self.best = value
            self.keep(epoch)
        elif number >= (2, 5) and self.needs_any():
            self.best_weights = self.model.get_weights()
        if better and self.beats_baseline(value):
            self.wait = 0
        elif not late:
            self.wait += 1
        looks = not better or (2, 5) <= number < (2, 12)  # those also where it had improved
        if looks and self.wait >= self.patience and (epoch > 0 or number < (2, 7)):
            self.stop(epoch)
        if late and not better:
            self.wait += 1

    def beats_baseline(self, value):
        """From 2.5 on the baseline was apart from the best number."""
        apart = spoken().number >= (2, 5) and self.baseline is not None
        return not apart or self.is_better(value, self.baseline)

    def stop(self, epoch):
        """End the training, with the best weights where they are wanted."""
        self.stopped_epoch = epoch
        self.model.stop_training = True
        if self.best_weights is not None:
            if self.verbose:
                show(f"Restoring model weights from the end of the best epoch{self.named_best()}")
            self.model.set_weights(self.best_weights)

    def named_best(self):
        """How a version ended its sentence on the best epoch."""
        if spoken().number >= (2, 7):
            return f": {self.best_epoch + 1}."
        return "." if spoken().counts_steps else ""

    def on_train_end(self, logs=None):
        if self.stopped_epoch > 0 and self.verbose:
            show(f"{numbered(self.stopped_epoch)}: early stopping")


def numbered(epoch):
    """An epoch in the messages: it counted from 0 before 2.0.9, and had five digits before 2.8."""
    number = epoch + spoken().first_epoch
    return f"Epoch {number:05d}" if spoken().number < (2, 8) else f"Epoch {number}"
