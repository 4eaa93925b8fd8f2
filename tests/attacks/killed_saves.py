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

from tinylstm import LSTM, Dense, Sequential
from tinylstm.callbacks import Callback, ModelCheckpoint

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


def by_save_weights(model, path, count):
    """Save for ever."""
    while True:
        model.theta[:] = numbers(count) + 1
        model.save_weights(path)
        count[:] = struct.pack("<Q", numbers(count) + 1)


def by_checkpoint(model, path, count):
    """Train for ever, with a checkpoint at each epoch."""
    callbacks = [Counting(count), ModelCheckpoint(path)]
    model.fit(X, Y, epochs=10**6, verbose=0, callbacks=callbacks)


WAYS = by_save_weights, by_checkpoint


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
            way = WAYS[k % len(WAYS)]
            kill_one(way, model, path, count, LONGEST * rng.random())
            yield from finds(f"try {k}, {way.__name__}", model, path, numbers(count))
            model.theta[:] = 0
            model.save_weights(path)
            count[:] = bytes(8)
            for left in set(os.listdir(folder)) - {"w"}:
                yield f"try {k}, {way.__name__}: {left} is left after the next save"
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
    except Exception as reason:
        yield f"{name}: after save {saved}: {type(reason).__name__}: {reason}"
        return
    found = set(model.theta.tolist())
    if found not in ({saved}, {saved + 1}):
        yield f"{name}: after save {saved} the file has {sorted(found)[:3]}"
