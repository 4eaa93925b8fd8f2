"""Graphs that tf2onnx makes of models of Keras 3 and of Keras 2."""

import logging

import numpy as np
import pytest

from tests.formats.onnx.running import NEAR
from tinylstm import Sequential
from tinylstm.formats.onnx.reading import read

tf2onnx = pytest.importorskip("tf2onnx")
B, T, D = 2, 5, 3
EVERY = {"return_sequences": True}

MODELS = {
    "LSTM": lambda K: [K.LSTM(4), K.Dense(2, activation="softmax")],
    "a stack": lambda K: [K.LSTM(4, **EVERY), K.LSTM(3, **EVERY), K.Dense(2)],
    "backwards": lambda K: [K.LSTM(4, go_backwards=True, **EVERY), K.LSTM(3, activation="relu")],
    "both directions": lambda K: [
        K.Bidirectional(K.LSTM(4, **EVERY), merge_mode="sum"),
        K.Bidirectional(K.LSTM(3, **EVERY), merge_mode="mul"),
        K.Bidirectional(K.LSTM(4), merge_mode="ave"),
    ],
    "flat": lambda K: [
        *(K.LSTM(4, **EVERY), K.Flatten(), K.Dense(2), K.Reshape((2, 1)), K.LSTM(2)),
    ],
}
OF_KERAS2 = {  # which keeps the loop of a GRU and of hard gates apart from its body
    "GRU": lambda K: [K.GRU(4, **EVERY), K.GRU(3), K.Dense(2)],
    "hard gates": lambda K: [K.LSTM(4, recurrent_activation="hard_sigmoid"), K.Dense(2)],
    "repeated": lambda K: [
        *(K.LSTM(4), K.RepeatVector(3), K.LSTM(4, **EVERY), K.TimeDistributed(K.Dense(2))),
    ],
}
CASES = [
    *(("keras", name) for name in ("LSTM", "both directions")),
    *(("tf_keras", name) for name in ("a stack", "backwards", "flat", *OF_KERAS2)),
]


@pytest.fixture(autouse=True)
def quiet():
    """Without what the exporter logs."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("whose", "name"), CASES)
def test_a_graph_of_keras_puts_out_what_keras_does(whose, name):
    keras, tf = pytest.importorskip(whose), pytest.importorskip("tensorflow")
    keras.utils.set_random_seed(3)
    layers = (MODELS | OF_KERAS2)[name](keras.layers)
    model = keras.Sequential([keras.Input((T, D)), *layers])
    signature = [tf.TensorSpec((None, T, D), tf.float32, name="x")]
    function = tf.function(lambda x: model(x), input_signature=signature)
    graph, _ = tf2onnx.convert.from_function(function, signature, opset=17)
    x = np.random.default_rng(5).normal(size=(B, T, D)).astype("f4")
    found = read(Sequential, graph.SerializeToString()).predict(x, verbose=0)
    np.testing.assert_allclose(found, np.asarray(model(x)), **NEAR)
