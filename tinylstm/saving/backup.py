"""A training in a file: its model, and what callbacks and the epoch have come to."""

from functools import partial

import numpy as np

from ..files import container
from ..files.weights import tensors_of
from ..surface.errors import mismatch
from ..surface.plain import Instead, meant, plain
from ..whole import sets, writes
from .model_file import ARRAY, need_whole, save, sense_in
from .position import MOMENTS, STATE, checked


def back_up(model, path, training):
    """Write a model with a training: a dict of numbers, words, arrays, and lists and dicts."""
    arrays = {}
    fields = {name: model.optimizer.rule[name] for name in model.optimizer.rule.dtype.names}
    rule = {name: field.item() for name, field in fields.items() if field.size == 1}
    further = {"training": packed(training, arrays), "rule": rule}
    save(model, path, further=further, arrays=arrays)


def go_back_to(model, path):
    """Put a model where the one of a file was; returns the training there.

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
        shapes = {name: array.shape for name, array in tensors_of(model).items()}
        shapes[MOMENTS] = model.optimizer.moments.shape
        there = {name: file.entries[name].shape for name in shapes if name in file.entries}
        letter = f"F{8 * model.dtype.itemsize}"
        if shapes != there or any(file.entries[name].dtype != letter for name in shapes):
            raise mismatch(
                f"The training in {path} is that of another model.",
                "the same model as before, or another folder",
                ", ".join(about.get("layers", ())),
            )
        with sense_in(path):
            numbers = checked(about["position"], model)
        arrays = file.tensors()
    with sense_in(path):
        training = unpacked(meant(about["training"]), arrays)
        put_back(model, arrays, numbers, about["rule"])
    return training


def put_back(model, arrays, numbers, rule):
    """Have a model of the same layers go on from arrays and numbers."""
    network, optimizer = model.network, model.optimizer
    model.seed = numbers["seed"]
    flat = [arrays[name].reshape(-1) for name in tensors_of(model)]
    model.write(
        writes(model.theta, np.concatenate([*flat, model.theta[:0]])),
        writes(optimizer.moments, arrays[MOMENTS]),
        *(partial(optimizer.rule.__setitem__, name, value) for name, value in rule.items()),
        sets(model, epochs_seen=numbers["orders"]),
        network.forgetting(),
    )
    values = arrays.get(STATE, np.zeros(0)).astype(model.dtype)
    model.state.hold(values, numbers["rows"], numbers["free"])


def packed(value, arrays):
    """A value as JSON knows it, whose arrays are put among others."""
    if isinstance(value, np.ndarray):
        name = f"{ARRAY}{len(arrays)}"
        arrays[name] = value
        return {"tensor": name}
    if isinstance(value, list | tuple):
        items = [packed(one, arrays) for one in value]
        return items if isinstance(value, list) else Instead(tuple=items)
    if isinstance(value, dict):
        return {name: packed(one, arrays) for name, one in value.items()}
    return plain(value)


def unpacked(value, arrays):
    """The value again."""
    if isinstance(value, list | tuple):
        return type(value)(unpacked(one, arrays) for one in value)
    if not isinstance(value, dict):
        return value
    if value.keys() == {"tensor"}:
        return arrays[value["tensor"]]
    return {name: unpacked(one, arrays) for name, one in value.items()}
