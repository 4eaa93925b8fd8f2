"""LSTMs: each mode, loss and option once."""

import numpy as np

from ...layers import LSTM, Activation, Dense, Dropout
from .model import SAMPLES, STEPS, case


def stateless(rng):
    """LSTM, Dense with softmax, cross-entropy on logits"""
    layers = [LSTM(5), Dense(6, activation="softmax")]
    return case(layers, "categorical_crossentropy", 6, rng)


def stateful(rng):
    """two stateful LSTMs from a state that is not zero"""
    layers = [LSTM(5, stateful=True, return_sequences=True), LSTM(3, stateful=True), Dense(6)]
    return case(layers, "mse", 6, rng, state=True)


def batch_carried(rng):
    """two LSTMs whose samples continue each other within the batch"""
    mode = {"state_mode": "batch_carried"}
    layers = [LSTM(5, return_sequences=True, **mode), LSTM(3, **mode), Dense(1)]
    return case(layers, "mse", 1, rng)


def per_step(rng):
    """an output at every step, Dense on three axes, weights on the samples"""
    layers = [LSTM(5, return_sequences=True), Dense(6, activation="softmax")]
    weights = rng.uniform(0.2, 2.0, SAMPLES)
    return case(layers, "categorical_crossentropy", 6, rng, steps=STEPS, sample_weight=weights)


def masked(rng):
    """masked steps in front, in the middle and everywhere"""
    mask = np.array([[False, True, True, True], [True, False, True, False], [False] * STEPS])
    layers = [LSTM(5, return_sequences=True), LSTM(3), Dense(6)]
    return case(layers, "mse", 6, rng, mask=mask)


def backwards(rng):
    """steps read from the last to the first, masked too"""
    mask = np.array([[False, True, True, True], [True, False, True, True], [True] * STEPS])
    return case([LSTM(5, go_backwards=True), Dense(6)], "mse", 6, rng, mask=mask)


def dropout(rng):
    """dropout between the layers, its masks held"""
    layers = [LSTM(5, return_sequences=True), Dropout(0.3), LSTM(3), Dropout(0.3), Dense(6)]
    return case(layers, "mse", 6, rng, training=True)


def gates(rng):
    """other gate functions, and no bias"""
    layers = [
        LSTM(5, activation="sigmoid", recurrent_activation="hard_sigmoid", return_sequences=True),
        LSTM(3, activation="linear", recurrent_activation="hard_sigmoid_keras2", use_bias=False),
        Activation("tanh"),
        Dense(6),
    ]
    return case(layers, "mse", 6, rng)


def sigmoid_outputs(rng):
    """Dense with sigmoid, binary cross-entropy on logits"""
    layers = [LSTM(5), Dense(6, activation="sigmoid")]
    return case(layers, "binary_crossentropy", 6, rng)


def probabilities(rng):
    """cross-entropy of a softmax that is followed by nothing the loss could see through"""
    layers = [LSTM(5), Dense(6, activation="softmax"), Activation("linear")]
    return case(layers, "categorical_crossentropy", 6, rng)


def shares(rng):
    """binary cross-entropy of probabilities"""
    layers = [LSTM(5), Dense(6, activation="sigmoid"), Activation("linear")]
    return case(layers, "binary_crossentropy", 6, rng)


def absolute(rng):
    """mean absolute error"""
    return case([LSTM(5), Dense(6)], "mae", 6, rng)


CHECKS = (
    *(stateless, stateful, batch_carried, per_step, masked, backwards, dropout, gates),
    *(sigmoid_outputs, probabilities, shares, absolute),
)
