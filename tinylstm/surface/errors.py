"""How a refusal and a warning are said: sentences, what things are called in them, and the line.

What is refused is decided elsewhere: in `arguments` where it is asked of many arguments, in
`callables` of functions, in `data` of arrays, and beside the code that needs it where of one.
"""

import os
import pathlib
import re
import sys
import warnings
from contextlib import nullcontext, suppress

PACKAGE = str(pathlib.Path(__file__).parents[1]) + os.sep
LONGEST = 600  # letters of what came
OLD_NAMES = {  # of Keras 1 and 2
    "lr": "learning_rate",
    "output_dim": "units",
    "nb_epoch": "epochs",
    "samples_per_epoch": "steps_per_epoch",
    "nb_val_samples": "validation_steps",
}


def mismatch(sentence, expected, received, kind=ValueError):
    """An exception of one sentence, then what was expected and what came, a line each."""
    came = " ".join(f"{received}".split()) or repr(received)
    came = came if len(came) <= LONGEST else f"{came[:LONGEST]} ..."
    return kind(printable(f"{sentence}\nExpected: {expected}\nReceived: {came}"))


class NoSuchName(KeyError):
    """A name that a mapping has not, in a sentence: a `KeyError` would show that as Python spells
    it."""

    def __str__(self):
        return self.args[0]


def printable(text):
    """A text without what would command a terminal, or cannot be written: that as Python spells it.

    Names that come from a file may have any letters.
    """
    if text.replace("\n", "").isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or letter == "\n" else ascii(letter)[1:-1] for letter in text
    )


def near(names, name):
    """Those of the names that are most like one: at most one that is spelled so, or three in which
    it occurs."""
    import difflib  # takes time to import

    spelled = {other.lower(): other for other in names}
    found = difflib.get_close_matches(name.lower(), spelled, n=1, cutoff=0.6)
    if not found and len(name) >= 3:
        found = [other for other in spelled if name.lower() in other][:3]
    return [spelled[other] for other in found]


def snake_case(name):
    """Keras' name of a thing of a class: ``TimeDistributed`` is time_distributed, LSTM lstm."""
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()


def has_a_name(thing):
    """Whether it is a function, a class, or something of Keras or TensorFlow."""
    return callable(thing) or is_of_keras(thing)


def is_of_keras(thing):
    """Whether it comes from Keras or TensorFlow."""
    module = getattr(thing, "__module__", None) or type(thing).__module__
    return str(module).partition(".")[0] in ("keras", "tensorflow", "tf_keras")


def kind_of(thing):
    """What it is, in words that end in its name."""
    whose = "Keras' " if is_of_keras(thing) else ""
    if isinstance(thing, type):
        return f"{whose or 'the '}class {thing.__name__}"
    if hasattr(thing, "__name__"):
        return f"{whose or 'the '}function {thing.__name__}"
    return f"{whose or 'the '}object {type(thing).__name__}"


def warn(message, category=UserWarning):
    """A warning that names the line outside this package that led to it."""
    frame, depth = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame, depth = frame.f_back, depth + 1
    # Python itself raises ValueError where somebody has closed standard error.
    with above_bars(), suppress(ValueError):
        warnings.warn(message, category, stacklevel=depth)


def above_bars():
    """A block in which no progress bar stands in the line; those that there are come again."""
    if "tqdm" not in sys.modules:  # then there are none
        return nullcontext()
    from ..kernels import compiling  # which imports Numba; `environment` warns before that

    return compiling.above_bars()
