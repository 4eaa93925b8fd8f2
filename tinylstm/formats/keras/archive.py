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

from ...data.gate import real_array
from ...files.bounded_json import parse
from ...files.refusals import Damaged, named
from ...files.zipped import file_at, fill, member_of, opened, read_of
from ...saving.arrays import check_room, parameters_needed
from ...surface.errors import mismatch
from .. import Shown, hdf5
from . import models, moments, old_training, training
from .old_configs import model_said, numbers_of
from .parts import as_before_keras3
from .places import layers_of
from .settings import class_and_config
from .weights import dtype_in, in_turn, optimizer_in, put, shapes_of, whole_tree

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
    need_no_models_inside(said)
    if numbers < KERAS3:
        said |= model_said(said, numbers)
    with nullcontext() if numbers >= KERAS3 else as_before_keras3():
        model = models.model_of(kind, said)
    if compile and said.get(COMPILED):
        training.compile_as(
            model, said[COMPILED], lambda said, who: old_training.optimizer_in(said, numbers)
        )
    if model.batch_input_shape is None:
        return model
    check_room(model, {"rows": None})
    model.given_weights = fitting(model, said, tree, path)
    model.build(model.batch_input_shape)
    if model.optimizer is not None:
        moments.put(model, optimizer_in(tree), path)
    return model


def need_no_models_inside(said):
    """Refuse a model that has another one in the place of a layer: its weights stand elsewhere."""
    layers = class_and_config(said, "The model")[1].get("layers")
    for one in layers if isinstance(layers, list) else ():
        kind, config = class_and_config(one, "A layer")
        if kind in ("Sequential", "Functional", "Model"):
            raise mismatch(
                "A layer of the model is a model itself, which is read from an .h5 file alone.",
                "the same model, saved as .h5, or of one list of layers",
                f"{kind} {named(config.get('name'))}",
            )


def fitting(model, said, tree, path):
    """{layer: its arrays} of a model that is not built, where the file has them.

    Raises
    ------
    ValueError
        If it has others than the model needs that it describes.
    """
    needed = {layer: own for layer, own in parameters_needed(model).items() if own}
    kinds = [class_and_config(one, "A layer")[0] for one in models.entries_of(said)[1]]
    kinds = [[kind] for kind, layer in zip(kinds, model.layers, strict=True) if layer in needed]
    sentence = f"The weights in {path} are not those of the model that it describes."
    found = in_turn(kinds, layers_of(tree), sentence)
    expected = [tuple(shape) for own in needed.values() for shape in own.values()]
    came = [array.shape for _, _, arrays in found for array in arrays]
    if expected != came or len(found) != len(needed):
        raise mismatch(sentence, named(expected), named(came))
    dtype = model.dtype
    return {
        layer: [real_array(one, dtype, f"A weight of layer {layer.name!r}") for one in arrays]
        for layer, (_, _, arrays) in zip(needed, found, strict=True)
    }


def load_weights(model, path, by_name, skip_mismatch):
    """Put the weights of a file into a model."""
    put(model, layers_of(read(path)[1]), path, by_name, skip_mismatch)


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
    return bytes(found)


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
    lines = []
    compiled = said.get(COMPILED) or {}
    if compiled:
        lines.append(
            f"loss {word_of(compiled.get('loss'))}, optimiser {word_of(compiled.get('optimizer'))}"
        )
    found = optimizer_in(tree)
    if found:
        lines.append(f"updates so far: {found[0].item()}")
    return Shown("a model of Keras 3", shapes_of(tree), lines, dtype_in(tree))


def word_of(said):
    """The name of a loss or an optimiser."""
    return said.get("class_name") if isinstance(said, dict) else said
