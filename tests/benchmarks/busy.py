"""One, two and four threads beside busy processes: several must not be slower than one.

Each kind of sharing is there, training and prediction. Of each number of threads calls are made for
a while, in turn, so that what else the machine does hits all of them.
"""

import subprocess
import sys
from contextlib import contextmanager
from statistics import median
from time import perf_counter

import click
import numpy as np

import tinylstm
from tinylstm import LSTM, Dense, Sequential

BUSY = 0, 2, 6  # processes
THREADS = 1, 2, 4
LIMIT = 1.3  # times the better of one and two threads
# It ends with its parent, whatever becomes of that.
ENDLESS = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    sum(range(10**5))"


@contextmanager
def busy_processes(count):
    """So many processes that do nothing but use a core, until the block ends."""
    running = [subprocess.Popen([sys.executable, "-S", "-c", ENDLESS]) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
        for process in running:
            process.wait()


def calls(units, features, rows, steps, batches=1, each_step=False):
    """A prediction and a training of one model, {name: function}."""
    rng = np.random.default_rng(1)
    model = Sequential([LSTM(units, return_sequences=each_step), Dense(16)])
    model.compile("adam", "mse")
    x = rng.normal(size=(rows * batches, steps, features)).astype(np.float32)
    y = rng.normal(size=(rows * batches, *([steps] if each_step else []), 16)).astype(np.float32)
    return {
        "prediction": lambda: model.predict(x, rows, verbose=0),
        "training": lambda: model.fit(x, y, rows, verbose=0),
    }


def closed_loop():
    """Steps of a generation, whose helpers meet it at each step anew."""
    model = Sequential([LSTM(512, input_shape=(None, 16)), Dense(16)])
    return {"prediction": lambda: model.generate(np.ones((1, 16)), 100)}


JOBS = {
    "one row: 1 x 500 steps, LSTM(256)": lambda: calls(256, 64, 1, 500),
    "one row: closed loop, 100 steps, LSTM(512)": closed_loop,
    "together: 32 x 20 steps, LSTM(512)": lambda: calls(512, 64, 32, 20),
    "rows: 32 x 100 steps, LSTM(128)": lambda: calls(128, 64, 32, 100, each_step=True),
    "rows: 20 batches of 32 x 20 steps, LSTM(64)": lambda: calls(64, 32, 32, 20, batches=20),
}


def milliseconds(call, seconds):
    """Of a call, where calls are made for so many seconds."""
    start, count = perf_counter(), 0
    while (took := perf_counter() - start) < seconds or count == 0:
        call()
        count += 1
    return took / count * 1e3


def measure(call, rounds, seconds):
    """{threads: milliseconds of each round}, in turn."""
    took = {number: [] for number in THREADS}
    for k in range(rounds + 1):
        for number in THREADS:
            tinylstm.set_num_threads(number)
            value = milliseconds(call, seconds if k else 0)
            if k > 0:  # the first round compiles
                took[number].append(value)
    tinylstm.set_num_threads(None)
    return took


def measured(rounds, seconds, busy=BUSY, jobs=JOBS):
    """(processes, job, what `measure` finds) of all."""
    made = {f"{name}, {kind}": call for name in jobs for kind, call in JOBS[name]().items()}
    for count in busy:
        with busy_processes(count):
            for name, call in made.items():
                yield count, name, measure(call, rounds, seconds)


def ratio(took):
    """The slower of several threads over the better of one and two, medians."""
    one, two, four = (median(values) for values in took.values())
    return max(two, four) / min(one, two)


@click.command("busy")
@click.option("--rounds", default=5, show_default=True, help="Measurements of each, in turn.")
@click.option("--seconds", default=0.4, show_default=True, help="About how long each lasts.")
@click.option("--busy", "-b", multiple=True, type=int, help="Only beside so many processes.")
@click.option("--job", "-j", default="", help="Only jobs whose name has this in it.")
def command(rounds, seconds, busy, job):
    """Milliseconds a call beside busy processes, for 1, 2 and 4 threads."""
    head = "".join(f"{f'{number} threads':>18}" for number in THREADS)
    click.echo(f"{'milliseconds: median (least)':65}{head}   several / better of 1 and 2")
    jobs = [name for name in JOBS if job in name]
    for count, name, took in measured(rounds, seconds, busy or BUSY, jobs):
        cells = "".join(f"{median(v):9.1f} ({min(v):6.1f})" for v in took.values())
        over = "  over" * (ratio(took) > LIMIT)
        click.echo(f"{count} busy, {name:57}{cells}   {ratio(took):6.2f}{over}")
