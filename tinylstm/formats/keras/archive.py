"""Whole models of Keras 3, ``.keras``: a zip archive of two texts and a file of weights.

::

    metadata.json        which version of Keras wrote it
    config.json          the model, and what it is compiled with
    model.weights.h5     the weights, and what the optimiser remembers: see `places`

A file is a description, not a program: nothing of it is unpacked to the disk or run. Of what the
description says nothing is reserved before it is known that the file has the numbers for it.
"""

import json
import zipfile
from contextlib import nullcontext

from ...files.bounded_json import parse
from ...files.refusals import Damaged
from ...files.zipped import file_at, fill, member_of, opened, read_of
from ...layers import declared
from ...saving.arrays import check_room
from ...surface.errors import mismatch
from .. import hdf5, line_of_compiled, matching
from . import models, moments, old_training, training
from .building import build
from .entries import entries_of
from .old_configs import model_said, numbers_of
from .parts import as_before_keras3
from .places import group_name, layers_of
from .settings import or_uncompiled
from .showing import rows_of, said_in
from .weights import in_turn, optimizer_in, shown_of, whole_tree

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
VERSION = "3.0.0"  # of Keras, whose files these are; later ones read them
KERAS3 = (3,)
BEGINNING = 1980, 1, 1, 0, 0, 0  # of time, in a zip archive: files of one model are alike
COMPILED = "compile_config"


def save(model, path):
    """Write a model, with what its optimiser remembers, as Keras 3 does."""
    said = models.said_of_model(model)
    if model.loss is not None:
        said[COMPILED] = training.said_of_compiled(model)
    members = {
        METADATA: json.dumps({"keras_version": VERSION}).encode(),
        CONFIG: json.dumps(said).encode(),
        WEIGHTS: hdf5.content_of(whole_tree(model)),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, BEGINNING), content)


def load(kind, path, compile):
    """A new model of a kind, as the file has it."""
    said, tree, numbers = read(path)
    if numbers < KERAS3:
        said |= model_said(said, numbers)
    with nullcontext() if numbers >= KERAS3 else as_before_keras3():
        model = models.model_of(kind, said)
    if compile and said.get(COMPILED):
        with or_uncompiled():
            training.compile_as(
                model, said[COMPILED], lambda said, who: old_training.optimizer_in(said, numbers)
            )
    if model.batch_input_shape is None:
        return model
    check_room(model, {"rows": None})
    entries = entries_of(said)[1]
    build(model, arrays_of(model, entries, tree, path), path)
    if model.optimizer is not None:
        with or_uncompiled():
            moments.put(model, optimizer_in(tree), path)
    return model


def arrays_of(model, entries, tree, path):
    """The arrays of a file in the order of a model, layer after layer."""
    both = zip(entries, model.layers, strict=True)
    paths = [tuple(map(group_name, one.path)) for one, layer in both if has_arrays(layer)]
    sentence = f"The weights in {path} are not those of the model that it describes."
    return [array for *_, some in in_turn(paths, layers_of(tree), sentence) for array in some]


def has_arrays(layer):
    """Whether a layer has parameters."""
    return any(declared.tensors_of(part) for part in layer.parts())


def load_weights(model, path, by_name, skip_mismatch):
    """Put the weights of a file into a model: the file says the order of its layers."""
    said, tree, _ = read(path)
    layers = [one for one in said_in(tree, said) if one[2]]
    matching.load(model, layers, path, by_name, skip_mismatch)


def holds(path):
    """Whether a zip archive is one of Keras."""
    try:
        with file_at(path) as (file, size), opened(file, size) as archive:
            return CONFIG in archive.namelist()
    except Damaged:
        return False


def read(path):
    """What a file says of its model, the groups of its weights, and the version that wrote it.

    Raises
    ------
    ValueError
        If it is damaged, or no archive of Keras.
    """
    try:
        with file_at(path) as (file, size), opened(file, size) as archive:
            names = archive.namelist()
            if CONFIG not in names or WEIGHTS not in names:
                raise Damaged(f"it lacks {CONFIG} or {WEIGHTS}")
            texts = {k: text_of(archive, k, size) for k in (METADATA, CONFIG) if k in names}
            weights = content_of(archive, WEIGHTS)
    except Damaged as reason:
        raise mismatch(
            f"{path} is no complete file of a model of Keras 3: {reason}.",
            f"a zip archive with {CONFIG} and {WEIGHTS}",
            "another one",
        ) from None
    numbers = numbers_of(texts.get(METADATA, {}).get("keras_version", VERSION))
    return texts[CONFIG], hdf5.read(weights, str(path)), numbers


def content_of(archive, name):
    """The bytes of a member of an archive, which fits."""
    found = bytearray(archive.getinfo(name).file_size)
    with member_of(archive, name) as member:
        fill(member, memoryview(found))
        if read_of(member, 1):
            raise Damaged(f"{name} is longer than it says")
    return found


def text_of(archive, name, size):
    """What a text of an archive says, a dict."""
    try:
        said = parse(content_of(archive, name).decode(), size)
    except (UnicodeDecodeError, json.JSONDecodeError) as reason:
        raise Damaged(f"{name} is no JSON: {reason}") from None
    if not isinstance(said, dict):
        raise Damaged(f"{name} does not describe a model")
    return said


def shown(path):
    """What a file holds, a `Shown`."""
    said, tree, _ = read(path)
    compiled = said.get(COMPILED)
    lines = []
    if isinstance(compiled, dict):
        lines.append(line_of_compiled(compiled.get("loss"), compiled.get("optimizer")))
    return shown_of(tree, "a model of Keras 3", rows_of(tree, said), lines)
