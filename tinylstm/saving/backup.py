"""A training in a file: its model, and what callbacks and the epoch have come to."""

import numpy as np

from ..files import container
from ..files.weights import need_finite, tensors_of
from ..surface.arguments import LARGEST, as_list, choice, whole_number
from ..surface.errors import mismatch
from ..surface.plain import Instead, Meant, meant, plain
from ..whole import writes
from .arrays import ARRAY, check_arrays
from .description import need
from .model_file import content_of, need_whole, sense_in
from .position import checked, going_on, number


def back_up(model, path, training):
    """Write a model with a training: a dict of numbers, words, arrays, and lists and dicts."""
    arrays = {}
    fields = {name: model.optimizer.rule[name] for name in model.optimizer.rule.dtype.names}
    rule = {name: field.item() for name, field in fields.items() if field.size == 1}
    further = {"training": plain(without_arrays(training, arrays)), "rule": rule}
    need_finite(model)
    own, about = content_of(model)
    container.write(path, own | arrays, about | further)


def read(model, path, check):
    """The training in a file, and how a model comes to where the one of the file was.

    check : callable
        Refuses what callbacks have noted, where that cannot be.

    Returns
    -------
    dict
        What `checked_training` says, the rows of a state that is carried, None where none is; and
        as ``change`` the changes of the model, in which nothing has changed yet.

    Raises
    ------
    ValueError
        If the file is damaged, or of another model.
    """
    with container.opened(path) as file:
        need_whole(file, path)
        about = file.about
        if "training" not in about or model.optimizer is None:
            expected = "a file of BackupAndRestore, or a folder without one"
            raise mismatch(f"There is no training in {path}.", expected, "a model alone")
        with sense_in(path):
            if not model.built:  # data that comes in stages would build it, too late
                model.build(about["model"]["config"]["batch_input_shape"])
        with sense_in(path):
            numbers = checked(about["position"], model)
            numbers["counts"] |= checked_rule(about["rule"], model.optimizer.rule)
            what = f"The training in {path} is that of another model: another folder is needed."
            check_arrays(model, file.entries, numbers, what)
        arrays = file.tensors()
    with sense_in(path):
        training = checked_training(with_arrays(meant(about["training"]), arrays))
        check(training["noted"])
        rows = None if numbers["free"] else numbers["rows"]
        return training | {"rows": rows, "change": change(model, arrays, numbers)}


def checked_rule(found, rule):
    """The numbers of an optimiser as a file has them, whole or not as they are in the rule."""
    for name, value in found.items():
        number(value, name)
        if rule.dtype[name].kind == "i":
            whole_number(value, name, least=-LARGEST)
    return found


def checked_training(training):
    """How far a training has come, as a file says it, where that can be.

    Raises
    ------
    KeyError, TypeError, ValueError
        If something is missing, or cannot be.
    """
    count = whole_number(training["count"], "The count of batches")
    return {
        "epoch": whole_number(training["epoch"], "The epoch", least=0, most=LARGEST // count),
        "batch": whole_number(training["batch"], "The batch", least=0, most=count - 1),
        "count": count,
        "sums": [number(one, "A sum of an epoch") for one in as_list(training["sums"], "sums")],
        "stopped": choice(training["stopped"], "stopped"),
        "noted": [noted_by(entry) for entry in as_list(training["noted"], "noted")],
    }


def noted_by(entry):
    """The class of a callback, and what it has noted."""
    name, noted = entry
    return need(name, str, "A callback"), need(noted, dict, f"What {name} has noted")


def change(model, arrays, numbers):
    """The changes of a model to one that goes on from arrays and numbers."""
    flat = [arrays[name].reshape(-1) for name in tensors_of(model)]
    return [
        writes(model.theta, np.concatenate([*flat, model.theta[:0]])),
        *going_on(model, arrays, numbers),
    ]


def without_arrays(value, arrays):
    """The value with names in the place of its arrays, which are put among others."""
    if isinstance(value, np.ndarray):
        name = f"{ARRAY}{len(arrays)}"
        arrays[name] = value
        return Instead(tensor=name)
    if isinstance(value, list):
        return [without_arrays(one, arrays) for one in value]
    if isinstance(value, tuple):
        return tuple(without_arrays(one, arrays) for one in value)
    if isinstance(value, dict):
        return {name: without_arrays(one, arrays) for name, one in value.items()}
    return value


def with_arrays(value, arrays):
    """The value again."""
    if isinstance(value, list | tuple):
        return type(value)(with_arrays(one, arrays) for one in value)
    if not isinstance(value, dict):
        return value
    if value.keys() == {"tensor"} and not isinstance(value, Meant):
        return arrays[value["tensor"]]
    return {name: with_arrays(one, arrays) for name, one in value.items()}
