"""What to say of data that do not fit: each sentence ends in the way out."""

import numpy as np

from ..surface.errors import has_a_name, kind_of, mismatch

NUMBERED = (
    "numbers alone: numpy.unique(column, return_inverse=True)[1] numbers a column of words, "
    "letters or classes, for an Embedding or to_categorical"
)
PADDED = "parts of one length: pad_sequences(x) fills sequences up"


def not_real(array, data, what):
    """What to raise of an array that holds no real numbers."""
    if array.ndim == 0 and array.item() is None:
        return mismatch(f"{what} is missing.", "an array", "None", TypeError)
    parts = array.reshape(-1).tolist() if array.dtype.kind == "O" and array.ndim else []
    if any(isinstance(part, list | tuple | np.ndarray) for part in parts):
        return ragged(what)
    sentence = f"{what} must hold real numbers."
    if isinstance(data, dict):
        return mismatch(sentence, "an array: a model has one input", "a dict", TypeError)
    if None in parts:
        return mismatch(sentence, "a number in every place", "None in some of them", TypeError)
    came = kind_of(data) if has_a_name(data) else array.dtype
    return mismatch(sentence, way_to_numbers(array, data, what), came, TypeError)


def way_to_numbers(array, data, what):
    """What makes real numbers of an array of other things, in words."""
    name = what if what.isidentifier() else "array"
    expected = "dtype float, int or bool"
    if array.ndim == 0:
        return expected
    if array.dtype.kind == "c":
        return f"{expected}: numpy.abs({name}), or the features {name}.real and {name}.imag"
    if array.dtype.kind in "mM":
        return f"{expected}: ({name} - {name}.min()) / numpy.timedelta64(1, 's') for seconds"
    if not is_castable(array):
        return NUMBERED
    made = f"{name}.astype({{}})" if hasattr(data, "astype") else f"numpy.array({name}, {{}})"
    return f"{expected}: {made.format(repr('float32'))}"


def is_castable(array):
    """Whether each of its elements can be read as a real number."""
    try:
        with np.errstate(over="ignore"):
            array.astype(np.float64)
    except (TypeError, ValueError):
        return False
    return True


def ragged(what):
    """What to raise of parts of different lengths."""
    return mismatch(f"{what} is not an array.", PADDED, "parts of different lengths")


def wrong_axes(x, shape, reads_numbers):
    """What to raise of samples with more or fewer axes than those of a shape of one sample."""
    axes = axes_of(shape, reads_numbers)
    ways = [way for way in ways_out(x.shape, shape) if not reads_numbers]
    expected = f"{axes}: {', or '.join(ways)}" if ways else axes
    return mismatch("x has the wrong number of axes.", expected, f"shape {x.shape}")


def wrong_features(x, shape, reads_numbers):
    """What to raise of samples with as many axes as are wanted, and another number of features."""
    steps, features = shape if len(shape) == 2 else (None, shape[-1])
    axes = axes_of(shape, reads_numbers)
    last = "a whole number for each step" if reads_numbers else "features are the last axis"
    expected = f"{axes.replace('features', str(features))}: {last}"
    if x.ndim == 3 and x.shape[1] == features and steps in (None, x.shape[2]):
        expected += "; x.swapaxes(1, 2) where they stand before the steps"
    return mismatch("x has the wrong number of features.", expected, f"shape {x.shape}")


def axes_of(shape, reads_numbers):
    """The axes of samples, whose shape is that of one, in words."""
    if reads_numbers:
        return "(samples, steps)"
    return "(samples, steps, features)" if len(shape) == 2 else "(samples, features)"


def ways_out(given, shape):
    """What makes samples of a shape of what was given, in words."""
    steps, features = shape if len(shape) == 2 else (None, shape[-1])
    if len(given) == len(shape) + 2 and given[0] == 1:
        return ["x[0] of a list of one array"]
    if len(shape) == 1:
        return ["x[:, -1] for the last step, Flatten() as the first layer for all"] * (
            len(given) == 3
        ) + ["x[None] for one sample"] * (given == shape)
    ways = []
    if len(given) == 2 and features == 1 and steps in (None, given[1]):
        ways.append("x[:, :, None] where each step is one number")
    if len(given) == 2 and features == given[1]:
        ways.append("x[:, None] where each sample is one step")
        ways.append("x[None] where all of it is one sample")
    return ways


def wrong_target(y, shape, per_step):
    """What to raise of targets of another shape than the model's output has.

    per_step : whether the output has steps.
    """
    received = f"shape {y.shape}"
    if per_step and y.shape in (shape[:1], (shape[0], shape[-1])):
        return mismatch(
            "The model's output has a place for each step, and y one for each sample.",
            f"no return_sequences in the last recurrent layer, or y of shape {shape}",
            received,
        )
    if not per_step and y.ndim == 3 and len(y) == shape[0] and y.shape[-1] == shape[-1]:
        return mismatch(
            "The model's output has a place for each sample, and y one for each step.",
            f"return_sequences=True in the last recurrent layer, or y of shape {shape}",
            received,
        )
    return mismatch("y does not fit the model's output.", f"shape {shape}", received)
