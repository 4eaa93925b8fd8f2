"""Models of several layers, with weights and data that show each term.

Each setting of each layer is in `tests/every_layer.py`.
"""

import numpy as np
from tinylstm.kernels.cells import gru

import tinylstm
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

B, T, D, V = 4, 6, 3, 5
EVERY = {"return_sequences": True}
CARRIED = {"state_mode": "batch_carried"}


def first(**settings):
    """What the first layer is told."""
    return {"input_shape": (T, D)} | settings


MODELS = {
    "LSTM": lambda: [LSTM(4, **first()), Dense(2)],
    "steps that are free": lambda: [LSTM(4, input_shape=(None, D), **EVERY), Dense(2)],
    "a stack": lambda: [
        *(LSTM(4, **first(), **EVERY), GRU(5, **EVERY), SimpleRNN(2)),
        Dense(2, activation="softmax"),
    ],
    "resets before the product": lambda: [
        GRU(4, reset_after=False, **first(), **EVERY),
        GRU(3, reset_after=False, use_bias=False, go_backwards=True, **EVERY),
        Bidirectional(GRU(4, "relu", "hard_sigmoid", reset_after=False)),
    ],
    "without biases": lambda: [
        *(LSTM(4, use_bias=False, **first(), **EVERY), GRU(5, use_bias=False, **EVERY)),
        *(SimpleRNN(2, use_bias=False), Dense(2, use_bias=False)),
    ],
    "the last step first": lambda: [
        *(LSTM(4, go_backwards=True, **first(), **EVERY), GRU(5, go_backwards=True, **EVERY)),
        SimpleRNN(2, go_backwards=True),
    ],
    **{
        f"both directions, {mode}": lambda mode=mode: [
            Bidirectional(LSTM(4, **EVERY), merge_mode=mode, **first()),
            Bidirectional(GRU(4), merge_mode=mode),
        ]
        for mode in ("concat", "sum", "mul", "ave")
    },
    "layers without steps": lambda: [
        *(Dense(6, input_shape=(D,)), LeakyReLU(0.2), Reshape((3, 2)), LSTM(4), RepeatVector(3)),
        *(TimeDistributed(Dense(2)), Activation("tanh"), Flatten(), Reshape((-1, 3))),
    ],
    "normalised": lambda: [
        LSTM(4, **first(), **EVERY),
        LayerNormalization(),
        *(LayerNormalization(center=False, scale=False, epsilon=0.1), LSTM(2)),
    ],
    "what training alone has": lambda: [
        *(SpatialDropout1D(0.5, **first()), LSTM(4, dropout=0.5), Dropout(0.5), Dense(2)),
    ],
    "words": lambda: [Embedding(V, 3, input_shape=(T,)), LSTM(4), Dense(2)],
    "a cell by itself": lambda: [RNN(gru, 4, return_state=True, **first()), Dense(2)],
    "samples end to end": lambda: [
        *(LSTM(4, **CARRIED, **first(), **EVERY), GRU(3, **CARRIED, **EVERY)),
        *(Dense(3), SimpleRNN(2, **CARRIED)),
    ],
    "samples of any length end to end": lambda: [
        LSTM(4, **CARRIED, **EVERY, input_shape=(None, D)),
    ],
    "a mask": lambda: [Masking(**first()), LSTM(4), Dense(2)],
    "masks of every step": lambda: [
        *(Masking(-1.0, **first()), LSTM(4, **EVERY), Masking(), Dense(3)),
        *(GRU(3, go_backwards=True, **EVERY), LSTM(3, zero_output_for_mask=True, **EVERY)),
        SimpleRNN(2, go_backwards=True, zero_output_for_mask=True, **EVERY),
    ],
    "masks in both directions": lambda: [
        Masking(**first()),
        Bidirectional(LSTM(4, **EVERY), merge_mode="mul"),
        *(Bidirectional(GRU(4, **EVERY)), Bidirectional(LSTM(4))),
    ],
    "masked words": lambda: [
        *(Embedding(V, 3, input_shape=(T,), mask_zero=True), LSTM(4, **EVERY), GRU(3)),
    ],
    "masks end to end": lambda: [
        Masking(**first()),
        *(LSTM(4, **CARRIED, **EVERY), LSTM(3, **CARRIED)),
    ],
}
FIXED = {"batch_input_shape": (B, T, D)}
STATEFUL = {
    "LSTM": lambda: [LSTM(4, stateful=True, **FIXED), Dense(2)],
    "a stack": lambda: [
        *(LSTM(4, stateful=True, **FIXED, **EVERY), GRU(3, stateful=True, **EVERY)),
        *(Dense(3), SimpleRNN(2, stateful=True)),
    ],
    "a batch that is free": lambda: [GRU(4, stateful=True, input_shape=(None, D)), Dense(2)],
    "beside what starts anew": lambda: [LSTM(4, stateful=True, **FIXED, **EVERY), LSTM(3)],
    "before the product": lambda: [
        GRU(4, stateful=True, reset_after=False, **FIXED, **EVERY),
        GRU(3, stateful=True, reset_after=False),
    ],
    "backwards": lambda: [GRU(4, stateful=True, go_backwards=True, **FIXED, **EVERY), Dense(2)],
    "both directions": lambda: [Bidirectional(LSTM(4, stateful=True, **EVERY), **FIXED)],
    "masks": lambda: [
        *(Masking(**FIXED), LSTM(4, stateful=True, **EVERY)),
        *(GRU(4, stateful=True, go_backwards=True, **EVERY), LSTM(3, stateful=True)),
    ],
}


def made(layers):
    """A built model, each of whose weights is another number."""
    tinylstm.set_random_seed(5)
    model, rng = Sequential(layers), np.random.default_rng(7)
    model.build(model.batch_input_shape)
    model.set_weights([rng.normal(0, 0.5, array.shape) for array in model.get_weights()])
    return model


def data_for(model):
    """B samples: with masked steps at the front, at the end, in the middle, and everywhere."""
    rng = np.random.default_rng(11)
    if model.layers[0].reads_numbers:
        x = rng.integers(1, V, (B, T))
    else:
        steps = (T,) if len(model.batch_input_shape) == 3 else ()
        x = rng.normal(size=(B, *steps, D)).astype(model.dtype)
    if len(x[0].shape) > 0 and len(x[0]) == T:
        value = next((one.mask_value for one in model.layers if isinstance(one, Masking)), 0)
        x[0, 2] = x[0, 5] = x[1, :2] = x[2] = x[3, 4:] = value
    return x
