"""Initial values have the distribution, the structure and the repeatability that they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.models import few
from tests.snapshots import refused
from tests.tolerances import NAIVE, SIGMAS, assert_close
from tinylstm import LSTM, Dense, Embedding, Sequential, initializers, set_random_seed


def test_glorot_uniform_fills_its_limits_evenly(rng):
    values = initializers.glorot_uniform((300, 200), rng)
    limit = np.sqrt(6 / 500)
    assert np.abs(values).max() <= limit
    assert np.abs(values).max() > 0.999 * limit
    spread = limit / np.sqrt(3 * values.size)  # of the mean of so many uniform numbers
    assert abs(values.mean()) <= SIGMAS * spread
    assert values.var() == pytest.approx(limit**2 / 3, rel=0.02)


@pytest.mark.parametrize("shape", [(5, 20), (20, 5), (7, 7), (1, 4)])
def test_orthogonal_rows_or_columns_are_orthonormal(rng, shape):
    q = initializers.orthogonal(shape, rng)
    product = q @ q.T if shape[0] <= shape[1] else q.T @ q
    assert_close(product, np.eye(min(shape)), NAIVE["float64"])


def test_orthogonal_matrices_favour_no_sign(rng):
    signs = [np.sign(initializers.orthogonal((3, 3), rng)) for _ in range(400)]
    assert np.abs(np.mean(signs, axis=0)).max() <= SIGMAS / np.sqrt(400)


@pytest.mark.uncompiled
def test_an_lstm_starts_with_keras_defaults():
    layer = LSTM(6, input_shape=(None, 3))
    Sequential([layer], dtype="float64").need_built("the test")
    W, U, b = layer.get_weights()
    assert np.abs(W).max() <= np.sqrt(6 / (3 + 24))
    assert len(np.unique(W)) == W.size
    assert_close(U @ U.T, np.eye(6), NAIVE["float64"])  # over the whole (H, 4H), not a gate's block
    np.testing.assert_array_equal(b.reshape(4, 6), [[0] * 6, [1] * 6, [0] * 6, [0] * 6])


def test_without_unit_forget_bias_the_bias_is_the_initializers():
    plain = LSTM(2, unit_forget_bias=False, input_shape=(None, 3))
    Sequential([plain]).need_built("the test")
    np.testing.assert_array_equal(plain.get_weights()[2], np.zeros(8))
    other = LSTM(2, bias_initializer=initializers.Constant(0.5), input_shape=(None, 3))
    Sequential([other]).need_built("the test")
    np.testing.assert_array_equal(other.get_weights()[2], [0.5, 0.5, 1, 1, 0.5, 0.5, 0.5, 0.5])


def test_initializers_by_name_and_by_hand(rng):
    assert initializers.get("orthogonal") is initializers.orthogonal
    assert initializers.get(initializers.ones) is initializers.ones
    np.testing.assert_array_equal(initializers.get("zeros")((2, 3), rng), np.zeros((2, 3)))
    np.testing.assert_array_equal(initializers.get("ones")((2, 3), rng), np.ones((2, 3)))
    with pytest.raises(ValueError, match="Did you mean 'glorot_uniform'"):
        initializers.get("glorot_unifrom")
    normal = initializers.RandomNormal(mean=2.0, stddev=0.5)((100, 100), rng)
    assert abs(normal.mean() - 2) <= SIGMAS * 0.5 / 100
    assert normal.std() == pytest.approx(0.5, rel=0.05)
    uniform = initializers.RandomUniform(1.0, 3.0)((100, 100), rng)
    assert uniform.min() >= 1
    assert uniform.max() <= 3
    assert abs(uniform.mean() - 2) <= SIGMAS * 2 / np.sqrt(12) / 100


@pytest.mark.parametrize(
    ("name", "variance", "bound"),
    [
        ("glorot_normal", 2 / 500, 2 / 0.8796),  # bound: of its stddev
        ("he_normal", 2 / 300, 2 / 0.8796),
        ("he_uniform", 2 / 300, np.sqrt(3)),
        ("lecun_normal", 1 / 300, 2 / 0.8796),
        ("lecun_uniform", 1 / 300, np.sqrt(3)),
    ],
)
def test_scaled_initializers_have_their_variance_and_their_bound(rng, name, variance, bound):
    values = initializers.get(name)((300, 200), rng)
    assert abs(values.mean()) <= SIGMAS * np.sqrt(variance / values.size)
    assert values.var() == pytest.approx(variance, rel=0.02)
    largest = np.abs(values).max() / np.sqrt(variance)
    assert 0.99 * bound < largest <= 1.0001 * bound


def test_a_truncated_normal_is_cut_and_not_widened(rng):
    values = (initializers.TruncatedNormal(3.0, 0.5)((300, 200), rng) - 3) / 0.5
    assert 1.98 < np.abs(values).max() <= 2
    assert values.std() == pytest.approx(0.8796, rel=0.01)


def test_an_untruncated_normal_goes_beyond_two_standard_deviations(rng):
    draw = initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")
    values = draw((300, 200), rng)
    assert values.var() == pytest.approx(2 / 200, rel=0.02)
    assert 0.035 < (np.abs(values) > 0.2).mean() < 0.055  # 4.6 % of a normal


def even(variance):
    return stats.uniform(-np.sqrt(3 * variance), 2 * np.sqrt(3 * variance))


def cut(variance):
    """Normal, nothing beyond two of the standard deviations that it had before."""
    return stats.truncnorm(-2, 2, scale=np.sqrt(variance) / stats.truncnorm(-2, 2).std())


LAWS = {  # what an initialiser draws from, for a fan in n and a fan out m, by another library
    "glorot_uniform": lambda n, m: even(2 / (n + m)),
    "glorot_normal": lambda n, m: cut(2 / (n + m)),
    "he_uniform": lambda n, m: even(2 / n),
    "he_normal": lambda n, m: cut(2 / n),
    "lecun_uniform": lambda n, m: even(1 / n),
    "lecun_normal": lambda n, m: cut(1 / n),
    "random_normal": lambda n, m: stats.norm(0, 0.05),
    "truncated_normal": lambda n, m: stats.truncnorm(-2, 2, scale=0.05),
    "random_uniform": lambda n, m: stats.uniform(-0.05, 0.1),
}
sizes = st.integers(1, 30)
many = settings(few, max_examples=10)
BY_CHANCE = 2 * stats.norm.sf(SIGMAS)


@pytest.mark.parametrize("name", LAWS)
@given(n=sizes, m=sizes, seed=st.integers(0, 999))
@many
def test_numbers_of_every_shape_are_drawn_from_their_law(name, n, m, seed):
    draw, rng = initializers.get(name), np.random.default_rng(seed)
    drawn = np.concatenate([draw((n, m), rng).ravel() for _ in range(2000 // (n * m) + 1)])
    assert len(np.unique(drawn)) == len(drawn)
    assert stats.kstest(drawn, LAWS[name](n, m).cdf).pvalue > BY_CHANCE
    np.testing.assert_array_equal(draw((n, m), np.random.default_rng(seed)).ravel(), drawn[: n * m])


@given(
    size=st.integers(2, 9), more=st.integers(0, 5), turned=st.booleans(), seed=st.integers(0, 99)
)
@many
def test_rows_of_an_orthogonal_matrix_point_everywhere_alike(size, more, turned, seed):
    """A coordinate of a point on the sphere of n dimensions, squared, is Beta(1/2, (n - 1)/2)."""
    shape, rng = (size, size + more)[:: -1 if turned else 1], np.random.default_rng(seed)
    matrices = np.array([initializers.orthogonal(shape, rng) for _ in range(200)])
    law = stats.beta(1 / 2, (size + more - 1) / 2)
    for place in ((0, 0), (-1, -1), (0, -1)):
        assert stats.kstest(matrices[:, *place] ** 2, law.cdf).pvalue > BY_CHANCE


def test_every_initialiser_has_a_law_or_one_value():
    alone = {"zeros", "ones", "constant", "orthogonal"}
    assert {*LAWS, *alone} == {*initializers.INITIALIZERS}


def weights_of_a_new_model():
    layers = [LSTM(4, return_sequences=True, input_shape=(3, 2)), LSTM(4), Dense(4)]
    return Sequential(layers).get_weights()


@pytest.mark.uncompiled
def test_the_same_seed_gives_the_same_weights_and_another_gives_others():
    set_random_seed(1)
    first, second = weights_of_a_new_model(), weights_of_a_new_model()
    set_random_seed(1)
    again = weights_of_a_new_model()
    set_random_seed(2)
    other = weights_of_a_new_model()
    for k, a in enumerate(first):
        np.testing.assert_array_equal(a, again[k])
        drawn = a.ndim == 2  # biases are the same in every model
        assert np.array_equal(a, second[k]) != drawn
        assert np.array_equal(a, other[k]) != drawn


def test_layers_of_one_shape_get_weights_of_their_own():
    _, U_first, _, _, U_second, _, _, _ = weights_of_a_new_model()
    assert not np.array_equal(U_first, U_second)


VALUES = {  # what an initialiser gives for a shape, and how it is refused
    "another shape": (lambda shape: np.ones((1, 1)), ValueError, "does not fit"),
    "an axis too many": (lambda shape: np.ones((1, *shape)), ValueError, "does not fit"),
    "turned": (lambda shape: np.ones(shape[::-1] + (1,) * (len(shape) < 2)), ValueError, "not fit"),
    "too many": (lambda shape: np.ones((*shape[:-1], 2000)), ValueError, "does not fit"),
    "a number": (lambda shape: 0.5, ValueError, "does not fit"),
    "nothing": (lambda shape: None, ValueError, "does not fit"),
    "ragged": (lambda shape: [[1.0, 2.0], [3.0]], ValueError, "is not an array"),
    "NaN": (lambda shape: np.full(shape, np.nan), ValueError, "not finite in float32"),
    "infinity": (lambda shape: np.full(shape, np.inf), ValueError, "not finite in float32"),
    "too large": (lambda shape: np.full(shape, 1e39), ValueError, "not finite in float32"),
    "complex": (lambda shape: np.full(shape, 1j), TypeError, "must hold real numbers"),
    "objects": (lambda shape: np.ones(shape, object), TypeError, "must hold real numbers"),
    "words": (lambda shape: np.full(shape, "a"), TypeError, "must hold real numbers"),
    "masked": (lambda shape: np.ma.masked_all(shape), ValueError, "masked elements"),
}
PLACES = {  # layers with an initialiser for one of their parameters
    "kernel": lambda init: Dense(4, kernel_initializer=init, input_shape=(3,)),
    "bias": lambda init: Dense(4, bias_initializer=init, input_shape=(3,)),
    "recurrent_kernel": lambda init: LSTM(4, recurrent_initializer=init, input_shape=(2, 3)),
    "bias of gates": lambda init: LSTM(4, bias_initializer=init, input_shape=(2, 3)),
    "embeddings": lambda init: Embedding(5, 4, embeddings_initializer=init, input_shape=(3,)),
}


@pytest.mark.uncompiled
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("case", VALUES)
def test_initial_values_are_finite_real_numbers_of_the_parameters_shape(case, place):
    give, kind, fragment = VALUES[case]
    model = Sequential([PLACES[place](lambda shape, rng: give(shape))])
    with refused(kind, fragment) as caught:
        model.count_params()
    assert f"The initial {place.removesuffix(' of gates')} of layer" in str(caught.value)
    assert model.theta is None


def test_pieces_of_a_bias_that_fit_together_by_chance_are_refused():
    layer = LSTM(4, bias_initializer=lambda shape, rng: np.ones(12 - shape[0]), input_shape=(2, 3))
    with refused(ValueError, "The initial bias of layer 'lstm' does not fit"):
        Sequential([layer]).count_params()


def test_whole_numbers_and_lists_are_initial_values():
    layer = Dense(2, "linear", True, lambda shape, rng: [[1, 2], [3, 4]], input_shape=(2,))
    np.testing.assert_array_equal(Sequential([layer]).predict([[1.0, 10.0]]), [[31, 42]])


@pytest.mark.parametrize(
    ("initializer", "fragment"),
    [
        (lambda shape: np.ones(shape), "The initialiser <lambda> takes other arguments"),
        (lambda: 1.0, "The initialiser <lambda> takes other arguments"),
        (lambda shape, rng, dtype: 1.0, "The initialiser <lambda> takes other arguments"),
        (
            type("Scaled", (), {"__init__": lambda self, scale: None}),
            "class of initialisers Scaled",
        ),
    ],
)
def test_an_initialiser_that_takes_other_arguments_is_named(initializer, fragment):
    with refused(TypeError, fragment):
        Dense(3, kernel_initializer=initializer)


def test_a_class_of_initialisers_stands_for_its_defaults():
    layer = Dense(3, kernel_initializer=initializers.RandomUniform)
    assert isinstance(layer.kernel_initializer, initializers.RandomUniform)


def test_orthogonal_needs_two_axes():
    with refused(ValueError, "orthogonal needs two axes"):
        Sequential([Dense(3, bias_initializer="orthogonal", input_shape=(2,))]).count_params()


def test_only_a_dtype_in_the_place_of_the_generator_is_refused():
    def further(shape, rng, dtype=None):
        return rng.normal(size=shape)

    for initializer in (further, lambda *given: np.ones(given[0])):
        assert initializers.get(initializer) is initializer
    assert initializers.get(max) is max  # built in: nobody can say what it takes
