"""Every old spelling means what it meant: the same layer, optimiser or call by its new name."""

import numpy as np
import pytest

import tinylstm
from tinylstm.legacy.dialect import Dialect
from tinylstm.legacy.held import held_of
from tinylstm.legacy.model import begun
from tinylstm.legacy.script import spoken_keras
from tinylstm.optimizers import checked_rate

LAYERS = {  # old: new
    "LSTM(4, input_dim=2, input_length=3)": "LSTM(4, input_shape=(3, 2))",
    "LSTM(output_dim=4, input_dim=2)": "LSTM(4, input_shape=(None, 2))",
    "LSTM(4, input_shape=(3, 2), inner_activation='sigmoid')": (
        "LSTM(4, input_shape=(3, 2), recurrent_activation='sigmoid')"
    ),
    "LSTM(4, batch_input_shape=(5, 3, 2), stateful=True, return_sequences=True)": (
        "LSTM(4, batch_input_shape=(5, 3, 2), stateful=True, return_sequences=True)"
    ),
    "LSTM(4, input_shape=(3, 2), consume_less='gpu', unroll=True, implementation=2)": (
        "LSTM(4, input_shape=(3, 2))"
    ),
    "LSTM(4, 'uniform', 'normal', 'one', 'tanh', 'sigmoid', input_shape=(3, 2))": (
        "LSTM(4, kernel_initializer='random_uniform', recurrent_initializer='random_normal', "
        "recurrent_activation='sigmoid', input_shape=(3, 2))"
    ),
    "LSTM(4, 'relu', 'tanh', False, input_shape=(3, 2))": (
        "LSTM(4, activation='relu', recurrent_activation='tanh', use_bias=False, "
        "input_shape=(3, 2))"
    ),
    "LSTM(4, forget_bias_init='zero', input_shape=(3, 2))": (
        "LSTM(4, unit_forget_bias=False, input_shape=(3, 2))"
    ),
    "LSTM(4, recurrent_activation='hard_sigmoid', input_shape=(3, 2))": (
        "LSTM(4, recurrent_activation='hard_sigmoid_keras2', input_shape=(3, 2))"
    ),
    "SimpleRNN(4, 'uniform', 'normal', 'relu', input_dim=2, input_length=3)": (
        "SimpleRNN(4, kernel_initializer='random_uniform', recurrent_initializer='random_normal', "
        "activation='relu', input_shape=(3, 2))"
    ),
    "SimpleRNN(output_dim=4, inner_init='normal', dropout_W=0.2, dropout_U=0.3, input_dim=2)": (
        "SimpleRNN(4, recurrent_initializer='random_normal', dropout=0.2, recurrent_dropout=0.3, "
        "input_shape=(None, 2))"
    ),
    "SimpleRNN(4, 'sigmoid', False, stateful=True, batch_input_shape=(5, 3, 2), unroll=True)": (
        "SimpleRNN(4, 'sigmoid', False, stateful=True, batch_input_shape=(5, 3, 2))"
    ),
    "GRU(4, 'relu', 'tanh', False, reset_after=True, implementation=2, input_dim=2)": (
        "GRU(4, 'relu', 'tanh', False, input_shape=(None, 2))"
    ),
    "GRU(4, inner_activation='hard_sigmoid', U_regularizer='l1', reset_after=True, "
    "input_shape=(3, 2))": (
        "GRU(4, recurrent_activation='hard_sigmoid_keras2', recurrent_regularizer='l1', "
        "input_shape=(3, 2))"
    ),
    "CuDNNGRU(4, input_shape=(3, 2))": "GRU(4, input_shape=(3, 2))",
    "Bidirectional(GRU(4), input_shape=(3, 2))": (
        "Bidirectional(GRU(4, reset_after=False), input_shape=(3, 2))"
    ),
    "CuDNNLSTM(4, input_shape=(3, 2))": (
        "LSTM(4, recurrent_activation='sigmoid', input_shape=(3, 2))"
    ),
    "LSTM(4, W_regularizer=l2(0.1), U_regularizer='l1', dropout_W=0.2, dropout_U=0.3, "
    "input_shape=(3, 2))": (
        "LSTM(4, kernel_regularizer=regularizers.l2(0.1), recurrent_regularizer='l1', dropout=0.2, "
        "recurrent_dropout=0.3, input_shape=(3, 2))"
    ),
    "LSTM(4, W_constraint=maxnorm(m=3), U_constraint='unitnorm', b_constraint='nonneg', "
    "input_shape=(3, 2))": (
        "LSTM(4, kernel_constraint=constraints.MaxNorm(3), recurrent_constraint='unit_norm', "
        "bias_constraint='non_neg', input_shape=(3, 2))"
    ),
    "Embedding(9, 4, embeddings_constraint=min_max_norm(0.1, axis=1))": (
        "Embedding(9, 4, embeddings_constraint=constraints.MinMaxNorm(0.1, axis=1))"
    ),
    "Embedding(9, 4, input_length=3, init='normal', mask_zero=True)": (
        "Embedding(9, 4, embeddings_initializer='random_normal', mask_zero=True, input_shape=(3,))"
    ),
    "Embedding(input_dim=9, output_dim=4, W_regularizer=None)": "Embedding(9, 4)",
    "Masking(mask_value=-1, input_shape=(3, 2))": "Masking(-1, input_shape=(3, 2))",
    "TimeDistributed(Dense(output_dim=4), input_shape=(3, 2))": (
        "TimeDistributed(Dense(4), input_shape=(3, 2))"
    ),
    "Bidirectional(LSTM(4, inner_activation='tanh'), merge_mode='sum', input_shape=(3, 2))": (
        "Bidirectional(LSTM(4, recurrent_activation='tanh'), merge_mode='sum', input_shape=(3, 2))"
    ),
    "RepeatVector(4, input_shape=(3,))": "RepeatVector(4, input_shape=(3,))",
    "Flatten(input_shape=(3, 2))": "Flatten(input_shape=(3, 2))",
    "Reshape((6,), input_shape=(3, 2))": "Reshape((6,), input_shape=(3, 2))",
    "Dense(4, init='he_normal', activation='relu', input_dim=3)": (
        "Dense(4, kernel_initializer='he_normal', activation='relu', input_shape=(3,))"
    ),
    "Dense(4, 'uniform', 'sigmoid', bias=False, input_dim=3)": (
        "Dense(4, kernel_initializer='random_uniform', activation='sigmoid', use_bias=False, "
        "input_shape=(3,))"
    ),
    "Dense(4, 'relu', W_constraint=None, b_regularizer=None, input_shape=(3,))": (
        "Dense(4, activation='relu', input_shape=(3,))"
    ),
    "Dense(units=4, activation=activations.softmax, input_shape=(3,))": (
        "Dense(4, activation='softmax', input_shape=(3,))"
    ),
    "TimeDistributedDense(4, input_dim=2, input_length=3)": "Dense(4, input_shape=(3, 2))",
    "Dropout(p=0.3, input_shape=(3,))": "Dropout(0.3, input_shape=(3,))",
    "Dropout(0.3, None, 5, input_shape=(3,))": "Dropout(0.3, input_shape=(3,))",
    "Activation('hard_sigmoid', input_shape=(3,))": (
        "Activation('hard_sigmoid_keras2', input_shape=(3,))"
    ),
    "Dense(4, activation='elu', input_shape=(3,))": "Dense(4, 'elu', input_shape=(3,))",
    "SpatialDropout1D(p=0.2, input_shape=(3, 2))": "SpatialDropout1D(0.2, input_shape=(3, 2))",
    "LayerNormalization(epsilon=0.1, input_shape=(3, 2))": (
        "LayerNormalization(epsilon=0.1, input_shape=(3, 2))"
    ),
    "LeakyReLU(alpha=0.1, input_shape=(3,))": "LeakyReLU(0.1, input_shape=(3,))",
    "Activation(activations.tanh, input_shape=(3,))": "Activation('tanh', input_shape=(3,))",
}
OPTIMIZERS = {
    "SGD(lr=0.1, momentum=0.3)": "SGD(0.1, momentum=0.3)",
    "SGD(0.1, 0.3, 0.01, True)": "SGD(0.1, momentum=0.3, decay=0.01, nesterov=True)",
    "sgd(learning_rate=0.1, clipnorm=1.0)": "SGD(0.1, global_clipnorm=1.0)",
    "Adam(lr=0.01, epsilon=None, decay=1e-3, amsgrad=False)": "Adam(0.01, decay=1e-3)",
    "Adam(0.01, 0.8, 0.9, 1e-5, 0.1)": (
        "Adam(0.01, beta_1=0.8, beta_2=0.9, epsilon=1e-5, decay=0.1)"
    ),
    "RMSprop(lr=0.01, rho=0.8, epsilon=1e-6, clipvalue=0.5)": (
        "RMSprop(0.01, rho=0.8, epsilon=1e-6, clipvalue=0.5)"
    ),
    "adam()": "Adam()",
    "Adam(lr=0.01, weight_decay=0.1)": "Adam(0.01, weight_decay=0.1)",
    "AdamW(0.01, 0.1, 0.8)": "AdamW(0.01, weight_decay=0.1, beta_1=0.8)",
    "Lion(lr=0.01, beta_1=0.8)": "Lion(0.01, beta_1=0.8)",
    "Adagrad()": "Adagrad(0.01, 0.0)",
    "Adagrad(0.1, 1e-5, 0.2)": "Adagrad(0.1, 0.0, 1e-5, decay=0.2)",
}


@pytest.fixture
def keras():
    """`keras` as old scripts find it, for a version."""
    stack = []

    def speak(version="2.2.4", **forced):
        stack.append(spoken_keras(Dialect(version, **forced)))
        stack[-1].__enter__()
        import keras

        return keras

    yield speak
    while stack:
        stack.pop().__exit__(None, None, None)


def settings_of(layer):
    """What decides what a layer computes."""
    names = ("units", "activation", "rate", "use_bias", "unit_forget_bias", "return_sequences")
    names = (*names, "state_mode", "dropout", "recurrent_dropout", "masks", "merge_mode", "n")
    kept = {name: getattr(layer, name, None) for name in (*names, "target_shape")}
    kept["regularizers"], kept["constraints"] = repr(layer.regularizers), repr(layer.constraints)
    return kept | {"fields": layer.fields, "batch_input_shape": layer.batch_input_shape}


def weights_of(layer):
    """The weights that a layer draws first of all."""
    layer = begun(layer)
    tinylstm.set_random_seed(11)
    model = tinylstm.Sequential([layer])
    if model.batch_input_shape is None or None in model.batch_input_shape[1:]:
        model.build((None, 3) if layer.reads_numbers else (None, 3, 2))
    return model.get_weights()


@pytest.mark.parametrize("old", LAYERS)
def test_a_layer_by_its_old_spelling(keras, old):
    keras(gates="sigmoid")
    import keras.layers
    from keras import activations
    from keras.constraints import maxnorm, min_max_norm
    from keras.regularizers import l2

    known = {"activations": activations, "l2": l2, "maxnorm": maxnorm, "min_max_norm": min_max_norm}
    made = held_of(eval(old, vars(keras.layers) | known))
    meant = eval(LAYERS[old], vars(tinylstm))
    assert settings_of(made) == settings_of(meant)
    for found, wanted in zip(weights_of(made), weights_of(meant), strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("old", OPTIMIZERS)
def test_an_optimiser_by_its_old_spelling(keras, old):
    keras()
    import keras.optimizers

    made = eval(old, vars(keras.optimizers))
    meant = eval(OPTIMIZERS[old], vars(tinylstm))
    assert made.rule == meant.rule
    assert isinstance(made.held, type(meant))


def test_positions_of_tf_keras_optimisers_from_2_4_on(keras):
    old = keras("2.4.3").optimizers.SGD(0.1, 0.5, True)
    assert old.rule == tinylstm.SGD(0.1, momentum=0.5, nesterov=True).rule


@pytest.mark.parametrize(("version", "epsilon"), [("1.2.2", 1e-8), ("2.1.3", 1e-7), ("2.4", 1e-7)])
def test_the_epsilon_of_each_version(keras, version, epsilon):
    module = keras(version)
    for kind in ("Adam", "RMSprop"):
        assert getattr(module.optimizers, kind)().rule["epsilon"] == checked_rate("eps", epsilon)
    model = module.models.Sequential([module.layers.Dense(1, input_dim=1)])
    model.compile("rmsprop", "mse")
    assert model.optimizer.rule["epsilon"] == epsilon


@pytest.mark.parametrize(
    ("version", "gates", "function"),
    [
        ("1.2.2", None, "hard_sigmoid_keras2"),
        ("2.2.4", None, "hard_sigmoid_keras2"),
        ("2.3.0", None, "sigmoid"),
        ("2.2.4", "sigmoid", "sigmoid"),
        ("2.4.3", "hard_sigmoid", "hard_sigmoid_keras2"),
    ],
)
def test_the_gate_function_is_the_versions_or_the_one_that_was_chosen(
    keras, version, gates, function
):
    layers = keras(version, gates=gates).layers
    assert layers.LSTM(3).recurrent_activation == function
    assert layers.LSTM(3, recurrent_activation="tanh").recurrent_activation == "tanh"
    assert layers.GRU(3, reset_after=True).recurrent_activation == function
    assert layers.CuDNNGRU(3).recurrent_activation == "sigmoid"


def test_a_state_mode_can_be_forced(keras):
    layers = keras(state_mode="batch_carried").layers
    assert layers.LSTM(3, stateful=True).state_mode == "batch_carried"
    assert layers.LSTM(3).state_mode == "batch_carried"
    assert layers.GRU(3, reset_after=True).state_mode == "batch_carried"
    assert layers.SimpleRNN(3, stateful=True).state_mode == "batch_carried"


def test_keras_1_drew_each_gate_apart(keras):
    layer = keras("1.1.2").layers.LSTM(6, input_shape=(3, 2))
    W, U, b = weights_of(layer)
    assert np.abs(W).max() > np.sqrt(6 / (2 + 24))  # the limit of one matrix (D, 4H)
    assert np.abs(W).max() <= np.sqrt(6 / (2 + 6))
    for gate in np.split(U, 4, axis=1):
        np.testing.assert_allclose(gate @ gate.T, 1.1**2 * np.eye(6), atol=1e-5)
    np.testing.assert_array_equal(b, [0] * 6 + [1] * 6 + [0] * 12)


def test_keras_1_2_took_init_for_the_recurrent_weights(keras):
    layer = keras("1.2.2").layers.LSTM(6, init="one", input_shape=(None, 3))
    np.testing.assert_array_equal(weights_of(layer)[1], np.ones((6, 24)))


def test_initialisers_with_a_seed_draw_from_it(keras):
    initializers = keras().initializers
    dense = keras().layers.Dense
    first, second = (
        weights_of(dense(9, kernel_initializer=made, input_dim=8))[0]
        for made in (initializers.he_normal(seed=4), initializers.HeNormal(seed=4))
    )
    np.testing.assert_array_equal(first, second)
    other = weights_of(dense(9, kernel_initializer=initializers.he_normal, input_dim=8))[0]
    assert not np.array_equal(first, other)
    assert np.abs(other).max() <= 2 / 0.8796 * np.sqrt(2 / 8)
    scaled = weights_of(dense(8, init=initializers.Orthogonal(gain=2.0), input_dim=8))[0]
    np.testing.assert_allclose(scaled @ scaled.T, 4 * np.eye(8), atol=1e-5)
    narrow = initializers.TruncatedNormal(mean=1.0, stddev=0.1)
    values = weights_of(dense(90, init=narrow, input_dim=80))[0]
    assert 0.19 < np.abs(values - 1).max() <= 0.2 + 1e-6
    assert values.std() == pytest.approx(0.088, rel=0.03)


@pytest.mark.parametrize(
    ("made", "variance"),
    [("VarianceScaling(2.0)", 2 / 80), ("VarianceScaling(3.0, 'fan_out', 'uniform')", 3 / 90)],
)
def test_variance_scaling_by_the_names_of_keras_2(keras, made, variance):
    initializers = keras().initializers
    drawn = eval(made, vars(initializers))
    values = weights_of(keras().layers.Dense(90, init=drawn, input_dim=80))[0]
    assert values.var() == pytest.approx(variance, rel=0.04)
    unit = weights_of(keras().layers.Dense(3, init="identity", input_dim=3))[0]
    np.testing.assert_array_equal(unit, np.eye(3))


def test_weights_given_to_a_layer_are_its_first_ones(keras):
    given = [np.arange(6.0).reshape(2, 3), np.ones(3)]
    for found, wanted in zip(
        weights_of(keras().layers.Dense(3, weights=given, input_dim=2)), given, strict=True
    ):
        np.testing.assert_array_equal(found, wanted)
    with pytest.raises(ValueError, match="weights do not fit"):
        weights_of(keras().layers.Dense(4, weights=given, input_dim=2))


def test_weights_given_to_a_layer_within_another_are_its_first_ones_too(keras):
    layers = keras().layers
    given = [np.arange(6.0).reshape(2, 3), np.ones(3)]
    rnn = [*given[:1], np.ones((3, 3)), given[1]]
    models = {
        layers.TimeDistributed(layers.Dense(3, weights=given), input_shape=(4, 2)): given,
        layers.Bidirectional(layers.SimpleRNN(3, weights=rnn), input_shape=(4, 2)): rnn * 2,
        layers.Embedding(2, 3, weights=given[:1], input_length=4): given[:1],
    }
    for layer, wanted in models.items():
        model = keras().models.Sequential([layer])
        for found, array in zip(model.get_weights(), wanted, strict=True):
            np.testing.assert_array_equal(found, array)
        assert model.layers == [layer]
        assert len(layer.weights) == len(wanted)
    again = keras().models.Sequential()
    with pytest.raises(ValueError, match="weights do not fit"):
        again.add(layers.LSTM(3, weights=rnn, input_shape=(4, 2)))


def test_keras_1_drew_the_gates_of_a_gru_apart_and_a_simple_rnn_as_it_is(keras):
    layers = keras("1.1.2").layers
    W, U, _ = weights_of(layers.GRU(6, reset_after=True, input_shape=(3, 2)))
    assert np.sqrt(6 / (2 + 18)) < np.abs(W).max() <= np.sqrt(6 / (2 + 6))
    for gate in np.split(U, 3, axis=1):
        np.testing.assert_allclose(gate @ gate.T, 1.1**2 * np.eye(6), atol=1e-5)
    _, U, _ = weights_of(keras("1.2.2").layers.SimpleRNN(6, input_shape=(3, 2)))
    np.testing.assert_allclose(U @ U.T, 1.1**2 * np.eye(6), atol=1e-5)


@pytest.mark.parametrize("version", ["1.2.2", "2.0.9", "2.2.4", "2.3.1", "2.4.3", "2.15.0"])
def test_a_gru_that_says_nothing_resets_behind_the_product_from_2_4_on(keras, version):
    layers, after = keras(version).layers, version in ("2.4.3", "2.15.0")
    assert layers.GRU(3).reset_after is after
    assert not layers.GRU(3, reset_after=False).reset_after
    assert layers.GRU(3, reset_after=True).reset_after
    assert layers.CuDNNGRU(3).reset_after
