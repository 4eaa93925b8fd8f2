"""Damaged files of trainings: `BackupAndRestore` refuses each in a sentence, or goes on from it.

What happens to files of whole models happens to those of trainings: see `damaged_models`. A model
whose file is refused is as it was.
"""

import random
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.attacks.damaged_files import HANGS, ROOM, SECONDS, most_memory
from tests.attacks.damaged_models import X, Y, mutant, of_refusal, of_text
from tests.attacks.odd_values import interrupted, little_memory
from tests.files.by_hand import CHECKSUM, has_its_checksum, sealed
from tests.snapshots import changed, snapshot
from tinylstm import LSTM, Dense, Sequential, set_random_seed
from tinylstm.callbacks import BackupAndRestore, EarlyStopping, LambdaCallback

FILE = "training.safetensors"
TEXTS = ("model", "compile", "position", "training", "rule")


class Killed(Exception):
    """What ends a training before its end."""


def model_of():
    """A compiled model, always the same, that carries a state."""
    set_random_seed(3)
    model = Sequential([LSTM(4, batch_input_shape=(2, 3, 2), stateful=True, dropout=0.2), Dense(2)])
    model.compile("adam", "mse")
    model.build((2, 3, 2))
    return model


def fit(model, folder, *callbacks):
    """A training of four epochs, kept after each batch."""
    kept = BackupAndRestore(folder, save_freq=1)
    options = {"epochs": 4, "verbose": 0, "shuffle": False}
    model.fit(X, Y, 2, callbacks=[EarlyStopping("loss", patience=9), kept, *callbacks], **options)


def kill(*_):
    raise Killed


def attack(tries, seed):
    """The attacks by hand, in random order, and mutants until there are so many tries."""
    with TemporaryDirectory() as name, little_memory(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(name)
        for killer in (LambdaCallback(on_epoch_end=kill), None):
            try:
                fit(model_of(), folder, *([killer] if killer else ()))
            except Killed:
                content = (folder / FILE).read_bytes()
        by_hand = [one for text in TEXTS for one in of_text(content, text)]
        random.Random(seed).shuffle(by_hand)
        for what, wrong in by_hand[: tries // 2]:
            yield from finds(folder, what, wrong, content)
        for k in range(tries - min(tries // 2, len(by_hand))):
            rng = random.Random(f"{seed} {k}")
            kind, wrong = mutant(content, rng, TEXTS)
            wrong = sealed(wrong) if rng.random() < 0.5 else wrong
            yield from finds(folder, f"mutant {k}, {kind}", wrong, content)


def finds(folder, name, content, sound):
    """What is wrong with what a training makes of a file: a sentence, or none."""
    (folder / FILE).write_bytes(content)
    model, refused = model_of(), None
    before, peak, started = snapshot(model), most_memory(), time.process_time()
    try:
        with interrupted(HANGS):
            fit(model, folder)
    except KeyboardInterrupt:
        yield f"{name}: hangs"
    except Exception as reason:
        refused = reason
        yield from of_refusal(name, reason, ValueError | TypeError | MemoryError)
        if changed(model, before):
            yield f"{name}: is refused, and has changed {changed(model, before)}"
    if refused and content == sound:
        yield f"{name}: refuses a sound file: {refused}"
    if not refused and CHECKSUM.search(content) and not has_its_checksum(content):
        yield f"{name}: is taken with a wrong checksum"
    if (took := time.process_time() - started) > SECONDS:
        yield f"{name}: takes {took:.1f} s"
    if (more := most_memory() - peak) > ROOM + 2 * len(content):
        yield f"{name}: takes {more:,} bytes of memory for {len(content):,} of a file"
