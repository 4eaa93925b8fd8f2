"""Masks, words, both directions, shapes, classes by number, penalties: each once."""

import numpy as np

from ...layers import (
    LSTM,
    Bidirectional,
    Dense,
    Embedding,
    Flatten,
    Masking,
    RepeatVector,
    Reshape,
    TimeDistributed,
)
from ...regularizers import L1L2
from .model import FEATURES, SAMPLES, STEPS, case

HELD = np.array([[True, True, False, False], [False, True, False, True], [True] * STEPS])


def padded(rng):
    """Masking, an output at every step: masked ones count for nothing"""
    x = rng.normal(size=(SAMPLES, STEPS, FEATURES))
    x[HELD] = -1
    weights = rng.uniform(0.2, 2.0, (SAMPLES, STEPS))
    layers = [Masking(-1), LSTM(5, return_sequences=True), Dense(6)]
    return case(layers, "mse", 6, rng, steps=STEPS, x=x, sample_weight=weights)


def words(rng):
    """Embedding with a mask, classes by number"""
    x = np.where(HELD, 0, rng.integers(1, 7, (SAMPLES, STEPS)))
    layers = [Embedding(7, 2, mask_zero=True), LSTM(5), Dense(6, activation="softmax")]
    return case(layers, "sparse_categorical_crossentropy", 6, rng, x=x)


def bidirectional(rng):
    """two stateful Bidirectional LSTMs behind a mask"""
    x = rng.normal(size=(SAMPLES, STEPS, FEATURES))
    x[HELD] = 0
    first = Bidirectional(LSTM(5, return_sequences=True, stateful=True), merge_mode="mul")
    layers = [Masking(), first, Bidirectional(LSTM(3, stateful=True)), Dense(4)]
    return case(layers, "mse", 4, rng, x=x, state=True)


def encoder_decoder(rng):
    """RepeatVector between two LSTMs, TimeDistributed"""
    layers = [LSTM(5), RepeatVector(7), LSTM(3, return_sequences=True)]
    layers.append(TimeDistributed(Dense(6, activation="softmax")))
    return case(layers, "categorical_crossentropy", 6, rng, steps=7)


def shapes(rng):
    """Reshape and Flatten between layers of carried batches"""
    mode = {"state_mode": "batch_carried", "return_sequences": True}
    layers = [LSTM(6, **mode), Reshape((8, 3)), LSTM(5, **mode), Flatten(), Dense(7)]
    return case(layers, "mse", 7, rng)


def penalties(rng):
    """l1 and l2 of every tensor"""
    both = L1L2(0.02, 0.3)
    lstm = LSTM(5, kernel_regularizer=both, recurrent_regularizer=both, bias_regularizer=both)
    return case([lstm, Dense(6, kernel_regularizer=both)], "mse", 6, rng)


def sparse_outputs(rng):
    """classes by number, from outputs that are not a softmax"""
    layers = [LSTM(5), Dense(6, activation="sigmoid")]
    return case(layers, "sparse_categorical_crossentropy", 6, rng)


CHECKS = padded, words, bidirectional, encoder_decoder, shapes, penalties, sparse_outputs
