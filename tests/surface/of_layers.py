"""What layers can be made with."""

import numpy as np
from tinylstm.kernels.cells import gru, gru_reset_before, lstm, simple_rnn

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

from .use import (
    CONSTRAINTS,
    COUNTS,
    DTYPES,
    FLAGS,
    FUNCTIONS,
    GATES,
    MASK,
    OF_MATRICES,
    OF_VECTORS,
    PENALTIES,
    RATES,
    STATE,
    D,
    H,
    N,
    New,
    T,
    Use,
    X,
    method,
    stateful,
)

WORDS = np.array([[0, 1, 2], [2, 1, 0], [1, 1, 1], [0, 0, 0]])


def through(kind, x, given):
    """What a layer answers, after its model has predicted, trained and been copied."""
    one = kind(**given)
    made = Sequential([one])
    made.compile("sgd", "mse")
    y = made.predict(x, len(x))
    made.fit(x, np.zeros_like(y), len(x), verbose=0)
    made.summary(print_fn=len)
    made.copy().predict(x, len(x))
    return one(x)


def layer(kind, x=X, **values):
    """The use of a layer."""
    shape = x.shape[1:]
    of_all = {
        "name": (None, "mine"),
        "trainable": FLAGS,
        "input_shape": (None, shape, list(shape)),
        "batch_input_shape": (None, (N, *shape), (None, *shape)),
        "dtype": DTYPES,
    }
    return Use(kind, lambda **given: through(kind, x, given), values | of_all)


def alone():
    """A layer in a model of its own."""
    return stateful().layers[0]


READERS = (
    *(
        New(lambda options=options: LSTM(H, **options))
        for options in ({}, {"return_sequences": True}, {"stateful": True}, {"dropout": 0.5})
    ),
    New(lambda: GRU(H, recurrent_dropout=0.5)),
    New(lambda: SimpleRNN(H, return_sequences=True)),
)
EACH_STEP = (
    New(lambda: Dense(2)),
    New(lambda: Dense(2, "softmax")),
    New(lambda: Activation("tanh")),
    New(lambda: Dropout(0.5)),
)
OF_RECURRENT = {
    "units": COUNTS,
    "return_sequences": FLAGS,
    "return_state": FLAGS,
    "go_backwards": FLAGS,
    "zero_output_for_mask": FLAGS,
    "stateful": FLAGS,
    "state_mode": (None, "stateless", "batch_carried", "stateful"),
}
OF_DENSE = {
    "use_bias": FLAGS,
    "kernel_initializer": OF_MATRICES,
    "bias_initializer": OF_VECTORS,
    "kernel_regularizer": PENALTIES,
    "bias_regularizer": PENALTIES,
    "kernel_constraint": CONSTRAINTS,
    "bias_constraint": CONSTRAINTS,
}
OF_EVERY_CELL = {
    **OF_RECURRENT,
    **OF_DENSE,
    "activation": GATES,
    "recurrent_initializer": OF_MATRICES,
    "recurrent_regularizer": PENALTIES,
    "recurrent_constraint": CONSTRAINTS,
    "dropout": RATES,
    "recurrent_dropout": RATES,
}
OF_GATES = {"recurrent_activation": GATES}
USES = {
    "LSTM": layer(LSTM, **OF_EVERY_CELL, **OF_GATES, unit_forget_bias=FLAGS),
    "GRU": layer(GRU, **OF_EVERY_CELL, **OF_GATES, reset_after=(True, False)),
    "SimpleRNN": layer(SimpleRNN, **OF_EVERY_CELL),
    "RNN": layer(RNN, **OF_EVERY_CELL, **OF_GATES, cell=(lstm, gru, gru_reset_before, simple_rnn)),
    "Bidirectional": layer(
        Bidirectional, layer=READERS, merge_mode=("concat", "sum", "mul", "ave")
    ),
    "TimeDistributed": layer(TimeDistributed, layer=EACH_STEP),
    "Dense": layer(Dense, units=COUNTS, activation=(None, *FUNCTIONS), **OF_DENSE),
    "Dense of vectors": layer(Dense, x=X[:, 0], units=COUNTS, activation=FUNCTIONS),
    "Activation": layer(Activation, activation=FUNCTIONS),
    "LayerNormalization": layer(
        LayerNormalization,
        axis=(-1,),
        epsilon=(1e-3, 1),
        center=FLAGS,
        scale=FLAGS,
        beta_initializer=OF_VECTORS,
        gamma_initializer=OF_VECTORS,
        beta_regularizer=PENALTIES,
        gamma_regularizer=PENALTIES,
        beta_constraint=CONSTRAINTS,
        gamma_constraint=CONSTRAINTS,
    ),
    "SpatialDropout1D": layer(SpatialDropout1D, rate=RATES),
    "LeakyReLU": layer(LeakyReLU, negative_slope=RATES),
    "Dropout": layer(Dropout, rate=RATES),
    "Embedding": layer(
        Embedding,
        x=WORDS,
        input_dim=(3, 5),
        output_dim=COUNTS,
        embeddings_initializer=OF_MATRICES,
        embeddings_regularizer=PENALTIES,
        embeddings_constraint=CONSTRAINTS,
        mask_zero=FLAGS,
    ),
    "Masking": layer(Masking, mask_value=(0.0, -1, np.float32(2))),
    "RepeatVector": layer(RepeatVector, x=X[:, 0], n=COUNTS),
    "Reshape": layer(Reshape, target_shape=((D, T), (-1,), (D, -1), [T * D])),
    "Flatten": layer(Flatten),
    "Layer.__call__": Use(
        tinylstm.Layer.__call__,
        lambda **given: alone()(**given),
        {"x": (X,), "initial_state": (None, STATE), "mask": (None, MASK)},
    ),
    "Layer.copy": method("copy", alone, dtype=DTYPES),
    "Layer.get_weights": method("get_weights", alone),
    "Layer.set_weights": method(
        "set_weights", alone, weights=(New(lambda: alone().get_weights()),)
    ),
    "Layer.count_params": method("count_params", alone),
    "Layer.reset_states": method("reset_states", alone, rows=(None, 0, [1, 2])),
}
