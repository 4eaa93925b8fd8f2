"""kill -9 while a process saves, at random moments: no file is lost, and none cannot be read.

A child saves again and again, in one of several ways, and counts in shared memory what it has
saved. It is killed; the file must then be the last one that was counted, or the one after it. The
next save leaves nothing beside its file.
"""

import mmap
import os
import random
import signal
import struct
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tinylstm import LSTM, Dense, Sequential, load_model
from tinylstm.callbacks import Callback, ModelCheckpoint
from tinylstm.files import container
from tinylstm.files.weights import WHOLE

LONGEST = 0.04  # seconds until the child is killed, some ten saves on a fast disk
X, Y = np.ones((4, 3, 2), np.float32), np.ones((4, 1), np.float32)


def model_of():
    """A model of 200 KB."""
    model = Sequential([LSTM(110, input_shape=(3, 2)), Dense(1)])
    model.compile("sgd", "mse")
    model.build((None, 3, 2))
    return model


class Counting(Callback):
    """Gives all weights the number of the save that follows, and counts it when the next begins."""

    def __init__(self, count):
        self.count = count

    def on_epoch_end(self, epoch, logs=None):
        self.model.theta[:] = numbers(self.count) + 1

    def on_epoch_begin(self, epoch, logs=None):
        if epoch:
            self.count[:] = struct.pack("<Q", numbers(self.count) + 1)


def numbers(count):
    """The number in shared memory."""
    return struct.unpack("<Q", count[:])[0]


def by_calls(method, *arguments):
    """A way to save: a method, again and again."""

    def way(model, path, count):
        while True:
            model.theta[:] = numbers(count) + 1
            getattr(model, method)(path, *arguments)
            count[:] = struct.pack("<Q", numbers(count) + 1)

    return way


def by_checkpoint(weights_alone):
    """A way to save: a checkpoint at each epoch of a training without an end."""

    def way(model, path, count):
        checkpoint = ModelCheckpoint(path, save_weights_only=weights_alone)
        model.fit(X, Y, epochs=10**6, verbose=0, callbacks=[Counting(count), checkpoint])

    return way


WAYS = {
    "save_weights": by_calls("save_weights"),
    "save": by_calls("save"),
    "a checkpoint of weights": by_checkpoint(True),
    "a checkpoint": by_checkpoint(False),
    "a backup": by_calls("back_up", {"epoch": 1, "noted": [["Own", {"best": np.ones(9)}]]}),
}


def attack(tries, seed):
    """Kill so many children."""
    rng = random.Random(seed)
    model = model_of()
    model.fit(X, Y, verbose=0)  # all is compiled and loaded
    with TemporaryDirectory() as folder, mmap.mmap(-1, 8) as count:
        path = Path(folder) / "w"
        model.theta[:] = 0
        model.save_weights(path)
        for k in range(tries):
            name = list(WAYS)[k % len(WAYS)]
            kill_one(WAYS[name], model, path, count, LONGEST * rng.random())
            yield from finds(f"try {k}, {name}", model, path, numbers(count))
            model.theta[:] = 0
            model.save_weights(path)
            count[:] = bytes(8)
            for left in set(os.listdir(folder)) - {"w"}:
                yield f"try {k}, {name}: {left} is left after the next save"
                os.unlink(Path(folder) / left)


def kill_one(way, model, path, count, seconds):
    """Let a child save for so long, and kill it."""
    child = os.fork()
    if child == 0:
        try:
            way(model, path, count)
        finally:
            os._exit(1)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def finds(name, model, path, saved):
    """What is wrong with the file that a killed child has left: a sentence, or none."""
    try:
        model.load_weights(path)
        found = set(model.theta.tolist())
        if container.read(path)[1]["kind"] == WHOLE:
            found |= set(load_model(path).theta.tolist())
    except Exception as reason:
        yield f"{name}: after save {saved}: {type(reason).__name__}: {reason}"
        return
    if found not in ({saved}, {saved + 1}):
        yield f"{name}: after save {saved} the file has {sorted(found)[:3]}"
