"""Damaged files of trainings: `BackupAndRestore` refuses each in a sentence, or goes on from it.

What happens to files of whole models happens to those of trainings: see `damaged_models`. A model
whose file is refused is as it was.
"""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.attacks._judge import Row, finds, quiet
from tests.attacks.damaged_models import X, Y, mutant, of_text
from tests.attacks.odd_values import little_memory
from tests.files.by_hand import CHECKSUM, has_its_checksum, sealed
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
    with TemporaryDirectory() as name, little_memory(), quiet():
        path = Path(name) / FILE
        for killer in (LambdaCallback(on_epoch_end=kill), None):
            try:
                fit(model_of(), path.parent, *([killer] if killer else ()))
            except Killed:
                sound = path.read_bytes()
        by_hand = [one for text in TEXTS for one in of_text(sound, text)]
        random.Random(seed).shuffle(by_hand)
        for what, content in by_hand[: tries // 2]:
            yield from finds(ROW, path, what, content, content == sound)
        for k in range(tries - min(tries // 2, len(by_hand))):
            rng = random.Random(f"{seed} {k}")
            kind, content = mutant(sound, rng, TEXTS)
            content = sealed(content) if rng.random() < 0.5 else content
            yield from finds(ROW, path, f"mutant {k}, {kind}", content, content == sound)


def wrong(_, content):
    """What is wrong with a file from which a training went on."""
    if CHECKSUM.search(content) and not has_its_checksum(content):
        yield "with a wrong checksum"


ROW = Row(
    lambda path, model: fit(model, path.parent),
    wrong,
    ValueError | MemoryError,
    model=model_of,
    only_reads=False,
)
