"""The engine's equations once more, as plain NumPy: the naive twin that the tests hold it to.

One equation a line, one row and one step at a time, float64; nothing here is compiled, is fast, or
shares code with the engine. Who wants to know what an LSTM computes begins with ``lstm.py`` beside
this file: a step, and under it the derivatives. ``recurrent.py`` has the loop over rows and steps.

>>> from tinylstm import reference
>>> made = reference.lstm_forward(x, W, U, b, h0, c0)
>>> gradients = reference.lstm_backward(x, W, U, made, dy, dhT, dcT)

Letters as in ``docs/notation.md``: B samples, T time steps, D features, H units, K outputs, V
words, N rows.
"""

from .activations import (
    ACTIVATION,
    DERIVATIVE,
    OF_INPUT,
    leaky_relu,
    leaky_relu_backward,
    sigmoid,
    softmax,
    softmax_backward,
)
from .constraints import max_norm, min_max_norm, non_negative, unit_norm
from .differences import (
    finite_difference,
)
from .gru import gru_backward, gru_forward
from .gru_reset_before import gru_reset_before_backward, gru_reset_before_forward
from .layers import (
    dense_backward,
    dense_forward,
    dropout_backward,
    dropout_forward,
    embedding_backward,
    embedding_forward,
    last_step_first,
    layer_normalization_backward,
    layer_normalization_forward,
    masked_steps,
    masking_backward,
    masking_forward,
    merge_backward,
    merge_forward,
    numbers_of,
    repeat_backward,
    repeat_forward,
    reshape,
)
from .losses import (
    CLIP,
    area_under_roc,
    binary_accuracy,
    binary_crossentropy,
    binary_crossentropy_from_logits,
    categorical_accuracy,
    categorical_crossentropy,
    categorical_crossentropy_from_logits,
    hinge,
    huber,
    inside_clip,
    kl_divergence,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    penalty,
    sparse_accuracy,
    sparse_crossentropy,
    sparse_crossentropy_from_logits,
    top_k_accuracy,
    weights_in_the_loss,
)
from .lstm import (
    lstm_backward,
    lstm_batch_carried_backward,
    lstm_batch_carried_forward,
    lstm_forward,
)
from .optimizers import (
    adagrad,
    adam,
    adamw,
    clipnorm,
    clipvalue,
    global_clipnorm,
    lion,
    nadam,
    rmsprop,
    sgd,
)
from .recurrent import as_one_sample
from .simple_rnn import simple_rnn_backward, simple_rnn_forward

__all__ = [
    "ACTIVATION",
    "CLIP",
    "DERIVATIVE",
    "OF_INPUT",
    "adagrad",
    "adam",
    "adamw",
    "area_under_roc",
    "as_one_sample",
    "binary_accuracy",
    "binary_crossentropy",
    "binary_crossentropy_from_logits",
    "categorical_accuracy",
    "categorical_crossentropy",
    "categorical_crossentropy_from_logits",
    "clipnorm",
    "clipvalue",
    "dense_backward",
    "dense_forward",
    "dropout_backward",
    "dropout_forward",
    "embedding_backward",
    "embedding_forward",
    "finite_difference",
    "global_clipnorm",
    "gru_backward",
    "gru_forward",
    "gru_reset_before_backward",
    "gru_reset_before_forward",
    "hinge",
    "huber",
    "inside_clip",
    "kl_divergence",
    "last_step_first",
    "layer_normalization_backward",
    "layer_normalization_forward",
    "leaky_relu",
    "leaky_relu_backward",
    "lion",
    "lstm_backward",
    "lstm_batch_carried_backward",
    "lstm_batch_carried_forward",
    "lstm_forward",
    "masked_steps",
    "masking_backward",
    "masking_forward",
    "max_norm",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "merge_backward",
    "merge_forward",
    "min_max_norm",
    "nadam",
    "non_negative",
    "numbers_of",
    "penalty",
    "repeat_backward",
    "repeat_forward",
    "reshape",
    "rmsprop",
    "sgd",
    "sigmoid",
    "simple_rnn_backward",
    "simple_rnn_forward",
    "softmax",
    "softmax_backward",
    "sparse_accuracy",
    "sparse_crossentropy",
    "sparse_crossentropy_from_logits",
    "top_k_accuracy",
    "unit_norm",
    "weights_in_the_loss",
]
