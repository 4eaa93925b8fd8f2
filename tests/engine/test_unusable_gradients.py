"""A finite loss whose gradient is not, or has no square: nothing becomes NaN, and `fit` says so."""

import numpy as np
import pytest
from tinylstm.kernels.training.optimizers_of_keras2 import rmsprop_keras2

import tinylstm
from tinylstm import LSTM, SGD, Adagrad, Adam, Dense, Lion, Nadam, RMSprop, Sequential
from tinylstm.optimizers import OPTIMIZERS
from tinylstm.threads import how_many

DTYPES = ["float64", "float32"]
BEYOND = {"float32": 2e19, "float64": 2e154}  # whose square is infinite
KEYS = [3, 20, 30, 36]
MESSAGE = r"Some of the gradient of batch {} in epoch {} is not finite in float32"


class OldRMSprop(RMSprop):
    """The RMSprop of Keras 2."""

    kernel = staticmethod(rmsprop_keras2)


RULES = [
    Adam(),
    Adam(epsilon=0),
    RMSprop(),
    RMSprop(momentum=0.5),
    RMSprop(centered=True, epsilon=0),
    OldRMSprop(),
    SGD(),
    SGD(momentum=0.5),
    SGD(momentum=0.5, nesterov=True),
    Nadam(),
    Nadam(epsilon=0),
    Adagrad(),
    Adagrad(initial_accumulator_value=0, epsilon=0),
    Lion(),
]


def updated(rule, grads, dtype):
    """Parameters, moments and the note of a rule after updates from ones."""
    optimizer = rule.copy()
    theta = np.ones(len(grads[0]), dtype)
    optimizer.build(len(theta), np.dtype(dtype))
    for grad in grads:
        if optimizer.advance is not None:
            optimizer.advance(optimizer.rule[0])
        with np.errstate(all="ignore"):
            optimizer.kernel(
                optimizer.rule[0], theta, grad.astype(dtype), optimizer.moments, 0, len(theta)
            )
        optimizer.rule["iteration"] += 1
    return theta, optimizer.moments, int(optimizer.rule["unusable"][0])


@pytest.mark.uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_what_cannot_be_used_stays_where_it_is_and_is_noted(rng, rule, dtype):
    before, behind = rng.normal(size=(2, 37))
    bad = before.copy()
    bad[KEYS] = np.inf, -np.inf, np.nan, BEYOND[dtype]
    keys = KEYS[:3] if isinstance(rule, Lion) else KEYS  # it needs no squares
    theta, moments, noted = updated(rule, [before, bad, behind], dtype)
    assert noted == 2
    assert np.isfinite(theta).all()
    assert np.isfinite(moments).all()
    others = np.setdiff1d(np.arange(37), KEYS)
    wanted, _, nothing = updated(rule, [before, before, behind], dtype)
    assert nothing == 0
    np.testing.assert_array_equal(theta[others], wanted[others])
    if not isinstance(rule, SGD):  # for the others such an element is zero
        bad[keys] = 0
        wanted, _, _ = updated(rule, [before, bad, behind], dtype)
        np.testing.assert_array_equal(theta[keys], wanted[keys])


@pytest.mark.parametrize(
    "rule",
    [
        *(Adam(epsilon=0), RMSprop(epsilon=0), RMSprop(centered=True), Nadam(epsilon=0)),
        Adagrad(initial_accumulator_value=0, epsilon=0),
    ],
)
def test_nothing_is_divided_by_zero_nor_the_root_of_less_taken(rule):
    for size in (0.0, 1.0, 3e3):
        theta, moments, noted = updated(rule, [np.full(37, size)] * 40, "float32")
        assert np.isfinite(theta).all()
        assert np.isfinite(moments).all()
        assert noted == 0


def model_of(optimizer, outputs=1):
    model = Sequential([Dense(outputs, input_shape=(1,))])
    model.compile(optimizer, "mse")
    model.set_weights([np.ones((1, outputs)), np.zeros(outputs)])
    return model


@pytest.mark.parametrize(("outputs", "x"), [(1, 1e10), (1, 1e12), (20, 1e12)])
@pytest.mark.parametrize("optimizer", ["rmsprop", "adam"])
def test_a_gradient_without_a_square_leaves_the_weights_as_keras_does(optimizer, outputs, x):
    model = model_of(optimizer, outputs)
    with pytest.warns(RuntimeWarning, match=MESSAGE.format(0, 1)) as caught:
        history = model.fit(np.full((2, 1), x), np.zeros((2, outputs)), epochs=3, verbose=0).history
    assert [warning.filename for warning in caught] == [__file__]
    np.testing.assert_allclose(history["loss"], x * x, rtol=1e-6)
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], 1)
    assert np.isfinite(model.optimizer.moments).all()
    assert model.optimizer.rule["unusable"] == 0


@pytest.mark.parametrize("bad", [0, 5, 11])
@pytest.mark.parametrize("team", [1, 3])
def test_the_batch_is_named_and_training_goes_on(bad, team, monkeypatch):
    monkeypatch.setattr(how_many, "WORTH", 1)
    tinylstm.set_num_threads(team)
    x = np.linspace(-1, 1, 36)[:, None]
    x[3 * bad] = 1e12
    model = model_of("adam", 70)
    options = {"batch_size": 3, "epochs": 4, "shuffle": False, "verbose": 0}
    with pytest.warns(RuntimeWarning, match=MESSAGE.format(bad, 1)) as caught:
        model.fit(x, np.zeros((36, 70)), **options)
    tinylstm.set_num_threads(None)
    assert len(caught) == 1
    assert model.optimizer.iterations == 48
    assert np.isfinite(model.theta).all()
    assert not (model.theta == 1).any()


def test_one_batch_by_hand_says_it_too():
    model = model_of("adam")
    with pytest.warns(RuntimeWarning, match=MESSAGE.format(0, 1)) as caught:
        model.train_on_batch(np.full((2, 1), 1e10), np.zeros((2, 1)))
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("bound", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_bounds_on_gradients_hide_nothing_and_make_no_nan(bound):
    for bad in (np.inf, np.nan):
        optimizer, grad = Adam(**{bound: 1.0}), np.ones(37, np.float32)
        grad[7] = bad
        optimizer.build(37, np.dtype("float32"))
        tensors = np.array([[0, 37]])
        tinylstm.kernels.training.optimizers.clip(optimizer.rule[0], grad, tensors, np.zeros(0))
        theta = np.ones(37, np.float32)
        optimizer.kernel(optimizer.rule[0], theta, grad, optimizer.moments, 0, 37)
        assert np.isfinite(theta).all()
        bounded = bound == "clipvalue" and bad == np.inf
        assert optimizer.rule["unusable"] == (0 if bounded else 1)


@pytest.mark.filterwarnings("ignore:(The loss|Some of the gradient|The state):RuntimeWarning")
@pytest.mark.parametrize("seed", [1, 3, 5])  # whose losses are finite, and gradients are not
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_exploding_relu_on_an_unscaled_series_ends_finite(optimizer, seed):
    series, steps = 1e4 * (100 + np.arange(260.0)), 100
    tinylstm.set_random_seed(seed)
    x = np.stack([series[k : k + steps] for k in range(40)])[:, :, None]
    model = Sequential([LSTM(50, activation="relu", input_shape=(steps, 1)), Dense(1)])
    model.compile(optimizer, "mse")
    model.fit(x, series[steps : steps + 40], batch_size=8, epochs=3, verbose=0)
    assert np.isfinite(model.theta).all()
    assert np.isfinite(model.optimizer.moments).all()


def test_a_carried_state_that_is_not_finite_is_named():
    model = Sequential([LSTM(1, activation="relu", stateful=True, batch_input_shape=(1, 2, 1))])
    model.set_weights([np.full((1, 4), 5.0), np.full((1, 4), 5.0), np.full(4, 5.0)])
    x = np.full((4, 2, 1), 1e38)
    with pytest.warns(RuntimeWarning, match=r"The state after batch \d in epoch 1 is not finite"):
        model.predict(x, batch_size=1)
    model.reset_states()
    model.predict(x * 0, batch_size=1)


@pytest.mark.parametrize("rate", [1e19, np.inf, np.nan, -1.0])
def test_a_rate_that_makes_infinite_steps_is_refused(rate):
    with pytest.raises(ValueError, match="learning_rate is a number"):
        SGD(rate)
