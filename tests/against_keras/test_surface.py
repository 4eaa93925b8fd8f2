"""Small methods of a model, in Keras and here: layers by name, pop, shapes, what is trained."""

import numpy as np
import pytest

import tinylstm
from tests.keras_twins import keras
from tests.snapshots import refused
from tinylstm import LSTM, Bidirectional, Dense, Sequential

T, D = 4, 3
LIBRARIES = {"keras": (keras, keras.layers), "tinylstm": (tinylstm, tinylstm)}
BOTH = pytest.mark.parametrize(("library", "k"), LIBRARIES.values(), ids=LIBRARIES)


def model_of(library, k, batch=None):
    layers = [k.LSTM(5, name="reader", return_sequences=True), k.LSTM(4), k.Dense(2, name="out")]
    return library.Sequential([library.Input(batch_shape=(batch, None, D)), *layers])


@BOTH
def test_layers_are_found_by_name_or_index(library, k):
    model = model_of(library, k)
    assert model.get_layer("reader") is model.layers[0]
    assert model.get_layer(name="out") is model.get_layer(index=-1) is model.layers[2]
    assert model.get_layer(index=1) is model.layers[1]
    for wrong in ({"name": "in"}, {"index": 3}, {}, {"name": "out", "index": 2}):
        with pytest.raises(ValueError, match=r"."):
            model.get_layer(**wrong)


@BOTH
def test_pop_takes_the_last_layer_off_and_the_others_keep_their_weights(rng, library, k):
    model, x = model_of(library, k), rng.normal(size=(2, T, D)).astype("float32")
    model.compile("adam", "mse")
    model.fit(x, np.ones((2, 2)), verbose=0)
    weights, out = model.get_weights(), model.layers[-1]
    assert model.pop() is out
    assert [layer.name for layer in model.layers][:1] == ["reader"]
    assert len(model.layers) == 2
    for a, b in zip(model.get_weights(), weights[:-2], strict=True):
        np.testing.assert_array_equal(a, b)
    assert model.predict(x, verbose=0).shape == (2, 4)
    model.add(k.Dense(3))
    for a, b in zip(model.get_weights()[:-2], weights[:-2], strict=True):
        np.testing.assert_array_equal(a, b)
    model.compile("adam", "mse")
    model.fit(x, np.ones((2, 3)), verbose=0)


@BOTH
@pytest.mark.parametrize("batch", [None, 6])
def test_shapes_have_the_batch_in_front(library, k, batch):
    model = model_of(library, k, batch)
    assert model.input_shape == (batch, None, D)
    assert model.output_shape == (batch, 2)
    model.pop()
    model.pop()
    assert model.output_shape == (batch, None, 5)


@BOTH
def test_parameters_are_counted_and_told_apart_by_what_is_trained(library, k):
    model = model_of(library, k)
    counts = [4 * 5 * (D + 5 + 1), 4 * 4 * (5 + 4 + 1), 2 * (4 + 1)]
    assert [layer.count_params() for layer in model.layers] == counts
    model.layers[1].trainable = False
    assert [w.shape for w in model.trainable_weights] == [(D, 20), (5, 20), (20,), (4, 2), (2,)]
    assert [w.shape for w in model.non_trainable_weights] == [(5, 16), (4, 16), (16,)]
    for trained in (False, True):
        model.trainable = trained
        assert model.trainable is trained
        assert [layer.trainable for layer in model.layers] == [trained] * 3
        assert (len(model.trainable_weights), len(model.non_trainable_weights)) == (
            (8, 0) if trained else (0, 8)
        )


def test_scores_come_by_name_too(rng):
    model, x, y = model_of(tinylstm, tinylstm), rng.normal(size=(3, T, D)), np.ones((3, 2))
    model.compile("sgd", "mse", metrics=["mae"])
    expected = dict(zip(["loss", "mae"], model.evaluate(x, y), strict=True))
    for call in (model.evaluate, model.test_on_batch, model.train_on_batch):
        assert call(x, y, return_dict=True) == expected
    assert model.evaluate(x, y, return_dict=True)["loss"] < expected["loss"]


def test_views_of_what_is_trained_are_the_parameters():
    model = model_of(tinylstm, tinylstm)
    model.layers[0].trainable = False
    model.trainable_weights[-1][:] = 7
    assert (model.layers[2].weights["bias"] == 7).all()
    both = Sequential([Bidirectional(LSTM(3, trainable=False), input_shape=(T, D)), Dense(1)])
    assert [w.shape for w in both.trainable_weights] == [(6, 1), (1,)]
    lines = []
    both.summary(print_fn=lines.append)
    assert lines[-3:-1] == [
        "Trainable params: 7 (28.00 B)",
        f"Non-trainable params: {2 * 12 * (D + 3 + 1)} (672.00 B)",
    ]


def test_a_layer_that_was_taken_off_is_free_for_another_model_and_place(rng):
    x = rng.normal(size=(2, T, D))
    reads = LSTM(4, input_shape=(T, D), return_sequences=True)
    model = Sequential([reads, Bidirectional(LSTM(2)), Dense(3)])
    model.predict(x)
    dense, both = model.pop(), model.pop()
    model.add(dense)  # it reads another width now
    assert model.predict(x).shape == (2, T, 3)
    other = Sequential([both])
    assert other.predict(x).shape == (2, 4)
    model.pop()
    assert model.pop() is reads
    assert Sequential([reads]).predict(x).shape == (2, T, 4)
    model.add(Dense(2))
    assert model.predict(x[:, 0]).shape == (2, 2)  # the input shape went with its layer
    model.pop()
    with refused(ValueError, "no layer"):
        model.pop()


def test_a_history_and_an_optimiser_say_what_they_are():
    model = model_of(tinylstm, tinylstm)
    model.compile(tinylstm.SGD(0.5, momentum=0.9), "mse", metrics=["mae"])
    history = model.fit(np.ones((2, T, D)), np.ones((2, 2)), epochs=3, verbose=0)
    assert repr(history) == "<History of 3 epochs: loss, mae>"
    expected = "learning_rate=0.5, decay=0, weight_decay=0, momentum=0.9, nesterov=0"
    assert repr(model.optimizer) == f"<SGD after 3 updates: {expected}>"
