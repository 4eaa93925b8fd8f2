"""Models to be saved, and what makes two of them the same."""

import numpy as np
from tinylstm.kernels.cells import gru

import tinylstm
from tests.own_cells import peephole
from tests.snapshots import changed, snapshot
from tinylstm import (
    GRU,
    LSTM,
    RNN,
    Activation,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    LayerNormalization,
    LeakyReLU,
    Masking,
    RepeatVector,
    Reshape,
    Sequential,
    SimpleRNN,
    SpatialDropout1D,
    TimeDistributed,
)
from tinylstm.initializers import Constant

N, T, D, K = 6, 5, 3, 2

CHAINS = {  # layers, and the loss that fits
    "lstm": lambda: [LSTM(4), Dense(K)],
    "every option": lambda: [
        LSTM(
            4,
            activation="sigmoid",
            recurrent_activation="hard_sigmoid",
            unit_forget_bias=False,
            bias_initializer=Constant(0.25),
            kernel_regularizer="l2",
            recurrent_constraint="max_norm",
            dropout=0.25,
            recurrent_dropout=0.25,
            return_sequences=True,
            zero_output_for_mask=True,
        ),
        GRU(3, go_backwards=True, use_bias=False),
        Dense(K, "softmax"),
    ],
    "masked and dropped": lambda: [
        Masking(0.5),
        SpatialDropout1D(0.25),
        SimpleRNN(4, return_sequences=True),
        Dropout(0.5),
        TimeDistributed(Dense(3, "elu")),
        LayerNormalization(),
        LeakyReLU(0.1),
        RNN(gru, 3),
        Dense(K, "sigmoid"),
    ],
    "both directions": lambda: [
        Bidirectional(LSTM(3, return_sequences=True), merge_mode="sum"),
        Bidirectional(GRU(2, dropout=0.5)),
        Dense(K),
    ],
    "shapes": lambda: [
        Flatten(),
        Activation("tanh"),
        Dense(4, trainable=False),
        RepeatVector(3),
        SimpleRNN(4, return_sequences=True),
        Reshape((6, 2)),
        LSTM(3),
        Dense(K),
    ],
    "own cell": lambda: [RNN(peephole, 3, recurrent_dropout=0.5), Dense(K)],
    "stateful": lambda: [
        LSTM(4, stateful=True, return_sequences=True),
        GRU(3, stateful=True),
        Dense(K),
    ],
    "batch carried": lambda: [LSTM(4, state_mode="batch_carried"), Dense(K)],
    "words": lambda: [Embedding(7, 3, mask_zero=True), LSTM(4), Dense(K)],
}
OWN = {"peephole": peephole}


def data(name, seed=3, rows=N):
    """Samples and targets for a chain."""
    rng = np.random.default_rng(seed)
    y = rng.uniform(0.1, 0.9, (rows, K))
    y /= y.sum(axis=1, keepdims=True)
    if name == "words":
        return rng.integers(0, 7, (rows, T)), y
    x = rng.normal(size=(rows, T, D))
    if name == "masked and dropped":
        x[rng.random((rows, T)) < 0.3] = 0.5
    return x, y


def trained(name="lstm", optimizer="adam", loss="mse", metrics=None, dtype="float32", epochs=2):
    """A model that has been trained for some epochs, of three batches each."""
    tinylstm.set_random_seed(7)
    model = Sequential(CHAINS[name](), dtype=dtype)
    model.compile(optimizer, loss, metrics)
    model.build((None, *data(name)[0].shape[1:]))
    if epochs:
        fit(model, name, epochs=epochs)
    return model


def fit(model, name="lstm", **options):
    """Train it on."""
    return model.fit(*data(name), **{"batch_size": 2, "verbose": 0} | options)


def assert_same(model, twin, name="lstm"):
    """They are alike in all that is kept, in outputs and gradients, and learn the same."""
    assert differences(model, twin) == []
    x, y = data(name)
    for one in (model, twin):
        one.outputs_doubted = True  # said once
    if not model.state.hand_on or model.state.rows in (None, N):
        found = [one.forward(x, training=True) for one in (model, twin)]
        np.testing.assert_array_equal(*found)
        grads = [one.backward(y) for one in (model, twin)]
        for layer in model.layers:
            for tensor in grads[0].get(layer.name, {}):
                np.testing.assert_array_equal(*(own[layer.name][tensor] for own in grads))
    losses = [fit(one, name, epochs=4, shuffle=True).history for one in (model, twin)]
    assert losses[0] == losses[1]
    assert differences(model, twin) == []


def differences(model, twin):
    """What differs between two models, but for their histories."""
    return [name for name in changed(model, snapshot(twin)) if name != "history"]
