"""``fit_generator`` and its kind: Keras 1 counted their samples, Keras 2 counts their batches."""

import itertools
import math
from collections.abc import Iterator

from .dialect import spoken
from .spellings import EVALUATE_GENERATOR, FIT_GENERATOR

IN_SAMPLES = {  # Keras 1: Keras 2
    "samples_per_epoch": "steps_per_epoch",
    "nb_val_samples": "validation_steps",
    "val_samples": "steps",
}


class Sequence:
    """Keras' ``utils.Sequence``: a script's own class has ``__len__`` and ``__getitem__``."""

    use_sequence_api = True

    def on_epoch_end(self):
        """Called after each epoch."""

    def __iter__(self):
        """The batches of one epoch."""
        return (self[k] for k in range(len(self)))


def is_stream(x):
    """Whether x gives batches: an iterator, or a `Sequence`."""
    sequence = hasattr(x, "on_epoch_end") and hasattr(x, "__getitem__") and hasattr(x, "__len__")
    return isinstance(x, Iterator) or sequence


def translated_generator(method, args, kwargs, known):
    """Arguments of a method that takes a generator, by the names of this package.

    known : the names that are arguments here.
    """
    spelling = FIT_GENERATOR if method == "fit_generator" else EVALUATE_GENERATOR
    if spoken().number < (2,):
        old = {new: name for name, new in IN_SAMPLES.items()}
        positions = tuple(old.get(name, name) for name in spelling.positions)
        spelling = spelling._replace(positions=positions)
    given = spelling.translate(method, args, kwargs, {*known, *IN_SAMPLES})
    for samples, steps in IN_SAMPLES.items():
        if samples in given:
            source = "validation_data" if samples == "nb_val_samples" else "x"
            count = given.pop(samples)
            if isinstance(given.get(source), Iterator):
                given[source], given[steps] = in_batches(given[source], count)
    if not is_stream(given.get("validation_data")):
        given.pop("validation_steps", None)  # arrays are validated as a whole
    return given


def in_batches(batches, samples):
    """A generator again, and how many of its batches have that many samples."""
    first = next(batches)
    size = len(first[0] if isinstance(first, tuple) else first)
    return itertools.chain([first], batches), math.ceil(samples / size)
