"""The callbacks of Keras 1 and 2 that set the learning rate. Source: as `watching`."""

import numpy as np

from .. import callbacks as engine
from .. import floatx
from ..kernels.compiling import show
from ..surface.callables import takes
from .arguments import Spelling
from .dialect import spoken
from .watching import Callback, Watching, numbered

PLATEAU = ("monitor", "factor", "patience", "verbose", "mode", "min_delta", "cooldown", "min_lr")


class LearningRateScheduler(Callback, engine.LearningRateScheduler):
    """Keras' old LearningRateScheduler; before 2.1.4 a schedule got the epoch alone."""

    def on_epoch_begin(self, epoch, logs=None):
        rate = self.scheduled(epoch, float(rate_of(self.model)))
        self.model.optimizer.learning_rate = rate
        if self.verbose:
            verb = "setting" if spoken().number >= (2, 2, 2) else "reducing"
            show(f"\n{numbered(epoch)}: LearningRateScheduler {verb} learning rate to {rate}.")

    def scheduled(self, epoch, rate):
        """What the schedule says: of the epoch, and of the rate if it takes that."""
        number = spoken().number
        if number >= (2, 2) and takes(self.schedule, epoch, rate):
            return self.schedule(epoch, rate)
        if (2, 1, 4) <= number < (2, 2) and takes(self.schedule, epoch, lr=rate):
            return self.schedule(epoch, lr=rate)
        return self.schedule(epoch)

    def on_epoch_end(self, epoch, logs=None):
        if spoken().number >= (2, 2, 3):
            logs["lr"] = rate_of(self.model)


class ReduceLROnPlateau(Watching, engine.ReduceLROnPlateau):
    """Keras' old ReduceLROnPlateau: the logs have the rate as "lr"; before 2.2 it waited longer."""

    engine_kind = engine.ReduceLROnPlateau
    spelling = Spelling(PLATEAU, {"epsilon": "min_delta"})

    def on_epoch_end(self, epoch, logs=None):
        logs["lr"] = rate_of(self.model)
        value, late = self.value(logs), spoken().number < (2, 1, 6)
        if value is None:
            return
        if self.cooling > 0:
            self.cooling -= 1
            self.wait = 0
        if self.is_better(value, self.best):
            self.best, self.wait = value, 0
        elif self.cooling == 0:
            self.wait += not late
            if self.wait >= self.patience:
                self.reduce(epoch)
            self.wait += late

    def is_better(self, value, reference):
        best = self.worst if reference is None else reference
        change = self.min_delta if self.rises else -self.min_delta
        return value > best + change if self.rises else value < best + change

    def reduce(self, epoch):
        before = float(rate_of(self.model))
        if before <= self.lowest:
            return
        self.model.optimizer.learning_rate = rate = max(before * self.factor, self.min_lr)
        self.cooling, self.wait = self.cooldown, 0
        if self.verbose:
            who = "ReduceLROnPlateau " if spoken().number >= (2, 1, 3) else ""
            show(f"\n{numbered(epoch)}: {who}reducing learning rate to {rate}.")

    @property
    def lowest(self):
        """A rate that is not reduced any more; from 2.1.3 to 2.3 the rate's own rounding counts."""
        if spoken().number < (2, 1, 3):
            return self.min_lr * 1.0001
        return np.float32(self.min_lr) if spoken().counts_steps else self.min_lr


def rate_of(model):
    """The learning rate as Keras' variable held it: a number of the dtype of floats."""
    return np.dtype(floatx()).type(model.optimizer.learning_rate)
