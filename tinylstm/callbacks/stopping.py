"""Callbacks that end a training early."""

from __future__ import annotations

from typing import Literal

from ..surface.arguments import choice, finite_number, whole_number
from ..surface.types import Array, Logs
from .callback import Callback
from .logs import say
from .monitor import Monitor
from .saving import weights_are_finite


class EarlyStopping(Monitor):
    """Stop when a number of the logs no longer improves.

    Parameters
    ----------
    monitor : str, default="val_loss"
    min_delta : float, default=0
        Less than that is no improvement.
    patience : int, default=0
        So many epochs without an improvement are waited for; the last of them ends the training.
    verbose : {0, 1}, default=0
        1 says what is done.
    mode : {"auto", "min", "max"}, default="auto"
    baseline : float, optional
        Patience starts anew only at values that are also better than this one.
    restore_best_weights : bool, default=False
        Go back to the weights of the best epoch when the training ends, for whatever reason, but
        not after Ctrl-C or an exception. A carried state stays what it is. Where no number was
        finite, those of the first epoch. An epoch that leaves weights that are not finite is never
        the best.
    start_from_epoch : int, default=0
        Epochs before this one are not looked at; they count from 0.

    Attributes
    ----------
    best : float
    best_epoch : int
        From 0.
    stopped_epoch : int
        From 0; and 0 where the training was not stopped.

    Source: ``keras.callbacks.EarlyStopping``.
    """

    best_weights: list[Array] | None

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: Literal["auto", "min", "max"] = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience = whole_number(patience, "patience", least=0)
        self.verbose = finite_number(verbose, "verbose")
        self.baseline = None if baseline is None else finite_number(baseline, "baseline")
        self.restore_best_weights = choice(restore_best_weights, "restore_best_weights")
        self.start_from_epoch = whole_number(start_from_epoch, "start_from_epoch", least=0)

    def on_train_begin(self, logs: Logs = None) -> None:
        super().on_train_begin(logs)
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best = self.best_weights = None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        value = self.value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        better = self.improves(value)
        if better or self.needs_any():
            self.keep(epoch)
        self.wait += 1
        if better:
            self.best = value
            if self.baseline is None or self.is_better(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def improves(self, value: float) -> bool:
        """Whether a value is the best so far, and of weights that can be kept."""
        return self.is_better(value, self.best) and weights_are_finite(self.model)

    def needs_any(self) -> bool:
        """Whether this epoch's weights are to be kept for want of better ones."""
        needed = self.restore_best_weights and self.best_weights is None
        return needed and weights_are_finite(self.model)

    def keep(self, epoch: int) -> None:
        """This is the best epoch so far."""
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def on_train_end(self, logs: Logs = None) -> None:
        if self.stopped_epoch > 0 and self.verbose:
            say(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                say(f"Restoring model weights from the end of epoch {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)


class TerminateOnNaN(Callback):
    """Stop at the first batch whose loss is not finite, with the weights of the batch before.

    Parameters
    ----------
    raise_error : bool, default=False
        Raise a RuntimeError there.

    Source: ``keras.callbacks.TerminateOnNaN``, which stops after the update.
    """

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = choice(raise_error, "raise_error")

    def on_nonfinite(self, epoch: int, batch: int, loss: float) -> None:
        message = f"Batch {batch} of epoch {epoch + 1}: loss is {loss}, training stops."
        if self.raise_error:
            raise RuntimeError(message)
        say(message)
        self.model.stop_training = True
