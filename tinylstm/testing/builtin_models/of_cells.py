"""GRU and SimpleRNN in each mode and option; all three cells mixed, and with dropout inside."""

import numpy as np

from ...layers import GRU, LSTM, Bidirectional, Dense, Masking, SimpleRNN
from .model import FEATURES, SAMPLES, STEPS, case

HELD = np.array([[True, True, False, False], [False, True, False, True], [True] * STEPS])


def gru(rng):
    """two stateful GRUs from a state that is not zero, the second without a bias"""
    first = GRU(5, stateful=True, return_sequences=True)
    layers = [first, GRU(3, stateful=True, use_bias=False), Dense(6)]
    return case(layers, "mse", 6, rng, state=True)


def gru_reset_before(rng):
    """two stateful GRUs that reset before the product, one with dropout, behind a mask"""
    x = rng.normal(size=(SAMPLES, STEPS, FEATURES))
    x[HELD] = 0
    options = {"reset_after": False, "stateful": True}
    first = GRU(5, return_sequences=True, dropout=0.3, recurrent_dropout=0.4, **options)
    layers = [Masking(), first, GRU(3, use_bias=False, **options), Dense(6)]
    return case(layers, "mse", 6, rng, x=x, state=True, training=True)


def simple_rnn(rng):
    """two stateful SimpleRNNs, the second with another function and without a bias"""
    first = SimpleRNN(5, stateful=True, return_sequences=True)
    layers = [first, SimpleRNN(3, "sigmoid", use_bias=False, stateful=True), Dense(6)]
    return case(layers, "mse", 6, rng, state=True)


def mixed(rng):
    """GRU, LSTM and SimpleRNN behind a mask, an output at every step, one of them backwards"""
    x = rng.normal(size=(SAMPLES, STEPS, FEATURES))
    x[HELD] = 0
    each = {"return_sequences": True}
    layers = [Masking(), GRU(5, go_backwards=True, **each), LSTM(4, **each), SimpleRNN(3, **each)]
    return case([*layers, Dense(6)], "mse", 6, rng, steps=STEPS, x=x)


def cells_carried(rng):
    """a GRU and a SimpleRNN whose samples continue each other within the batch"""
    mode = {"state_mode": "batch_carried"}
    functions = {"activation": "sigmoid", "recurrent_activation": "hard_sigmoid"}
    layers = [GRU(5, return_sequences=True, **functions, **mode), SimpleRNN(3, **mode), Dense(1)]
    return case(layers, "mse", 1, rng)


def both_directions(rng):
    """Bidirectional GRU and SimpleRNN behind a mask"""
    mask = np.array([[False, True, True, True], [True, False, True, False], [False] * STEPS])
    layers = [Bidirectional(GRU(5, return_sequences=True), "ave"), Bidirectional(SimpleRNN(3))]
    return case([*layers, Dense(4)], "mse", 4, rng, mask=mask)


def dropout_inside(rng):
    """dropout of x and of h_prev inside each cell, its masks held"""
    rates = {"dropout": 0.3, "recurrent_dropout": 0.4}
    layers = [
        LSTM(5, return_sequences=True, **rates),
        Bidirectional(GRU(4, return_sequences=True, **rates)),
        SimpleRNN(3, **rates),
        Dense(6),
    ]
    return case(layers, "mse", 6, rng, training=True)


CHECKS = gru, gru_reset_before, simple_rnn, mixed, cells_carried, both_directions, dropout_inside
