"""Files of Keras 3 against live Keras: what one of the two writes, the other one reads, computes
the same with, and trains further as if it had never been in a file."""

import math

import keras
import numpy as np
import pytest

import tinylstm
from tests.keras_twins import Twins
from tests.tolerances import KERAS_OUTPUT, KERAS_WEIGHTS, assert_close
from tinylstm.formats.doors import shown
from tinylstm.formats.keras import layers as of_layers
from tinylstm.formats.keras import optimizers, parts, training
from tinylstm.formats.keras.places import group_name

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
B, T, D, H, K = 6, 5, 3, 4, 2

MODELS = {  # layers of either side, and further what the input is
    "one": lambda k: [k.LSTM(H, name="first"), k.Dense(K)],
    "stacked": lambda k: [
        k.LSTM(H, return_sequences=True),
        k.Dropout(0.0),
        k.LSTM(H, go_backwards=True, unit_forget_bias=False),
        k.Dense(H, activation="elu", use_bias=False),
        k.Dense(K),
    ],
    "masked": lambda k: [
        k.Masking(0.0),
        k.LSTM(H, return_sequences=True),
        k.GRU(H, return_sequences=True),
        k.GRU(H, reset_after=False),
        k.Dense(K),
    ],
    "zeros": lambda k: [
        k.Masking(0.0),
        k.LSTM(H, return_sequences=True, zero_output_for_mask=True),
        k.Dense(K),
    ],
    "both ways": lambda k: [
        k.Masking(0.0),
        k.Bidirectional(k.LSTM(H, return_sequences=True), merge_mode="mul"),
        k.Bidirectional(k.GRU(H, activation="relu")),
        k.Dense(K),
    ],
    "each step": lambda k: [
        k.SimpleRNN(H, return_sequences=True),
        k.TimeDistributed(k.Dense(H, activation="gelu")),
        k.LayerNormalization(epsilon=0.1),
        k.LeakyReLU(negative_slope=0.1),
        k.Dense(K),
    ],
    "normalised": lambda k: [
        k.LSTM(H, recurrent_activation="hard_sigmoid"),
        k.LayerNormalization(center=False),
        k.Dense(K, activation="softmax"),
    ],
    "shapes": lambda k: [
        k.Flatten(),
        k.RepeatVector(2),
        k.Reshape((D, 2 * T)),
        k.GRU(H, use_bias=False),
        k.Activation("tanh"),
        k.Dense(K, activation="sigmoid"),
    ],
    "penalties": lambda k: [
        k.LSTM(H, kernel_regularizer="l2", recurrent_constraint="unit_norm"),
        k.Dense(K, kernel_constraint="max_norm", bias_regularizer="l1"),
    ],
    "not all trained": lambda k: [k.LSTM(H, trainable=False, name="b"), k.Dense(K, name="a")],
    "stateful": lambda k: [k.LSTM(H, stateful=True), k.Dense(K)],
    "dropped": lambda k: [
        k.SpatialDropout1D(0.0),
        k.LSTM(H, dropout=0.3, recurrent_dropout=0.2),
        k.Dropout(0.5),
        k.Dense(K),
    ],
}
RANDOM = ("dropped",)  # in training
OPTIMIZERS = {
    "Adam": {},
    "AdamW": {"weight_decay": 0.1},
    "Nadam": {"clipnorm": 0.5},
    "SGD": {"momentum": 0.9, "nesterov": True},
    "RMSprop": {"momentum": 0.5, "centered": True},
    "Adagrad": {"global_clipnorm": 0.1},
    "Lion": {"clipvalue": 0.1},
}
EVERY_MODEL = pytest.mark.parametrize("name", MODELS)
EVERY_OPTIMIZER = pytest.mark.parametrize("optimizer", OPTIMIZERS)


def twins_of(rng, name, optimizer="Adam"):
    """Twins that are compiled, with data of a batch."""
    twins = Twins(MODELS[name], (B if name == "stateful" else None, T, D), rng)
    twins.compile("mse", optimizer, ["mae"], eagerly=True, **OPTIMIZERS[optimizer])
    x, y = twins.random(B, T, D), np.abs(twins.random(B, *twins.ours.output_shape[1:]))
    x[1, :2] = x[2] = x[3, 2:4] = 0
    return twins, x, y


def theirs_of(path, compile=True):
    """The model that Keras reads."""
    model = keras.models.load_model(path, compile=compile)
    model.run_eagerly = True
    return model


def assert_same(ours, theirs, x, y, further=True):
    """Two models compute the same, and after an update too."""
    outputs = ours.predict(x, batch_size=B, verbose=0)
    assert_close(outputs, theirs.predict_on_batch(x), KERAS_OUTPUT, "outputs")
    ours.fit(x, y, B, epochs=1, shuffle=False, verbose=0)
    theirs.train_on_batch(x, y)
    if further:
        assert_weights(ours, theirs)


def assert_weights(ours, theirs):
    for k, (a, b) in enumerate(zip(ours.get_weights(), theirs.get_weights(), strict=True)):
        assert_close(a, b, KERAS_WEIGHTS, f"weight {k} of shape {a.shape}")


@EVERY_MODEL
def test_a_model_that_keras_wrote_goes_on_here(rng, tmp_path, name):
    twins, x, y = twins_of(rng, name)
    twins.keras.train_on_batch(x, y)
    twins.keras.save(tmp_path / "m.keras")
    ours = tinylstm.load_model(tmp_path / "m.keras")
    assert [one.name for one in ours.layers] == [one.name for one in twins.keras.layers]
    twins.reset()
    assert_same(ours, twins.keras, x, y, further=name not in RANDOM)


@EVERY_MODEL
def test_a_model_that_goes_to_keras_goes_on_there(rng, tmp_path, name):
    twins, x, y = twins_of(rng, name)
    twins.ours.fit(x, y, B, epochs=1, verbose=0)
    twins.ours.save(tmp_path / "m.keras")
    twins.reset()
    assert_same(twins.ours, theirs_of(tmp_path / "m.keras"), x, y, further=name not in RANDOM)


@EVERY_OPTIMIZER
def test_moments_of_keras_are_carried(rng, tmp_path, optimizer):
    twins, x, y = twins_of(rng, "one", optimizer)
    for _ in range(2):
        twins.keras.train_on_batch(x, y)
    twins.keras.save(tmp_path / "m.keras")
    ours = tinylstm.load_model(tmp_path / "m.keras")
    assert ours.optimizer.iterations == 2
    assert_same(ours, twins.keras, x, y)


@EVERY_OPTIMIZER
def test_moments_are_carried_to_keras(rng, tmp_path, optimizer):
    twins, x, y = twins_of(rng, "one", optimizer)
    twins.ours.fit(x, y, B, epochs=2, verbose=0)
    twins.ours.save(tmp_path / "m.keras")
    theirs = theirs_of(tmp_path / "m.keras")
    assert int(theirs.optimizer.iterations.numpy()) == 2
    assert_same(twins.ours, theirs, x, y)


def test_a_rate_that_falls_is_a_schedule_there(rng, tmp_path):
    twins, x, y = twins_of(rng, "one")
    twins.ours.compile(tinylstm.SGD(0.1, momentum=0.5, decay=0.5), "mse")
    twins.ours.fit(x, y, B, epochs=2, verbose=0)
    twins.ours.save(tmp_path / "m.keras")
    theirs = theirs_of(tmp_path / "m.keras")
    theirs.save(tmp_path / "again.keras")
    assert tinylstm.load_model(tmp_path / "again.keras").optimizer.decay == 0.5
    assert_same(twins.ours, theirs, x, y)


@pytest.mark.parametrize("suffix", [".weights.h5", ".keras"])
def test_weights_alone_go_there_and_back(rng, tmp_path, suffix):
    twins, x, _ = twins_of(rng, "both ways")
    path = tmp_path / f"m{suffix}"
    twins.keras.save_weights(path) if suffix == ".weights.h5" else twins.keras.save(path)
    other = Twins(MODELS["both ways"], (None, T, D), rng)
    other.ours.load_weights(path)
    assert_close(other.ours.predict(x, verbose=0), twins.keras(x), KERAS_OUTPUT, "read")
    twins.draw_weights()
    twins.ours.save(path) if suffix == ".keras" else twins.ours.save_weights(path)
    other.keras.load_weights(path)
    assert_close(other.keras(x), twins.ours.predict(x, verbose=0), KERAS_OUTPUT, "written")


def test_layers_of_one_class_take_weights_in_their_order_or_by_name(rng, tmp_path):
    def layers(*names):
        return lambda k: [k.Dense(D, name=one) for one in names]

    names = [f"d{k}" for k in range(12)]  # dense_10 stands before dense_2 in a file
    twins = Twins(layers(*names), (None, D), rng)
    twins.keras.save_weights(tmp_path / "m.weights.h5")
    other = Twins(layers(*reversed(names)), (None, D), rng).ours
    other.load_weights(tmp_path / "m.weights.h5")
    assert all(map(np.array_equal, other.get_weights(), twins.ours.get_weights()))
    other.load_weights(tmp_path / "m.weights.h5", by_name=True)
    assert np.array_equal(other.layers[0].get_weights()[0], twins.ours.layers[-1].get_weights()[0])


def test_an_embedding_with_a_mask_goes_there_and_back(rng, tmp_path):
    start, further = keras.Input((T,)), [keras.layers.LSTM(H), keras.layers.Dense(K)]
    theirs = keras.Sequential([start, keras.layers.Embedding(7, D, mask_zero=True), *further])
    theirs.compile("sgd", "mse", run_eagerly=True)
    theirs.save(tmp_path / "m.keras")
    ours = tinylstm.load_model(tmp_path / "m.keras")
    x, y = rng.integers(7, size=(B, T)), rng.normal(size=(B, K))
    assert_same(ours, theirs, x, y)
    ours.save(tmp_path / "n.keras")
    assert_same(ours, theirs_of(tmp_path / "n.keras"), x, y)


UPDATES, TOKENS = 4, 40


def with_tokens(optimizer):
    """A model of Keras that reads tokens, in training."""
    layers = [keras.layers.Embedding(TOKENS, D), keras.layers.LSTM(H), keras.layers.Dense(K)]
    theirs = keras.Sequential([keras.Input((T,)), *layers])
    theirs.compile(getattr(keras.optimizers, optimizer)(0.01), "mse", run_eagerly=True)
    return theirs


def distance_after_updates(rng, tmp_path, theirs, tokens):
    """How far the weights go apart, of the largest, where training goes on from a file."""
    batches = [(tokens(), rng.normal(size=(B, K)).astype("float32")) for _ in range(1 + UPDATES)]
    theirs.train_on_batch(*batches[0])
    theirs.save(tmp_path / "m.keras")
    ours = tinylstm.load_model(tmp_path / "m.keras")
    for x, y in batches[1:]:
        theirs.train_on_batch(x, y)
        ours.fit(x, y, B, epochs=1, shuffle=False, verbose=0)
    both = zip(ours.get_weights(), theirs.get_weights(), strict=True)
    return max(np.abs(a - b).max() / np.abs(b).max() for a, b in both)


@pytest.mark.parametrize("optimizer", ["Adam", "Nadam", "RMSprop", "Adagrad", "SGD"])
def test_an_embedding_goes_on_where_no_token_stands_twice_in_a_batch(rng, tmp_path, optimizer):
    def tokens():
        return rng.permutation(TOKENS)[: B * T].reshape(B, T)

    found = distance_after_updates(rng, tmp_path, with_tokens(optimizer), tokens)
    assert found < KERAS_WEIGHTS


@pytest.mark.parametrize("optimizer", ["Adam", "RMSprop"])
def test_keras_squares_each_gradient_of_a_token_that_stands_twice(rng, tmp_path, optimizer):
    """On TensorFlow, before it adds them up; where they are added up first, both are equal."""
    import tensorflow

    def tokens():
        return rng.integers(8, size=(B, T))

    theirs = with_tokens(optimizer)
    assert distance_after_updates(rng, tmp_path, theirs, tokens) > 10 * KERAS_WEIGHTS
    theirs = with_tokens(optimizer)
    apply = theirs.optimizer.apply

    def with_sums(gradients, variables=None):
        return apply([tensorflow.convert_to_tensor(one) for one in gradients], variables)

    theirs.optimizer.apply = with_sums
    assert distance_after_updates(rng, tmp_path, theirs, tokens) < KERAS_WEIGHTS


def graph(*called):
    """A Functional model of layers on an input."""
    tensor = start = keras.Input((T, D))
    for layer in called:
        tensor = layer(tensor)
    return keras.Model(start, tensor)


def test_a_graph_that_is_a_chain_is_a_sequential(rng, tmp_path):
    k = keras.layers
    theirs = graph(k.Masking(), k.LSTM(H, return_sequences=True), k.Dropout(0.1), k.LSTM(H))
    theirs.save(tmp_path / "m.keras")
    x = rng.normal(size=(B, T, D)).astype("float32")
    x[1, :3] = 0
    ours = tinylstm.load_model(tmp_path / "m.keras")
    assert_close(ours.predict(x, verbose=0), theirs(x), KERAS_OUTPUT, "outputs")


def sum_of_two():
    start = keras.Input((T, D))
    return keras.Model(start, keras.layers.add([keras.layers.LSTM(H)(start) for _ in range(2)]))


def called_twice():
    start, layer = keras.Input((T, D)), keras.layers.LSTM(D, return_sequences=True)
    return keras.Model(start, layer(layer(start)))


def with_a_state():
    start = keras.Input((T, D))
    _, h, c = keras.layers.LSTM(H, return_state=True)(start)
    return keras.Model(start, keras.layers.LSTM(H)(start, initial_state=[h, c]))


def a_mask_of_its_own():
    start = keras.Input((T, D))
    return keras.Model(start, keras.layers.LSTM(H)(start, mask=start[:, :, 0] > 0))


def a_mask_of_another_value():
    start = keras.Input((T, D))
    mask = keras.ops.any(keras.ops.not_equal(start, 1.0), axis=-1)
    return keras.Model(start, keras.layers.LSTM(H)(keras.layers.Masking(0.0)(start), mask=mask))


def always_dropped():
    start = keras.Input((T, D))
    return keras.Model(start, keras.layers.Dropout(0.5)(start, training=True))


GRAPHS = [sum_of_two, called_twice, with_a_state, a_mask_of_its_own]
GRAPHS += [a_mask_of_another_value, always_dropped]


@pytest.mark.parametrize("make", GRAPHS, ids=lambda make: make.__name__)
def test_a_graph_that_is_no_chain_is_refused(tmp_path, make):
    make().save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="no chain of layers"):
        tinylstm.load_model(tmp_path / "m.keras")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_archive_of_keras_2_goes_on_here(rng, tmp_path, optimizer):
    k = pytest.importorskip("tf_keras").layers
    both = k.Bidirectional(k.LSTM(H, recurrent_activation="hard_sigmoid", return_sequences=True))
    inner = [both, k.LayerNormalization(), k.GRU(H), k.LeakyReLU(0.1), k.LayerNormalization()]
    theirs = pytest.importorskip("tf_keras").Sequential([k.Input((T, D)), *inner, k.Dense(K)])
    rates = {"learning_rate": 0.01} | OPTIMIZERS[optimizer]
    chosen = getattr(pytest.importorskip("tf_keras").optimizers, optimizer)(**rates)
    theirs.compile(chosen, "mse", run_eagerly=True)
    x, y = rng.normal(size=(B, T, D)).astype("float32"), rng.normal(size=(B, K)).astype("float32")
    theirs.train_on_batch(x, y)
    theirs.save(tmp_path / "m.keras")
    assert_same(tinylstm.load_model(tmp_path / "m.keras"), theirs, x, y)


def test_an_optimizer_of_before_2_11_in_an_archive_is_what_it_was(rng, tmp_path):
    keras2 = pytest.importorskip("tf_keras")
    k, chosen = keras2.layers, keras2.optimizers.legacy.Nadam(0.01)
    theirs = keras2.Sequential([k.Input((T, D)), k.SpatialDropout1D(0.0), k.LSTM(H), k.Dense(K)])
    theirs.compile(chosen, "mse", run_eagerly=True)
    x, y = rng.normal(size=(B, T, D)).astype("float32"), rng.normal(size=(B, K)).astype("float32")
    theirs.train_on_batch(x, y)
    theirs.save(tmp_path / "m.keras")  # without moments: Keras 2 leaves them out
    again = keras2.models.load_model(tmp_path / "m.keras")
    again.run_eagerly = True
    assert_same(tinylstm.load_model(tmp_path / "m.keras"), again, x, y)


def layer_of(keras, kind):
    """A layer of a class of Keras 2 or 3."""
    first = {"Dense": [2], "Embedding": [3, 2], "Dropout": [0.1], "SpatialDropout1D": [0.1]}
    first |= {"LSTM": [2], "GRU": [2], "SimpleRNN": [2], "Activation": ["relu"]}
    first |= {"Reshape": [(1,)], "RepeatVector": [2]}
    inner = {"Bidirectional": [keras.layers.LSTM(2)], "TimeDistributed": [keras.layers.Dense(2)]}
    return getattr(keras.layers, kind)(*(first | inner).get(kind, []))


TABLES = {
    "layers": (of_layers.LAYERS, of_layers.OF_EVERY_LAYER),
    "initializers": (parts.INITIALIZERS, {}),
    "regularizers": (parts.REGULARIZERS, {}),
    "constraints": (parts.CONSTRAINTS, {}),
    "losses": (training.LOSSES_OF_KERAS, {}),
    "metrics": (training.METRICS_OF_KERAS, {}),
    "optimizers": (optimizers.OPTIMIZERS, optimizers.OF_EVERY_OPTIMIZER),
}
EVERY_CLASS = [(table, kind) for table, (classes, _) in TABLES.items() for kind in classes]


@pytest.mark.parametrize("version", ["keras", "tf_keras"])
@pytest.mark.parametrize(("table", "kind"), EVERY_CLASS)
def test_every_setting_of_keras_is_known(table, kind, version):
    keras = pytest.importorskip(version)
    (classes, of_all), place = TABLES[table], getattr(keras, table)
    made = layer_of(keras, kind) if table == "layers" else getattr(place, kind)()
    of_a_first_layer = {"batch_input_shape"}  # in Keras 2
    assert set(made.get_config()) - of_a_first_layer <= {*of_all, *classes[kind].settings}


def in_a_row(keras):
    """A Sequential of models, in one of which there is another one."""
    k = keras.layers
    first = [k.Masking(), k.LSTM(H, return_sequences=True), k.Dense(D)]
    inner = keras.Sequential([k.Dense(H), k.Dense(H, activation="tanh", trainable=False)])
    last = [k.LSTM(H), keras.Sequential([inner, k.Dense(D)]), k.Dense(K)]
    return keras.Sequential([k.Input((T, D)), keras.Sequential(first, name="first"), *last])


def in_a_graph(keras):
    """A graph with a graph in it."""
    k = keras.layers
    start = keras.Input((T, D))
    inner = keras.Model(start, k.Dense(D)(k.LSTM(H, return_sequences=True)(start)))
    outer = keras.Input((T, D))
    return keras.Model(outer, k.Dense(K)(k.LSTM(H)(inner(k.Masking()(outer)))))


def part_of_it_trained(keras):
    """A model with one in it whose first layer is not trained, and of the shape of the second."""
    k = keras.layers
    inner = keras.Sequential([k.Dense(D, trainable=False), k.Dense(D), k.LSTM(H)])
    return keras.Sequential([k.Input((T, D)), inner, k.Dense(K)])


def of_cells(keras):
    """Layers of cells, one and several; and layers that are activations here."""
    k = keras.layers
    both = k.Bidirectional(k.RNN(k.GRUCell(H), return_sequences=True))
    several = k.RNN([k.LSTMCell(H), k.LSTMCell(D), k.GRUCell(H)], return_sequences=True)
    cell = k.SimpleRNNCell(H, kernel_initializer="truncated_normal")
    last = [k.RNN(cell, go_backwards=True), k.ReLU(), k.Dense(K), k.Softmax()]
    first = [k.Input((T, D)), k.Masking(), k.RNN(k.LSTMCell(D), return_sequences=True)]
    return keras.Sequential([*first, both, several, *last])


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.filterwarnings("ignore:Layer .* does not support masking")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("version", ["keras", "tf_keras"])
@pytest.mark.parametrize("make", [in_a_row, in_a_graph, part_of_it_trained, of_cells])
def test_a_model_of_models_or_cells_goes_on_here(rng, tmp_path, version, make, suffix):
    theirs = make(pytest.importorskip(version))
    theirs.set_weights([rng.normal(size=one.shape) for one in theirs.get_weights()])
    theirs.compile("adam", "mse", run_eagerly=True)
    x, y = rng.normal(size=(B, T, D)).astype("float32"), rng.normal(size=(B, K)).astype("float32")
    x[1, :2] = x[3, 2:4] = 0
    theirs.train_on_batch(x, y)
    theirs.save(tmp_path / f"m{suffix}")
    ours = tinylstm.load_model(tmp_path / f"m{suffix}")
    assert ours.optimizer.iterations == 1
    tensors = [shape for *_, own in shown(tmp_path / f"m{suffix}").layers for _, shape in own]
    assert sum(map(math.prod, tensors)) == ours.count_params()
    called = [name for *_, own in shown(tmp_path / f"m{suffix}").layers for name, _ in own]
    assert not any(name.isdecimal() for name in called)
    assert_close(ours.predict(x, verbose=0), theirs.predict_on_batch(x), KERAS_OUTPUT, "outputs")
    ours.fit(x, y, B, epochs=1, shuffle=False, verbose=0)
    theirs.train_on_batch(x, y)
    assert_close(ours.predict(x, verbose=0), theirs.predict_on_batch(x), KERAS_WEIGHTS, "further")


def some_frozen(keras):
    """A model in the middle of which is one of two layers alike, the first of them not trained, and
    one direction of another one not."""
    k = keras.layers
    inner = keras.Sequential([k.Dense(D, trainable=False), k.Dense(D)], name="inner")
    both = k.Bidirectional(k.GRU(H, return_sequences=True))
    both.forward_layer.trainable = False
    return keras.Sequential([k.Input((T, D)), both, k.Dense(D), inner, k.LSTM(H)])


WITHIN = [in_a_row, in_a_graph, part_of_it_trained, of_cells, some_frozen]


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.filterwarnings("ignore:Layer .* does not support masking")
@pytest.mark.parametrize("suffix", [".keras", ".weights.h5", ".h5"])
@pytest.mark.parametrize("version", ["keras", "tf_keras"])
@pytest.mark.parametrize("make", WITHIN)
def test_weights_alone_of_models_or_cells_go_by_their_places(rng, tmp_path, version, make, suffix):
    """Also where their names are others: by the classes, or the shapes of what could be meant."""
    theirs = make(pytest.importorskip(version))
    theirs.save(tmp_path / "m.keras")
    ours = tinylstm.load_model(tmp_path / "m.keras", compile=False)
    theirs.set_weights([rng.normal(size=one.shape) for one in theirs.get_weights()])
    path = tmp_path / f"w{suffix}"
    alone = suffix == ".weights.h5" or (suffix == ".h5" and version == "tf_keras")
    (theirs.save_weights if alone else theirs.save)(path)
    x = rng.normal(size=(B, T, D)).astype("float32")
    if make is some_frozen:  # of which Keras 2 does not say the direction
        ours.layers[0].forward_layer.trainable = False
    if version == "tf_keras" and suffix == ".weights.h5" and make in (in_a_row, in_a_graph):
        with pytest.raises(ValueError, match="does not say in which order"):
            ours.load_weights(path)  # for want of names
        return
    ours.load_weights(path)
    assert_close(ours.predict(x, verbose=0), theirs.predict_on_batch(x), KERAS_OUTPUT, "read")


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.parametrize(
    ("version", "suffix"),
    [("keras", ".weights.h5"), ("tf_keras", ".weights.h5"), ("tf_keras", ".h5")],
)
def test_a_direction_that_is_not_trained_keeps_its_weights_in_a_file(
    rng, tmp_path, version, suffix
):
    """An `.h5` has the arrays of a layer that are trained before the others."""
    keras, path = pytest.importorskip(version), tmp_path / f"m{suffix}"

    def of(library):
        both = library.layers.Bidirectional(library.layers.LSTM(H))
        both.forward_layer.trainable = False
        return library.Sequential([both, library.layers.Dense(K)])

    ours, theirs = of(tinylstm), of(keras)
    x = rng.normal(size=(B, T, D)).astype("float32")
    for model in (ours, theirs):
        model.build((None, T, D))
    for one, other in ((ours, theirs), (theirs, ours)):
        one.set_weights([rng.normal(size=array.shape) for array in one.get_weights()])
        one.save_weights(path)
        other.load_weights(path)
        assert_close(ours.predict(x, verbose=0), theirs.predict_on_batch(x), KERAS_OUTPUT, suffix)
    if suffix == ".h5":
        ours.save(path)
        assert np.array_equal(tinylstm.load_model(path, compile=False).theta, ours.theta)
    ours.save(tmp_path / "m.keras")
    assert np.array_equal(tinylstm.load_model(tmp_path / "m.keras").theta, ours.theta)


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_losses_of_keras_2_that_are_objects_are_read(tmp_path):
    keras = pytest.importorskip("tf_keras")
    theirs = keras.Sequential([keras.layers.Input((T, D)), keras.layers.LSTM(H)])
    for loss in (keras.losses.MeanSquaredError(), keras.losses.Huber(0.3)):
        theirs.compile("adam", loss)
        for name in ("m.h5", "m.keras"):
            theirs.save(tmp_path / name)
            ours = tinylstm.load_model(tmp_path / name).loss
            assert ours.name == loss.name.replace("_loss", "")
            assert "delta" not in loss.get_config() or ours.option[0] == 0.3


@pytest.mark.parametrize("kind", of_layers.LAYERS)
def test_groups_of_variables_are_called_as_keras_calls_them(kind):
    from keras.src.utils.naming import to_snake_case

    assert group_name(kind) == to_snake_case(kind)
