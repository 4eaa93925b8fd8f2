"""Backward passes of masks, embeddings, both directions, shapes and penalties against differences.

As in ``test_gradients.py``: sizes differ, each gate has random weights of its own, no bias and no
state is zero, and no point is near a kink.
"""

import numpy as np
import pytest
from hypothesis import given

from tests.kernels.layers.test_gradients import check
from tests.models import MODES, Draw, drawn, few, randomize
from tinylstm import (
    LSTM,
    Activation,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Masking,
    RepeatVector,
    Reshape,
    Sequential,
    TimeDistributed,
)
from tinylstm.regularizers import L1L2

uncompiled = pytest.mark.uncompiled
LOSSES = {  # activation of the last layer
    "mse": "linear",
    "mae": "linear",
    "binary_crossentropy": "sigmoid",
    "categorical_crossentropy": "softmax",
    "sparse_categorical_crossentropy": "softmax",
}
OF_OUTPUTS = dict.fromkeys(LOSSES, "sigmoid")  # which no loss but the binary one sees through
MERGES = ("concat", "sum", "mul", "ave")
SIDES = {  # the masked steps of T
    "left": lambda T: range(T // 2 + 1),
    "right": lambda T: range(T // 2, T),
    "middle": lambda T: range(1, T - 1),
    "all of a row": range,
}


def held(d, side):
    """(B, T) booleans: in the last row the steps of that side, in the others some."""
    found = d.rng.random((d.B, d.T)) < 0.3
    found[-1] = False
    found[-1, list(SIDES[side](d.T))] = True
    return found


def targets(d, loss, *shape):
    """Random targets that fit a loss; for mae far from where an error changes its sign."""
    if loss == "mae":
        return 9 * np.sign(d.rng.normal(size=(*shape, d.K)))
    if loss == "sparse_categorical_crossentropy":
        return d.rng.integers(d.K, size=shape)
    return d.shares(*shape)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("side", SIDES)
@given(d=drawn())
@few
def test_masked_steps_of_every_side_and_mode(mode, side, d):
    layers = [Masking(0.5), LSTM(d.H, return_sequences=True, **MODES[mode])]
    model = d.model(*layers, LSTM(d.H + 1, **MODES[mode]), Dense(d.K, "softmax"))
    x = d.x()
    x[held(d, side)] = 0.5
    check(model, x, d.shares(d.B))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("side", ["left", "all of a row"])
@pytest.mark.parametrize("activations", [LOSSES, OF_OUTPUTS], ids=["fused", "of outputs"])
@pytest.mark.parametrize("loss", LOSSES)
@given(d=drawn())
@few
def test_every_loss_with_masked_steps_and_weights_of_steps(loss, activations, side, mode, d):
    lstm = LSTM(d.H, return_sequences=True, **MODES[mode])
    model = d.model(Masking(), lstm, Dense(d.K, activations[loss]), loss=loss)
    x = d.x()
    x[held(d, side)] = 0
    weight = d.rng.random((d.B, d.T)) + 0.1
    check(model, x, targets(d, loss, d.B, d.T), sample_weight=weight)


@uncompiled
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_with_masked_steps_at_one_size(loss):
    d = Draw((2, 3, 1, 4, 5), 1)
    lstm = LSTM(d.H, return_sequences=True)
    model = d.model(Masking(), lstm, Dense(d.K, LOSSES[loss]), loss=loss)
    x = d.x()
    x[1, :2] = 0
    check(model, x, targets(d, loss, d.B, d.T))


def embedding_model(d, *layers, loss="categorical_crossentropy", **options):
    """An Embedding of d.D words in d.H + 2 features, under layers; words of every kind."""
    first = Embedding(d.D + 3, d.H + 2, input_shape=(d.T,), **options)
    model = randomize(Sequential([first, *layers], dtype="float64"), d.rng)
    model.compile("sgd", loss)
    if model.state.hand_on:
        model.set_states({a.name: d.state(a) for a in model.state.carried_layers()})
    words = d.rng.integers(1, d.D + 3, (d.B, d.T))
    return model, words


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("side", SIDES)
@given(d=drawn())
@few
def test_embeddings_of_every_mask_and_mode(mode, side, d):
    lstm = LSTM(d.H, return_sequences=True, **MODES[mode])
    model, words = embedding_model(d, lstm, Dense(d.K, "softmax"), mask_zero=True)
    words[held(d, side)] = 0
    check(model, words, d.shares(d.B, d.T))


@uncompiled
def test_an_embedding_without_a_mask_at_one_size():
    d = Draw((2, 3, 1, 4, 5), 1)
    model, words = embedding_model(d, LSTM(d.H), Dense(d.K, "softmax"))
    words[0, 1] = 0
    check(model, words, d.shares(d.B))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("mode", ["stateless", "stateful"])
@pytest.mark.parametrize("merge", MERGES)
@given(d=drawn())
@few
def test_both_directions_of_every_merge_mask_and_mode(merge, mode, return_sequences, side, d):
    both = Bidirectional(LSTM(d.H, return_sequences=return_sequences, **MODES[mode]), merge)
    model = d.model(Masking(), both, Dense(d.K, "softmax"))
    x = d.x()
    x[held(d, side)] = 0
    check(model, x, d.shares(d.B, d.T) if return_sequences else d.shares(d.B))


@uncompiled
@pytest.mark.parametrize("merge", MERGES)
def test_both_directions_at_one_size(merge):
    d = Draw((2, 3, 1, 4, 5), 1)
    both = Bidirectional(LSTM(d.H, return_sequences=True), merge)
    model = d.model(Dense(3), both, Bidirectional(LSTM(2)), Dense(d.K), loss="mse")
    check(model, d.x(), d.shares(d.B))


@pytest.mark.parametrize("mode", MODES)
@given(d=drawn())
@few
def test_an_encoder_and_a_decoder(mode, d):
    layers = [LSTM(d.H, **MODES[mode]), RepeatVector(d.T + 2)]
    layers += [LSTM(d.H + 1, return_sequences=True, **MODES[mode])]
    model = d.model(*layers, TimeDistributed(Dense(d.K, "softmax")))
    check(model, d.x(), d.shares(d.B, d.T + 2))


@pytest.mark.parametrize("mode", MODES)
@given(d=drawn())
@few
def test_shapes_between_layers(mode, d):
    steps, width = 2 * d.T, d.H  # (T, 2 H) numbers of a sample
    layers = [LSTM(2 * d.H, return_sequences=True, **MODES[mode]), Reshape((steps, width))]
    layers += [LSTM(d.H + 1, return_sequences=True, **MODES[mode]), Flatten()]
    model = d.model(*layers, Dense(d.K, "softmax"))
    check(model, d.x(), d.shares(d.B))


@pytest.mark.parametrize("mode", MODES)
@given(d=drawn())
@few
def test_layers_at_every_step_with_dropout(mode, d):
    layers = [TimeDistributed(Dense(d.H, "tanh")), TimeDistributed(Dropout(0.3))]
    layers += [LSTM(d.H + 1, return_sequences=True, **MODES[mode])]
    model = d.model(*layers, TimeDistributed(Dense(d.K)), TimeDistributed(Activation("softmax")))
    check(model, d.x(), d.shares(d.B, d.T), training=True)


@pytest.mark.parametrize("mode", MODES)
@given(d=drawn())
@few
def test_penalties_on_every_tensor(mode, d):
    names = ("kernel", "recurrent", "bias")
    lstm = LSTM(d.H, **{f"{name}_regularizer": L1L2(0.02, 0.3) for name in names}, **MODES[mode])
    dense = Dense(d.K, kernel_regularizer=L1L2(l1=0.1), bias_regularizer=L1L2(l2=0.2))
    model = d.model(lstm, dense, loss="mse")
    smallest = 1e-3  # |w| has a kink at zero
    model.theta[np.abs(model.theta) < smallest] = 2 * smallest
    check(model, d.x(), d.shares(d.B))


@uncompiled
def test_a_penalty_on_both_directions_and_an_embedding_at_one_size():
    d = Draw((2, 3, 1, 4, 5), 1)
    both = Bidirectional(LSTM(d.H, kernel_regularizer=L1L2(l2=0.3)))
    options = {"embeddings_regularizer": L1L2(l2=0.2)}
    model, words = embedding_model(d, both, Dense(d.K, "softmax"), **options)
    check(model, words, d.shares(d.B))
