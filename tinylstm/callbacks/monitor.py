"""What the callbacks share that watch one number of the logs."""

from __future__ import annotations

import math
from typing import Literal

from ..surface.arguments import finite_number, known
from ..surface.errors import mismatch, warn
from ..surface.types import Logs
from .callback import Callback

MODES = ("auto", "min", "max")


class Monitor(Callback):
    """Watches a number: is it better than another one?

    Parameters
    ----------
    monitor : str
        Its name in the logs: "loss", "accuracy", "val_loss" ...
    mode : {"auto", "min", "max"}
        Whether it should fall or rise; "auto" knows it of losses and metrics.
    min_delta : float
        Less than that is no improvement. NaN never is one, and infinity is none.

    Raises
    ------
    ValueError
        If the mode is unknown; in `fit`, if it is "auto" and the number is no loss and no metric.

    Warns
    -----
    UserWarning
        Once in a training, if the logs lack the number; names what they have.

    Source: ``keras.callbacks.MonitorCallback``, where a NaN that comes first is the best for ever.
    """

    def __init__(
        self, monitor: str, mode: Literal["auto", "min", "max"], min_delta: float = 0
    ) -> None:
        if not isinstance(monitor, str):
            raise mismatch("monitor names a number of the logs.", "a str", repr(monitor), TypeError)
        self.monitor = monitor
        self.mode = known(MODES, mode, "mode")
        self.min_delta = abs(finite_number(min_delta, "min_delta"))
        self.best: float | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        self.warned = False
        self.rises = self.should_rise() if self.mode == "auto" else self.mode == "max"

    def should_rise(self) -> bool:
        """Whether the number gets better by rising, where the mode is "auto"."""
        return rises(self.monitor, self.model, type(self).__name__)

    def value(self, logs: Logs) -> float | None:
        """The number in the logs, or None."""
        value = logs.get(self.monitor)
        if value is None and not self.warned:
            self.warned = True
            warn(
                f"{type(self).__name__} watches {self.monitor!r}, which is not in the logs. "
                f"They have: {', '.join(logs)}. What begins with val_ needs validation_data or "
                "validation_split."
            )
        return value

    def is_better(self, value: float, reference: float | None) -> bool:
        """Whether a value improves on another one, or on nothing."""
        if not math.isfinite(value):
            return False
        if reference is None:
            return True
        if self.rises:
            return value - self.min_delta > reference
        return value + self.min_delta < reference


def rises(monitor, model, who):
    """Whether a loss or metric gets better by rising."""
    name = monitor.removeprefix("val_")
    known = dict(
        zip(model.metrics_names, [False, *(one.rises for one in model.chosen_metrics)], strict=True)
    )
    if known.get(name) is None and (name == "acc" or name.endswith("accuracy")):
        return True
    if known.get(name) is None:
        names = ", ".join(one for one in known if known[one] is not None)
        raise mismatch(
            f"{who} does not know whether {monitor!r} should rise or fall.",
            f"{names}, also with val_ before it; or mode='min' or mode='max'",
            f"monitor={monitor!r}, mode='auto'",
        )
    return known[name]
