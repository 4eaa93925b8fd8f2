"""What a model can do."""

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import tinylstm
from tinylstm import LSTM, SGD, Adam, Dense, Input, Sequential, gradient_check
from tinylstm.callbacks import Callback
from tinylstm.formats.torch.writing import arrays_of
from tinylstm.losses import LOSSES
from tinylstm.metrics import METRICS
from tinylstm.optimizers import OPTIMIZERS
from tinylstm.plotting.recording import StateRecorder
from tinylstm.surface.arguments import need_model

from .use import (
    COUNTS,
    DTYPES,
    FLAGS,
    LABELS,
    MASK,
    SHOWN,
    STATE,
    WEIGHTS,
    D,
    Feed,
    H,
    K,
    N,
    New,
    T,
    Use,
    X,
    Y,
    batches,
    method,
    model,
    stateful,
)

SEVERAL = (None, 1, 3, 4, 100)  # batch sizes
STATES = (None, STATE, {"lstm": STATE})
NAMED = {"x": (X,), "y": (Y,)}
MASKS = (None, MASK)
ROWS = (None, 0, [1, 2], [True, False, True, False])
SPARSE = "sparse_categorical_crossentropy"
OF_NUMBERS = ("sparse_categorical_accuracy", "sparse_top_k_categorical_accuracy")
CALLBACKS = (None, [], New(lambda: [Callback()]), New(lambda: (Callback(),)))
CLASS_WEIGHTS = (None, {0: 2.0}, {0: 1, 1: 0.5}, {np.int64(1): 3})
OWN = (None, "safetensors")  # formats of files; the others have tests of their own
SAMPLE_WEIGHTS = (None, WEIGHTS, WEIGHTS[:, None], [1, 2, 3, 4])


def chain():
    """New layers."""
    return [LSTM(H, input_shape=(T, D)), Dense(K)]


def traced():
    """A model after its forward pass."""
    made = model()
    made.forward(X)
    return made


def deferred():
    """A model that is not built yet."""
    return Sequential([LSTM(H), Dense(K)])


def one_feature():
    """A model that goes on with a value, or with the number of a class times a scale."""
    return Sequential([LSTM(H, input_shape=(None, 1)), Dense(1)])


def stepping():
    """A stepper that has had a step."""
    stepper = model().stepper(2)
    stepper(X[:2, 0])
    return stepper


def recorded(**given):
    """What a recorder has of a training."""
    made = stateful()
    with StateRecorder(made, **given) as recorder:
        made.fit(X, Y, N, verbose=0)
    return recorder


@lru_cache
def looked_at():
    """A model and what a pass forward and back leaves to be looked at."""
    made = model()
    trace = made.trace(X)
    made.backward(np.ones((N, K)))
    return made, trace


def in_scratch(**given):
    """What a model with a state of its own answers."""
    made = stateful()
    with made.scratch_state(**given):
        return made.predict(X, N)


def compiled(optimizer="sgd", loss="categorical_crossentropy", metrics=None):
    """What a model of these scores."""
    made = model()
    made.compile(optimizer, loss, metrics)
    y = LABELS if loss == SPARSE else Y
    made.fit(X, y, verbose=0)
    return made.evaluate(X, y)


def with_file(name, filepath=str, **given):
    """Weights, written and read in a folder that is thrown away; filepath: its kind."""
    with TemporaryDirectory() as folder:
        path = filepath(Path(folder, "weights.safetensors"))
        made = model()
        made.save_weights(path)
        return getattr(made, name)(path, **given)


def reported(path=str, **given):
    """What a notebook shows of a report."""
    with TemporaryDirectory() as folder:
        return tinylstm.report(
            path=path(Path(folder, "report.html")) if callable(path) else path, **given
        )._repr_html_()


def given_to_torch(model):
    """The arrays that `to_torch` makes tensors of."""
    need_model(model)
    return arrays_of(model)


def loaded(filepath=str, **given):
    """What a model from a file answers."""
    with TemporaryDirectory() as folder:
        path = filepath(Path(folder, "model.safetensors"))
        model().save(path)
        return tinylstm.load_model(path, **given).predict(X)


OF_FIT = {
    "x": (X, X.tolist(), X.astype(np.float64)),
    "y": (Y, Y.tolist(), Y.astype(int)),
    "batch_size": SEVERAL,
    "epochs": (0, 1, 3),
    "verbose": SHOWN,
    "callbacks": CALLBACKS,
    "validation_split": (0.0, 0.25, 0.5),
    "validation_data": (None, (X, Y), [X, Y], (X, Y, WEIGHTS), New(Feed)),
    "shuffle": (None, *FLAGS),
    "class_weight": CLASS_WEIGHTS,
    "sample_weight": SAMPLE_WEIGHTS,
    "validation_freq": (1, 2, [1, 3], range(1, 3), np.array([1, 2])),
    "initial_epoch": (0, 1),
    "reset_states": (None, "epoch"),
}
OF_STREAMS = {
    "verbose": SHOWN,
    "epochs": (1, 2),
    "class_weight": CLASS_WEIGHTS,
    "steps_per_epoch": (1, 2),
    "validation_data": (New(batches), New(Feed)),
    "validation_steps": (1, 2),
}
STEPS = {"verbose": 0, "steps_per_epoch": 2, "validation_steps": 2}
USES = {
    "Sequential": Use(
        Sequential,
        lambda **given: Sequential(**given).summary(print_fn=len),
        {
            "layers": (None, [], New(chain), New(lambda: [Input((T, D)), *chain()])),
            "name": ("sequential", "mine"),
            "dtype": DTYPES,
        },
    ),
    "Input": Use(
        Input,
        lambda **given: Sequential([Input(**given), *chain()]).predict(X),
        {
            "shape": (None, (T, D), (None, D), [T, D]),
            "batch_shape": (None, (N, T, D), (None, None, D)),
        },
    ),
    "add": method("add", layer=(New(lambda: Dense(2)), New(lambda: Dense(1, input_shape=(K,))))),
    "pop": method("pop"),
    "get_layer": method("get_layer", name=("lstm", "dense")),
    "get_layer by index": method("get_layer", index=(0, -1, np.int64(1))),
    "build": method("build", deferred, input_shape=((None, T, D), [N, None, D])),
    "memory": method("memory", batch_size=SEVERAL, steps=(None, T, 7)),
    "weights": method("get_weights"),
    "set_weights": method("set_weights", weights=(New(lambda: model().get_weights()),)),
    "save_weights": Use(
        Sequential.save_weights,
        lambda **given: with_file("save_weights", **given),
        {"filepath": (str, Path), "overwrite": (True,), "format": OWN},
    ),
    "load_weights": Use(
        Sequential.load_weights,
        lambda **given: with_file("load_weights", **given),
        {
            **{"filepath": (str, Path), "by_name": FLAGS, "skip_mismatch": FLAGS},
            "format": OWN,
        },
    ),
    "save": Use(
        Sequential.save,
        lambda **given: with_file("save", **given),
        {"filepath": (str, Path), "overwrite": (True,), "format": OWN},
    ),
    "save_model": Use(
        tinylstm.save_model,
        lambda model, **given: with_file("save", **given),
        {
            **{"model": (New(model),), "filepath": (str, Path), "overwrite": (True,)},
            "format": OWN,
        },
    ),
    "load_model": Use(
        tinylstm.load_model,
        loaded,
        {
            **{"filepath": (str, Path), "custom_objects": (None, {}), "compile": FLAGS},
            "format": OWN,
        },
    ),
    "get_config": method("get_config"),
    "to_json": method("to_json"),
    "model_from_json": Use(
        tinylstm.model_from_json,
        tinylstm.model_from_json,
        {"json_string": (New(lambda: model().to_json()),), "custom_objects": (None, {})},
    ),
    "from_torch": Use(
        tinylstm.from_torch,
        lambda source, **given: tinylstm.from_torch(source, **given).get_weights(),
        {
            "source": (arrays_of(model()),),
            "return_sequences": (None, *FLAGS),
            "nonlinearity": ("tanh", "relu"),
            "activations": (None, {"dense": "relu"}),
            "modules": (None, {"dense": "Linear"}),
            "order": (None, ["lstm", "dense"]),
            "model": (None, New(model)),
        },
    ),
    "to_torch": Use(  # which makes tensors of these, where PyTorch is installed
        tinylstm.to_torch, given_to_torch, {"model": (New(model), New(lambda: Sequential(chain())))}
    ),
    "clone_model": Use(
        tinylstm.clone_model, tinylstm.clone_model, {"model": (New(model), New(deferred))}
    ),
    "copy": method("copy", dtype=DTYPES),
    "count_params": method("count_params"),
    "summary": method("summary", line_length=(None, 30, 120), print_fn=(None, len)),
    "reset_states": method("reset_states", stateful, rows=ROWS),
    "get_states": method("get_states", stateful),
    "set_states": method("set_states", stateful, states=STATES[1:]),
    "scratch_state": Use(Sequential.scratch_state, in_scratch, {"zero": FLAGS}),
    "stepper": method("stepper", rows=COUNTS),
    "Stepper": Use(
        type(model().stepper()).__call__,
        lambda x: model().stepper(2)(x),
        {"x": (X[:2, 0], X[:2, :1], X[:2, 0].tolist())},
    ),
    "Stepper.reset": method("reset", stepping),
    "Stepper.copy": method("copy", stepping),
    "generate": method(
        "generate",
        x=(X[0], X, X.tolist()),
        steps=COUNTS,
        feedback=("value", "argmax", "sample"),
        temperature=(1.0, 0.5, 2),
        window=(None, 1, 2),
        seed=(None, 0, 7),
    ),
    "generate of one feature": method(
        "generate", one_feature, x=(X[..., :1],), steps=(2,), scale=(None, 0.5), feedback=("value",)
    ),
    "compile": Use(
        Sequential.compile,
        compiled,
        {
            "optimizer": (*OPTIMIZERS, New(Adam), New(lambda: SGD(0.1))),
            "loss": tuple(name for name in LOSSES if name != SPARSE),
            "metrics": (
                None,
                [],
                "acc",
                ("mse",),
                *([name] for name in METRICS if name not in OF_NUMBERS),
            ),
        },
    ),
    "compile for classes by number": Use(
        Sequential.compile,
        compiled,
        {"metrics": ("accuracy", ["acc"], [*OF_NUMBERS])},
        {"loss": SPARSE},
    ),
    "fit": method("fit", beside={"y": Y, "verbose": 0}, **OF_FIT),
    "fit on a generator": method("fit", beside=STEPS, x=(New(batches),), **OF_STREAMS),
    "fit on a Sequence": method("fit", beside=STEPS, x=(New(Feed),), **OF_STREAMS),
    "evaluate": method(
        "evaluate",
        beside={"y": Y},
        batch_size=SEVERAL,
        verbose=SHOWN,
        callbacks=CALLBACKS,
        sample_weight=SAMPLE_WEIGHTS,
        return_dict=FLAGS,
        **NAMED,
    ),
    "evaluate a generator": method(
        "evaluate",
        beside={"steps": 2},
        x=(New(batches), New(Feed)),
        steps=(1, 2),
        verbose=SHOWN,
        return_dict=FLAGS,
    ),
    "predict": method(
        "predict", x=OF_FIT["x"], batch_size=SEVERAL, verbose=SHOWN, callbacks=CALLBACKS
    ),
    "predict on a generator": method(
        "predict",
        beside={"steps": 2},
        x=(New(lambda: batches(False)), New(batches), New(Feed)),
        steps=(1, 2),
        verbose=SHOWN,
    ),
    "train_on_batch": method(
        "train_on_batch",
        sample_weight=SAMPLE_WEIGHTS,
        class_weight=CLASS_WEIGHTS,
        return_dict=FLAGS,
        **NAMED,
    ),
    "test_on_batch": method(
        "test_on_batch", sample_weight=SAMPLE_WEIGHTS, return_dict=FLAGS, **NAMED
    ),
    "predict_on_batch": method("predict_on_batch", x=(X,)),
    "forward": method(
        "forward", x=(X,), states=STATES, mask=MASKS, training=FLAGS, return_states=FLAGS
    ),
    "backward": method("backward", traced, dy=(Y,), dstates=STATES),
    "trace": method("trace", x=(X,), states=STATES, mask=MASKS, training=FLAGS),
    "gradient_check": Use(
        gradient_check,
        lambda **given: str(gradient_check(**given)),
        {
            "model": (New(model), New(stateful)),
            "x": (X,),
            "y": (Y,),
            "states": STATES,
            "mask": MASKS,
            "sample_weight": SAMPLE_WEIGHTS,
            "training": FLAGS,
            "quick": FLAGS,
        },
    ),
    "StateRecorder": Use(
        StateRecorder,
        recorded,
        {"layer": (None, "lstm")},
    ),
}
