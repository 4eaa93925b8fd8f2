"""What does not fit masks, words, shapes, classes and weights is refused in one sentence, and
nothing has changed."""

import numpy as np
import pytest

import tinylstm
from tests.snapshots import assert_goes_on, assert_refused, refused
from tests.surface.test_bad_input import with_value
from tinylstm import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Masking,
    RepeatVector,
    Reshape,
    Sequential,
    SimpleRNN,
    TimeDistributed,
)
from tinylstm.constraints import MaxNorm, MinMaxNorm, UnitNorm
from tinylstm.regularizers import L1L2

V, TY = ValueError, TypeError
NAN = float("nan")
N, T, K, WORDS = 6, 4, 3, 9
RNG = np.random.default_rng(5)
X = RNG.integers(0, WORDS, (N, T))
Y = RNG.integers(0, K, (N, T))
HOT = np.eye(K)[Y]
WEIGHT = RNG.random((N, T))
SPARSE = "sparse_categorical_crossentropy"


def model_of_words(loss=SPARSE, metrics=("accuracy",)):
    """Words in, a class for each; stateful both ways; with weights, moments, state and history."""
    tinylstm.set_random_seed(7)
    layers = [
        Embedding(WORDS, 4, mask_zero=True, batch_input_shape=(2, T)),
        Bidirectional(LSTM(5, return_sequences=True, stateful=True), name="both"),
        TimeDistributed(Dense(K, activation="softmax", kernel_regularizer="l2")),
    ]
    model = Sequential(layers)
    model.compile("adam", loss, metrics=list(metrics))
    model.fit(X, Y if loss == SPARSE else HOT, epochs=2, verbose=0)
    return model


def used_layer():
    """A layer that stands in a model."""
    layer = LSTM(2)
    Sequential([layer])
    return layer


def twice(wrap, layer):
    """The layer wrapped, and the layer wrapped again, in one model."""
    Sequential([wrap(layer), wrap(layer)])


def with_weight(weight, y=Y):
    """A fit with these sample weights."""
    return lambda m: m.fit(X, y, sample_weight=weight)


def with_classes(weights):
    """A fit with these class weights."""
    return lambda m: m.fit(X, Y, class_weight=weights)


REFUSED = {
    # words
    "a word beyond the table": (lambda m: m.fit(with_value(X, WORDS), Y), V, "input_dim"),
    "a negative word": (lambda m: m.predict(with_value(X, -1)), V, "whole numbers below"),
    "half a word": (lambda m: m.evaluate(with_value(X, 0.5, float), Y), V, "whole numbers below"),
    "a word that is NaN": (lambda m: m.predict(with_value(X, NAN, float)), V, "not finite"),
    "a word too far for a forward pass": (lambda m: m.forward(X[:2] + WORDS), V, "input_dim"),
    "a word too far for a trace": (lambda m: m.trace(X[:2] - 1 - X[:2].min()), V, "input_dim"),
    "a word too far for the layer": (lambda m: m.layers[0](X[:2] + WORDS), V, "input_dim"),
    "words of one-hot rows": (lambda m: m.fit(np.eye(WORDS)[X], Y), V, "features"),
    "a row of words": (lambda m: m.predict(X[0]), V, "axes"),
    "words in validation": (
        lambda m: m.fit(X, Y, validation_data=(X + WORDS, Y)),
        V,
        "whole numbers below",
    ),
    "embedding behind a layer": (lambda m: m.add(Embedding(3, 2)), V, "whole numbers of the data"),
    "embedding behind embedding": (
        lambda m: Sequential([Embedding(3, 2, input_shape=(T,)), Embedding(3, 2)]),
        V,
        "whole numbers of the data",
    ),
    "embedding of features": (
        lambda m: Sequential([Embedding(3, 2, input_shape=(T, 2)), LSTM(2)]),
        V,
        "row of numbers",
    ),
    "input_dim=0": (lambda m: Embedding(0, 2), V, "input_dim"),
    "input_dim=2.5": (lambda m: Embedding(2.5, 2), V, "input_dim"),
    "input_dim of 2^25": (lambda m: Embedding(2**25, 2), V, "too large"),
    "output_dim='a'": (lambda m: Embedding(3, "a"), V, "output_dim"),
    # masks
    "mask_value='a'": (lambda m: Masking("a"), V, "mask_value"),
    "mask_value=nan": (lambda m: Masking(NAN), V, "mask_value"),
    "masking of features": (lambda m: Sequential([Masking(input_shape=(3,))]), V, "sequences"),
    "a mask of other steps": (lambda m: m.forward(X[:2], mask=np.ones((2, 2), bool)), V, "mask"),
    # layers in layers
    "both directions of Dense": (lambda m: Bidirectional(Dense(2)), TY, "recurrent layer"),
    "both directions of a class": (lambda m: Bidirectional(LSTM), TY, "recurrent layer"),
    "both directions backwards": (
        lambda m: Bidirectional(LSTM(2, go_backwards=True)),
        TY,
        "recurrent layer",
    ),
    "both directions with states": (
        lambda m: Bidirectional(LSTM(2, return_state=True)),
        TY,
        "recurrent layer",
    ),
    "both directions of both": (lambda m: Bidirectional(Bidirectional(LSTM(2))), TY, "recurrent"),
    "both directions of a used layer": (lambda m: Bidirectional(used_layer()), TY, "recurrent"),
    "merge_mode": (lambda m: Bidirectional(LSTM(2), "concatenate"), V, "mean 'concat'?"),
    "merge_mode=None": (lambda m: Bidirectional(LSTM(2), None), V, "merge_mode"),
    "an argument of both directions": (
        lambda m: Bidirectional(LSTM(2), merge="sum"),
        V,
        "mean 'merge_mode'?",
    ),
    "both directions, carried": (
        lambda m: Sequential(
            [Bidirectional(LSTM(2, state_mode="batch_carried"), input_shape=(T, 2))]
        ).predict(np.ones((2, T, 2))),
        V,
        "batch_carried",
    ),
    "both directions twice": (lambda m: twice(Bidirectional, LSTM(2)), TY, "Only a new layer"),
    "every step of LSTM": (lambda m: TimeDistributed(LSTM(2)), TY, "each step"),
    "every step of Masking": (lambda m: TimeDistributed(Masking()), TY, "each step"),
    "every step of a number": (lambda m: TimeDistributed(3), TY, "each step"),
    "every step of a used layer": (
        lambda m: TimeDistributed(m.layers[2].layer),
        TY,
        "each step",
    ),
    "every step of features": (
        lambda m: Sequential([TimeDistributed(Dense(2), input_shape=(3,))]),
        V,
        "sequences",
    ),
    "every step twice": (lambda m: twice(TimeDistributed, Dense(2)), TY, "Only a new layer"),
    "a part of a layer as a layer": (lambda m: m.add(m.layers[2].layer), TY, "Only a new layer"),
    # shapes
    "reshape that does not fit": (lambda m: m.add(Reshape((5, 3))), V, "keeps all numbers"),
    "reshape by a rest": (lambda m: m.add(Reshape((5, -1))), V, "keeps all numbers"),
    "reshape to three axes": (lambda m: m.add(Reshape((2, 2, 3))), V, "steps and features"),
    "reshape of two unknowns": (lambda m: m.add(Reshape((-1, -1))), V, "steps and features"),
    "reshape to nothing": (lambda m: m.add(Reshape(())), V, "steps and features"),
    "reshape to 0": (lambda m: m.add(Reshape((0, 12))), V, "target_shape"),
    "reshape to 2.5": (lambda m: m.add(Reshape((2.5, -1))), V, "target_shape"),
    "reshape to a number": (lambda m: m.add(Reshape(12)), TY, "not a tuple"),
    "flatten of any steps": (
        lambda m: Sequential([Flatten(input_shape=(None, 2))]),
        V,
        "numbers of a sample",
    ),
    "repeat of steps": (lambda m: m.add(RepeatVector(2)), V, "repeats vectors"),
    "repeat 0 times": (lambda m: m.add(RepeatVector(0)), V, "n must be"),
    # penalties
    "penalty": (lambda m: m.add(Dense(2, kernel_regularizer="l3")), V, "regularizer"),
    "penalty that is a number": (lambda m: LSTM(2, bias_regularizer=0.1), V, "regularizer"),
    "negative penalty": (lambda m: L1L2(l1=-0.1), V, "l1"),
    "penalty of NaN": (lambda m: L1L2(l2=NAN), V, "l2"),
    "constraint": (lambda m: Dense(2, kernel_constraint="max_norms"), V, "mean 'max_norm'?"),
    "constraint that is a number": (lambda m: LSTM(2, bias_constraint=2.0), V, "constraint"),
    "constraint of words": (
        lambda m: Embedding(3, 2, embeddings_constraint=abs),
        V,
        "constraint",
    ),
    "negative norm": (lambda m: MaxNorm(-1), V, "max_value"),
    "norms the wrong way round": (lambda m: MinMaxNorm(2, 1), V, "max_value"),
    "rate of NaN": (lambda m: MinMaxNorm(rate=NAN), V, "rate"),
    "axis of a letter": (lambda m: UnitNorm("a"), V, "axis"),
    "no axis": (lambda m: UnitNorm([]), V, "axis"),
    "axis that is not there": (
        lambda m: Sequential([Dense(2, bias_constraint=MaxNorm(axis=1), input_shape=(3,))]).build(
            (None, 3)
        ),
        V,
        "along axes",
    ),
    # targets
    "one-hot rows": (lambda m: m.fit(X, HOT), V, "one-hot rows"),
    "a class beyond": (lambda m: m.fit(X, with_value(Y, K)), V, "number of classes"),
    "a negative class": (lambda m: m.evaluate(X, with_value(Y, -1)), V, "number of classes"),
    "half a class": (lambda m: m.fit(X, with_value(Y, 0.5, float)), V, "number of classes"),
    "classes of samples": (lambda m: m.fit(X, Y[:, 0]), V, "place for each step"),
    "a metric of rows": (
        lambda m: m.compile("sgd", SPARSE, ["categorical_accuracy"]),
        V,
        "other targets than the loss",
    ),
    "mse of classes": (lambda m: m.compile("sgd", SPARSE, ["mse"]), V, "other targets"),
    "classes for a loss of rows": (
        lambda m: m.compile("sgd", "mse", ["sparse_categorical_accuracy"]),
        V,
        "other targets than the loss",
    ),
    # weights
    "weights of fewer samples": (with_weight(WEIGHT[:4, 0]), V, "sample_weight"),
    "weights of fewer steps": (with_weight(WEIGHT[:, :2]), V, "sample_weight"),
    "weights of features": (with_weight(WEIGHT[..., None]), V, "sample_weight"),
    "a weight": (with_weight(1.0), V, "sample_weight"),
    "weights of words": (with_weight(["a"] * N), TY, "sample_weight must hold real"),
    "a weight that is NaN": (with_weight(with_value(WEIGHT, NAN)), V, "sample_weight holds"),
    "weights in evaluate": (
        lambda m: m.evaluate(X, Y, sample_weight=WEIGHT[:, :2]),
        V,
        "sample_weight",
    ),
    "weights of one batch": (
        lambda m: m.train_on_batch(X[:2], Y[:2], WEIGHT[:3, 0]),
        V,
        "sample_weight",
    ),
    "weights of the validation data": (
        lambda m: m.fit(X, Y, validation_data=(X, Y, WEIGHT[:2])),
        V,
        "sample_weight",
    ),
    "weight of a class beyond": (with_classes({0: 1.0, K: 2.0}), V, "class that is not there"),
    "weight of class -1": (with_classes({-1: 2.0}), V, "A class of class_weight"),
    "weight of class 'a'": (with_classes({"a": 2.0}), V, "A class of class_weight"),
    "weights of classes in a list": (with_classes([1.0, 2.0, 3.0]), TY, "names classes"),
    "weight of a class a list": (with_classes({0: [1.0, 2.0]}), V, "one weight"),
    "weight of a class a word": (with_classes({0: "much"}), TY, "real numbers"),
    "weight of a class NaN": (with_classes({0: NAN}), V, "not finite"),
    # states of both directions
    "state of the whole layer": (
        lambda m: m.set_states({"both": [np.ones((2, 5))] * 2}),
        V,
        "Unknown recurrent layer",
    ),
    "a state for four": (lambda m: m.set_states([np.ones((2, 5))] * 2), V, "all layers"),
    "initial state of one direction": (
        lambda m: m.layers[1](np.ones((2, T, 4)), initial_state=[np.ones((2, 5))] * 2),
        V,
        "arrays of all layers",
    ),
}


@pytest.mark.uncompiled
@pytest.mark.parametrize(("loss", "known"), [("binary_crossentropy", False), ("mse", True)])
def test_one_output_tells_two_classes_apart_or_is_any_number(loss, known):
    model = Sequential([Dense(1, activation="sigmoid", input_shape=(2,))])
    model.compile("sgd", loss)
    data = np.ones((2, 2)), np.ones((2, 1))
    model.fit(*data, class_weight={1: 2.0}, verbose=0)
    if known:
        model.fit(*data, class_weight={2: 2.0}, verbose=0)
    else:
        with refused(ValueError, "class that is not there"):
            model.fit(*data, class_weight={2: 2.0}, verbose=0)


@pytest.fixture
def model():
    return model_of_words()


@pytest.mark.uncompiled
@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_a_sentence_and_nothing_changed(model, case):
    assert_refused(model, REFUSED[case])


def test_after_everything_was_refused_training_goes_on_as_if_nothing_had_been(model):
    assert_goes_on(
        model, model_of_words(), REFUSED.values(), X, Y, sample_weight=WEIGHT, class_weight={0: 2.0}
    )


def test_a_refused_first_fit_leaves_a_deferred_model_unbuilt():
    model = Sequential([Embedding(WORDS, 4), Bidirectional(LSTM(5)), Dense(K, "softmax")])
    model.compile("adam", SPARSE)
    for call in (
        lambda: model.fit(X + WORDS, Y[:, 0]),
        lambda: model.fit(X, Y),
        lambda: model.fit(X, Y[:, 0], sample_weight=WEIGHT),
        lambda: model.fit(X, Y[:, 0], class_weight={K: 2.0}),
    ):
        with pytest.raises(ValueError, match="Expected"):
            call()
        assert not model.built
    model.fit(X[:, :2], Y[:, 0], verbose=0)  # of any shape
    assert model.built


def test_dropout_at_every_step_is_dropout():
    """TimeDistributed takes the layers that treat each step alone."""
    layers = [TimeDistributed(Dropout(0.5), input_shape=(T, 50)), TimeDistributed(Dense(K))]
    model = Sequential(layers)
    y = model.forward(np.ones((1, T, 50)), training=True)
    assert len(np.unique(y[..., 0])) == T  # each step has elements of its own dropped


@pytest.mark.parametrize(
    ("kind", "argument", "said"),
    [
        (LSTM, "cell", "Unknown argument of LSTM: 'cell'"),
        (GRU, "cell", "Unknown argument of GRU: 'cell'"),
        (GRU, "unit_forget_bias", "Unknown argument of GRU: 'unit_forget_bias'"),
        (GRU, "reset_after", "reset_after is a choice"),
        (SimpleRNN, "recurrent_activation", "Unknown argument of SimpleRNN"),
    ],
)
def test_a_recurrent_layer_takes_the_arguments_of_its_kind_alone(kind, argument, said):
    with refused(ValueError, said) as caught:
        kind(3, **{argument: "tanh"})
    assert "cell," not in str(caught.value)


def test_rnn_needs_a_cell_that_goes_back():
    with refused(TypeError, "RNN runs the steps of a cell"):
        RNN(5, 3)
