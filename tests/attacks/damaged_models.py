"""Damaged files of whole models: each is refused in a sentence, or is the model that it says.

Beside what happens to files of weights, what is said of the model is edited as JSON, with a
checksum that is right: units, names of classes, settings, counts. Nothing is imported or run,
nothing written, nothing reserved for arrays that the file has not; and a model that was made can be
used, or refuses that in a sentence.
"""

import copy
import json
import random
import sys
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from safetensors.numpy import load

import tinylstm
from tests.attacks.damaged_files import (
    HANGS,
    MUTATIONS,
    ROOM,
    SECONDS,
    edit,
    is_sentence,
    most_memory,
)
from tests.attacks.odd_values import interrupted, little_memory
from tests.files.by_hand import CHECKSUM, edited, has_its_checksum, parts, sealed
from tinylstm import LSTM, Bidirectional, Dense, Dropout, RepeatVector, Sequential

X, Y = np.ones((4, 3, 2), np.float32), np.ones((4, 2), np.float32)
TEXTS = ("model", "compile", "position")
RUN = "__import__('os').mkdir('run')"
HUGE = (10**9, 2**31, 2**62, 2**63, 2**64, 10**30, 10**300, -1, -(2**63), 1e300, [10**9], "10**9")
NO_LAYERS = (
    *("Adam", "Sequential", "Layer", "History", "Callback", "Constant", "L2", "Lambda", "lstm"),
    *("os.system", "eval", "exec", "print", "object", "type", "dict", "open", "Path", "Popen"),
    *("__import__", "LSTM.__init__", "tinylstm.LSTM", "../LSTM", "", "\x1b[2J", 5, None, [], {}),
)
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
            yield from finds(path, name, content, files)
        for k in range(tries - min(tries // 2, len(by_hand))):
            rng = random.Random(f"{seed} {k}")
            kind, content = mutant(rng.choice(files), rng, TEXTS)
            if rng.random() < 0.5:
                content = sealed(content)
            yield from finds(path, f"mutant {k}, {kind}", content, files)


def finds(path, name, content, sound):
    """What is wrong with what `load_model` makes of a file: a sentence, or none."""
    path.write_bytes(content)
    modules, before, model = set(sys.modules), sorted(path.parent.iterdir()), None
    peak, started = most_memory(), time.process_time()
    try:
        with interrupted(HANGS):
            model = tinylstm.load_model(path)
    except KeyboardInterrupt:
        yield f"{name}: hangs"
    except Exception as reason:
        yield from of_refusal(name, reason)
        if content in sound:
            yield f"{name}: refuses a sound file: {reason}"
    if (took := time.process_time() - started) > SECONDS:
        yield f"{name}: takes {took:.1f} s"
    if (more := most_memory() - peak) > ROOM + 2 * len(content):
        yield f"{name}: takes {more:,} bytes of memory for {len(content):,} of a file"
    for module in sorted(set(sys.modules) - modules):
        if not module.startswith(("tinylstm", "numpy", "numba", "llvmlite")):
            yield f"{name}: imports {module}"
    if model is not None:
        yield from judged(name, model, content)
    if sorted(path.parent.iterdir()) != before:
        yield f"{name}: writes {sorted(path.parent.iterdir())}"


def of_refusal(name, reason, kinds=ValueError | TypeError):
    """What is wrong with a refusal: a sentence, or none."""
    if not isinstance(reason, kinds) or not is_sentence(str(reason)):
        yield f"{name}: {type(reason).__name__}: {reason}"


def judged(name, model, content):
    """What is wrong with a model that was made of a file."""
    if CHECKSUM.search(content) and not has_its_checksum(content):
        yield f"{name}: is taken with a wrong checksum"
    if type(model) is not Sequential:
        yield f"{name}: is a {type(model).__name__}"
        return
    if model.built:
        yield from of_weights(name, model, load(content))
        yield from of_use(name, model)


def of_weights(name, model, tensors):
    """Whether a model has the weights of its file, as others read it."""
    for layer in model.layers:
        for one, array in layer.named_weights().items():
            theirs = tensors.get(f"{layer.name}/{one}")
            if theirs is None or not np.array_equal(theirs.astype(array.dtype), array):
                yield f"{name}: {layer.name}/{one} is not what the file has"


def of_use(name, model):
    """Whether a model can be asked and trained, or refuses that in a sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y = model.predict(X, 2, verbose=0)
            if model.loss is not None:
                model.fit(X, np.ones_like(y), 2, verbose=0)
    except Exception as reason:
        yield from of_refusal(f"{name}, in use", reason, ValueError | TypeError | MemoryError)


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


def leaves(value, path=()):
    """The path of each value in JSON that is no dict."""
    for name, one in value.items() if isinstance(value, dict) else ():
        if not isinstance(one, dict):
            yield (*path, name)
        yield from leaves(one, (*path, name))
    for k, one in enumerate(value) if isinstance(value, list) else ():
        yield from leaves(one, (*path, k))


def with_(content, text, *changes):
    """A file of whose text some values are others: path, value, path, value ..."""

    def change(inside):
        for path, value in zip(changes[::2], changes[1::2], strict=True):
            place = inside
            for name in path[:-1]:
                place = place[name]
            place[path[-1]] = value

    return said(content, {text: change})
