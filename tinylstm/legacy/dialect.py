"""Which Keras is spoken: what differs between its versions, and the choices of the command line.

Source of all version numbers: the tags of the Keras repository, read at each tag.
"""

import re
from contextlib import contextmanager
from typing import NamedTuple

from ..surface.errors import mismatch

GATES = {"sigmoid": "sigmoid", "hard_sigmoid": "hard_sigmoid_keras2"}
LATEST = {  # of a major or minor version alone; from 2.5 on what differs came with a minor
    **{"1": "1.2.2", "1.0": "1.0.8", "1.1": "1.1.2", "1.2": "1.2.2", "2": "2.15.0"},
    **{"2.0": "2.0.9", "2.1": "2.1.6", "2.2": "2.2.5", "2.3": "2.3.1", "2.4": "2.4.3"},
}
STATE_MODES = ("stateless", "batch_carried", "stateful")


class Dialect(NamedTuple):
    """A version of Keras, and what is forced on a script.

    Parameters
    ----------
    version : str, default="2.2.4"
    gates : str, optional
        Gate function of recurrent layers that name none; by default the version's own.
    state_mode : str, optional
        Of every recurrent layer; by default what the script says.
    """

    version: str = "2.2.4"
    gates: str | None = None
    state_mode: str | None = None

    @property
    def number(self):
        """The version as numbers that compare."""
        return tuple(int(part) for part in self.version.split("."))

    @property
    def gate_function(self):
        """0.2 x + 0.5 up to 2.2, the logistic function from 2.3 on."""
        own = "hard_sigmoid" if self.number < (2, 3) else "sigmoid"
        return GATES[self.gates or own]

    @property
    def resets_after(self):
        """Whether a GRU that says nothing resets behind the product with U: from tf.keras on."""
        return self.number >= (2, 4)

    @property
    def accuracy(self):
        """What a metric "accuracy" is called in logs and in metrics_names."""
        return "acc" if self.number < (2, 3) else "accuracy"

    @property
    def epochs(self):
        """Epochs of a `fit` that names none."""
        return 10 if self.number < (2, 1) else 1

    @property
    def epsilon(self):
        """Of optimisers that name none."""
        return 1e-8 if self.number < (2, 1, 3) else 1e-7

    @property
    def first_epoch(self):
        """The number of the first epoch in messages and in the names of checkpoints."""
        return int(self.number >= (2, 0, 9))

    @property
    def gate_by_gate(self):
        """Whether each gate's weights are drawn as a matrix of their own."""
        return self.number < (2,)

    @property
    def counts_steps(self):
        """Whether progress is counted in batches, as tf.keras does, and not in samples."""
        return self.number >= (2, 4)


_spoken = Dialect()


def spoken():
    """The dialect that is spoken now."""
    return _spoken


def speak(dialect):
    """Speak another dialect; returns the one before."""
    global _spoken
    before, _spoken = _spoken, dialect
    return before


@contextmanager
def speaking(dialect):
    """A block in which another dialect is spoken."""
    before = speak(dialect)
    try:
        yield
    finally:
        speak(before)


def checked_version(version):
    """A version number of Keras 1 or 2; of a major or minor one alone (1, 1.x, 2.2) the latest.

    Raises
    ------
    ValueError
        If it is not one.
    """
    number = version.removesuffix(".x")
    if not re.fullmatch(r"[12](\.\d+){0,2}", number):
        raise mismatch(
            "This is not a version of Keras 1 or 2.",
            "1.2.2 ... 2.15.0, or the latest of 1, 2.2 ...",
            repr(version),
        )
    return LATEST.get(number, number)
