"""When callbacks save models or weights, and whether these can be saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from ..data.gate import compiled_finite
from ..files import told
from ..surface.arguments import whole_number
from ..surface.errors import warn
from .callback import Callback


def weights_are_finite(model: Any) -> bool:
    """Whether a model's weights can be kept: `set_weights` and files take no others."""
    return compiled_finite(model.dtype)(model.theta)


class Saving(Callback):
    """Saves after each epoch, or after so many batches, and no weights that are not finite.

    Parameters
    ----------
    save_freq : "epoch" or int
    """

    spoiled = False  # whether it was said, in this training, that the weights are not finite

    def __init__(self, save_freq: int | Literal["epoch"]) -> None:
        self.by_epoch = isinstance(save_freq, str) and save_freq == "epoch"
        self.save_freq = save_freq if self.by_epoch else whole_number(save_freq, "save_freq")
        self.batches = 0  # since it was time

    def wants_batches(self) -> bool:
        return not self.by_epoch

    def is_due(self, batches: int, ended: bool) -> bool:
        """Whether it is time, after some more batches; ended: the epoch."""
        self.batches += batches
        due = ended if self.save_freq == "epoch" else self.batches >= self.save_freq
        if due:
            self.batches = 0
        return due

    def can_save(self, path: Path) -> bool:
        """Whether the weights can be saved, in a folder that is there then; if not, that is said
        once in a training."""
        if weights_are_finite(self.model):
            with told(path, "written"):
                path.parent.mkdir(parents=True, exist_ok=True)
            return True
        if not self.spoiled:
            self.spoiled = True
            warn(
                f"{type(self).__name__} saves no weights that are not finite: {path} stays as it "
                "was.",
                RuntimeWarning,
            )
        return False
