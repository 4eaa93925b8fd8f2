"""Models for the forward pass of the page: each cell, mode, direction and pair of gate functions.

Each setting of each layer, which is the last group, is in `tests/every_layer.py`.
"""

from functools import partial
from itertools import product

import numpy as np

from tests.every_layer import EVERY, models_of
from tinylstm import (
    GRU,
    LSTM,
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
from tinylstm.layers.activation import ACTIVATIONS, ELEMENTWISE, GATES

T, D, V = 5, 3, 6  # steps and features of a sample; words
CELLS = {
    "LSTM": LSTM,
    "GRU": GRU,
    "GRU, reset before,": partial(GRU, reset_after=False),
    "SimpleRNN": SimpleRNN,
}
MODES = "stateless", "batch_carried", "stateful"
MERGES = "concat", "sum", "mul", "ave"


def built(layers):
    model = Sequential(layers)
    model.build((None, T) if layers[0].reads_numbers else (None, T, D))
    return model


def modes():
    for name, mode, each, back in product(CELLS, MODES, (True, False), (True, False)):
        if not (back and mode == "batch_carried"):
            words = f"{name} {mode}{' every step' * each}{' backwards' * back}"
            settings = {"state_mode": mode, "return_sequences": each, "go_backwards": back}
            yield words, built([CELLS[name](4, **settings), Dense(2)])


def masked():
    for name, mode, each, back, zero in product(CELLS, MODES, *[(True, False)] * 3):
        if not (back and mode == "batch_carried") and (each or not zero):
            words = f"Masking, {name} {mode}{' every step' * each}{' backwards' * back}"
            settings = {"state_mode": mode, "return_sequences": each, "go_backwards": back}
            layer = CELLS[name](4, zero_output_for_mask=zero, **settings)
            yield words + " zeros" * zero, built([Masking(-1.0), layer, Dense(2)])


def stacks():
    for mode, name in product(MODES, CELLS):
        kind, every = CELLS[name], {"state_mode": mode, "return_sequences": True}
        layers = [LSTM(4, **every), kind(3, **every), GRU(2, state_mode=mode), Dense(3, "softmax")]
        yield f"stack with {name} {mode}", built(layers)
    layers = [LSTM(4, stateful=True, return_sequences=True), GRU(3)]
    yield "a stateful layer and a stateless one", built(layers)
    layers = [LSTM(4, go_backwards=True, return_sequences=True), LSTM(3, return_sequences=True)]
    yield "backwards, then forwards, masked", built([Masking(-1.0), *layers])


def both_ways():
    for name, merge, each, masked in product(CELLS, MERGES, (True, False), (True, False)):
        layer = Bidirectional(CELLS[name](3, return_sequences=each), merge)
        words = f"Bidirectional {name} {merge}{' every step' * each}{', masked' * masked}"
        yield words, built([*[Masking(-1.0)] * masked, layer, Dense(2)])
    yield "Bidirectional stateful", built([Bidirectional(LSTM(3, stateful=True))])


def functions():
    for phi, sigma in product(GATES, GATES):
        settings = {"activation": phi, "recurrent_activation": sigma}
        yield f"LSTM phi {phi} sigma {sigma}", built([LSTM(3, **settings)])
        yield f"GRU phi {phi} sigma {sigma}", built([GRU(3, **settings)])
        before = GRU(3, reset_after=False, **settings)
        yield f"GRU, reset before, phi {phi} sigma {sigma}", built([before])
    for phi in GATES:
        yield f"SimpleRNN phi {phi}", built([SimpleRNN(3, activation=phi)])
    for name in {**ACTIVATIONS, **ELEMENTWISE}:
        yield f"Dense {name}", built([LSTM(3, return_sequences=True), Dense(4, name)])


def beside():
    every = {"return_sequences": True}
    yield "Embedding", built([Embedding(V, 4), LSTM(3, **every), TimeDistributed(Dense(2, "tanh"))])
    yield "Embedding masked", built([Embedding(V, 4, mask_zero=True), GRU(3, **every), Dense(2)])
    dropped = [Dropout(0.5), LSTM(3, dropout=0.3, recurrent_dropout=0.3, **every)]
    yield "Dropout, which is off", built([*dropped, SpatialDropout1D(0.5), GRU(3)])
    yield "decoder", built([LSTM(4), RepeatVector(T), LSTM(3, **every), Dense(D)])
    yield "Flatten", built([LSTM(4, **every), Flatten(), Dense(2)])
    yield "Reshape", built([LSTM(4, **every), Reshape((2 * T, 2)), GRU(3)])
    yield "masked, then Flatten", built([Masking(-1.0), LSTM(2, **every), Flatten(), Dense(2)])
    normal = LayerNormalization(center=False, scale=False, epsilon=0.01)
    yield "LayerNormalization", built([LSTM(4, **every), normal, GRU(2)])
    yield "LeakyReLU", built([LSTM(4, **every), LeakyReLU(0.2), Activation("softmax"), GRU(2)])


def settings():
    for name in EVERY:
        yield from models_of(name, np.random.default_rng(7))


GROUPS = (  # each gives (what it is, model)
    modes,
    masked,
    stacks,
    both_ways,
    functions,
    beside,
    settings,
)
