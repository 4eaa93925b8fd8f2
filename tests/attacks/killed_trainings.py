"""Trainings that end at any batch, and go on from a backup: nothing differs from one that did not.

Arrays, memmaps, generators, sequences, a carried state; shuffled, masked, with dropout, validation
and callbacks; kept after each epoch or each so many batches; one thread and two. Weights, moments,
counters, state, history, what callbacks have noted, and the table of a CSVLogger are compared.
"""

import random
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import tinylstm
from tests.callbacks.test_backup import EPOCHS, KINDS, Kill, Killed, model_of, noted, watchers
from tests.saving.models import differences
from tinylstm.callbacks import BackupAndRestore

BATCHES = 4 * EPOCHS  # of a training that is not stopped


def attack(tries, seed):
    """So many trainings, each ended once, or twice."""
    warnings.simplefilter("ignore")
    try:
        for k in range(tries):
            rng = random.Random(f"{seed} {k}")
            tinylstm.set_num_threads(rng.choice((1, 2)))
            kind, save_freq = rng.choice([*KINDS]), rng.choice(("epoch", 1, 2, 3, 5, 7))
            ends = [rng.randrange(BATCHES) for _ in range(rng.choice((1, 1, 2)))]
            with TemporaryDirectory() as folder:
                found = differs(Path(folder), kind, save_freq, ends)
            if found:
                yield f"{k}: {kind}, kept each {save_freq}, ended after {ends}: {found}"
    finally:
        tinylstm.set_num_threads(None)


def differs(folder, kind, save_freq, ends):
    """What is another thing after a training that was ended than after one that was not."""
    folders = [folder / name for name in ("whole", "killed")]
    for one in folders:
        one.mkdir()
    stateful = kind in ("stateful", "reset")
    whole, told = model_of(7, stateful), watchers(folders[0])
    options = {"epochs": EPOCHS, "verbose": 0}
    expected = KINDS[kind](whole, folders[0], callbacks=told, **options)
    for after in [*ends, None]:
        callbacks, kill = watchers(folders[1]), [] if after is None else [Kill(after)]
        backup = BackupAndRestore(folders[1] / "backup", save_freq)
        model = model_of(8 if backup.path.exists() else 7, stateful)  # the file has the seed
        try:
            given = [*kill, *callbacks[:2], backup, *callbacks[2:]]
            history = KINDS[kind](model, folders[1], callbacks=given, **options)
            break
        except Killed:
            continue
    texts = [(one / "log.csv").read_text() for one in folders]
    found = differences(model, whole)
    found += ["history"] * ((history.history, history.epoch) != (expected.history, expected.epoch))
    found += ["callbacks"] * (noted(callbacks) != noted(told)) + ["table"] * (texts[0] != texts[1])
    return ", ".join(found)
