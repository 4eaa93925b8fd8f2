"""What does not fit is refused in one sentence, and nothing has changed."""

import numpy as np
import pytest

import tinylstm
from tests.snapshots import assert_goes_on, assert_refused
from tinylstm import LSTM, SGD, Adam, Dense, Dropout, Input, RMSprop, Sequential
from tinylstm.callbacks import TerminateOnNaN

N, T, D, K, ROWS = 6, 3, 2, 3, 2  # samples, steps, features, classes; rows of the state
RNG = np.random.default_rng(5)
X = RNG.normal(size=(N, T, D)).astype(np.float32)
LABELS = np.array([0, 2, 1, 1, 0, 2])
Y = np.eye(K, dtype=np.float32)[LABELS]


def stateful_model():
    """A model with weights, moments, a state and a history, in which a change would show."""
    tinylstm.set_random_seed(7)
    model = Sequential(
        [
            LSTM(4, stateful=True, batch_input_shape=(ROWS, T, D), name="lstm"),
            Dense(K, activation="softmax", name="out"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, epochs=2, verbose=0)
    return model


def with_value(a, value, dtype=None):
    """A copy of an array with one element replaced."""
    a = np.array(a, dtype)
    a.reshape(-1)[3] = value
    return a


def of_other(optimizer):
    """The optimiser of a model that is built."""
    other = Sequential([Dense(2, input_shape=(1,))])
    other.compile(optimizer, "mse")
    other.build((None, 1))
    return optimizer


def layer_of_another_model():
    """A layer that was added to a model."""
    layer = Dense(2)
    Sequential([layer])
    return layer


S, SPARSE = "lstm", "sparse_categorical_crossentropy"
V, TY = ValueError, TypeError
NAN, INF = float("nan"), float("inf")
REFUSED = {
    # shapes
    "x of rank 2": (lambda m: m.fit(X[0], Y), V, "axes"),
    "x of rank 4": (lambda m: m.predict(X[None]), V, "axes"),
    "x a number": (lambda m: m.predict(3.0), V, "axes"),
    "x of 1 feature": (lambda m: m.fit(X[:, :, :1], Y), V, "features"),
    "x of 2 steps": (lambda m: m.evaluate(X[:, :2], Y), V, "steps"),
    "x None": (lambda m: m.predict(None), TY, "x is missing"),
    "x ragged": (lambda m: m.predict([[1.0], [1.0, 2.0]]), V, "not an array"),
    "y for fewer samples": (lambda m: m.fit(X, Y[:4]), V, "differ in samples"),
    "y for more samples": (lambda m: m.train_on_batch(X[:2], Y[:3]), V, "differ in samples"),
    "y a number": (lambda m: m.fit(X, 1.0), V, "does not fit the model's output"),
    "y None": (lambda m: m.fit(X, None), TY, "y is missing"),
    "y of 2 classes": (lambda m: m.fit(X, Y[:, :2]), V, "does not fit the model's output"),
    "y with steps": (lambda m: m.test_on_batch(X[:2], np.ones((2, T, K))), V, "output"),
    "y labels": (lambda m: m.fit(X, LABELS), V, SPARSE),
    "y a column of labels": (lambda m: m.evaluate(X, LABELS[:, None]), V, SPARSE),
    # values
    "y negative": (lambda m: m.fit(X, [[-0.5, 1.5, 0.0]] * N), V, "class probabilities"),
    "y sums to 2": (lambda m: m.fit(X, 2 * Y), V, "class probabilities"),
    "y sums to 0": (lambda m: m.train_on_batch(X[:2], 0 * Y[:2]), V, "class probabilities"),
    "NaN in x": (lambda m: m.fit(with_value(X, NAN), Y), V, "x holds a value that is not finite"),
    "infinity in x": (lambda m: m.predict(with_value(X, -INF)), V, "not finite in float32"),
    "too large for float32": (
        lambda m: m.fit(with_value(X, 1e39, np.float64), Y),
        V,
        "not finite in float32",
    ),
    "NaN in y": (lambda m: m.fit(X, with_value(Y, NAN)), V, "y holds a value"),
    "NaN in the validation data": (
        lambda m: m.fit(X, Y, validation_data=(with_value(X, NAN), Y)),
        V,
        "x holds a value",
    ),
    "masked elements": (lambda m: m.predict(np.ma.masked_greater(X, 0)), V, "masked elements"),
    "an empty list": (lambda m: m.predict([]), V, "x is empty"),
    "no samples": (lambda m: m.fit(X[:0], Y[:0]), V, "x is empty"),
    "no steps": (lambda m: m.evaluate(X[:, :0], Y), V, "x is empty"),
    "y empty": (lambda m: m.fit(X, []), V, "y is empty"),
    "batch without samples": (lambda m: m.predict_on_batch(X[:0]), V, "x is empty"),
    # dtypes
    "objects": (lambda m: m.fit(X.astype(object), Y), TY, "x must hold real numbers"),
    "complex numbers": (lambda m: m.predict(X.astype(complex)), TY, "x must hold real numbers"),
    "strings": (lambda m: m.predict(X.astype(str)), TY, "x must hold real numbers"),
    "a word": (lambda m: m.predict_on_batch("text"), TY, "x must hold real numbers"),
    "dates": (lambda m: m.predict(np.zeros(X.shape, "M8[s]")), TY, "x must hold real numbers"),
    "no y to evaluate": (lambda m: m.evaluate(X), TY, "y is missing"),
    "y of strings": (lambda m: m.fit(X, Y.astype(str)), TY, "y must hold real numbers"),
    # sizes
    "batch_size=0": (lambda m: m.fit(X, Y, batch_size=0), V, "batch_size must be"),
    "batch_size=-2": (lambda m: m.predict(X, batch_size=-2), V, "batch_size must be"),
    "batch_size=2.5": (lambda m: m.evaluate(X, Y, batch_size=2.5), V, "batch_size must be"),
    "batch_size=True": (lambda m: m.fit(X, Y, batch_size=True), V, "batch_size must be"),
    "batch_size='2'": (lambda m: m.fit(X, Y, batch_size="2"), V, "batch_size must be"),
    "batch_size=nan": (lambda m: m.fit(X, Y, batch_size=NAN), V, "batch_size must be"),
    "a batch that the state does not fit": (
        lambda m: m.fit(X, Y, batch_size=3),
        V,
        "batch size differs from that of the state",
    ),
    "one sample for a state of two": (lambda m: m.predict_on_batch(X[:1]), V, "batch size"),
    "samples that do not divide": (lambda m: m.predict(X[:5]), V, "needs whole batches"),
    "validation that does not divide": (
        lambda m: m.fit(X, Y, validation_data=(X[:3], Y[:3])),
        V,
        "needs whole batches",
    ),
    "epochs=-1": (lambda m: m.fit(X, Y, epochs=-1), V, "epochs must be"),
    "epochs=2.5": (lambda m: m.fit(X, Y, epochs=2.5), V, "epochs must be"),
    "initial_epoch='1'": (lambda m: m.fit(X, Y, initial_epoch="1"), V, "initial_epoch must be"),
    # options of fit
    "verbose=7": (lambda m: m.fit(X, Y, verbose=7), V, "verbose"),
    "verbose=[]": (lambda m: m.predict(X, verbose=[]), V, "verbose"),
    "shuffle='batch'": (lambda m: m.fit(X, Y, shuffle="batch"), V, "shuffle"),
    "validation_split=1": (lambda m: m.fit(X, Y, validation_split=1), V, "share"),
    "validation_split='half'": (lambda m: m.fit(X, Y, validation_split="half"), V, "share"),
    "validation_split of nothing": (lambda m: m.fit(X, Y, validation_split=0.01), V, "whole batch"),
    "validation_split of all": (lambda m: m.fit(X, Y, validation_split=0.99), V, "empty"),
    "validation_data of 4": (lambda m: m.fit(X, Y, validation_data=(X, Y, Y, Y)), V, "pair"),
    "validation_data=5": (lambda m: m.fit(X, Y, validation_data=5), TY, "not a list"),
    "nesterov=0.5": (lambda m: SGD(momentum=0.5, nesterov=0.5), V, "nesterov is a choice"),
    "centered=2": (lambda m: RMSprop(centered=2), V, "centered is a choice"),
    "validation_freq=0": (lambda m: m.fit(X, Y, validation_freq=0), V, "validation_freq must be"),
    "validation_freq=[1.5]": (lambda m: m.fit(X, Y, validation_freq=[1.5]), V, "An epoch in vali"),
    "a callback's class": (lambda m: m.fit(X, Y, callbacks=[TerminateOnNaN]), TY, "callback"),
    "callbacks=5": (lambda m: m.fit(X, Y, callbacks=5), TY, "not a list"),
    "reset_states='epok'": (lambda m: m.fit(X, Y, reset_states="epok"), V, "mean 'epoch'?"),
    # compile
    "loss": (
        lambda m: m.compile("adam", "categorial_crossentropy"),
        V,
        "'categorical_crossentropy'?",
    ),
    "no loss": (lambda m: m.compile("adam"), V, "Unknown loss"),
    "optimizer": (lambda m: m.compile("adm", "mse"), V, "mean 'adam'?"),
    "metric": (lambda m: m.compile("sgd", "mse", ["acuracy"]), V, "mean 'accuracy'?"),
    "metrics=5": (lambda m: m.compile("sgd", "mse", 5), TY, "not a list"),
    "an optimiser in use": (lambda m: m.compile(of_other(Adam()), "mse"), V, "another model"),
    # layers
    "activation": (lambda m: m.add(LSTM(2, activation="tahn")), V, "mean 'tanh'?"),
    "recurrent activation": (
        lambda m: m.add(LSTM(2, recurrent_activation="sigmod")),
        V,
        "mean 'sigmoid'?",
    ),
    "dense activation": (lambda m: m.add(Dense(2, activation="sofmax")), V, "mean 'softmax'?"),
    "initializer": (lambda m: m.add(Dense(2, kernel_initializer="zeroes")), V, "mean 'zeros'?"),
    "state mode": (lambda m: m.add(LSTM(2, state_mode="statefull")), V, "mean 'stateful'?"),
    "units=0": (lambda m: m.add(LSTM(0)), V, "units"),
    "units='a'": (lambda m: m.add(Dense("a")), V, "units"),
    "units=None": (lambda m: m.add(LSTM(None)), V, "units"),
    "input_shape=5": (lambda m: m.add(Dense(2, input_shape=5)), TY, "input_shape is not a tuple"),
    "rate='a'": (lambda m: m.add(Dropout("a")), V, "probability"),
    "learning_rate=None": (lambda m: m.compile(Adam(None), "mse"), V, "learning_rate"),
    "seed='a'": (lambda m: tinylstm.set_random_seed("a"), V, "seed must be"),
    "seed=-1": (lambda m: tinylstm.set_random_seed(-1), V, "seed must be"),
    "a layer on a number": (lambda m: m.layers[1](3.0), V, "does not fit layer"),
    "a layer from 5": (lambda m: m.layers[0](X[:2], initial_state=5), TY, "not a list"),
    "weights of a layer": (
        lambda m: m.layers[1].set_weights([np.full((4, K), 1e39), np.zeros(K)]),
        V,
        "not finite in float32",
    ),
    "rate=1": (lambda m: m.add(Dropout(1.0)), V, "probability"),
    "LSTM without steps": (lambda m: m.add(LSTM(2)), V, "reads sequences"),
    "dtype of a layer": (lambda m: m.add(Dense(2, dtype="float64")), V, "one dtype"),
    "unknown dtype": (lambda m: m.add(Dense(2, dtype="float16")), V, "not supported"),
    "a zero byte in a name": (lambda m: Dense(2, name="a\0b"), V, "that can be written"),
    "half a letter in a name": (lambda m: Sequential(name="\ud83d"), V, "that can be written"),
    "name in use": (lambda m: m.add(Dense(2, name="out")), V, "names are unique"),
    "no layer": (lambda m: m.add("dense"), TY, "Only a new layer"),
    "layer in use": (lambda m: m.add(layer_of_another_model()), TY, "Only a new layer"),
    "an input behind layers": (lambda m: m.add(Input((3, 2))), V, "An input shape comes first"),
    "another input shape": (lambda m: m.build((None, T, D + 1)), V, "built already"),
    # weights and states
    "too few weights": (lambda m: m.set_weights(m.get_weights()[:-1]), V, "weights do not fit"),
    "weights of a shape": (
        lambda m: m.set_weights([w.T for w in m.get_weights()]),
        V,
        "weights do not fit",
    ),
    "weights that are None": (lambda m: m.set_weights(None), TY, "not a list"),
    "ragged weights": (lambda m: m.set_weights([[1.0], [[1.0], [1.0, 2.0]]]), V, "not an array"),
    "weights of words": (
        lambda m: m.set_weights([w.astype(str) for w in m.get_weights()]),
        TY,
        "real numbers",
    ),
    "weights too large": (
        lambda m: m.set_weights([w + 1e39 for w in map(np.float64, m.get_weights())]),
        V,
        "not finite in float32",
    ),
    "NaN in the last weight": (
        lambda m: m.set_weights([w + (NAN if w.size == K else 0) for w in m.get_weights()]),
        V,
        "finite",
    ),
    "states of units": (lambda m: m.set_states([np.ones((ROWS, 5))] * 2), V, "does not fit"),
    "states of rows": (lambda m: m.set_states({S: [np.ones((2, 4)), np.ones((3, 4))]}), V, "fit"),
    "one state": (lambda m: m.set_states([np.ones((ROWS, 4))]), V, "arrays of all layers"),
    "no state": (lambda m: m.set_states({}), V, "no state"),
    "NaN in c": (
        lambda m: m.set_states([np.ones((ROWS, 4)), np.full((ROWS, 4), NAN)]),
        V,
        "not finite",
    ),
    "c too large": (
        lambda m: m.set_states([np.ones((ROWS, 4)), np.full((ROWS, 4), 1e39)]),
        V,
        "not finite in float32",
    ),
    "state of a layer": (lambda m: m.set_states({"lstn": []}), V, "mean 'lstm'?"),
    "row 2 of 2": (lambda m: m.reset_states(rows=[0, 2]), V, "rows are not in the state"),
    "mask of 3 rows": (lambda m: m.reset_states(rows=[True, False, True]), V, "rows are not"),
    # study
    "forward of a state": (
        lambda m: m.forward(X[:2], states=[np.ones((3, 4))] * 2),
        V,
        "other rows",
    ),
    "mask of a shape": (lambda m: m.forward(X[:2], mask=np.ones((2, 2), bool)), V, "mask"),
    "mask of floats": (lambda m: m.trace(X[:2], mask=np.ones((2, T))), V, "mask"),
    "backward at first": (lambda m: m.backward(Y[:2]), V, "backward follows a forward"),
}


@pytest.fixture
def model():
    return stateful_model()


@pytest.mark.uncompiled
@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_a_sentence_and_nothing_changed(model, case):
    assert_refused(model, REFUSED[case])


def test_after_everything_was_refused_training_goes_on_as_if_nothing_had_been(model):
    assert_goes_on(model, stateful_model(), REFUSED.values(), X, Y)
