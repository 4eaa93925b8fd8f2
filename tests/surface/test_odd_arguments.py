"""Odd arguments are refused in a sentence where they are given, and the model stays as it was."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import tinylstm
from tests.snapshots import changed, refused, snapshot
from tinylstm import (
    LSTM,
    SGD,
    Adam,
    Dense,
    Embedding,
    Masking,
    RepeatVector,
    Reshape,
    Sequential,
    initializers,
    pad_sequences,
    sliding_windows,
    stateful_batches,
    to_categorical,
)
from tinylstm.callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    Recorder,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from tinylstm.plotting.recording import StateRecorder

X = np.random.default_rng(3).normal(size=(4, 3, 2)).astype(np.float32)
Y = np.eye(3, dtype=np.float32)[[0, 2, 1, 1]]
V, TY = ValueError, TypeError
HUGE, ARRAY = 2**70, np.array([1, 2])


def model_of(**options):
    model = Sequential([LSTM(4, **options), Dense(3, "softmax")])
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def free_steps():
    return Sequential([LSTM(4, input_shape=(None, 2))])


def fit(**options):
    return lambda m: m.fit(X, Y, **({"verbose": 0} | options))


class Narrow(Callback):
    def on_epoch_end(self, logs=None):
        pass


class Uncounted:
    """A sequence of batches that does not know how many."""

    def __len__(self):
        return 2.5

    def __getitem__(self, k):
        return X, Y

    def on_epoch_end(self):
        pass


ODD = {  # (call of a built model, kind of exception, part of its sentence)
    # whole numbers beyond those of compiled code
    "epochs": (fit(epochs=HUGE), V, "epochs must be"),
    "initial_epoch": (fit(initial_epoch=HUGE), V, "initial_epoch must be"),
    "initial_epoch times batches": (fit(initial_epoch=2**62), V, "times batches must"),
    "batch_size": (fit(batch_size=HUGE), V, "batch_size must be"),
    "a fraction": (fit(batch_size=Fraction(10**400)), V, "batch_size must be"),
    "line_length": (lambda m: m.summary(line_length=HUGE), V, "line_length must be"),
    "units": (lambda m: Dense(HUGE), V, "units must be"),
    "rows": (lambda m: m.stepper(HUGE), V, "rows must be"),
    "seed": (lambda m: m.generate(X[0], 2, seed=HUGE), V, "seed must be"),
    "class_weight": (fit(class_weight={HUGE: 1.0}), V, "A class of class_weight must be"),
    # numbers that no float holds
    "learning_rate": (lambda m: Adam(learning_rate=10**400), V, "learning_rate is a number"),
    "mask_value": (lambda m: Masking(10**400), V, "mask_value must be"),
    "stddev": (lambda m: initializers.RandomNormal(stddev=-1), V, "stddev must be"),
    "constant": (lambda m: initializers.Constant("a"), V, "value must be"),
    "maxval": (lambda m: initializers.RandomUniform(1.0, 0.0), V, "maxval must be"),
    "scale": (lambda m: initializers.VarianceScaling(-1.0), V, "scale must be"),
    "min_delta": (lambda m: EarlyStopping("loss", "a"), V, "min_delta must be"),
    "baseline": (lambda m: EarlyStopping("loss", baseline=ARRAY), V, "baseline must be"),
    "factor": (lambda m: ReduceLROnPlateau("loss", factor="a"), V, "factor reduces"),
    "min_lr": (lambda m: ReduceLROnPlateau("loss", min_lr=ARRAY), V, "min_lr must be"),
    # arrays for flags and lists
    "verbose": (fit(verbose=ARRAY), V, "verbose chooses"),
    "verbose of predict": (lambda m: m.predict(X, verbose=ARRAY), V, "verbose chooses"),
    "callbacks": (fit(callbacks=ARRAY), TY, "not a callback"),
    "shuffle": (fit(shuffle=ARRAY), V, "shuffle is a choice"),
    "reset_states": (fit(reset_states=ARRAY), V, "policy for reset_states"),
    "metrics": (lambda m: m.compile("sgd", "mse", metrics=ARRAY), V, "metric"),
    "activation": (lambda m: Dense(3, ARRAY), V, "activation"),
    "activation of gates": (lambda m: LSTM(3, ARRAY), V, "activation"),
    "training": (lambda m: m.forward(X[:2], training=ARRAY), V, "training is a choice"),
    "return_states": (lambda m: m.forward(X, return_states=ARRAY), V, "return_states is"),
    "return_dict": (lambda m: m.evaluate(X, Y, return_dict=ARRAY), V, "return_dict is"),
    "return_dict of a batch": (
        lambda m: m.train_on_batch(X, Y, return_dict=ARRAY),
        V,
        "return_dict is",
    ),
    "use_bias": (lambda m: Dense(3, use_bias=ARRAY), V, "use_bias is"),
    "mask_zero": (lambda m: Embedding(3, 3, mask_zero=ARRAY), V, "mask_zero is"),
    "stateful": (lambda m: LSTM(3, stateful="yes"), V, "stateful is"),
    "return_sequences": (lambda m: LSTM(3, return_sequences=ARRAY), V, "return_sequences is"),
    "trainable": (lambda m: Dense(3, trainable=ARRAY), V, "trainable is"),
    "trainable model": (lambda m: setattr(m, "trainable", ARRAY), V, "trainable is"),
    "layers": (lambda m: Sequential(ARRAY), TY, "Only a new layer"),
    "name": (lambda m: Dense(3, name=ARRAY), TY, "name of letters"),
    "name of a model": (lambda m: Sequential(name=3), TY, "name of letters"),
    "trainable layer": (lambda m: setattr(m.layers[0], "trainable", ARRAY), V, "trainable is"),
    "stop_training": (lambda m: setattr(m, "stop_training", ARRAY), V, "stop_training is"),
    "stop_predicting": (lambda m: setattr(m, "stop_predicting", "now"), V, "stop_predicting is"),
    "overwrite": (lambda m: m.save_weights("w", overwrite=ARRAY), V, "overwrite is"),
    "append": (lambda m: CSVLogger("a.csv", append=ARRAY), V, "append is"),
    "save_freq": (lambda m: ModelCheckpoint("w", save_freq=ARRAY), V, "save_freq must be"),
    "restore": (lambda m: EarlyStopping(restore_best_weights=ARRAY), V, "restore_best_weights is"),
    "raise_error": (lambda m: TerminateOnNaN(ARRAY), V, "raise_error is"),
    "epochs to record": (lambda m: Recorder("often"), V, "Unknown choice of epochs"),
    "monitor": (lambda m: EarlyStopping(ARRAY), TY, "monitor names"),
    "rows to reset": (lambda m: m.reset_states([[1], [1, 2]]), V, "not an array"),
    "a layer to record": (lambda m: StateRecorder(m, ARRAY), V, "recurrent layer"),
    "a shape": (lambda m: m.build(3.0), TY, "input shape is not a tuple"),
    "a length": (lambda m: Reshape(np.ones((1, 2))), V, "Each length of target_shape"),
    "an empty shape": (lambda m: m.build(""), TY, "input shape is not a tuple"),
    "no layers": (lambda m: Sequential(""), TY, "layers is not a list"),
    "callbacks of nothing": (fit(callbacks=""), TY, "callbacks is not a list"),
    "callbacks of a word": (fit(callbacks=b"early"), TY, "callbacks is not a list"),
    "a shape of data": (lambda m: m.build(X[:3]), V, "Each length of an input shape"),
    "separator": (lambda m: CSVLogger("a.csv", separator=ARRAY), V, "separator stands"),
    "value": (lambda m: pad_sequences([[1]], value="a"), V, "value does not fit"),
    "words": (lambda m: pad_sequences([["a"]]), V, "does not fit the dtype"),
    "as many classes": (lambda m: to_categorical([1], 2**60), MemoryError, "fit into memory"),
    "as many steps": (lambda m: pad_sequences([[1]], 2**60), MemoryError, "fit into memory"),
    "nothing": (lambda m: pad_sequences([[1]], 2**60, dtype=[]), MemoryError, "fit into memory"),
    "nothing for a number": (lambda m: m.predict(X, steps=""), V, "counts the batches"),
    "scratch_state": (lambda m: m.scratch_state(ARRAY).__enter__(), V, "zero is a choice"),
    "streams": (
        lambda m: stateful_batches(X[0], 1, 1, return_sequences=ARRAY),
        V,
        "return_sequences is",
    ),
    # sizes beyond those of compiled code, and of memory
    "memory of rows": (lambda m: m.memory(2**62), MemoryError, "lower batch_size"),
    "memory of steps": (
        lambda m: free_steps().memory(1, 2**63 - 1),
        MemoryError,
        "or the number of steps",
    ),
    "memory of both": (lambda m: free_steps().memory(2**32, 2**32), MemoryError, "lower batch"),
    "rows of a stepper": (lambda m: m.stepper(2**62), MemoryError, "lower batch_size"),
    "repeated": (
        lambda m: Sequential([RepeatVector(2**62, input_shape=(2,)), LSTM(2)]).predict(X[:, 0]),
        MemoryError,
        "the number of steps",
    ),
    "a stride": (lambda m: sliding_windows(X[0], 1, 2**63), V, "stride must be"),
    "a long line": (lambda m: m.summary(line_length=2**31), V, "line_length must be"),
    "seed of all": (lambda m: tinylstm.set_random_seed(2**64), V, "seed must be"),
    # arguments by other names
    "nb_epoch": (lambda m: m.fit(X, Y, nb_epoch=2), TY, "Did you mean 'epochs'"),
    "samples_per_epoch": (lambda m: m.fit(X, Y, samples_per_epoch=2), TY, "'steps_per_epoch'"),
    "a slip": (lambda m: m.evaluate(X, Y, batchsize=2), TY, "Did you mean 'batch_size'"),
    "nothing alike": (lambda m: m.predict(X, q=2), TY, "Unknown argument of predict: 'q'"),
    # words that stand for nothing
    "an empty name": (lambda m: Dense(3, name=""), TY, "name of letters"),
    "an activation 0": (lambda m: Dense(3, activation=0), V, "Unknown activation: 0"),
    "an activation of nothing": (lambda m: Dense(3, activation=""), V, "Unknown activation: ''"),
    "no activation": (lambda m: LSTM(3, activation=[]), V, "Unknown activation: []"),
    "an empty loss": (lambda m: m.compile("sgd", ""), V, "Unknown loss: ''"),
    # what is worked on is another thing
    "no model": (lambda m: tinylstm.gradient_check("model", X, Y), TY, "not a model"),
    "no model to record": (lambda m: StateRecorder(5), TY, "not a model"),
    # functions that take other arguments than they are given, and objects that are none
    "schedule": (lambda m: LearningRateScheduler(lambda: 0.1), TY, "schedule <lambda> takes other"),
    "schedule of three": (lambda m: LearningRateScheduler(lambda a, b, c: 1), TY, "takes other"),
    "a function": (
        lambda m: LambdaCallback(on_epoch_end=lambda epoch: None),
        TY,
        "on_epoch_end function <lambda> takes other",
    ),
    "no function": (lambda m: LambdaCallback(on_epoch_end="print"), TY, "is a function"),
    "a method": (fit(callbacks=[Narrow()]), TY, "Narrow's method on_epoch_end takes other"),
    "a word": (fit(callbacks=["early"]), TY, "not a callback"),
    "a class": (fit(callbacks=[Callback]), TY, "not a callback"),
    "print_fn": (lambda m: m.summary(print_fn=3), TY, "print_fn is a function"),
    "print_fn of none": (lambda m: m.summary(print_fn=lambda: None), TY, "takes other arguments"),
    "no batch": (lambda m: m.predict(iter([()])), V, "This is not a batch"),
    "a length of batches": (lambda m: m.predict(Uncounted()), V, "does not know how many batches"),
    # paths that are no paths
    "save_weights": (lambda m: m.save_weights(3), TY, "filepath is a path"),
    "load_weights": (lambda m: m.load_weights(ARRAY), TY, "filepath is a path"),
    "bytes": (lambda m: m.save_weights(b"w"), TY, "filepath is a path"),
    "null": (lambda m: m.save_weights("w\0"), V, "names no file"),
    "no path": (lambda m: m.load_weights(""), V, "names no file"),
    "checkpoint": (lambda m: ModelCheckpoint(3), TY, "filepath is a path"),
    "log": (lambda m: CSVLogger(print), TY, "filename is a path"),
    "log in no folder": (
        fit(callbacks=[CSVLogger("no/such/folder/log.csv")]),
        FileNotFoundError,
        "no such folder",
    ),
    "log over a folder": (fit(callbacks=[CSVLogger(Path("."))]), IsADirectoryError, "a folder"),
    # vectors
    "theta": (lambda m: setattr(m, "theta", np.zeros(3)), V, "do not fit"),
    "theta of NaN": (lambda m: setattr(m, "theta", m.theta * np.nan), V, "not finite"),
    "grad": (lambda m: setattr(m, "grad", None), V, "do not fit"),
}


@pytest.fixture
def model():
    model = model_of(stateful=True, batch_input_shape=(2, 3, 2))
    model.fit(X, Y, verbose=0)
    return model


@pytest.mark.uncompiled
@pytest.mark.parametrize("case", ODD)
def test_refused_in_a_sentence_and_nothing_changed(model, case):
    call, kind, fragment = ODD[case]
    before, optimizer = snapshot(model), model.optimizer
    with refused(kind, fragment):
        call(model)
    assert changed(model, before) == []
    assert model.optimizer is optimizer


REFUSED_DATA = {
    "fit": lambda m: m.fit(X, Y[:, :2], verbose=0),
    "train_on_batch": lambda m: m.train_on_batch(X, Y * np.nan),
    "evaluate": lambda m: m.evaluate(X, Y[:3]),
    "test_on_batch": lambda m: m.test_on_batch(X, None),
    "predict": lambda m: m.predict(X, batch_size=3),
    "a second batch of predict": lambda m: m.predict(iter([X, X[:, :2, :1]])),
    "a second batch of evaluate": lambda m: m.evaluate(iter([(X, Y), (X, Y[:, :1])])),
    "a build": lambda m: m.build((None, 3, None)),
    "a rate": lambda m: m.fit(X, Y, 4, callbacks=LearningRateScheduler(lambda epoch: "a")),
    "a callback that begins": lambda m: m.fit(X, Y, 4, callbacks=EarlyStopping("number")),
    "a log that begins": lambda m: m.fit(X, Y, 4, callbacks=CSVLogger("no/such/log")),
}


def seen(model):
    """What is there of a model that was not built."""
    shapes = [layer.input_shape for layer in model.layers]
    return model.theta, model.moments, model.optimizer.moments, model.history, model.dtype, shapes


@pytest.mark.uncompiled
@pytest.mark.parametrize("case", REFUSED_DATA)
def test_a_refused_call_leaves_no_weights_moments_or_shapes_behind(case):
    model = model_of(stateful=True)
    before = seen(model)
    with pytest.raises((ValueError, TypeError, OSError), match="Expected"):
        REFUSED_DATA[case](model)
    assert seen(model) == before
    other = Sequential([Dense(2, input_shape=(2,))])
    other.compile(model.optimizer, "mse")  # it is free
    other.fit(X[:, 0], Y[:, :2], verbose=0)


@pytest.mark.uncompiled
@pytest.mark.parametrize(
    "layers",
    [
        lambda: [LSTM(4), Dense(3, bias_initializer=lambda shape, rng: np.ones(2))],
        lambda: [LSTM(4, state_mode="batch_carried", return_sequences=True), LSTM(4)],
        lambda: [LSTM(4), Dense(2**40)],
    ],
    ids=["initial values", "modes", "room"],
)
def test_a_refused_build_leaves_no_shapes_behind(layers):
    model = Sequential(layers())
    with pytest.raises((ValueError, MemoryError), match="Expected"):
        model.build((None, 3, 2))
    assert [layer.input_shape for layer in model.layers] == [None, None]


@pytest.mark.uncompiled
def test_a_refused_build_anew_leaves_the_moments_of_before():
    model = model_of()
    model.fit(X, Y, verbose=0)
    model.add(Dense(3, "softmax"))
    moments, updates = model.optimizer.moments, model.optimizer.iterations
    with refused(ValueError, "does not fit"):
        model.fit(X, Y[:, :2], verbose=0)
    assert model.optimizer.moments is moments
    assert model.optimizer.iterations == updates == 1


@pytest.mark.uncompiled
@pytest.mark.parametrize("call", ["predict", "evaluate"])
def test_where_a_later_batch_is_refused_the_carried_state_is_that_of_before(model, call):
    before = snapshot(model)
    good, bad = ((X[:2], Y[:2]), (X[:2, :, :1], Y[:2]))
    with refused(ValueError, "number of features"):
        getattr(model, call)(iter([good, bad]))
    assert changed(model, before) == []


@pytest.mark.uncompiled
def test_a_training_that_is_refused_as_it_begins_leaves_the_history(model):
    history = model.history
    with refused(ValueError, "does not know whether"):
        model.fit(X, Y, verbose=0, callbacks=[EarlyStopping("number")])
    assert model.history is history


@pytest.mark.uncompiled
@pytest.mark.parametrize("change", ["add", "pop", "compile"])
def test_callbacks_that_begin_do_not_change_what_a_model_is_made_of(model, change):
    calls = {
        "add": lambda: model.add(Dense(2)),
        "pop": model.pop,
        "compile": lambda: model.compile("sgd", "mse"),
    }
    begin = LambdaCallback(on_train_begin=lambda logs: calls[change]())
    with refused(ValueError, "changes a model in training"):
        model.fit(X, Y, verbose=0, callbacks=[begin])


@pytest.mark.uncompiled
def test_an_optimiser_that_was_built_for_other_parameters_is_refused(model):
    model.optimizer.build(3, np.dtype("float32"))
    for call in (model.copy, lambda: model.fit(X, Y, verbose=0)):
        with refused(ValueError, "serves another model"):
            call()


@pytest.mark.uncompiled
def test_a_layer_whose_first_call_is_refused_is_as_new():
    layer = Reshape((3, 2))
    with refused(ValueError, "keeps all numbers"):
        layer(np.ones((4, 5, 2)))
    assert layer.name is layer.model is layer.input_shape is None
    assert layer(np.ones((4, 6))).shape == (4, 3, 2)


@pytest.mark.uncompiled
def test_what_is_assigned_to_theta_is_copied_into_it(model):
    theta, values = model.theta, np.linspace(-1, 1, model.count_params())
    model.theta = values
    assert model.theta is theta
    np.testing.assert_allclose(theta, values, rtol=1e-6)
    np.testing.assert_array_equal(model.layers[0].get_weights()[0].reshape(-1), theta[:32])


@pytest.mark.uncompiled
@pytest.mark.parametrize("kind", [np.int8, np.uint64, np.float16, np.float32])
def test_a_number_of_numpy_is_a_number_whatever_it_can_hold(kind):
    model = Sequential([LSTM(3, input_shape=(None, 2)), Dense(2)])
    assert model.generate(X[0], 2, window=kind(3)).shape == (2, 2)
    assert Dense(kind(3)).units == 3
    assert EarlyStopping("loss", min_delta=kind(3)).min_delta == 3


@pytest.mark.uncompiled
def test_one_callback_needs_no_list_and_choices_may_be_numbers():
    model = model_of()
    stop = EarlyStopping("loss", verbose=np.int64(0), restore_best_weights=1)
    model.fit(X, Y, epochs=2, verbose=np.int8(0), shuffle=np.bool_(True), callbacks=stop)
    assert LSTM(3, stateful=1, return_sequences=0).stateful is True
    assert SGD(nesterov=True).rule["nesterov"][0] == 1


@pytest.mark.uncompiled
@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, "a", None])
def test_a_seed_that_is_none_is_refused_where_it_is_set(seed):
    model = model_of(input_shape=(None, 2))
    model.build((None, 3, 2))
    before = model.seed
    with refused(ValueError, "seed must be a whole number"):
        model.seed = seed
    assert model.seed == model.network.seed == before
    model.seed = np.uint8(7)
    assert model.seed == model.network.seed == 7
