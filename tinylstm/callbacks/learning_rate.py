"""Callbacks that set the learning rate; the logs then have it as "learning_rate"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from ..surface.arguments import finite_number, is_finite, whole_number
from ..surface.callables import need_arguments, takes
from ..surface.errors import mismatch
from ..surface.types import Logs
from .callback import Callback
from .logs import say
from .monitor import Monitor


class LearningRateScheduler(Callback):
    """Set the learning rate before each epoch.

    Parameters
    ----------
    schedule : callable
        ``schedule(epoch, learning_rate)`` or ``schedule(epoch)``: the new learning rate. Epochs
        count from 0.
    verbose : {0, 1}, default=0
        1 says what is done.

    Source: ``keras.callbacks.LearningRateScheduler``.
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        if not callable(schedule) or not takes(schedule, 0):
            need_arguments(schedule, ("epoch", "learning_rate"), "The schedule")
        self.schedule = schedule
        self.verbose = finite_number(verbose, "verbose")

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        optimizer = self.model.optimizer
        given = (epoch, optimizer.learning_rate) if takes(self.schedule, epoch, 0.0) else (epoch,)
        optimizer.learning_rate = self.schedule(*given)
        if self.verbose:
            rate = optimizer.learning_rate
            say(f"Epoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate:g}.")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs["learning_rate"] = self.model.optimizer.learning_rate


class ReduceLROnPlateau(Monitor):
    """Reduce the learning rate when a number of the logs no longer improves.

    Parameters
    ----------
    monitor : str, default="val_loss"
    factor : float, default=0.1
        The learning rate is multiplied by it.
    patience : int, default=10
        So many epochs without an improvement are waited for.
    verbose : {0, 1}, default=0
        1 says what is done.
    mode : {"auto", "min", "max"}, default="auto"
    min_delta : float, default=1e-4
        Less than that is no improvement.
    cooldown : int, default=0
        Epochs after a reduction in which none is counted.
    min_lr : float, default=0
        The learning rate does not fall below it.

    Raises
    ------
    ValueError
        If the factor is not below 1.

    Source: ``keras.callbacks.ReduceLROnPlateau``.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: Literal["auto", "min", "max"] = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        if not is_finite(factor) or not 0 <= factor < 1:
            raise mismatch("factor reduces the learning rate.", "0 <= factor < 1", repr(factor))
        self.factor = factor
        self.patience = whole_number(patience, "patience", least=0)
        self.verbose = finite_number(verbose, "verbose")
        self.cooldown = whole_number(cooldown, "cooldown", least=0)
        self.min_lr = finite_number(min_lr, "min_lr")

    def on_train_begin(self, logs: Logs = None) -> None:
        super().on_train_begin(logs)
        self.best, self.wait, self.cooling = None, 0, 0

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs["learning_rate"] = self.model.optimizer.learning_rate
        value = self.value(logs)
        if value is None:
            return
        if self.cooling > 0:
            self.cooling -= 1
            self.wait = 0
        if self.is_better(value, self.best):
            self.best, self.wait = value, 0
        elif self.cooling == 0:
            self.wait += 1
            if self.wait >= self.patience:
                self.reduce(epoch)

    def reduce(self, epoch: int) -> None:
        """Reduce the learning rate, unless it is as low as it may be."""
        optimizer = self.model.optimizer
        if optimizer.learning_rate <= self.min_lr:
            return
        optimizer.learning_rate = rate = max(optimizer.learning_rate * self.factor, self.min_lr)
        self.cooling, self.wait = self.cooldown, 0
        if self.verbose:
            say(f"Epoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {rate:g}.")
