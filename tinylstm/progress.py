"""What `fit`, `evaluate` and `predict` show while they run."""

import sys
import time

from tqdm import tqdm

from .callbacks import Callback, format_logs


class ProgressBar(Callback):
    """verbose=1: one bar for the whole call, with the epoch, its loss and metrics."""

    def on_train_begin(self, logs=None):
        total = self.params["steps"] * (self.params["epochs"] - self.params["initial_epoch"])
        self.bar = tqdm(total=total, unit="batch", file=sys.stderr, dynamic_ncols=True)

    def on_epoch_begin(self, epoch, logs=None):
        self.bar.set_description_str(f"Epoch {epoch + 1}/{self.params['epochs']}", refresh=False)

    def on_chunk_end(self, batches, logs):
        """After each compiled call of so many batches."""
        self.bar.set_postfix_str(format_logs(logs), refresh=False)
        self.bar.update(batches)

    def on_epoch_end(self, epoch, logs=None):
        self.bar.set_postfix_str(format_logs(logs), refresh=False)

    def on_train_end(self, logs=None):
        self.bar.close()


class EpochLines(Callback):
    """verbose=2: a line for each epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_chunk_end(self, batches, logs):
        """Nothing is shown between epochs."""

    def on_epoch_end(self, epoch, logs=None):
        took = time.perf_counter() - self.started
        steps = self.params["steps"]
        print(f"Epoch {epoch + 1}/{self.params['epochs']}")
        print(f"{steps}/{steps} - {took:.0f}s - {format_logs(logs)}")


DISPLAYS = {0: None, 1: ProgressBar, 2: EpochLines, "auto": ProgressBar}
