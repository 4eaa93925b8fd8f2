"""A training that was killed goes on where it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from ..files import told
from ..surface.arguments import choice, path_of
from ..surface.types import Logs, PathLike
from .saving import Saving

FILE = "training.safetensors"


class BackupAndRestore(Saving):
    """Keep all of a training in a file, and go on from there where the same `fit` is called again.

    The whole model, the history, how far the epoch has come, and what the other callbacks of the
    list have noted: the best values and counts of `EarlyStopping`, `ReduceLROnPlateau` and
    `ModelCheckpoint`. A `CSVLogger` goes on in its file, which has no line twice. A generator is
    asked for the batches that it has given, and those are left. Then the training goes on, bit for
    bit as if it had never ended. At the end of a training the file is removed.

    Parameters
    ----------
    backup_dir : str or Path
        A folder for this training alone; it is made.
    save_freq : "epoch" or int, default="epoch"
        After so many batches instead; each is then a compiled call of its own.
    delete_checkpoint : bool, default=True
        Remove the file at the end of a training that was not interrupted.

    Raises
    ------
    ValueError
        In `fit`, if the file there is damaged, or of another model.
    OSError
        In `fit`, if it cannot be written; names it.

    Warns
    -----
    RuntimeWarning
        Once in a training, if weights are not saved, because they are not finite.

    Source: ``keras.callbacks.BackupAndRestore``, which keeps the model alone.
    """

    def __init__(
        self,
        backup_dir: PathLike,
        save_freq: Literal["epoch"] | int = "epoch",
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__(save_freq)
        self.folder = path_of(backup_dir, "backup_dir")
        self.delete_checkpoint = choice(delete_checkpoint, "delete_checkpoint")

    @property
    def path(self) -> Path:
        """The file, in its folder."""
        return self.folder / FILE

    def on_train_begin(self, logs: Logs = None) -> None:
        self.batches, self.spoiled = 0, False

    def read(self, model: Any, check: Callable[[Any], None]) -> dict[str, Any] | None:
        """The training in the file, which fits a model; None where there is none.

        check: refuses what other callbacks have noted.
        """
        return model.read_backup(self.path, check) if self.path.exists() else None

    def write(self, training: dict[str, Any]) -> None:
        """Write the model, and what the training has come to."""
        if self.can_save(self.path):
            self.model.back_up(self.path, training)

    def on_train_end(self, logs: Logs = None) -> None:
        if self.delete_checkpoint:
            with told(self.path, "written"):
                self.path.unlink(missing_ok=True)
