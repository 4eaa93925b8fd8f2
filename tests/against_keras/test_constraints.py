"""Constraints on weights against live Keras: on arrays, and after some updates."""

import keras
import numpy as np
import pytest

import tinylstm
from tests.keras_twins import Twins
from tests.tolerances import KERAS_OUTPUT, assert_close

N, B, T, D, H, K = 23, 4, 5, 3, 6, 3
ON_ARRAYS = {
    "MaxNorm": ({}, {"max_value": 0.5, "axis": 1}, {"axis": [0, 1]}),
    "NonNeg": ({},),
    "UnitNorm": ({}, {"axis": 1}),
    "MinMaxNorm": ({}, {"min_value": 1.5, "max_value": 3, "rate": 0.3, "axis": -1}),
}


def of(k):
    """The module of constraints that belongs to the layers k."""
    return keras.constraints if k is keras.layers else tinylstm.constraints


@pytest.mark.parametrize("name", ON_ARRAYS)
def test_each_does_to_an_array_what_keras_does(rng, name):
    w = 2 * rng.normal(size=(5, 4)).astype(np.float32)
    w[:, 1] = 0
    for numbers in ON_ARRAYS[name]:
        ours = getattr(tinylstm.constraints, name)(**numbers)(w)
        theirs = getattr(keras.constraints, name)(**numbers)(w)
        assert_close(ours, np.asarray(theirs), KERAS_OUTPUT)


def test_the_names_are_those_of_keras():
    theirs = {name for name in keras.src.constraints.ALL_OBJECTS_DICT if "onstraint" not in name}
    assert set(tinylstm.constraints.CONSTRAINTS) == theirs


STACKS = {
    "lstm": lambda k, **given: [k.LSTM(H, **given), k.Dense(K)],
    "gru": lambda k, **given: [k.GRU(H, **given), k.Dense(K)],
    "simple_rnn": lambda k, **given: [k.SimpleRNN(H, **given), k.Dense(K)],
    "both": lambda k, **given: [k.Bidirectional(k.LSTM(H, **given)), k.Dense(K)],
}


@pytest.mark.parametrize("stack", STACKS)
def test_a_fit_with_constraints_gives_the_same_weights_as_in_keras(rng, stack):
    def layers(k):
        c = of(k)
        given = {
            "kernel_constraint": c.MaxNorm(0.8),
            "recurrent_constraint": c.UnitNorm(axis=1),
            "bias_constraint": c.MinMaxNorm(0.5, 0.9, rate=0.5),
        }
        return STACKS[stack](k, **given)

    twins = Twins(layers, (None, T, D), rng)
    twins.compile("mse")
    twins.fit(twins.random(N, T, D), twins.random(N, K), batch_size=B, epochs=3)


def test_words_and_dense_layers_with_constraints_by_name_equal_keras(rng):
    def layers(k):
        dense = k.Dense(K, kernel_constraint="non_neg", bias_constraint="max_norm")
        return [k.Embedding(7, 4, embeddings_constraint="unit_norm"), k.Flatten(), dense]

    twins = Twins(layers, (None, T), rng)
    twins.compile("mse", "SGD")
    twins.fit(rng.integers(0, 7, (N, T)), twins.random(N, K), batch_size=B, epochs=3)


def test_a_layer_that_is_not_trained_is_not_constrained_as_in_keras(rng):
    layers = lambda k: [k.Dense(4, kernel_constraint="unit_norm", trainable=False), k.Dense(K)]  # noqa: E731
    twins = Twins(layers, (None, D), rng)
    twins.compile("mse", "SGD")
    twins.fit(twins.random(N, D), twins.random(N, K), batch_size=B, epochs=1)
