"""kill -9 while a process trains, at random moments: started again, it ends where it would have.

A child trains with `BackupAndRestore` and other callbacks, as in `killed_trainings`, and is killed
up to four times, wherever it is: in a batch, while it saves, while it goes back. Its weights,
moments, numbers, history, table, best model and what its callbacks have noted are compared with
those of a child that had no backup and was left alone. Tries are kills.
"""

import os
import pickle
import random
import signal
import time
import traceback
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import tinylstm
from tests.callbacks.test_backup import EPOCHS, KINDS, model_of, noted, watchers
from tests.saving.models import differences
from tinylstm.callbacks import BackupAndRestore
from tinylstm.files import container

LONGER = 3  # times what a training takes that keeps no backup: until a child is killed
LIVES = 4  # that end by a kill, of a training


def attack(tries, seed):
    """Kill children that train, so many times."""
    warnings.simplefilter("ignore")
    tinylstm.set_num_threads(1)  # a fork has the one that forks alone
    rng, kills = random.Random(seed), 0
    try:
        for kind in KINDS:  # all is compiled and loaded
            with TemporaryDirectory() as folder:
                train(kind, Path(folder), "epoch")
        while kills < tries:
            kind, save_freq = rng.choice([*KINDS]), rng.choice(("epoch", 1, 2, 3))
            with TemporaryDirectory() as folder:
                died, found = killed(Path(folder), kind, save_freq, rng, min(LIVES, tries - kills))
            kills += died
            if found:
                yield f"{kind}, kept each {save_freq}, killed {died} times: {found}"
    finally:
        tinylstm.set_num_threads(None)


def killed(folder, kind, save_freq, rng, lives):
    """How often a training was killed, at most `lives` times, and what is another thing then."""
    left_alone, mine = folder / "whole", folder / "killed"
    left_alone.mkdir()
    mine.mkdir()
    start = time.perf_counter()
    if lived(kind, left_alone, None) != 0:
        return 0, "it cannot be trained"
    longest = LONGER * (time.perf_counter() - start)
    for died in range(lives + 1):
        status = lived(kind, mine, save_freq, rng.random() * longest if died < lives else None)
        if status == 0:
            return died, differs(left_alone, mine)
        if status != -signal.SIGKILL:
            return died + 1, f"a child ended with {status}"
    return died, "the last child was killed by somebody else"


def lived(kind, folder, save_freq, seconds=None):
    """How a child that trained has ended, killed after some seconds; below zero: by a signal."""
    child = os.fork()
    if child == 0:
        try:
            train(kind, folder, save_freq)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def train(kind, folder, save_freq):
    """Train, from where the last child was; what became of it is in a file at the end."""
    callbacks = watchers(folder)
    backup = BackupAndRestore(folder / "backup", save_freq or "epoch")
    model = model_of(8 if backup.path.exists() else 7, kind in ("stateful", "reset"))
    given = [*callbacks[:2], *([backup] if save_freq else []), *callbacks[2:]]
    history = KINDS[kind](model, folder, callbacks=given, epochs=EPOCHS, verbose=0)
    ended = model, history.history, history.epoch, noted(callbacks)
    (folder / "ended").write_bytes(pickle.dumps(ended))


def differs(one, other):
    """What is another thing in the folders of two trainings."""
    ends = [pickle.loads((folder / "ended").read_bytes()) for folder in (one, other)]
    (model, *told), (twin, *told_again) = ends
    found = differences(twin, model)
    for name, a, b in zip(("history", "epochs", "callbacks"), told, told_again, strict=True):
        found += [name] * (a != b)
    found += ["table"] * ((one / "log.csv").read_bytes() != (other / "log.csv").read_bytes())
    best = [container.read(folder / "best") for folder in (one, other)]
    found += ["best model"] * (shown(*best[0]) != shown(*best[1]))
    found += [name for name in os.listdir(other) if name not in [*os.listdir(one), "backup"]]
    found += os.listdir(other / "backup")
    return ", ".join(found)


def shown(tensors, about):
    """All that a file holds, to be compared."""
    return {name: array.tobytes() for name, array in tensors.items()}, about
