"""Everything compiled once: nothing is left for the processes that come after."""

import importlib
import pkgutil
import shutil
import subprocess
import sys

import pytest
import tinylstm.kernels
from tinylstm.kernels.compiling import COMPILED
from tinylstm.kernels.compiling.cache import KernelCache, folder
from tinylstm.kernels.registry import all_kernels

from tests import ROOT
from tests.processes import OBEYING, environment, lock

pytestmark = pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")

TRAINING = """
import numpy as np
from tinylstm.kernels.compiling import cache
from tinylstm import *

def refuse(self, sig, data):
    raise AssertionError(f"{self} was compiled for {sig}")
cache.KernelCache.save_overload = refuse
model = Sequential([Embedding(5, 3, mask_zero=True), Bidirectional(LSTM(4, dropout=0.1)),
                    RepeatVector(2), LSTM(3, return_sequences=True), Flatten(), Dropout(0.1),
                    Dense(4, activation="softmax", kernel_regularizer="l2")])
model.compile(Adam(clipnorm=1.0), "sparse_categorical_crossentropy", metrics=["accuracy"])
x, y = np.arange(20).reshape(5, 4) % 5, np.arange(5) % 4
model.fit(x, y, validation_data=(x, y), verbose=0)
model.predict(x)
model.backward(np.ones_like(model.forward(x)))
series = Sequential([LSTM(3, input_shape=(None, 1)), Dense(1)])
series.built
series.stepper()(0.5)
print(series.generate(np.ones((3, 1)), 4).shape)
"""


def test_every_kernel_is_in_the_list():
    modules = pkgutil.walk_packages(tinylstm.kernels.__path__, "tinylstm.kernels.")
    here = [importlib.import_module(module.name) for module in modules]
    values = [value for module in here for value in vars(module).values()]
    values += [one for value in values if isinstance(value, tuple) for one in value]  # of a factory
    caches = [getattr(value, "_cache", None) for value in values]
    cached = {cache.name for cache in caches if isinstance(cache, KernelCache)}
    assert cached == {kernel._cache.name for kernel, _ in all_kernels("float32")}


def test_after_it_a_process_compiles_nothing_and_needs_no_right_to_write(tmp_path):
    """It finds what the tests have compiled; but what follows finds its files alone."""
    path = {"capture_output": True, "text": True}
    first = subprocess.run([sys.executable, "-m", "tinylstm", "warmup"], **path, timeout=600)
    assert first.returncode == 0, first.stderr
    kernels = all_kernels("float32")
    assert first.stdout.startswith(f"{len(kernels)} kernels ready after ")
    assert first.stdout.endswith(f"in {folder()}.\n")
    (tmp_path / folder().name).mkdir()
    for kernel, signature in kernels:
        shutil.copy(kernel._cache.path(signature), tmp_path / folder().name)
    lock(tmp_path)
    path["env"] = environment(ROOT, tmp_path)
    second = subprocess.run([*OBEYING, "-W", "error", "-c", TRAINING], **path, timeout=600)
    assert (second.returncode, second.stdout) == (0, "(4, 1)\n"), second.stderr


PREDICTION = """
import numpy as np
from tinylstm import *
model = Sequential([LSTM(3, input_shape=(2, 1)), Dense(1)])
print(model.predict(np.zeros((1, 2, 1))).shape)
"""


def test_a_model_that_only_predicts_compiles_no_backward_pass(tmp_path):
    path = {"env": environment(ROOT, tmp_path), "capture_output": True, "text": True}
    process = subprocess.run([sys.executable, "-c", PREDICTION], **path, timeout=600)
    assert (process.returncode, process.stdout) == (0, "(1, 1)\n"), process.stderr
    (folder,) = tmp_path.glob("kernels-*")
    compiled = {file.name.split("-")[0] for file in folder.glob("*.nbc")}
    assert {"steps.of_lstm.forward", "dense.dense_forward", "loop.run_batches"} <= compiled
    assert not [name for name in compiled if name.endswith("backward") and "pass" not in name]
