"""GRU and SimpleRNN against live Keras: all that holds of the LSTM."""

import inspect

import numpy as np
import pytest

import tinylstm
from tests.against_keras.test_lstm import assert_outputs, check_training
from tests.against_keras.test_state import assert_call, every_kind_of_mask
from tests.keras_twins import GRADIENT, OUTPUT, Twins, keras, tf
from tests.tolerances import assert_close
from tinylstm.engine.study import Gradients, Pass

B, T, D, H, K, V = 6, 7, 3, 5, 2, 9
KINDS = ("GRU", "SimpleRNN")
DTYPES = ("float32", "float64")
FORMS = pytest.mark.parametrize(
    ("kind", "form"), [("GRU", {}), ("GRU", {"reset_after": False}), ("SimpleRNN", {})]
)
ACTIVATIONS = (None, "tanh", "sigmoid", "relu", "hard_sigmoid")


def options_of(kind):
    """Options of a layer, by a name for each, that Keras has too."""
    options = {
        "plain": {},
        "sequences": {"return_sequences": True},
        "backwards": {"go_backwards": True},
        "backwards_sequences": {"go_backwards": True, "return_sequences": True},
        "no_bias": {"use_bias": False, "return_sequences": True},
    }
    options |= {f"activation_{name}": {"activation": name} for name in ACTIVATIONS}
    if kind == "GRU":
        both = {"activation": "sigmoid", "recurrent_activation": "tanh"}
        options |= {f"gates_{name}": {"recurrent_activation": name} for name in ACTIVATIONS}
        options |= {"exchanged": both, "no_bias_last": {"use_bias": False}}
        plain = ("plain", "backwards_sequences", "no_bias", "gates_hard_sigmoid", "exchanged")
        options |= {f"before_{name}": {"reset_after": False} | options[name] for name in plain}
    return options


ALONE = {
    f"{kind} {name}": lambda k, kind=kind, options=options: [getattr(k, kind)(H, **options)]
    for kind in KINDS
    for name, options in options_of(kind).items()
}
STACKS = {
    "GRU": lambda k: [k.GRU(H, return_sequences=True), k.GRU(8), k.Dense(K)],
    "GRU, before": lambda k: [
        k.GRU(H, return_sequences=True, reset_after=False),
        k.GRU(8, reset_after=False),
        k.Dense(K),
    ],
    "SimpleRNN": lambda k: [k.SimpleRNN(H, return_sequences=True), k.SimpleRNN(8), k.Dense(K)],
    "all three": lambda k: [
        k.GRU(H, return_sequences=True),
        k.LSTM(8, return_sequences=True, go_backwards=True),
        k.SimpleRNN(4, return_sequences=True),
        k.Dense(K, activation="tanh"),
    ],
    "both directions": lambda k: [
        k.Bidirectional(k.GRU(H, return_sequences=True)),
        k.Bidirectional(k.GRU(3, return_sequences=True, reset_after=False)),
        k.Bidirectional(k.SimpleRNN(4), merge_mode="mul"),
        k.Dense(K),
    ],
}
MASKED = {
    **{name: ALONE[name] for name in ALONE if name.split()[1] in ("plain", "sequences")},
    **{name: ALONE[name] for name in ALONE if name.split()[1] == "backwards_sequences"},
    **STACKS,
}
STATEFUL = {
    **{
        f"{kind}{name}": lambda k, kind=kind, more=more: [
            getattr(k, kind)(H, stateful=True, return_sequences=True, **more),
            getattr(k, kind)(8, stateful=True),
            k.Dense(K),
        ]
        for kind in KINDS
        for name, more in {"": {}, " backwards": {"go_backwards": True}}.items()
    },
    "GRU, before": lambda k: [
        k.GRU(H, stateful=True, return_sequences=True, reset_after=False),
        k.GRU(8, stateful=True, go_backwards=True, reset_after=False),
        k.Dense(K),
    ],
    "all three": lambda k: [
        k.SimpleRNN(H, stateful=True, return_sequences=True),
        k.LSTM(4, return_sequences=True, stateful=True),
        k.GRU(8, stateful=True),
    ],
    "both directions": lambda k: [k.Bidirectional(k.GRU(H, stateful=True)), k.Dense(K)],
}


@pytest.mark.parametrize("name", ALONE)
def test_outputs_and_gradients_of_a_layer_equal_keras(rng, name):
    twins = Twins(ALONE[name], (None, T, D), rng, "float64")
    x = twins.random(B, T, D)
    assert_outputs(twins, x)
    twins.assert_gradients(x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", STACKS)
def test_outputs_and_gradients_of_stacks_equal_keras(rng, name, dtype):
    twins = Twins(STACKS[name], (None, T, D), rng, dtype)
    x = twins.random(B, T, D)
    assert_outputs(twins, x)
    twins.assert_gradients(x)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 9, 2), (7, 1, 3), (3, 60, 2), (40, 5, 11)])
def test_every_batch_shape_equals_keras(rng, shape):
    twins = Twins(STACKS["all three"], (None, *shape[1:]), rng)
    x = twins.random(*shape)
    assert_outputs(twins, x)
    twins.assert_gradients(x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", MASKED)
def test_masked_steps_equal_keras(rng, name, dtype):
    twins = Twins(MASKED[name], (None, T, D), rng, dtype)
    x, mask = twins.random(B, T, D), every_kind_of_mask()
    y = twins.ours.forward(x, mask=mask)
    assert_close(y, twins.keras(x, mask=tf.constant(mask)).numpy(), OUTPUT[dtype], "y")
    assert np.abs(y - twins.ours.forward(x)).max() > 0.01  # the mask made a difference
    twins.assert_gradients(x, mask)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_from_masking_and_from_an_embedding_equals_keras(rng, kind):
    twins = Twins(lambda k: [k.Masking(-1.0), *STACKS[kind](k)], (None, T, D), rng)
    x = twins.random(B, T, D)
    x[~every_kind_of_mask()] = -1
    assert_outputs(twins, x)
    twins.assert_gradients(x)
    words = np.where(every_kind_of_mask(), rng.integers(1, V, (B, T)), 0).astype("float32")
    twins = Twins(lambda k: [k.Embedding(V, D, mask_zero=True), *STACKS[kind](k)], (None, T), rng)
    assert_outputs(twins, words)
    twins.assert_gradients(words)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", STATEFUL)
def test_a_carried_state_equals_keras_and_a_reset_begins_anew(rng, name, dtype):
    twins = Twins(STATEFUL[name], (B, T, D), rng, dtype)
    x = twins.random(B, T, D)
    first, second = assert_call(twins, x), assert_call(twins, x)
    assert np.abs(second - first).max() > 0.01  # the state made a difference
    assert_call(twins, x, every_kind_of_mask())
    twins.assert_gradients(x, every_kind_of_mask())
    twins.reset()
    np.testing.assert_array_equal(assert_call(twins, x), first)


@FORMS
@pytest.mark.parametrize("sequences", [False, True])
def test_return_state_and_initial_state_equal_keras(rng, kind, form, sequences):
    options = {"return_sequences": sequences, "return_state": True} | form
    theirs, ours = getattr(keras.layers, kind)(H, **options), getattr(tinylstm, kind)(H, **options)
    x, h = rng.normal(size=(B, T, D)).astype("float32"), rng.normal(size=(B, H)).astype("float32")
    theirs(x), ours(x)
    ours.set_weights([rng.normal(size=w.shape) for w in ours.get_weights()])
    theirs.set_weights(ours.get_weights())
    expected, found = theirs(x, initial_state=h), ours(x, initial_state=[h])
    assert len(found) == len(expected) == 2
    for k, (a, b) in enumerate(zip(found, expected, strict=True)):
        assert_close(a, b.numpy(), OUTPUT["float32"], f"result {k}")


@pytest.mark.parametrize("name", ["all three", "both directions"])
def test_weights_after_50_adam_steps_equal_keras(rng, name):
    twins = Twins(STACKS[name], (None, T, D), rng)
    check_training(twins, twins.random(5 * 4, T, D))


@pytest.mark.parametrize("kind", KINDS)
def test_penalties_on_weights_equal_keras_and_a_fit_gives_the_same_losses(rng, kind):
    penalties = ("kernel_regularizer", "recurrent_regularizer", "bias_regularizer")
    of = dict.fromkeys(penalties, "l2")
    twins = Twins(lambda k: [getattr(k, kind)(H, **of), k.Dense(K)], (None, T, D), rng)
    twins.compile("mse", metrics=["mae"], eagerly=True)
    twins.fit(twins.random(20, T, D), twins.random(20, K), batch_size=5, epochs=3)


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_and_their_defaults_are_those_of_keras(kind):
    """But for those that no layer here has; the order of those by position is Keras'."""
    ours, theirs = (
        inspect.signature(getattr(k, kind)).parameters for k in (tinylstm, keras.layers)
    )
    for name in ours.keys() & theirs.keys():
        assert ours[name].default == theirs[name].default, name
    shared = [name for name, one in ours.items() if one.kind is one.POSITIONAL_OR_KEYWORD]
    assert shared == [name for name in theirs if name in shared]
    missing = theirs.keys() - ours.keys()
    assert missing <= {"kwargs", "unroll", "seed", "activity_regularizer", "use_cudnn"}


@FORMS
def test_initial_values_have_the_shapes_and_the_kind_of_keras(kind, form):
    ours, theirs = getattr(tinylstm, kind)(H, **form), getattr(keras.layers, kind)(H, **form)
    x = np.zeros((1, T, D), "float32")
    ours(x), theirs(x)
    (W, U, b), expected = ours.get_weights(), theirs.get_weights()
    assert [w.shape for w in (W, U, b)] == [w.shape for w in expected]
    for kernel in (W, expected[0]):
        limit = np.sqrt(6 / (D + W.shape[1]))
        assert 0.5 * limit < np.abs(kernel).max() <= limit
    for recurrent in (U, expected[1]):  # over the whole (H, 3H), not a gate's block
        assert_close(recurrent @ recurrent.T, np.eye(H), OUTPUT["float32"])
    np.testing.assert_array_equal(b, np.zeros_like(b))
    np.testing.assert_array_equal(expected[2], np.zeros_like(b))


RATES = [(0.4, 0.0), (0.0, 0.4), (0.3, 0.5)]


@pytest.mark.parametrize("stateful", [False, True])
@pytest.mark.parametrize("rates", RATES)
@FORMS
def test_dropout_inside_equals_keras_given_our_masks(rng, kind, form, rates, stateful):
    dropout, recurrent = rates
    options = {"dropout": dropout, "recurrent_dropout": recurrent, "stateful": stateful} | form
    layers = lambda k: [getattr(k, kind)(H, return_sequences=True, **options)]  # noqa: E731
    twins = Twins(layers, (B, T, D), rng, "float64")
    x, dy, ours = twins.random(B, T, D), twins.random(B, T, H), twins.ours
    (layer,), (twin,) = ours.layers, twins.keras.layers
    if stateful:
        h = rng.normal(size=(B, H)).astype("float32")
        ours.set_states({layer.name: [h]})
        twin.states[0].assign(h)
    made = Pass(ours, ours.network.chain, x, None, None, True, False)
    made.set_dy(dy)
    made.backward()
    gates = len(layer.cell.gates)
    m, r = (
        made.program.view(made.program.places[layer, name], (gates, B, width)).copy()
        for name, width in (("x_mask", D), ("h_mask", H))
    )
    several = kind == "GRU" and recurrent > 0  # masks: else Keras draws one for all gates
    assert several or all((m[k] == m[0]).all() for k in range(gates))
    assert all((mask == 0).any() == (rate > 0) for mask, rate in ((m, dropout), (r, recurrent)))
    of_x, of_h = (m, r) if several else (m[0], r[0])
    twin.cell.get_dropout_mask = lambda step: of_x
    twin.cell.get_recurrent_dropout_mask = lambda step: of_h
    with tf.GradientTape() as tape:
        tensor = tf.constant(x)
        tape.watch(tensor)
        y = twins.keras(tensor, training=True)
        total = tf.reduce_sum(y * dy)
    variables = [*twins.keras.trainable_variables, tensor]
    assert_close(made.y(), y.numpy(), OUTPUT["float64"], "y")
    gradients = Gradients(made)
    found = [*gradients[layer.name].values(), gradients.x]
    theirs = tape.gradient(total, variables)
    for variable, one, other in zip(variables, found, theirs, strict=True):
        assert_close(one, other.numpy(), GRADIENT["float64"], str(variable.shape))


@pytest.mark.parametrize("kind", KINDS)
def test_keras_draws_masks_as_is_said_here(kind):
    """A SimpleRNN has one, a GRU one for each gate with recurrent dropout."""
    layer = getattr(keras.layers, kind)(3, dropout=0.5, recurrent_dropout=0.5)
    several = kind == "GRU"
    for masks in (layer.cell.get_dropout_mask, layer.cell.get_recurrent_dropout_mask):
        assert isinstance(masks(tf.ones((2, 3))), list) == several
