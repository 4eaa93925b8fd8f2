"""The ModelCheckpoint of Keras 1 and 2. Source: as `watching`."""

from .. import callbacks as engine
from ..kernels.compiling import show
from ..surface.arguments import whole_number
from .arguments import Spelling
from .dialect import spoken
from .formats import said_in_any_case
from .watching import Watching, numbered

ARGUMENTS = ("filepath", "monitor", "verbose", "save_best_only", "save_weights_only", "mode")


class ModelCheckpoint(Watching, engine.ModelCheckpoint):
    """Keras' old ModelCheckpoint: after every so many epochs; without the number it saves nothing.

    Parameters
    ----------
    filepath : str
        May name the epoch, from 0 before 2.0.9.
    save_weights_only : bool, default=False
    period : int, default=1
    """

    engine_kind = engine.ModelCheckpoint

    @property
    def spelling(self):
        """Its seventh place was that of period, and in tf.keras of save_freq."""
        last = "save_freq" if spoken().counts_steps else "period"
        return Spelling((*ARGUMENTS, last), refused=frozenset({"options"}))

    def translated(self, args, kwargs, further=()):
        given = super().translated(args, kwargs, {"period"})
        self.period = whole_number(given.pop("period", 1), "period")
        self.waited = 0  # epochs since the last look, also of a fit before
        return given

    def need_format(self):
        said_in_any_case(super().need_format, self.filepath)

    def on_epoch_end(self, epoch, logs=None):
        self.waited += 1
        if self.waited >= self.period:
            self.waited = 0
            super().on_epoch_end(epoch, logs)

    def save(self, epoch, batch, logs):
        names = type(logs)(logs)
        names.update(batch, epoch=epoch + spoken().first_epoch)
        path = self.path(names)
        if not self.save_best_only:
            if self.write(path):
                self.say(epoch, f"saving model to {path}")
            return
        value = self.value(logs)
        if value is None:
            return
        before = self.worst if self.best is None else self.best
        if self.is_better(value, before):
            change = f"improved from {before:.5f} to {value:.5f}"
            if self.write(path):
                self.best = value
                self.say(epoch, f"{self.monitor} {change}, saving model to {path}")
        else:
            since = f" from {before:.5f}" if spoken().number >= (2, 1, 6) else ""
            self.say(epoch, f"{self.monitor} did not improve{since}")

    def say(self, epoch, sentence):
        """Print a line, from 2.1.3 on behind an empty one, where that is wanted."""
        if self.verbose:
            start = "\n" if spoken().number >= (2, 1, 3) else ""
            show(f"{start}{numbered(epoch)}: {sentence}")
