"""Lists and dicts by input and by output, which Keras took of any model: here each is one."""

import numpy as np

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
