"""Helpers for data, settings and figures."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import tinylstm
from tinylstm import plotting

from .of_models import looked_at, recorded, reported
from .of_training import told
from .use import COUNTS, FLAGS, LABELS, SERIES, New, T, Use, X, Y, model, stateful

LABELS_OF_SAMPLES = ["abc", "def", "ghi", "jkl"]
DTYPES = ("int32", "float32", np.float64)
SIDES = ("pre", "post")
AXES = (None, New(lambda: Figure().subplots()))
LABELS_OF_STEPS = (None, "ABC", ["one", "two", "three"], np.linspace(0, 1, T))
LABELS_OF_FEATURES = (None, "xy", ["one", "two"], np.arange(2))
TRACES = (New(lambda: looked_at()[1]), New(lambda: looked_at()[1]["lstm"]))
LISTS = ([[1, 2], [3]], [[[1, 2]], [[3, 4], [5, 6]]], [(1,), np.arange(4)])


def setting(set_it, get_it):
    """What a setting of the process is after the call; then it is as before."""

    def call(value):
        before = get_it()
        try:
            set_it(value)
            return get_it()
        finally:
            set_it(before)

    return call


def seeded(seed):
    """Weights of a model after the call."""
    tinylstm.set_random_seed(seed)
    return tinylstm.Sequential([tinylstm.Dense(1, input_shape=(1,))]).get_weights()


USES = {
    "to_categorical": Use(
        tinylstm.to_categorical,
        tinylstm.to_categorical,
        {
            "y": (LABELS, [[0], [1]], 1, [[0, 1], [1, 0]], np.array([0.0, 1.0])),
            "num_classes": (None, 2, 5),
            "dtype": (None, *DTYPES),
        },
    ),
    "pad_sequences": Use(
        tinylstm.pad_sequences,
        tinylstm.pad_sequences,
        {
            "sequences": LISTS,
            "maxlen": (None, 1, 3),
            "dtype": DTYPES,
            "padding": SIDES,
            "truncating": SIDES,
            "value": (0.0, -1),
        },
    ),
    "sliding_windows": Use(
        tinylstm.sliding_windows,
        tinylstm.sliding_windows,
        {"series": (SERIES, SERIES[:, 0]), "look_back": COUNTS, "stride": COUNTS, "ahead": COUNTS},
    ),
    "stateful_batches": Use(
        tinylstm.stateful_batches,
        tinylstm.stateful_batches,
        {
            "series": (SERIES, SERIES[:, 0]),
            "batch_size": COUNTS,
            "steps": COUNTS,
            "targets": (None, SERIES[:, 0], SERIES),
            "return_sequences": FLAGS,
        },
    ),
    "set_floatx": Use(
        tinylstm.set_floatx,
        lambda dtype: setting(tinylstm.set_floatx, tinylstm.floatx)(dtype),
        {"dtype": ("float32", "float64", np.float64)},
    ),
    "set_num_threads": Use(
        tinylstm.set_num_threads,
        lambda n: setting(tinylstm.set_num_threads, tinylstm.get_num_threads)(n),
        {"n": (None, *COUNTS)},
    ),
    "set_random_seed": Use(tinylstm.set_random_seed, seeded, {"seed": (0, 7, np.int64(3), 2**40)}),
    "training_curves": Use(
        plotting.training_curves,
        plotting.training_curves,
        {
            "history": (New(told), New(lambda: told().history)),
            "metric": (None, "loss", "acc"),
            "ax": AXES,
        },
    ),
    "prediction": Use(
        plotting.prediction,
        plotting.prediction,
        {
            "truth": (SERIES[:, 0], SERIES[:, :1]),
            "predicted": (SERIES[:9, 1], X[0, :, :1]),
            "start": (None, 0, 2),
            "first": (0, 2),
            "label": ("value", "cm"),
            "ax": AXES,
        },
    ),
    "gates": Use(
        plotting.gates,
        plotting.gates,
        {
            "trace": TRACES,
            "sample": (0, 1),
            "labels": LABELS_OF_STEPS,
            "layer": (None, "lstm"),
        },
    ),
    "gradients": Use(
        plotting.gradients,
        plotting.gradients,
        {
            "trace": TRACES,
            "sample": (0, 1),
            "labels": LABELS_OF_STEPS,
            "layer": (None, "lstm"),
        },
    ),
    "influence": Use(
        plotting.influence,
        plotting.influence,
        {
            "model": (New(lambda: looked_at()[0]),),
            "x": (X,),
            "labels": (*LABELS_OF_STEPS, "ABCDEFGHIJKL"),
            "output": (None, 0, 3),
        },
    ),
    "figure of memory": Use(
        plotting.memory,
        plotting.memory,
        {
            "trace": TRACES,
            "sample": (0, 1),
            "labels": LABELS_OF_STEPS,
            "layer": (None, "lstm"),
            "gate": (None, "f"),
        },
    ),
    "figure of weights": Use(
        plotting.weights,
        plotting.weights,
        {
            "layer": (New(lambda: looked_at()[0].layers[0]),),
            "trace": (None, *TRACES),
            "labels": LABELS_OF_FEATURES,
        },
    ),
    "report": Use(
        tinylstm.report,
        reported,
        {
            "model": (New(model), New(stateful)),
            "x": (X,),
            "y": (None, Y),
            "path": (str, Path),
            "labels": (*LABELS_OF_STEPS, LABELS_OF_SAMPLES),
            "classes": LABELS_OF_FEATURES,
            "batch_size": (None, 4, np.int64(4)),
            "samples": (None, 2, [3, 0], np.array([1])),
            "shuffle": (None, *FLAGS),
            "reset_states": (None, "epoch"),
            "recorder": (None,),
            "title": (None, "A page"),
        },
    ),
    "state_strip": Use(
        plotting.state_strip,
        plotting.state_strip,
        {
            "recorder": (New(recorded),),
            "first": (0,),
            "last": (None, 1),
            "labels": (None, "ABCD", ["one", "two", "three", "four"], np.arange(4)),
            "largest": (None, 0.5, 2),
            "ax": AXES,
        },
    ),
}
