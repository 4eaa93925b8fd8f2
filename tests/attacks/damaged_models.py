"""Damaged files of whole models: each is refused in a sentence, or is the model that it says.

Beside what happens to files of weights, what is said of the model is edited as JSON, with a
checksum that is right: units, names of classes, settings, counts. Nothing is imported or run,
nothing written, nothing reserved for arrays that the file has not; and a model that was made can be
used, or refuses that in a sentence.
"""

import copy
import json
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from safetensors.numpy import load

import tinylstm
from tests.attacks._judge import Row, finds, of_refusal, quiet
from tests.attacks._mutations import HUGE, NO_LAYERS, edit, leaves
from tests.attacks.damaged_files import MUTATIONS
from tests.attacks.odd_values import little_memory
from tests.files.by_hand import CHECKSUM, edited, has_its_checksum, parts, sealed
from tinylstm import LSTM, Bidirectional, Dense, Dropout, RepeatVector, Sequential

X, Y = np.ones((4, 3, 2), np.float32), np.ones((4, 2), np.float32)
TEXTS = ("model", "compile", "position")
RUN = "__import__('os').mkdir('run')"
MODULES = ("os", "subprocess", "builtins", "antigravity", "keras", "tinylstm.files", "__main__", 7)


def model_of(kind):
    """A compiled model that has been trained, of one of three kinds."""
    layers = {
        "one": [LSTM(4, input_shape=(3, 2)), Dense(2)],
        "more": [
            Bidirectional(LSTM(3, return_sequences=True, dropout=0.1), input_shape=(3, 2)),
            *(Dropout(0.5), LSTM(2), RepeatVector(2), LSTM(2), Dense(2, activation="tanh")),
        ],
        "stateful": [LSTM(4, batch_input_shape=(2, 3, 2), stateful=True), Dense(2)],
    }
    tinylstm.set_random_seed(3)
    model = Sequential(layers[kind])
    model.compile(tinylstm.Adam(0.01, clipnorm=1.0), "mse", metrics=["mae"])
    model.fit(X, Y, 2, epochs=2, verbose=0)
    return model


def attack(tries, seed):
    """The attacks by hand, in random order, and mutants until there are so many tries."""
    with TemporaryDirectory() as folder, little_memory():
        path = Path(folder) / "w"
        files = []
        for kind in ("one", "more", "stateful"):
            model_of(kind).save(path)
            files.append(path.read_bytes())
        by_hand = [one for content in files for one in attacks(content)]
        random.Random(seed).shuffle(by_hand)
        for name, content in by_hand[: tries // 2]:
            yield from finds(ROW, path, name, content, content in files)
        for k in range(tries - min(tries // 2, len(by_hand))):
            rng = random.Random(f"{seed} {k}")
            kind, content = mutant(rng.choice(files), rng, TEXTS)
            if rng.random() < 0.5:
                content = sealed(content)
            yield from finds(ROW, path, f"mutant {k}, {kind}", content, content in files)


def wrong(model, content):
    """What is wrong with a model that was made of a file."""
    if CHECKSUM.search(content) and not has_its_checksum(content):
        yield "with a wrong checksum"
    if type(model) is not Sequential:
        yield f"for a {type(model).__name__}"
    elif model.built:
        yield from of_weights(model, load(content))
        yield from of_use(model)


def of_weights(model, tensors):
    """Whether a model has the weights of its file, as others read it."""
    for layer in model.layers:
        for one, array in layer.named_weights().items():
            theirs = tensors.get(f"{layer.name}/{one}")
            if theirs is None or not np.array_equal(theirs.astype(array.dtype), array):
                yield f"and {layer.name}/{one} is not what the file has"


def of_use(model):
    """Whether a model can be asked and trained, or refuses that in a sentence."""
    try:
        with quiet():
            y = model.predict(X, 2, verbose=0)
            if model.loss is not None:
                model.fit(X, np.ones_like(y), 2, verbose=0)
    except Exception as reason:
        yield from of_refusal("and in use", reason, ValueError | TypeError | MemoryError)


ROW = Row(tinylstm.load_model, wrong)


def said(content, change):
    """A file of which a text of JSON was changed, with the right checksum: {name: function}."""

    def edits(header):
        for name, function in change.items():
            value = json.loads(header["__metadata__"][name])
            function(value)
            header["__metadata__"][name] = json.dumps(value)

    return edited(content, edits)


def of_other_descriptions(content, rng, texts):
    """What is said of the model, edited as JSON."""

    def change(value):
        for _ in range(rng.choice((1, 1, 2, 4))):
            edit(value, rng)

    return said(content, {rng.choice(texts): change})


def mutant(content, rng, texts):
    """A kind of mutation, and what it makes of a file that says some texts."""
    kind = rng.choice((*MUTATIONS, "of other descriptions", "of other descriptions"))
    if kind in MUTATIONS:
        return kind, MUTATIONS[kind](content, rng)
    return kind, of_other_descriptions(content, rng, texts)


def attacks(content):
    """(name, bytes) of files that were written by hand to do harm."""
    for text in TEXTS:
        yield from of_text(content, text)
    yield "thousands of layers", said(content, {"model": many_layers})
    yield "layers in layers", said(content, {"model": deep_layers})


def of_text(content, text):
    """Those of them of which one text says something else."""
    value = json.loads(json.loads(parts(content)[0])["__metadata__"][text])
    yield from of_numbers(content, text, value)
    yield from of_classes(content, text, value)
    for path in leaves(value):
        for odd in (RUN, {"reference": RUN, "module": "tinylstm"}, ["\x1b"], {}, None):
            yield f"{text} {path} {odd!r}", with_(content, text, path, odd)


def of_numbers(content, text, value):
    """Each number huge, below zero, or none."""
    for path in leaves(value):
        if path[-1] not in ("class_name", "module"):
            for huge in HUGE:
                yield f"{text} {path} {huge!r}", with_(content, text, path, huge)


def of_classes(content, text, value):
    """Each class another one, of this package or not."""
    for path in leaves(value):
        if path[-1] == "class_name":
            for name in NO_LAYERS:
                yield f"the class {name!r}", with_(content, text, path, name)
            for module in MODULES:
                paths = path, "system", (*path[:-1], "module"), module
                yield f"the class 'system' of {module!r}", with_(content, text, *paths)


def many_layers(model):
    """As many layers as a header may say, without parameters."""
    layers = model["config"]["layers"]
    layers += [copy.deepcopy(layers[-1]) for _ in range(2000)]


def deep_layers(model):
    """Each layer around another one."""
    layers = model["config"]["layers"]
    for _ in range(30):
        layer = {"class_name": "TimeDistributed", "config": {"layer": layers[0]}}
        layers[0] = layer | {"module": "tinylstm"}


def with_(content, text, *changes):
    """A file of whose text some values are others: path, value, path, value ..."""

    def change(inside):
        for path, value in zip(changes[::2], changes[1::2], strict=True):
            place = inside
            for name in path[:-1]:
                place = place[name]
            place[path[-1]] = value

    return said(content, {text: change})
