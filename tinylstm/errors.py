"""How a refused input is reported, how names are looked up, and how warnings find their line."""

import inspect
import os
import pathlib
import re
import sys
import warnings
from numbers import Real

PACKAGE = str(pathlib.Path(__file__).parent) + os.sep
LONGEST = 600  # letters of what came
LARGEST = 2**63 - 1  # whole numbers of compiled code
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
    return kind(f"{sentence}\nExpected: {expected}\nReceived: {came}")


def known(names, name, what, kind=ValueError):
    """The name, where it is among those that are known.

    Raises
    ------
    ValueError, or of the kind
        If it is not; names the nearest one that is.
    """
    if isinstance(name, str) and name in names:
        return name
    written = name if isinstance(name, str) else snake_case(kind_of(name).rpartition(" ")[2])
    found = [OLD_NAMES[written]] if OLD_NAMES.get(written) in names else near(names, written)
    hint = f" Did you mean {' or '.join(map(repr, found))}?" if found else ""
    said = kind_of(name) if has_a_name(name) else repr(name)
    by = f" One is chosen by its name.{hint}" if has_a_name(name) else hint
    raise mismatch(f"Unknown {what}: {said}.{by}", f"one of {', '.join(sorted(names))}", said, kind)


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


def find(table, name, what):
    """The entry of a table under a name; see `known`."""
    return table[known(table, name, what)]


def arguments_of(kind):
    """Names of the arguments that a class is made with: its own, and those that it passes on."""
    names = set()
    for base in kind.__mro__:
        if "__init__" not in vars(base):
            continue
        parameters = inspect.signature(base.__init__).parameters.values()
        passes_on = [one.name for one in parameters if one.kind is one.VAR_KEYWORD]
        names |= {one.name for one in parameters if one.kind is not one.VAR_POSITIONAL}
        names -= {"self", *passes_on}
        if not passes_on:
            break
    return names


def whole_number(value, what, least=1, most=LARGEST):
    """The value as an int.

    Raises
    ------
    ValueError
        If it is not a whole number, below the least that makes sense, or beyond the most.
    """
    number = isinstance(value, Real) and not isinstance(value, bool)
    if number and hasattr(value, "item"):
        value = value.item()  # NumPy's small floats know no large numbers
    if not number or not least <= value <= most or not float(value).is_integer():
        beyond = number and value > most
        expected = f"{least} or more" + (f", at most {most:,}" if beyond else "")
        raise mismatch(f"{what} must be a whole number.", expected, repr(value))
    return int(value)


def warn(message, category=UserWarning):
    """A warning that names the line outside this package that led to it."""
    frame, depth = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame, depth = frame.f_back, depth + 1
    warnings.warn(message, category, stacklevel=depth)
