"""Sound files of Keras, to be damaged: ours, those of old versions, and those that Keras writes.

Those of old versions are made of their layout (`tests.formats.keras.old_files`). Keras 3 and
Keras 2 write theirs themselves, in a process of their own, where they are installed.
"""

import io
import subprocess
import sys
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import h5py
import numpy as np

import tinylstm
from tests.formats.keras.old_files import (
    apart,
    before,
    dense_config,
    recurrent_config,
    write_model,
    write_weights,
)
from tinylstm import LSTM, Bidirectional, Dense, Dropout, Sequential

STEPS, FEATURES, UNITS = 3, 2, 4
X, Y = np.ones((4, STEPS, FEATURES), np.float32), np.ones((4, 2), np.float32)
VERSIONS = "1.0.8", "1.2.2", "2.0.2", "2.2.4", "2.3.1"
PACKED = {"chunks": True, "compression": "gzip", "shuffle": True, "fletcher32": True}
BY_KERAS = """
import sys
import numpy as np
{imports}
lstm, dense = keras.layers.LSTM(4, name="lstm"), keras.layers.Dense(2, name="dense")
model = keras.Sequential([keras.layers.Input((3, 2)), lstm, dense])
model.compile("adam", "mse", metrics=["mae"])
model.fit(np.ones((4, 3, 2)), np.ones((4, 2)), verbose=0)
for name in sys.argv[2:]:
    (model.save_weights if "weights" in name else model.save)(sys.argv[1] + "/" + name)
"""
FRAMEWORKS = {  # {package: (how it is imported, what it writes)}
    "keras": ("import keras", ("model.h5", "model.keras", "model.weights.h5")),
    "tf_keras": ("import tf_keras as keras", ("model.h5", "weights.h5")),
}


class Sound(NamedTuple):
    """The bytes of a file, of how many layers its model is, and whether it is a whole one."""

    content: bytes
    layers: str
    whole: bool


def model_of(layers="one"):
    """A compiled model that has been trained."""
    tinylstm.set_random_seed(3)
    made = {
        "one": [LSTM(UNITS, input_shape=(STEPS, FEATURES)), Dense(2)],
        "more": [
            Bidirectional(LSTM(3, return_sequences=True), input_shape=(STEPS, FEATURES)),
            *(Dropout(0.5), LSTM(2), Dense(2, activation="tanh")),
        ],
    }
    model = Sequential(made[layers])
    model.compile(tinylstm.Adam(0.01), "mse", metrics=["mae"])
    model.fit(X, Y, 2, epochs=1, verbose=0)
    return model


one_of = lru_cache(model_of)  # into which weights are read


def sound(suffix, with_theirs):
    """Sound files with a suffix; with_theirs: those that Keras writes too."""
    found = [*ours(suffix)]
    if suffix == ".h5":
        found += [packed(one) for one in found[:2]] + [*of_old_versions()]
    if with_theirs:
        found += theirs(suffix)
    return found


def ours(suffix):
    """As we write them."""
    for layers in ("one", "more"):
        for whole in (True, False):
            fits = {".h5": True, ".keras": whole, ".weights.h5": not whole}[suffix]
            if fits:
                model = model_of(layers)
                save = model.save if whole else model.save_weights
                yield Sound(written(save, suffix), layers, whole)


def of_old_versions():
    """Whole models, and weights, as Keras 1 and 2 wrote them."""
    rng = np.random.default_rng(4)
    shapes = (FEATURES, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,), (UNITS, 2), (2,)
    weights = [rng.normal(size=shape).astype("f4") for shape in shapes]
    for version in VERSIONS:
        lstm = apart("LSTM", *weights[:3]) if before(version, 2) else weights[:3]
        shape = None, STEPS, FEATURES
        layers = [
            ("LSTM", recurrent_config(version, "LSTM", "lstm", UNITS, shape), lstm),
            ("Dense", dense_config(version, "dense", 2), weights[3:]),
        ]
        moments = [np.abs(array) for array in [*lstm, *weights[3:]]]
        training = "RMSprop", {"lr": 0.01}, "mean_squared_error", ["accuracy"]
        count = [] if before(version, 2) else [np.array(3.0)]
        model = partial(
            write_model, version=version, layers=layers, training=training, state=count + moments
        )
        yield Sound(written(model), "one", True)
        named = [(config["name"], arrays) for _, config, arrays in layers]
        weights_alone = partial(write_weights, version=version, layers=named)
        yield Sound(written(weights_alone), "one", False)


def packed(sound):
    """The same with arrays that are packed and have sums."""
    made = io.BytesIO()
    with h5py.File(io.BytesIO(sound.content)) as old, h5py.File(made, "w") as new:
        new.attrs.update(old.attrs)

        def put(name, one):
            if isinstance(one, h5py.Group):
                there = new.create_group(name)
            else:
                there = new.create_dataset(name, data=one[()], **(PACKED if one.shape else {}))
            there.attrs.update(one.attrs)

        old.visititems(put)
    return sound._replace(content=made.getvalue())


@lru_cache
def theirs(suffix):
    """As Keras writes them, where it is installed."""
    found = []
    for package, (imports, names) in FRAMEWORKS.items():
        wanted = [name for name in names if name.endswith(suffix) and name.count(".") < 3]
        wanted = [name for name in wanted if suffix != ".h5" or ".weights" not in name]
        if wanted and find_spec(package):
            with TemporaryDirectory() as folder:
                code = BY_KERAS.format(imports=imports)
                subprocess.run([sys.executable, "-c", code, folder, *wanted], check=True)
                found += [
                    Sound((Path(folder) / name).read_bytes(), "one", "weights" not in name)
                    for name in wanted
                ]
    return found


def written(write, suffix=".h5"):
    """The bytes of the file that a function writes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"sound{suffix}"
        write(path)
        return path.read_bytes()
