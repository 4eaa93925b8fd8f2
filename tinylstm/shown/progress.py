"""What `fit`, `evaluate` and `predict` show while they run."""

import time
from numbers import Real

import numpy as np

from ..callbacks import Callback
from ..callbacks.logs import format_logs
from ..kernels.compiling import ERR, show
from ..surface.errors import mismatch
from .bar import Pace, is_live, progress_bar


class Display(Callback):
    """What a value of verbose shows: a callback of `fit`, and told about other passes over data.

    `params` of a pass: {"steps" (batches), "samples", "batch_size"}.
    """

    def on_pass_begin(self):
        """Before `evaluate` or `predict`."""

    def on_pass_end(self, logs):
        """After `evaluate` or `predict`."""

    def close(self):
        """However it ended."""


class ProgressBar(Display):
    """verbose=1: one bar for the whole call, with the epoch, its loss and metrics."""

    def on_train_begin(self, logs=None):
        epochs = max(self.params["epochs"] - self.params["initial_epoch"], 0)
        steps = self.params["steps"]  # None: a generator whose end nobody knows
        self.bar = progress_bar(steps and steps * epochs, "batch")

    def on_epoch_begin(self, epoch, logs=None):
        self.bar.set_description_str(f"Epoch {epoch + 1}/{self.params['epochs']}", refresh=False)

    def on_pass_begin(self):
        self.bar = progress_bar(self.params["steps"], "batch")

    def on_chunk_end(self, batches, logs):
        self.bar.set_postfix_str(format_logs(logs), refresh=False)
        self.bar.update(batches)

    def on_epoch_end(self, epoch, logs=None):
        self.bar.set_postfix_str(format_logs(logs), refresh=False)

    def close(self):
        self.bar.close()


class KeptLines(ProgressBar):
    """verbose=3: the same bar, and above it a line of each epoch, which stays."""

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        self.bar.write(epoch_line(self.params, epoch, logs), file=ERR)


class LogLines(Display):
    """verbose=1 where no line can be written over: a line now and then, and one at the end."""

    def on_train_begin(self, logs=None):
        self.on_pass_begin()

    def on_pass_begin(self):
        self.pace, self.batches, self.line = Pace(), 0, None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch, self.batches = epoch, 0

    def on_chunk_end(self, batches, logs):
        self.batches += batches
        if self.pace.is_due():
            self.tell(self.passed(logs))

    def on_epoch_end(self, epoch, logs=None):
        self.line = epoch_line(self.params, epoch, logs)
        if self.pace.is_due():
            self.tell(self.line)

    def on_train_end(self, logs=None):
        if self.line:
            self.tell(self.line)

    def on_pass_end(self, logs):
        self.tell(self.passed(logs))

    def passed(self, logs):
        """Of the batches so far: ``Epoch 3/10 - 120/1000 batches - loss: 0.1234``."""
        epochs, steps = self.params.get("epochs"), self.params["steps"]
        parts = [f"Epoch {self.epoch + 1}/{epochs}"] if epochs else []
        parts.append(f"{self.batches}{f'/{steps}' if steps else ''} batches")
        return " - ".join([*parts, format_logs(logs)] if logs else parts)

    def tell(self, line):
        """Write a line; the last one of an epoch is written then."""
        self.pace.tell(line)
        self.line = None


def epoch_line(params, epoch, logs):
    """``Epoch 3/10 - loss: 0.1234 - accuracy: 0.9600``."""
    return " - ".join([f"Epoch {epoch + 1}/{params['epochs']}", format_logs(logs)])


def live(bar):
    """What shows a bar where a line is live, and lines elsewhere."""
    return lambda: bar() if is_live() else LogLines()


class EpochLines(Display):
    """verbose=2: a line for each epoch, or for what is evaluated or predicted."""

    def on_pass_begin(self):
        self.started, self.batches = time.perf_counter(), 0

    def on_epoch_begin(self, epoch, logs=None):
        self.on_pass_begin()

    def on_chunk_end(self, batches, logs):
        self.batches += batches

    def on_epoch_end(self, epoch, logs=None):
        show(f"Epoch {epoch + 1}/{self.params['epochs']}")
        self.on_pass_end(logs)

    def on_pass_end(self, logs):
        took = time.perf_counter() - self.started
        steps = self.params["steps"] or self.batches
        scores = f" - {format_logs(logs)}" if logs else ""
        show(f"{self.batches}/{steps} - {took:.0f}s{scores}")


DISPLAYS = {
    0: None,
    1: live(ProgressBar),
    2: EpochLines,
    3: live(KeptLines),
    "auto": live(ProgressBar),
}


def find_display(verbose):
    """What makes that which is shown for a value of ``verbose``."""
    if not isinstance(verbose, str | Real | np.bool_) or verbose not in DISPLAYS:
        raise mismatch(
            "verbose chooses what is shown.", ", ".join(map(repr, DISPLAYS)), repr(verbose)
        )
    return DISPLAYS[verbose]
