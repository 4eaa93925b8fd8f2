"""The calls that are interrupted: what makes the things, and what is called on them."""

import tempfile
from pathlib import Path

import numpy as np

import tinylstm
from tinylstm import (
    LSTM,
    SGD,
    Activation,
    Adam,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Sequential,
    TimeDistributed,
)
from tinylstm.callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from tinylstm.plotting.recording import StateRecorder

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(4, 3, 2)).astype("f4"), RNG.normal(size=(4, 2)).astype("f4")
FOLDER = tempfile.TemporaryDirectory()
PLACE = Path(FOLDER.name)
SILENT = {"verbose": 0}
CASES = {}


def case(make, **options):
    """A function is called on what `make` makes with these options."""

    def known(call):
        CASES[call.__name__.strip("_").replace("_", " ")] = lambda: make(**options), call
        return call

    return known


def cases(make, calls, **options):
    """The same for several short ones, by their names."""
    for name, call in calls.items():
        CASES[name] = lambda: make(**options), call


def stack(kind=LSTM, carried=False, compiled="adam", name=None, **shape):
    """A small model; its shape is known unless that is left out."""
    options = {"stateful": True} if carried else {}
    layers = [kind(2, **shape, **options), Dense(2)]
    model = Sequential(layers)
    if compiled:
        model.compile(compiled, "mse", metrics=["mae"])
    return model


def built(carried=False, **options):
    """A model that has trained, and been passed through."""
    model = stack(carried=carried, input_shape=(3, 2), **options)
    model.fit(X, Y, 2, **SILENT)
    if carried:  # a pass is one of the state that it began with
        return {"model": model, "data": X[:2]}
    model.forward(X)
    return {"model": model, "x": X, "data": X[:2]}


def deferred(carried=False, compiled="adam"):
    """A model without a shape."""
    model = stack(carried=carried, compiled=compiled)
    return {"model": model, "data": X[:2], "optimizers": [model.optimizer] if compiled else []}


def alone(layer):
    """A layer in no model."""
    return {"model": None, "layers": [layer()]}


def weights_of(model):
    return [array + 1 for array in model.get_weights()]


def new(things):
    """Other weights, made before the call."""
    return things["new"]


def with_weights(**options):
    things = built(**options)
    things["new"] = weights_of(things["model"])
    return things


def with_file(**options):
    things = built(**options)
    things["file"] = PLACE / "one" / "weights.safetensors"
    things["file"].parent.mkdir(exist_ok=True)
    for one in things["file"].parent.iterdir():
        one.unlink()
    things["model"].save_weights(things["file"])
    things["model"].train_on_batch(X, Y)
    things["model"].forward(X)
    return things


def with_state(**options):
    things = built(carried=True, **options)
    things["states"] = {"lstm": [np.full((2, 2), 0.5), np.full((2, 2), 0.25)]}
    return things


def both_ways():
    model = Sequential([Bidirectional(LSTM(2, stateful=True), input_shape=(3, 2)), Dense(2)])
    model.compile("adam", "mse")
    model.fit(X, Y, 2, **SILENT)
    return {"model": model, "data": X[:2]}


def with_stepper(rows=1):
    things = built()
    stepper = things["model"].stepper(rows)
    stepper(np.full((rows, 2), 0.5) if rows > 1 else [0.5, 0.25])
    units = np.full((rows, 2), 0.75)
    states = {"lstm": [units, units]}
    return things | {"steppers": [stepper], "stepper": stepper, "states": states}


def model_of(things):
    return things["model"]


cases(
    with_weights,
    {
        "set_weights": lambda t: t["model"].set_weights(t["new"]),
        "layer.set_weights": lambda t: t["model"].layers[0].set_weights(t["new"][:3]),
        "layer.weights[...]": lambda t: (
            t["model"].layers[0].weights.__setitem__("kernel", t["new"][0])
        ),
        "layer.weights.update": lambda t: t["model"].layers[1].weights.update(bias=[1, 2]),
        "model.theta =": lambda t: setattr(t["model"], "theta", t["model"].theta + 1),
        "model.grad =": lambda t: setattr(t["model"], "grad", t["model"].grad + 1),
        "model.trainable =": lambda t: setattr(t["model"], "trainable", False),
        "layer.trainable =": lambda t: setattr(t["model"].layers[0], "trainable", False),
        "learning_rate =": lambda t: setattr(t["model"].optimizer, "learning_rate", 0.5),
        "copy": lambda t: t["model"].copy(),
        "copy to float64": lambda t: t["model"].copy("float64"),
        "get_weights": lambda t: t["model"].get_weights(),
        "summary": lambda t: t["model"].summary(print_fn=lambda line: None),
        "forward": lambda t: t["model"].forward(t["x"]),
        "trace": lambda t: t["model"].trace(t["x"]),
        "backward": lambda t: t["model"].backward(np.full((4, 2), 0.5)),
        "stepper()": lambda t: t["model"].stepper(2),
        "train_on_batch": lambda t: t["model"].train_on_batch(X, Y),
        "test_on_batch": lambda t: t["model"].test_on_batch(X, Y),
        "predict": lambda t: t["model"].predict(X, 2),
        "predict_on_batch": lambda t: t["model"].predict_on_batch(X),
        "evaluate": lambda t: t["model"].evaluate(X, Y, 2),
        "fit": lambda t: t["model"].fit(X, Y, 2, epochs=3, shuffle=False, **SILENT),
        "fit shuffled": lambda t: t["model"].fit(X, Y, 2, epochs=3, **SILENT),
        "fit validated": lambda t: t["model"].fit(
            X, Y, 2, epochs=2, validation_data=(X, Y), **SILENT
        ),
        "pop": lambda t: t["model"].pop(),
        "add to a built model": lambda t: t["model"].add(Dense(2)),
        "compile anew": lambda t: t["model"].compile("sgd", "mae", metrics=["mse", "mae"]),
        "compile the same": lambda t: t["model"].compile(t["model"].optimizer, "mae"),
        "layer(x) in a model": lambda t: t["model"].layers[0](X),
        "set_random_seed": lambda t: tinylstm.set_random_seed(3),
        "set_floatx": lambda t: tinylstm.set_floatx("float64"),
    },
)
cases(
    with_file,
    {
        "save_weights": lambda t: t["model"].save_weights(t["file"]),
        "load_weights": lambda t: t["model"].load_weights(t["file"]),
    },
)
cases(
    with_state,
    {
        "reset_states": lambda t: t["model"].reset_states(),
        "reset_states of rows": lambda t: t["model"].reset_states([1]),
        "layer.reset_states": lambda t: t["model"].layers[0].reset_states(),
        "set_states": lambda t: t["model"].set_states(t["states"]),
        "get_states": lambda t: t["model"].get_states(),
        "stateful layer(x)": lambda t: t["model"].layers[0](X[:2]),
        "stateful train_on_batch": lambda t: t["model"].train_on_batch(X[:2], Y[:2]),
        "stateful predict": lambda t: t["model"].predict(X, 2),
        "stateful fit": lambda t: t["model"].fit(X, Y, 2, epochs=3, **SILENT),
        "fit with reset_states": lambda t: t["model"].fit(
            X, Y, 2, epochs=3, reset_states="epoch", **SILENT
        ),
        "watched fit with reset_states": lambda t: t["model"].fit(
            X, Y, 2, epochs=2, reset_states="epoch", callbacks=[Callback()], **SILENT
        ),
        "stateful fit validated": lambda t: t["model"].fit(
            X, Y, 2, epochs=2, validation_data=(X, Y), **SILENT
        ),
        "set_states of other rows": lambda t: t["model"].set_states(
            {"lstm": [np.ones((3, 2)), np.ones((3, 2))]}
        ),
    },
)


@case(with_state)
def scratch_state(t):
    with t["model"].scratch_state(zero=True):
        t["model"].predict(X, 4)


@case(with_state)
def scratch_in_scratch(t):
    with t["model"].scratch_state():
        t["model"].predict(X, 2)
        with t["model"].scratch_state(zero=True):
            t["model"].predict(X, 4)
        t["model"].predict(X, 2)


def freed(**options):
    things = with_state(**options)
    things["model"].reset_states()
    return things


cases(
    freed,
    {
        "first stateful train_on_batch": lambda t: t["model"].train_on_batch(X[:3], Y[:3]),
        "first stateful predict": lambda t: t["model"].predict(X, 4),
        "first stateful layer(x)": lambda t: t["model"].layers[0](X[:3]),
        "generate": lambda t: t["model"].generate(X[0], 3, seed=1),
    },
)
cases(both_ways, {"reset_states of both directions": lambda t: t["model"].layers[0].reset_states()})
cases(
    deferred,
    {
        "build": lambda t: t["model"].build((None, 3, 2)),
        "deferred fit": lambda t: t["model"].fit(X, Y, 2, shuffle=False, epochs=2, **SILENT),
        "deferred train_on_batch": lambda t: t["model"].train_on_batch(X, Y),
        "deferred evaluate": lambda t: t["model"].evaluate(X, Y, 2),
        "deferred predict": lambda t: t["model"].predict(X),
        "deferred compile": lambda t: t["model"].compile("sgd", "mae"),
        "add to an unbuilt model": lambda t: t["model"].add(Dense(2)),
        "pop of an unbuilt model": lambda t: t["model"].pop(),
    },
)
cases(
    deferred,
    {
        "compile first": lambda t: t["model"].compile("sgd", "mae"),
        "predict before compile": lambda t: t["model"].predict(X),
    },
    compiled=None,
)
cases(
    with_stepper,
    {
        "stepper(x)": lambda t: t["stepper"]([0.25, 0.5]),
        "stepper.state =": lambda t: setattr(t["stepper"], "state", t["states"]),
        "stepper.reset": lambda t: t["stepper"].reset(),
        "stepper.copy": lambda t: t["stepper"].copy()([0.25, 0.5]),
    },
)
cases(with_stepper, {"stepper(x) of rows": lambda t: t["stepper"](X[:2, 0])}, rows=2)


def two_optimizers():
    things = built()
    return things | {"optimizers": [things["model"].optimizer, SGD(0.5)]}


cases(
    two_optimizers,
    {"compile another": lambda t: t["model"].compile(t["optimizers"][1], "mse")},
)


def loose():
    layers = [LSTM(2, input_shape=(3, 2)), Dropout(0.5), Dense(2)]
    return {"model": None, "layers": layers}


def in_a_bidirectional():
    return {"model": None, "layers": [LSTM(2, return_sequences=True)]}


cases(
    loose,
    {
        "Sequential(layers)": lambda t: Sequential(t["layers"]),
        "layer(x)": lambda t: t["layers"][0](X),
    },
)
cases(
    in_a_bidirectional,
    {
        "Bidirectional(layer)": lambda t: Bidirectional(t["layers"][0]),
        "layer.copy": lambda t: t["layers"][0].copy(),
        "Bidirectional(layer)(x)": lambda t: Bidirectional(t["layers"][0])(X),
    },
)


def growing():
    model = Sequential([LSTM(2, input_shape=(3, 2), return_sequences=True)])
    return {"model": model, "data": X[:2], "layers": [Bidirectional(LSTM(2)), Dense(2)]}


cases(
    growing,
    {
        "add": lambda t: t["model"].add(t["layers"][0]),
        "add of a TimeDistributed": lambda t: t["model"].add(TimeDistributed(Dense(2))),
    },
)


def empty():
    return {"model": Sequential(), "data": X[:2], "layers": [LSTM(2, input_shape=(3, 2))]}


cases(
    empty,
    {
        "add of the first": lambda t: t["model"].add(t["layers"][0]),
        "add of an Input": lambda t: t["model"].add(tinylstm.Input((3, 2))),
    },
)


def words():
    layers = [Embedding(5, 2, input_shape=(3,)), LSTM(2), Dense(2), Activation("softmax")]
    model = Sequential(layers)
    model.compile("rmsprop", "categorical_crossentropy")
    return {"model": model, "data": np.array([[1, 2, 3], [4, 0, 1]])}


cases(
    words,
    {
        "first fit of words": lambda t: t["model"].fit(
            t["data"], np.eye(2), 1, shuffle=False, **SILENT
        ),
        "built": lambda t: t["model"].built,
    },
)


@case(with_state)
def state_recorder(t):
    with StateRecorder(t["model"]) as t["recorder"]:
        t["model"].train_on_batch(X[:2], Y[:2])


def with_recorder():
    things = with_state()
    things["recorder"] = recorder = StateRecorder(things["model"])
    updates = things["model"].optimizer.iterations
    made = things["model"].optimizer
    return things | {"also": lambda: made.iterations - updates - len(recorder.batches)}


@case(with_recorder)
def recorded_fit(t):
    with t["recorder"]:
        t["model"].fit(X, Y, 2, epochs=2, **SILENT)


def fit_with(*callbacks, **options):
    return lambda t: t["model"].fit(
        X, Y, 2, epochs=3, callbacks=[one() for one in callbacks], **SILENT, **options
    )


def with_folder():
    things = with_file()
    return things | {"file": None}


cases(
    with_folder,
    {
        "fit with EarlyStopping": fit_with(
            lambda: EarlyStopping("loss", baseline=-1, restore_best_weights=True)
        ),
        "fit with ReduceLROnPlateau": fit_with(lambda: ReduceLROnPlateau("loss", patience=1)),
        "fit with a scheduler": fit_with(lambda: LearningRateScheduler(lambda e, r: r / 2)),
        "fit with a checkpoint": fit_with(
            lambda: ModelCheckpoint(PLACE / "one" / "w", "loss", save_best_only=True)
        ),
        "fit with a log": fit_with(lambda: CSVLogger(PLACE / "log.csv")),
        "fit of a generator": lambda t: t["model"].fit(
            iter([(X, Y)] * 3), steps_per_epoch=1, epochs=3, **SILENT
        ),
        "evaluate of a generator": lambda t: t["model"].evaluate(iter([(X, Y)] * 3)),
    },
)


def one_that_is_free():
    return {"model": None, "optimizers": [Adam()]}


cases(
    one_that_is_free,
    {
        "learning_rate = of a free one": lambda t: setattr(t["optimizers"][0], "learning_rate", 2),
        "optimizer.copy": lambda t: t["optimizers"][0].copy(),
    },
)
