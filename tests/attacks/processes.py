"""Signals at random moments, to a command with several processes and to first starts.

Of four tries three are a demo with several seeds, one is a start on an empty cache folder. INT,
TERM, HUP, KILL, or STOP and later CONT go to the process or to one that it has started. All must
end in time and leave no process; after a first start the next one gives the right number, and no
file of the first is left over. Looks into /proc; a first start takes half a minute and more.
"""

import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from tests.processes import in_session, left_of_session

LONGEST = 300  # seconds for anything, on a busy machine
STAYS = {".nbc", ".lock"}  # a kernel; a lock of who was killed, held by nobody, for an hour
SOON = 30  # seconds in which a signal that ends a process has ended all
DEMO = [sys.executable, "-m", "tinylstm", "demo", "stateful", "--seeds", "4", "--epochs", "20"]
TRAINING = """
import numpy as np
import tinylstm
from tinylstm import LSTM, Dense, Sequential
tinylstm.set_random_seed(7)
model = Sequential([LSTM(4, input_shape=(3, 1)), Dense(2)])
print(model.predict(np.ones((1, 3, 1)), verbose=0).round(5).tolist())
"""
START = [sys.executable, "-c", TRAINING]
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGSTOP]


def begin(command, cache=None):
    """A process in a session of its own."""
    own = {} if cache is None else {"TINYLSTM_CACHE_DIR": str(cache)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=os.environ | own, start_new_session=True, **pipes)


def disturb(process, what, draw, longest):
    """Send a signal at a random moment; returns who had it: "it", "one of its", or None."""
    time.sleep(draw.random() * longest)
    others = sorted(set(in_session(process.pid)) - {process.pid})
    to_other, which = draw.random() < 0.4, draw.random()
    number = others[int(which * len(others))] if to_other and others else process.pid
    if process.poll() is not None:
        return None
    try:
        os.kill(number, what)
        if what == signal.SIGSTOP:
            time.sleep(1 + draw.random() * 4)
            os.kill(number, signal.SIGCONT)
    except ProcessLookupError:
        return None
    return "it" if number == process.pid else "one of its"


def judged(process, what, whom):
    """Sentences on how the process ended; what it printed comes last."""
    ends = whom == "it" and what != signal.SIGSTOP
    began, finds = time.monotonic(), []
    try:
        out, err = process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        finds.append(f"does not end: {in_session(process.pid)}")
        out = err = ""
    if ends and time.monotonic() - began > SOON:
        finds.append(f"ends after {time.monotonic() - began:.0f} s")
    left = left_of_session(process.pid)
    if left:
        finds.append(f"leaves {left}")
    for number in in_session(process.pid):
        os.kill(number, signal.SIGKILL)
    process.wait()
    if not ends and process.returncode != 0 and (whom is None or what == signal.SIGSTOP):
        finds.append(f"ends with {process.returncode}: {err[-300:]}")
    return finds, out


def on_demo(draw, what):
    process = begin(DEMO)
    whom = disturb(process, what, draw, 8)
    return whom, judged(process, what, whom)[0]


def on_start(draw, what, right):
    """A start on an empty folder, and the next one on what that has left."""
    with tempfile.TemporaryDirectory() as folder:
        process = begin(START, folder)
        whom = disturb(process, what, draw, 20)
        finds, out = judged(process, what, whom)
        if out != right and (process.returncode == 0 or whom != "it"):  # it can do without helpers
            finds.append(f"ends with {process.returncode} and prints {out!r}")
        for path in pathlib.Path(folder).rglob("*.*"):
            os.utime(path, (10**9, 10**9))  # what is young might be in use
        following = begin(START, folder)
        then, out = judged(following, None, None)
        finds += [f"the next one {find}" for find in then]
        if out != right:
            finds.append(f"the next one prints {out!r}")
        left = pathlib.Path(folder).rglob("*.*")
        files = [path.name for path in left if path.is_file() and path.suffix not in STAYS]
        return whom, finds + ([f"files are left over: {files}"] if files else [])


def attack(tries, seed):
    """Yields a sentence for each find."""
    _, right = judged(begin(START), None, None)
    for number in range(tries):
        draw = random.Random(f"{seed} {number}")
        what = draw.choice(SIGNALS)
        first = number % 4 == 3
        whom, finds = on_start(draw, what, right) if first else on_demo(draw, what)
        for find in finds:
            case = "a first start" if first else "a demo"
            yield f"try {number}, {what.name} to {whom} of {case}: {find}"
