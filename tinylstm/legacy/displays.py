"""What Keras 1 and 2 printed while they trained, evaluated and predicted.

Source: ``keras/utils/generic_utils.py`` (Progbar) and ``keras/callbacks.py`` (ProgbarLogger) at the
tags 1.2.2, 2.0.2, 2.0.9, 2.2.4, 2.3.1, and at v2.6.0 and v2.7.0 for what tf.keras printed.
"""

import time

from ..callbacks import Callback
from ..kernels.compiling import OUT, show
from ..surface.errors import mismatch
from .dialect import spoken

WIDTH = 30  # characters of a bar
INTERVAL = 0.05  # seconds between two looks of a bar


def numbers(logs):
    """Loss and metrics, then what was validated: `` - loss: 0.1234 - acc: 0.9600``."""
    shown = []
    for name in sorted(logs, key=lambda name: name.startswith("val_")):
        value = logs[name]
        if name == "lr" and not spoken().counts_steps:
            continue
        shown.append(f" - {name}: {value:.4f}" if abs(value) > 1e-3 else f" - {name}: {value:.4e}")
    return "".join(shown)


def bar(current, target):
    """``12/25 [=============>................]``, as many characters for each current."""
    if target is None:
        return f"{current:7d}/Unknown"
    digits, filled = len(str(target)), int(WIDTH * current / target)
    head = "=" if current == target else ">"
    line = "=" * (filled - 1) + head if filled else ""
    return f"{current:{digits}d}/{target} [{line}{'.' * (WIDTH - filled)}]"


def remaining(seconds):
    """What is left: ``12s``, ``1:02`` or ``1:00:02``; in Keras 1 always seconds."""
    if seconds > 3600 and spoken().number >= (2, 0, 9):
        return f"{seconds // 3600:.0f}:{seconds % 3600 // 60:02.0f}:{seconds % 60:02.0f}"
    if seconds > 60 and spoken().number >= (2, 0, 9):
        return f"{seconds // 60:.0f}:{seconds % 60:02.0f}"
    return f"{int(seconds)}s"


def per(seconds, unit):
    """Time a unit: ``5ms/step``."""
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/{unit}"
    return f"{seconds * 1e3:.0f}ms/{unit}" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us/{unit}"


class Bar:
    """A live bar over so many samples, or batches in tf.keras."""

    def __init__(self, target):
        self.target, self.started = target, time.perf_counter()
        self.width = self.shown = 0
        self.last = False

    def update(self, seen, logs, last=False):
        """Show that so many were seen, unless that is hardly news."""
        self.last = last = last or seen == self.target
        now = time.perf_counter()
        if now - self.shown < INTERVAL and not last:
            return
        self.shown, took = now, now - self.started
        if not last and self.target is None:
            text = f" - {took:.0f}s"
        elif not last:
            text = f" - ETA: {remaining(took / seen * (self.target - seen))}"
        elif spoken().number < (2, 0, 9):
            text = f" - {int(took)}s"
        else:
            text = f" - {took:.0f}s {per(took / seen, 'step')}"
        self.write(bar(seen, self.target) + text + numbers(logs))

    def write(self, line):
        """Write over the line before."""
        over = "\n" if spoken().number >= (2, 0, 9) and not OUT.isatty() else "\r"
        end = "\n" if self.last else ""
        OUT.write(over + line + " " * (self.width - len(line)) + end)
        OUT.flush()
        self.width = len(line)


class KerasDisplay(Callback):
    """What both values of verbose show: which epoch it is."""

    trains = False  # whether it shows a `fit`, and not an `evaluate` or a `predict`

    def on_train_begin(self, logs=None):
        self.trains = True
        validation = self.params.get("validation_samples")
        samples = self.params["samples"]
        if None not in (samples, validation) and not spoken().counts_steps:
            show(f"Train on {samples} samples, validate on {validation} samples")

    def on_epoch_begin(self, epoch, logs=None):
        show(f"Epoch {epoch + 1}/{self.params['epochs']}", flush=True)
        self.begin_pass()

    def on_test_begin(self, logs=None):
        if not self.trains:
            self.begin_pass()

    on_predict_begin = on_test_begin

    def on_test_end(self, logs=None):
        if not self.trains:
            self.end_pass(logs)

    on_predict_end = on_test_end

    def begin_pass(self):
        """Before an epoch, an `evaluate` or a `predict`."""
        self.started, self.batches = time.perf_counter(), 0

    def on_chunk_end(self, batches, logs=None):
        self.batches += batches

    def end_pass(self, logs):
        """Nothing follows a bar."""

    def seen(self, batches):
        """What so many batches count: themselves, or their samples where those are known."""
        if batches is None or spoken().counts_steps or self.params["samples"] is None:
            return batches
        return min(batches * self.params["batch_size"], self.params["samples"])


class Bars(KerasDisplay):
    """verbose=1: a bar for each epoch, or one over what is evaluated or predicted."""

    def begin_pass(self):
        super().begin_pass()
        self.bar = Bar(self.seen(self.params["steps"]))

    def on_chunk_end(self, batches, logs=None):
        super().on_chunk_end(batches, logs)
        seen = self.seen(self.batches)
        if not self.trains:
            self.bar.update(seen, logs if spoken().counts_steps else {})
        elif seen != self.bar.target:  # the last look is that of on_epoch_end
            self.bar.update(seen, logs)

    def on_epoch_end(self, epoch, logs=None):
        self.bar.update(self.seen(self.batches), logs, last=True)


class Lines(KerasDisplay):
    """verbose=2: a line after each epoch, and in tf.keras after each evaluation."""

    def on_epoch_end(self, epoch, logs=None):
        show(self.line(logs), flush=True)

    def end_pass(self, logs):
        if spoken().counts_steps:
            show(self.line(logs), flush=True)

    def line(self, logs):
        """`` - 0s - loss: 3.2659 - acc: 0.0400``."""
        took, steps = time.perf_counter() - self.started, self.batches
        if spoken().number < (2, 0, 9):
            return f"{int(took)}s{numbers(logs)}"
        if not spoken().counts_steps:
            return f" - {took:.0f}s{numbers(logs)}"
        times = f" - {per(took, 'epoch')} - {per(took / steps, 'step')}"
        times = times if spoken().number >= (2, 7) else ""
        return f"{steps}/{steps} - {took:.0f}s{numbers(logs)}{times}"


DISPLAYS = {0: None, 1: Bars, 2: Lines, "auto": Bars}


def shown(verbose, callbacks):
    """The callbacks of a call, and what it shows for a value of ``verbose``: from 2.1.4 on an
    epoch's numbers came before what callbacks print."""
    if verbose not in (*DISPLAYS,):
        choices = ", ".join(map(repr, DISPLAYS))
        raise mismatch("verbose chooses what is shown.", choices, repr(verbose))
    if DISPLAYS[verbose] is None:
        return callbacks
    display = DISPLAYS[verbose]()
    return [display, *callbacks] if spoken().number >= (2, 1, 4) else [*callbacks, display]
