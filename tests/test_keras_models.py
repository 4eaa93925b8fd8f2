"""A model's life outside training, side by side with live Keras."""

import keras
import numpy as np
import pytest

import tinylstm
from tests.keras_twins import Twins
from tests.tolerances import KERAS_OUTPUT, assert_close

T, D, H, K = 4, 3, 5, 2


@pytest.mark.parametrize("call", ["predict", "predict_on_batch"])
def test_a_model_predicts_before_it_is_compiled_as_in_keras(rng, call):
    twins = Twins(lambda k: [k.LSTM(H), k.Dense(K)], (None, T, D), rng)
    x = twins.random(7, T, D)
    y = getattr(twins.ours, call)(x)
    assert_close(y, twins.keras.predict_on_batch(x), KERAS_OUTPUT, call)


@pytest.mark.parametrize(
    ("library", "layers"), [(keras, keras.layers), (tinylstm, tinylstm)], ids=["keras", "tinylstm"]
)
def test_a_layer_has_its_weights_as_soon_as_the_model_has_an_input_shape(rng, library, layers):
    model = library.Sequential([library.Input((T, D)), layers.LSTM(H), layers.Dense(K)])
    shapes = [(D, 4 * H), (H, 4 * H), (4 * H,)]
    assert [w.shape for w in model.layers[0].get_weights()] == shapes
    weights = [rng.normal(size=shape).astype("float32") for shape in shapes]
    model.layers[0].set_weights(weights)
    for a, b in zip(model.get_weights(), weights, strict=False):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("library", "layers"), [(keras, keras.layers), (tinylstm, tinylstm)], ids=["keras", "tinylstm"]
)
def test_adding_a_layer_keeps_the_weights_of_those_before_it(rng, library, layers):
    model = library.Sequential([library.Input((T, D)), layers.LSTM(H)])
    weights = [rng.normal(size=w.shape).astype("float32") for w in model.get_weights()]
    model.set_weights(weights)
    model.add(layers.Dense(K))
    assert len(model.get_weights()) == 5
    for a, b in zip(model.get_weights(), weights, strict=False):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("layers", [keras.layers, tinylstm], ids=["keras", "tinylstm"])
def test_resetting_a_layer_before_its_model_is_built_changes_nothing(layers):
    layer = layers.LSTM(H, stateful=True)
    layer.reset_states()
    layer.reset_state()
    with pytest.raises(ValueError, match="weights"):
        layer.set_weights([np.zeros(1)])
