"""Data as Keras took it: lists and dicts by input and by output, of which each is one here, one
number a sample, and numbers of words with fractions."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from .generators import is_stream
from .missing import missing


def of_the_output(choice, what):
    """What a dict by outputs, or a list, gives for the only output.

    Raises
    ------
    MissingFeature
        If it is for several.
    """
    values = [*choice.values()] if isinstance(choice, dict) else choice
    if not isinstance(values, (list, tuple)):
        return choice
    if len(values) != 1:
        raise missing(f"{what} for {len(values)} outputs", (f"one {what}, of the only output",))
    return values[0]


def of_the_input(given, axes):
    """Arguments of a method, with arrays in the place of lists of one array.

    given : {name: value}.
    axes : how many x has, or None where nobody knows.
    """
    found = dict(given)
    if "x" in given:
        found["x"] = alone(given["x"], axes)
    if "y" in given:
        found["y"] = alone_beside(given["y"], found.get("x"))
    validation = given.get("validation_data")
    if isinstance(validation, (list, tuple)) and len(validation) > 1:
        x = alone(validation[0], axes)
        found["validation_data"] = (x, alone_beside(validation[1], x), *validation[2:])
    return found


def alone(x, axes):
    """The array of a list of one array, unless that is a single sample."""
    is_one = isinstance(x, list) and len(x) == 1 and isinstance(x[0], np.ndarray)
    return x[0] if is_one and axes in (None, x[0].ndim) else x


def alone_beside(y, x):
    """The same of targets, which are as many as the samples."""
    is_one = isinstance(y, list) and len(y) == 1 and np.ndim(y[0]) and isinstance(x, np.ndarray)
    return y[0] if is_one and len(y[0]) == len(x) else y


def prepared(given, layers):
    """Arguments of a method, with the samples of x and of validation_data as this package reads
    them: one number a sample is a feature, and an Embedding cuts fractions off.

    layers : of the model.
    """
    numbers = bool(layers) and layers[0].reads_numbers
    found = dict(given)
    if "x" in given:
        found["x"] = prepared_data(given["x"], numbers)
    validation = given.get("validation_data")
    if is_stream(validation):
        found["validation_data"] = prepared_data(validation, numbers)
    elif isinstance(validation, (list, tuple)) and validation:
        found["validation_data"] = (prepared_data(validation[0], numbers), *validation[1:])
    return found


def prepared_data(x, numbers):
    """Samples, or what gives batches of them."""
    if isinstance(x, Iterator):
        return map(partial(prepared_batch, numbers=numbers), x)
    if is_stream(x):
        kind = type(type(x).__name__, (PreparedBatches,), {})  # named in sentences as the script's
        return kind(x, numbers)
    return prepared_samples(x, numbers)


def prepared_batch(batch, numbers):
    """A batch: x, or a tuple of it and its targets."""
    if isinstance(batch, (list, tuple)) and len(batch):
        return (prepared_samples(batch[0], numbers), *batch[1:])
    return prepared_samples(batch, numbers)


def prepared_samples(x, numbers):
    """Samples; what is no array of numbers is left to be refused."""
    try:
        array = np.asanyarray(x)
    except ValueError:
        return x
    if array.dtype.kind not in "fiub" or array.ndim == 0:
        return x
    array = array[:, None] if array.ndim == 1 else array
    return np.trunc(array) if numbers and array.dtype.kind == "f" else array


class PreparedBatches:
    """The batches of a `Sequence`, prepared.

    Parameters
    ----------
    batches : Sequence
    numbers : bool
        Whether they are numbers of words.
    """

    def __init__(self, batches, numbers):
        self.batches, self.numbers = batches, numbers
        self.on_epoch_end = batches.on_epoch_end

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, k):
        return prepared_batch(self.batches[k], self.numbers)
