"""Models, or their weights, saved while a training runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from ..surface.arguments import choice, finite_number, path_of
from ..surface.errors import mismatch
from ..surface.types import Logs, PathLike
from .logs import say
from .monitor import Monitor
from .saving import Saving


class ModelCheckpoint(Saving, Monitor):
    """Save the model after each epoch, or after so many batches; each time or the best.

    At every moment a file is the old one or the new one, complete. Weights that are not finite are
    not saved, and are the best of nothing: no file of such weights is read again.

    Parameters
    ----------
    filepath : str or Path
        May name the epoch, counted from 1, and what is in the logs:
        ``"weights-{epoch:02d}-{val_loss:.2f}.safetensors"``; after so many batches also
        ``{batch}``. Folders are made.
    monitor : str, default="val_loss"
    verbose : {0, 1}, default=0
        1 says what is done.
    save_best_only : bool, default=False
        Save only where the number that is watched is the best so far, also over several `fit`.
        While the logs lack it, everything is saved.
    save_weights_only : bool, default=False
        As `Sequential.save_weights` does; else the whole model, as `Sequential.save`, from which
        `load_weights` reads the weights too.
    mode : {"auto", "min", "max"}, default="auto"
    save_freq : "epoch" or int, default="epoch"
        After so many batches instead; each is then a compiled call of its own.
    initial_value_threshold : float, optional
        What the first one to be saved must be better than.

    Raises
    ------
    ImportError
        In `fit`, if the format of `filepath` needs a package that is not installed.
    ValueError
        If an argument does not fit; in `fit`, if `filepath` names what is not in the logs, or its
        format has no weights alone.
    OSError
        In `fit`, if the file cannot be written; names it.

    Warns
    -----
    RuntimeWarning
        Once in a training, if weights are not saved, because they are not finite.

    Source: ``keras.callbacks.ModelCheckpoint``.
    """

    def __init__(
        self,
        filepath: PathLike,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: Literal["auto", "min", "max"] = "auto",
        save_freq: int | Literal["epoch"] = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        Saving.__init__(self, save_freq)
        Monitor.__init__(self, monitor, mode)
        self.save_weights_only = choice(save_weights_only, "save_weights_only")
        self.filepath = str(path_of(filepath, "filepath"))
        self.verbose = finite_number(verbose, "verbose")
        self.save_best_only = choice(save_best_only, "save_best_only")
        first = initial_value_threshold
        self.best = None if first is None else finite_number(first, "initial_value_threshold")

    def on_train_begin(self, logs: Logs = None) -> None:
        self.need_format()
        self.spoiled = False
        if self.save_best_only:
            super().on_train_begin(logs)

    def need_format(self) -> None:
        """Refuse, before a training, a file that could not be written after it."""
        what = "save_weights" if self.save_weights_only else "save"
        self.model.need_writer(Path(self.filepath), what)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self.is_due(1, ended=False):
            self.save(self.epoch, {"batch": batch + 1}, logs)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self.is_due(0, ended=True):
            self.save(epoch, {}, logs)

    def save(self, epoch: int, batch: dict[str, int], logs: Logs) -> None:
        """Save where that is wanted."""
        names = type(logs)(logs)
        names.update(batch, epoch=epoch + 1)
        path = self.path(names)
        wanted, value, reason = self.wanted(logs)
        saved = wanted and self.write(path)
        if saved and value is not None:
            self.best = value
        if self.verbose:
            what = "weights" if self.save_weights_only else "model"
            end = f", saving {what} to {path}" if saved else ", not saved" if wanted else ""
            say(f"Epoch {epoch + 1}: {reason}{end}")

    def write(self, path: Path) -> bool:
        """Write the file, if the weights can be.

        Returns whether there is a file of them now.
        """
        if not self.can_save(path):
            return False
        (self.model.save_weights if self.save_weights_only else self.model.save)(path)
        return True

    def path(self, names: dict[str, Any]) -> Path:
        """The file's path, with names filled in."""
        try:
            return Path(self.filepath.format_map(names))
        except (KeyError, IndexError, ValueError, AttributeError, TypeError) as reason:
            raise mismatch(
                f"filepath cannot be filled in ({type(reason).__name__}: {reason}).",
                f"names among {', '.join(names)}",
                self.filepath,
            ) from None

    def wanted(self, logs: Logs) -> tuple[bool, float | None, str]:
        """Whether these logs are worth a file, what would be the best value then, and why."""
        if not self.save_best_only:
            reason = "end of the epoch" if self.by_epoch else f"{self.save_freq} more batches"
            return True, None, reason
        value = self.value(logs)
        if value is None:
            return True, None, f"{self.monitor} is not in the logs"
        before = "None" if self.best is None else f"{self.best:.5g}"
        if not self.is_better(value, self.best):
            return False, None, f"{self.monitor} did not improve from {before}"
        return True, value, f"{self.monitor} improved from {before} to {value:.5g}"
