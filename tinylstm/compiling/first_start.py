"""What a start shows that has to compile: how many kernels there are, and how long it takes.

At a terminal that is a bar, which vanishes in the end; in a notebook, a pipe or a log, one line.
"""

import sys
import threading
import time
from contextlib import contextmanager, suppress

from ..kernels.compiling import ERR, announce_compilation
from ..shown.bar import progress_bar

RATE = 4_000  # bytes of bytecode, with what it calls, that two cores compile in a second
KNOWN = 8  # seconds that this guess counts for, against those that were measured
AT_ONCE = 2  # kernels that are being compiled at a time, the dearest first
NEARLY = 0.9  # of such a one may be done without anybody knowing
TURN = 0.5  # seconds between two looks at the clock
FORM = "{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}{postfix}"


class Forecast:
    """How long the rest takes, from the weights of the kernels and the time that some have taken.

    Parameters
    ----------
    weights : dict
        Of the kernels that are missing.
    clock : callable
        Seconds.
    """

    def __init__(self, weights, clock=time.monotonic):
        self.missing, self.clock = dict(weights), clock
        self.began = self.noted = clock()
        self.ready = self.progress = 0
        self.foreseen = RATE  # since something became ready last

    def note(self, ready):
        """These kernels are ready."""
        self.ready += sum(map(self.missing.pop, ready))
        self.progress = max(self.progress, self.ready)
        self.noted, self.foreseen = self.clock(), self.rate()

    def seconds(self):
        """How many are left. What is under way counts as far as it should have come."""
        weights = sorted(self.missing.values())
        come = self.foreseen * (self.clock() - self.noted)
        so_far = self.ready + min(come, NEARLY * sum(weights[-AT_ONCE:]))
        self.progress = max(self.progress, so_far)
        left = self.ready + sum(weights) - self.progress
        return max(round(left / self.rate()), 1)

    def rate(self):
        """Weight that is compiled in a second, as guessed at first and as it was since."""
        return (KNOWN * RATE + self.progress) / (KNOWN + self.clock() - self.began)


@contextmanager
def shown(weights):
    """A block in which kernels of these weights are compiled, with who is told which are ready."""
    if ERR.isatty() and not is_one_of_several():
        with bar(weights) as note:
            yield note
    else:
        forecast, count = Forecast(weights), len(weights)
        seconds = forecast.seconds()
        announce_compilation(
            f"tinylstm compiles {count} kernel{'s' * (count > 1)}, once; some {seconds} "
            f"second{'s' * (seconds > 1)} ..."
        )
        yield forecast.note


def is_one_of_several():
    """Whether other processes share the terminal, as those of a pool: bars would be mixed up."""
    processes = sys.modules.get("multiprocessing.process")
    return processes is not None and processes.parent_process() is not None


@contextmanager
def bar(weights):
    """The same as a bar; a thread counts the seconds down."""
    announce_compilation(None)  # the bar says so
    forecast, ended = Forecast(weights), threading.Event()
    options = {"leave": False, "mininterval": 0, "bar_format": FORM}
    with progress_bar(len(weights), "kernel", **options) as line:
        line.set_description_str("tinylstm compiles its kernels, once:", refresh=False)

        def show_seconds():
            line.set_postfix_str(f"some {forecast.seconds()} s left")

        def count_down():
            while not ended.wait(TURN):
                show_seconds()

        def note(ready):
            forecast.note(ready)
            line.update(len(ready))

        show_seconds()
        counting = threading.Thread(target=count_down, daemon=True)
        with suppress(RuntimeError):  # there can be no further thread
            counting.start()
        try:
            yield note
        finally:
            ended.set()
            if counting.is_alive():
                counting.join()
