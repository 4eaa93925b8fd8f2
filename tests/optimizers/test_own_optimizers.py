"""Optimisers of one's own: a kernel and a small class, as those of tinylstm are made."""

import numpy as np
import pytest
from tinylstm.kernels import kernel, kinds, rate_now
from tinylstm.kernels.compiling import COMPILED, compile_kernel
from tinylstm.kernels.signatures import signature
from tinylstm.kernels.training import optimizers as kernels

import tinylstm
from tests.kernel_runs import starting
from tests.snapshots import refused
from tests.surface import test_copies
from tests.tolerances import NAIVE, THREADS_TRAINED, assert_close
from tinylstm import LSTM, SGD, Adagrad, Adam, AdamW, Dense, Lion, Nadam, Sequential
from tinylstm.optimizers import (
    OPTIMIZERS,
    HyperParameter,
    Optimizer,
    RunningNumber,
    checked_choice,
    checked_share,
)
from tinylstm.threads import how_many

B, T, D, H = 4, 3, 2, 5
SIZES = np.array([[0.25], [0.5]])


@kernel
def drift(rule, theta, grad, moments, start, stop):
    """m = keep m + g + first row;  theta -= rate gain weight m, or the sum where it is turned."""
    c = theta.dtype.type
    rate, keep, gain = c(rate_now(rule)), c(rule.keep), c(rule.gain * rule.weight)
    w, g = theta[start:stop], grad[start:stop]
    m, first = moments[1, start:stop], moments[0, start:stop]
    for j in range(len(w)):
        m[j] = keep * m[j] + g[j] + first[j]
        w[j] -= -rate * gain * m[j] if rule.turned else rate * gain * m[j]


@kernel
def advance_drift(rule):
    """weight = 1 + 1/2 + 1/4 + ...; of two numbers that change, each with its own beginning."""
    rule.weight += rule.part
    rule.part *= 0.5


class Drift(Optimizer):
    """With numbers of its own of every kind, two moments, and a beginning that is not zero."""

    kernel = drift
    advance = advance_drift
    moments_needed = 2
    keep = HyperParameter("Decay a step of the sum.", checked_share)
    gain = HyperParameter("Of a step.")
    turned = HyperParameter("Whether it goes up.", checked_choice)
    weight = RunningNumber("A sum of parts.")
    part = RunningNumber("What is added next.", start=1)

    def __init__(self, learning_rate=0.1, keep=0.5, gain=1.0, turned=False, **bounds):
        super().__init__(learning_rate, keep=keep, gain=gain, turned=turned, **bounds)

    def begin(self, moments):
        moments[0] = 0.125


class Turned(Drift):
    """A subclass, with one number more."""

    extra = HyperParameter("Nobody reads it.")

    def __init__(self, extra=3.0, **others):
        super().__init__(turned=True, **others)
        self.extra = extra


def by_hand(theta, grads, learning_rate=0.1, keep=0.5, gain=1.0, turned=False, decays=(0.0, 0.0)):
    """The parameters after updates from some gradients, which are functions of them."""
    m, weight, part, (decay, weight_decay) = 0.0, 0.0, 1.0, decays
    for t, grad in enumerate(grads):
        weight, part = weight + part, part / 2
        m = keep * m + grad + 0.125
        rate = learning_rate / (1 + decay * t)
        theta = theta - rate * weight_decay * theta
        theta = theta - (-1 if turned else 1) * rate * gain * weight * m
    return theta


def linear(optimizer, outputs=3, dtype="float64"):
    """A model whose loss has the same gradient at any weights: mean absolute error from below."""
    model = Sequential([Dense(outputs, input_shape=(2,))], dtype=dtype)
    model.compile(optimizer, "mae")
    model.set_weights([np.full((2, outputs), 0.5), np.zeros(outputs)])
    return model


def fit(model, updates=5):
    """So many updates, each with the gradient -x / outputs, and -1 / outputs of the bias."""
    x, y = np.tile(SIZES.T, (updates, 1)), np.full((updates, model.output_shape[-1]), 1e6)
    model.fit(x, y, batch_size=1, epochs=1, shuffle=False, verbose=0)
    return model


def expected(outputs=3, updates=5, **rates):
    """The two tensors after those updates."""
    steps = [-SIZES / outputs] * updates, [-1 / outputs] * updates
    starts = np.full((2, outputs), 0.5), np.zeros(outputs)
    return [by_hand(w, grads, **rates) for w, grads in zip(starts, steps, strict=True)]


RATES = {
    "defaults": {},
    "its own": {"keep": 0.75, "gain": 0.25, "turned": True},
    "of all": {"learning_rate": 0.05, "decay": 0.25, "weight_decay": 0.5},
}


def of_hand(learning_rate=0.1, decay=0.0, weight_decay=0.0, **rates):
    """The same by hand."""
    return expected(learning_rate=learning_rate, decays=(decay, weight_decay), **rates)


@pytest.mark.uncompiled
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", RATES)
def test_it_trains_by_its_equation(name, dtype):
    model = fit(linear(Drift(**RATES[name]), dtype=dtype))
    for found, wanted in zip(model.get_weights(), of_hand(**RATES[name]), strict=True):
        assert_close(found, wanted, NAIVE[dtype])
    assert model.optimizer.iterations == 5
    assert model.optimizer.weight == 1 + 1 / 2 + 1 / 4 + 1 / 8 + 1 / 16
    assert model.optimizer.part == 1 / 32


@pytest.mark.parametrize("name", RATES)
def test_its_numbers_change_once_an_update_with_several_threads(name, monkeypatch):
    """Each has some runs of the parameters, or none; a frozen layer parts them."""
    monkeypatch.setattr(how_many, "WORTH", 1)
    found = []
    for count in (1, 3):
        tinylstm.set_random_seed(7)
        tinylstm.set_num_threads(count)
        layers = [Dense(70, input_shape=(2,)), Dense(70, trainable=False), Dense(40)]
        model = Sequential(layers, dtype="float64")
        model.compile(Drift(**{"learning_rate": 1e-3} | RATES[name], clipnorm=0.5), "mse")
        x = np.random.default_rng(1).normal(size=(36, 2))
        model.fit(x, np.tile(x, 20), batch_size=12, epochs=2, shuffle=False, verbose=0)
        assert model.optimizer.part == 2.0**-6
        found.append(model)
    tinylstm.set_num_threads(None)
    for one, other in zip(*(model.get_weights() for model in found), strict=True):
        assert_close(one, other, THREADS_TRAINED)


def test_its_numbers_change_once_an_update_whatever_is_frozen():
    """A frozen layer parts the parameters: two runs, and two calls of the kernel for one update."""
    layers = [Dense(2, input_shape=(2,)), Dense(2, trainable=False), Dense(1)]
    model = Sequential(layers, dtype="float64")
    model.compile(Drift(1e-3), "mse")
    model.fit(np.ones((6, 2)), np.ones((6, 1)), batch_size=2, epochs=2, verbose=0)
    assert model.optimizer.part == 2.0**-6


def test_compile_begins_anew_and_a_copy_goes_on():
    model = fit(linear(Drift()))
    twin, own = model.copy(), model.optimizer.copy()
    assert (twin.optimizer.part, twin.optimizer.iterations) == (1 / 32, 5)
    assert [array.tobytes() for array in fit(twin).get_weights()] == [
        array.tobytes() for array in fit(model).get_weights()
    ]
    for optimizer in (own, model.optimizer):
        again = fit(linear(optimizer) if optimizer is own else compiled_anew(model))
        for found, wanted in zip(again.get_weights(), expected(), strict=True):
            assert_close(found, wanted, NAIVE["float64"])


def compiled_anew(model):
    """It begins again, from the first weights."""
    model.compile(model.optimizer, "mae")
    model.set_weights(linear("sgd").get_weights())
    return model


def test_a_model_that_is_not_built_after_all_leaves_the_numbers():
    optimizer = Drift()
    model = Sequential([Dense(1)])
    model.compile(optimizer, "mse")
    before = optimizer.rule.tobytes()
    with pytest.raises(ValueError, match="batch_size"):
        model.fit(np.ones((4, 2)), np.ones((4, 1)), batch_size=0)
    assert optimizer.rule.tobytes() == before
    assert optimizer.moments is None


@pytest.mark.parametrize("way", test_copies.COPIES.values(), ids=test_copies.COPIES)
@pytest.mark.parametrize("kind", [Drift, Turned, *OPTIMIZERS.values()])
def test_a_new_one_goes_through_pickle_and_copy(way, kind):
    optimizer = kind(learning_rate=0.125, decay=0.5)
    found = way(optimizer)
    assert repr(found) == repr(optimizer)
    found.learning_rate = 0.25
    assert optimizer.learning_rate == 0.125
    models = [fit(linear(one)) for one in (optimizer, way(optimizer))] if kind is Drift else []
    assert len({model.theta.tobytes() for model in models}) == len(models) // 2


def test_its_numbers_are_attributes_by_their_names():
    optimizer = Turned(extra=7.0, keep=0.25)
    assert (optimizer.keep, optimizer.turned, optimizer.extra, optimizer.part) == (0.25, 1, 7, 1)
    assert repr(optimizer) == (
        "<Turned after 0 updates: learning_rate=0.1, decay=0, weight_decay=0, keep=0.25, gain=1, "
        "turned=1, extra=7>"
    )
    optimizer.gain = 0.5
    assert optimizer.rule["gain"] == 0.5
    with pytest.raises(AttributeError, match="part is changed by updates alone"):
        optimizer.part = 3


@kernel
def short(rule, theta):
    """Too few arguments."""


def plain(rule, theta, grad, moments, start, stop):
    """No kernel."""


def with_numbers(*names):
    """A class with numbers of these names."""
    return type("Many", (Optimizer,), {name: HyperParameter("") for name in names})


class Forgets(Optimizer):
    """Its constructor says nothing to the one before it."""

    kernel = drift

    def __init__(self):
        pass


REFUSED = {  # what is tried: the kind of error, part of the sentence, part of what was expected
    "no kernel": (
        lambda: type("Own", (Optimizer,), {})(0.1),
        (TypeError, "The kernel of Own is a kernel", "@kernel of (rule, theta, grad, moments"),
    ),
    "a short kernel": (
        lambda: type("Own", (Optimizer,), {"kernel": short})(0.1),
        (TypeError, "The kernel of Own is not one", "Received: @kernel short(rule, theta)"),
    ),
    "a long advance": (
        lambda: type("Own", (Drift,), {"advance": short})(),
        (TypeError, "The advance of Own is not one", "@kernel of (rule): docs/own_optimizer.md"),
    ),
    "a name of the loop's": (
        lambda: with_numbers("iteration"),
        (TypeError, "whose name is taken", "Received: iteration"),
    ),
    "a name of the class's": (
        lambda: with_numbers("copy"),
        (TypeError, "whose name is taken", "Received: copy"),
    ),
    "many numbers": (
        lambda: with_numbers(*(f"n{k}" for k in range(9))),
        (TypeError, "too many numbers", "at most 8"),
    ),
    "a share of one": (lambda: Drift(keep=1), (ValueError, "keep is a share", "share < 1")),
    "a number below zero": (lambda: Drift(gain=-1), (ValueError, "gain is a number", "0 to")),
    "no choice": (lambda: Drift(turned=2), (ValueError, "turned is a choice", "True or False")),
    "another argument": (lambda: Drift(mix=2), (ValueError, "Unknown argument of Drift", "keep")),
    "the class": (
        lambda: linear(Drift),
        (TypeError, "An optimizer is an object", "what it makes: Drift()"),
    ),
    "a lazy constructor": (
        lambda: linear(Forgets()),
        (AttributeError, "Forgets has no rule yet", "super().__init__() first"),
    ),
    "AdamW without decay": (
        lambda: AdamW(weight_decay=None),
        (ValueError, "weight_decay is a number", "None"),
    ),
    "weights that grow": (lambda: SGD(weight_decay=-1), (ValueError, "weight_decay is", "-1")),
    "Nadam with a share of one": (lambda: Nadam(beta_1=1), (ValueError, "beta_1 is a share", "1")),
    "Lion of signs": (lambda: Lion(beta_1=0), (ValueError, "nothing but signs", "0 < share")),
    "sums below zero": (
        lambda: Adagrad(initial_accumulator_value=-1),
        (ValueError, "initial_accumulator_value is a number", "-1"),
    ),
    "a name nearby": (lambda: linear("nadm"), (ValueError, "Did you mean 'nadam'", "lion")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_with_a_way_out(case):
    make, (kind, *said) = REFUSED[case]
    with pytest.raises(kind) as caught:
        make()
    for part in said:
        assert part in str(caught.value)


@pytest.mark.skipif(not COMPILED, reason="uncompiled, any function of arrays is a kernel")
def test_a_function_that_is_not_compiled_is_no_kernel():
    with pytest.raises(TypeError, match="@kernel of"):
        type("Own", (Optimizer,), {"kernel": plain})(0.1)


@pytest.mark.parametrize("optimizer", [SGD(0.5, weight_decay=0.25), AdamW(0.5, 0.25)])
def test_weights_decay_that_get_no_gradient(optimizer):
    """U of a single step from a zero state; its update cannot be left out."""
    model = Sequential([LSTM(H, input_shape=(1, D))], dtype="float64")
    model.compile(optimizer, "mse")
    before = model.get_weights()[1]
    model.fit(np.ones((8, 1, D)), np.ones((8, H)), batch_size=4, epochs=1, verbose=0)
    assert_close(model.get_weights()[1], before * (1 - 0.5 * 0.25) ** 2, NAIVE["float64"])


def test_an_update_of_ones_own_is_left_out_nowhere():
    """It may move what has no gradient, as this one does."""
    model = Sequential([LSTM(H, input_shape=(1, D))], dtype="float64")
    model.compile(Drift(0.1, keep=0.0), "mse")
    before = model.get_weights()[1]
    model.fit(np.ones((4, 1, D)), np.ones((4, H)), batch_size=4, epochs=1, verbose=0)
    assert_close(model.get_weights()[1], before - 0.1 * 0.125, NAIVE["float64"])
    assert not Drift.rests
    assert all(kind.rests for kind in OPTIMIZERS.values())


@pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")
def test_its_machine_code_is_kept_under_the_names_of_its_numbers(tmp_path):
    """A class with the same kernel and its numbers in another order reads them elsewhere."""
    orders = [("keep", "gain", "turned", "weight"), ("gain", "keep", "turned", "weight")]
    with starting(tmp_path):
        for hit in (False, True):
            for names in orders:
                one = kernel(drift.py_func)
                rule = kernels.rule_with(names)
                compile_kernel(one, signature(kinds.update, "float64", rule))
                assert bool(one._cache_hits) is hit
                values = np.zeros(1, rule)
                values["keep"], values["gain"], values["weight"] = 0.5, 2.0, 1.0
                values["learning_rate"] = 1.0
                theta, moments = np.zeros(1), np.array([[0.0], [4.0]])
                one(values[0], theta, np.zeros(1), moments, 0, 1)
                assert theta == -4.0


def test_the_loop_calls_what_there_is():
    dtype = "float64"
    assert [*Adam().calls(dtype)] == ["update"]
    assert [*Nadam(clipnorm=1).calls(dtype)] == ["update", "advance", "clipping"]


class Forgetful(Drift):
    """Declares one of its two moments."""

    moments_needed = 1


@pytest.mark.skipif(not COMPILED, reason="is about memory that compiled code destroys")
def test_one_that_uses_more_moments_than_it_declares_is_refused_before_an_update():
    model = Sequential([Dense(H, input_shape=(D,))], dtype="float64")
    model.compile(Forgetful(), "mse")
    before = model.get_weights()
    with refused(ValueError, "The kernel of Forgetful writes behind moments.") as caught:
        model.fit(np.ones((8, D)), np.ones((8, H)), verbose=0)
    assert "Received: moments_needed = 1" in str(caught.value)
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
