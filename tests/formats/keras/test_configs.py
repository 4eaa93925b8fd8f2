"""Keras' configs become models and come back; what is not there is refused by its name."""

import copy
import json

import numpy as np
import pytest

import tinylstm
from tests.formats.keras.test_archive import config_of, rewrite
from tests.snapshots import refused
from tinylstm import LSTM, Bidirectional, Dense, Embedding, Sequential, layers
from tinylstm.formats import hdf5
from tinylstm.formats.keras import models, old_layout, training
from tinylstm.surface.plain import knowing

pytestmark = pytest.mark.quick


def small(**settings):
    """A small model of an LSTM with further settings."""
    model = Sequential([LSTM(3, input_shape=(4, 2), **settings), Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    return model


def said(model, **changed):
    """What stands for a model, some settings of its first layer being others."""
    found = copy.deepcopy(models.said_of_model(model))
    found["config"]["layers"][1]["config"] |= changed
    return found


ALL_LAYERS = [
    lambda: [layers.Masking(2.0), LSTM(3, dropout=0.1, recurrent_dropout=0.2, name="a")],
    lambda: [layers.GRU(3, return_sequences=True, go_backwards=True), layers.SimpleRNN(2)],
    lambda: [Bidirectional(LSTM(3, return_sequences=True, trainable=False), "sum")],
    lambda: [layers.TimeDistributed(Dense(3, "relu")), layers.LayerNormalization(epsilon=0.1)],
    lambda: [layers.Activation("elu"), layers.LeakyReLU(0.2), layers.SpatialDropout1D(0.1)],
    lambda: [layers.Flatten(), layers.Reshape((2, -1)), layers.Flatten(), layers.RepeatVector(3)],
    lambda: [Dense(2, kernel_regularizer="l2", kernel_constraint=tinylstm.constraints.MaxNorm(3))],
    lambda: [Dense(2, kernel_initializer=tinylstm.initializers.VarianceScaling(2, "fan_out"))],
    lambda: [LSTM(2, stateful=True, zero_output_for_mask=True, return_sequences=True)],
]


@pytest.mark.parametrize("make", ALL_LAYERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_written_is_read_as_the_same(make, dtype):
    model = Sequential([tinylstm.Input(batch_shape=(5, 4, 6)), *make()], dtype=dtype)
    found = models.model_of(Sequential, models.said_of_model(model))
    assert found.dtype == model.dtype
    assert found.batch_input_shape == model.batch_input_shape
    assert [one.name for one in found.layers] == [one.name for one in model.layers]
    for one, other in zip(found.layers, model.layers, strict=True):
        assert type(one) is type(other)
        assert models.said_of_layer(one, one.name, dtype) == models.said_of_layer(
            other, other.name, dtype
        )


def test_the_shape_of_an_input_goes_before_that_of_an_embedding_behind_it():
    """Keras 2 gives an Embedding one with free steps."""
    model = Sequential([Embedding(7, 3, input_shape=(5,)), layers.Flatten(), Dense(2)])
    of_keras2 = said(model, batch_input_shape=[None, None])
    assert models.model_of(Sequential, of_keras2).batch_input_shape == (None, 5)
    del of_keras2["config"]["layers"][0]
    of_keras2["config"]["layers"].pop(1)  # the Flatten, which needs to know the steps
    assert models.model_of(Sequential, of_keras2).batch_input_shape == (None, None)


def test_numbers_of_an_embedding_are_read():
    model = Sequential([Embedding(7, 3, mask_zero=True, input_shape=(5,)), LSTM(2)])
    found = models.model_of(Sequential, models.said_of_model(model))
    assert found.batch_input_shape == (None, 5)
    assert found.layers[0].mask_zero


COMPILED = {
    "rate that falls": (tinylstm.SGD(0.1, momentum=0.5, nesterov=True, decay=0.01), "mae", None),
    "huber": (tinylstm.AdamW(0.1, weight_decay=0), tinylstm.losses.Huber(0.5), ["mse"]),
    "bounds": (tinylstm.RMSprop(clipnorm=2, centered=True), "mape", ["acc", "binary_accuracy"]),
    "sums": (
        tinylstm.Adagrad(0.1, global_clipnorm=3.0),
        "binary_crossentropy",
        [tinylstm.metrics.AUC(thresholds=[0.2, 0.4]), tinylstm.metrics.AUC(9, "PR", name="pr")],
    ),
    "classes": (
        tinylstm.Lion(clipvalue=0.1),
        "sparse_categorical_crossentropy",
        ["accuracy", tinylstm.metrics.SparseTopKCategoricalAccuracy(2)],
    ),
    "nadam": (tinylstm.Nadam(weight_decay=0.1), "kl_divergence", ["top_k_categorical_accuracy"]),
}


@pytest.mark.parametrize("name", COMPILED)
def test_what_a_model_is_compiled_with_is_read_as_the_same(name):
    optimizer, loss, metrics = COMPILED[name]
    model, other = small(), small()
    model.compile(optimizer.copy(), loss, metrics)
    training.compile_as(other, training.said_of_compiled(model))
    assert other.optimizer.get_config() == model.optimizer.get_config()
    assert other.loss.name == model.loss.name
    assert np.array_equal(other.loss.option, model.loss.option)
    assert other.metrics_names == model.metrics_names
    for one, same in zip(other.chosen_metrics, model.chosen_metrics, strict=True):
        assert one.kernel is same.kernel
        assert np.array_equal(one.option, same.option)


REFUSED = {  # settings of an LSTM, and what the sentence names
    "unknown setting": ({"peephole": True}, ["'lstm'", "peephole=True"]),
    "steps first": ({"time_major": True}, ["'lstm'", "time_major=True"]),
    "penalty on outputs": (
        {"activity_regularizer": {"class_name": "L2", "config": {"l2": 0.1}}},
        ["'lstm'", "activity_regularizer"],
    ),
    "dtype": ({"dtype": "float16"}, ["dtype of Layer 'lstm'", "float16", "float32"]),
    "policy": (
        {"dtype": {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}},
        ["dtype of Layer 'lstm'", "mixed_float16"],
    ),
    "activation": ({"activation": "swish"}, ["'lstm'", "swish"]),
    "an activation that is code": (
        {"activation": {"class_name": "__lambda__", "config": {"value": ["4wEAAAA="]}}},
        ["activation of Layer 'lstm'", "nothing of a file is run"],
    ),
    "an activation of one's own": (
        {"activation": {"class_name": "function", "module": "m", "config": "relu"}},
        ["activation of Layer 'lstm'", "one of your own", 'custom_objects={"relu": relu}'],
    ),
    "initializer": (
        {"kernel_initializer": {"class_name": "Orthogonal", "config": {"gain": 2.0}}},
        ["kernel_initializer of Layer 'lstm'", "gain=2.0", "gain=1.0"],
    ),
    "initializer that is not there": (
        {"bias_initializer": {"class_name": "Identity", "config": {}}},
        ["bias_initializer of Layer 'lstm'", "no initializer Identity"],
    ),
    "units": ({"units": -1}, ["'lstm'", "units"]),
    "rate": ({"dropout": 2}, ["'lstm'", "dropout"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_setting_that_is_not_there_is_refused_by_its_name(name):
    changed, words = REFUSED[name]
    with pytest.raises(ValueError, match="\nExpected: ") as refusal:
        models.model_of(Sequential, said(small(), **changed))
    assert all(word in str(refusal.value) for word in words), str(refusal.value)


@pytest.mark.parametrize("changed", [{"unroll": True}, {"seed": 7}, {"implementation": 1}])
def test_what_changes_nothing_here_is_left(changed):
    found = models.model_of(Sequential, said(small(), **changed))
    assert models.said_of_model(found) == said(small())


def rnn(*kinds, **settings):
    """What stands for an RNN of cells of Keras."""
    cells = [
        {"class_name": kind, "config": {"units": 3, "name": f"c{k}"}}
        for k, kind in enumerate(kinds)
    ]
    several = {"class_name": "StackedRNNCells", "config": {"cells": cells}}
    return {
        "class_name": "RNN",
        "config": {"name": "rnn", "cell": cells[0] if len(cells) == 1 else several} | settings,
    }


def model_with(layer):
    """A model in the place of whose LSTM there is another layer."""
    found = said(small())
    found["config"]["layers"][1] = layer
    return models.model_of(Sequential, found)


def test_cells_are_layers_one_after_the_other():
    model = model_with(rnn("GRUCell", trainable=False, dropout=0.25))
    assert [(type(one).__name__, one.name) for one in model.layers[:-1]] == [("GRU", "rnn")]
    assert not model.layers[0].trainable
    model = model_with(rnn("LSTMCell", "SimpleRNNCell", stateful=True))
    first, second, _ = model.layers
    assert (first.name, second.name) == ("rnn_c0", "rnn_c1")
    assert (first.return_sequences, second.return_sequences) == (True, False)
    assert first.stateful
    assert second.stateful


CELLS = {
    "a cell of another class": (rnn("ConvLSTMCell"), "has a cell that tinylstm lacks"),
    "no cell": ({"class_name": "RNN", "config": {"name": "rnn"}}, "The cell of Layer 'rnn'"),
    "backwards": (rnn("LSTMCell", "GRUCell", go_backwards=True), "settings of several cells"),
    "within another": (
        {
            "class_name": "Bidirectional",
            "config": {"name": "both", "layer": rnn("LSTMCell", "GRUCell")},
        },
        "A layer of several cells is no layer here",
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_cells_that_are_no_layers_here_are_refused(name):
    layer, words = CELLS[name]
    with pytest.raises(ValueError, match=words):
        model_with(layer)


def test_a_program_in_a_file_is_never_run():
    found = said(small())
    found["config"]["layers"][2] |= {"class_name": "Lambda", "config": {"function": "..."}}
    with pytest.raises(ValueError, match="no program of a file is run"):
        models.model_of(Sequential, found)


def test_a_class_of_ones_own_is_made_from_custom_objects():
    class Own(Dense):
        def __init__(self, units, wide=1, **kwargs):
            super().__init__(units * wide, **kwargs)

    found = said(small())
    own = {"units": 2, "wide": 3, "name": "mine", "dtype": "float32", "trainable": True}
    found["config"]["layers"][2] = {
        "module": "mine.layers",
        "class_name": "Own",
        "config": own,
        "registered_name": "mine>Own",
    }
    with pytest.raises(ValueError, match=r'custom_objects=\{"Own": Own\}'):
        models.model_of(Sequential, found)
    del found["config"]["layers"][2]["module"], found["config"]["layers"][2]["registered_name"]
    found["config"]["layers"][2]["class_name"] = "mine>Own"  # as files of Keras 2 say it
    with pytest.raises(ValueError, match=r'custom_objects=\{"Own": Own\}'):
        models.model_of(Sequential, found)
    for name in ("Own", "mine>Own"):
        with knowing({name: Own}):
            model = models.model_of(Sequential, found)
        assert model.output_shape == (None, 6)
        assert model.layers[1].name == "mine"


NOT_OF_KERAS = {
    "batch_carried": (lambda: LSTM(3, state_mode="batch_carried"), "batch_carried"),
    "cell": (lambda: tinylstm.RNN(tinylstm.kernels.cells.gru, 3), "Keras has not"),
    "activation": (lambda: LSTM(3, recurrent_activation="hard_sigmoid_keras2"), "Keras 3 has not"),
    "initializer": (
        lambda: Dense(3, kernel_initializer=lambda shape, rng: np.ones(shape)),
        "Keras has not",
    ),
    "batch": (lambda: LSTM(3, stateful=True), "batch size"),
}


@pytest.mark.parametrize("name", NOT_OF_KERAS)
def test_what_keras_lacks_is_refused_with_a_way_out(name):
    make, words = NOT_OF_KERAS[name]
    model = Sequential([tinylstm.Input((4, 2)), make()])
    with pytest.raises(ValueError, match=words) as refusal:
        models.said_of_model(model)
    assert "safetensors" in str(refusal.value) or "batch_input_shape" in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "kept", "refused_by"),
    [("hard_sigmoid", ".keras", ".h5"), ("hard_sigmoid_keras2", ".h5", ".keras")],
)
def test_a_word_of_two_meanings_goes_where_it_means_that(tmp_path, name, kept, refused_by):
    for layer in (LSTM(3, recurrent_activation=name), Dense(3, name), layers.Activation(name)):
        model = Sequential([tinylstm.Input((4, 2)), layer])
        with refused(ValueError, "has not") as refusal:
            model.save(tmp_path / f"m{refused_by}")
        _, expected, _ = str(refusal.value).split("\n")
        assert f"a path that ends in {kept}" in expected
        assert ".safetensors" in expected
        assert name not in expected.partition(";")[0].replace(",", "").split()
        model.save(tmp_path / f"m{kept}")
        found = tinylstm.load_model(tmp_path / f"m{kept}", compile=False).layers[0]
        assert name in (found.activation, getattr(found, "recurrent_activation", None))


LOST = {
    "loss": (
        {"loss": {"class_name": "BinaryCrossentropy", "config": {"from_logits": True}}},
        "from_logits",
    ),
    "sum": (
        {"loss": {"class_name": "MeanSquaredError", "config": {"reduction": "sum"}}},
        "reduction",
    ),
    "unknown loss": ({"loss": "log_cosh"}, "no loss log_cosh"),
    "none": ({"loss": None}, "has no loss"),
    "two losses": ({"loss": ["mse", "mae"]}, "one output"),
    "weights": ({"loss_weights": [2.0]}, "loss_weights"),
    "metric": ({"metrics": ["precision"]}, "no metric precision"),
    "threshold": (
        {"metrics": [{"class_name": "BinaryAccuracy", "config": {"threshold": 0.3}}]},
        "threshold",
    ),
    "optimizer": ({"optimizer": {"class_name": "Adamax", "config": {}}}, "no optimizer Adamax"),
    "amsgrad": ({"optimizer": {"class_name": "Adam", "config": {"amsgrad": True}}}, "amsgrad"),
    **{
        setting: ({"optimizer": {"class_name": "SGD", "config": {setting: value}}}, setting)
        for setting, value in (
            ("use_ema", True),
            ("gradient_accumulation_steps", 4),
            ("loss_scale_factor", 2.0),
        )
    },
    "schedule": (
        {
            "optimizer": {
                "class_name": "SGD",
                "config": {"learning_rate": {"class_name": "CosineDecay", "config": {}}},
            }
        },
        "LearningRateScheduler",
    ),
}


@pytest.mark.parametrize("name", LOST)
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_what_a_model_cannot_be_compiled_with_is_refused_by_its_name(tmp_path, name, suffix):
    """With the way past it, which there is of any."""
    (what, value), words = next(iter(LOST[name][0].items())), LOST[name][1]
    path, model = tmp_path / f"m{suffix}", small()
    model.save(path)
    if suffix == ".keras":
        said = config_of(path)
        said["compile_config"][what] = value
        rewrite(path, config=said)
    else:
        tree = hdf5.read(path)
        said = json.loads(tree.attributes[old_layout.TRAINING])
        said["optimizer_config" if what == "optimizer" else what] = value
        tree.attributes[old_layout.TRAINING] = json.dumps(said)
        hdf5.write(path, tree)
    with pytest.raises(ValueError, match=words) as refusal:
        tinylstm.load_model(path)
    _, expected, _ = str(refusal.value).split("\n")
    way = "load_model(path, compile=False), and model.compile(optimizer, loss) afterwards"
    assert expected.endswith(way)
    assert np.array_equal(tinylstm.load_model(path, compile=False).theta, model.theta)


def test_a_huber_loss_without_its_delta_is_told():
    model = small()
    loss = {"class_name": "Huber", "config": {"name": "huber_loss"}}
    with pytest.warns(UserWarning, match="does not say the delta"):
        training.compile_as(model, training.said_of_compiled(model) | {"loss": loss})
