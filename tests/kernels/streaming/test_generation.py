"""Closed loop in compiled calls: what a loop in Python over single steps gives."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.engine.test_interrupts import LIMIT, CtrlC
from tests.models import randomize
from tests.snapshots import refused
from tests.tolerances import NAIVE, SIGMAS, assert_close
from tinylstm import LSTM, Dense, Embedding, Sequential
from tinylstm.callbacks import Callback
from tinylstm.engine import generation

uncompiled = pytest.mark.uncompiled
DTYPES = ["float64", "float32"]


def value_model(rng, dtype="float64", **options):
    """Three features in and out."""
    model = Sequential([LSTM(5, input_shape=(None, 3), **options), Dense(3)], dtype=dtype)
    model.need_built("weights")
    return randomize(model, rng)


def class_model(rng, features, classes=4):
    layers = [LSTM(6, input_shape=(None, features)), Dense(classes, activation="softmax")]
    model = Sequential(layers, dtype="float64")
    model.need_built("weights")
    randomize(model, rng)
    model.set_weights([2 * w for w in model.weights])
    return model


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", [{}, {"stateful": True}, {"return_sequences": True}], ids=str)
def test_values_equal_a_loop_over_single_steps(rng, options, dtype):
    model = value_model(rng, dtype, **options)
    start = rng.normal(size=(4, 3))
    stepper, expected = model.stepper(), []
    for x in start:
        y = stepper(x).copy()
    for _ in range(6):
        expected.append(y)
        y = stepper(y).copy()
    found = model.generate(start, 6)
    assert_close(found, np.array(expected), NAIVE[dtype], "values")
    several = model.generate(np.stack([start, -start]), 6)
    assert_close(several[0], found, NAIVE[dtype], "the first of two rows")
    assert several.shape == (2, 6, 3)
    assert not np.allclose(several[1], found)


@uncompiled
@pytest.mark.parametrize("return_sequences", [False, True])
def test_values_of_a_window_equal_a_loop_over_predict(rng, return_sequences):
    model = value_model(rng, return_sequences=return_sequences)
    window = rng.normal(size=(2, 5, 3))
    expected, seen = [], window[:, -4:]
    for _ in range(6):
        y = model.predict(seen)
        y = y[:, -1] if return_sequences else y
        expected.append(y)
        seen = np.concatenate([seen[:, 1:], y[:, None]], axis=1)
    found = model.generate(window, 6, window=4)
    assert_close(found, np.stack(expected, axis=1), NAIVE["float64"], "values")


@pytest.mark.parametrize("kind", ["one-hot", "scaled", "words"])
def test_the_likeliest_class_equals_a_loop_over_single_steps(rng, kind):
    if kind == "words":
        layers = [Embedding(4, 3), LSTM(6), Dense(4, activation="softmax")]
        model = Sequential(layers, dtype="float64")
        model.build((None, None))
        randomize(model, rng)
    else:
        model = class_model(rng, 4 if kind == "one-hot" else 1)
    encode = {"one-hot": lambda k: np.eye(4)[k], "scaled": lambda k: k / 4, "words": lambda k: k}
    start = np.array([2, 0, 3])
    stepper, expected = model.stepper(), []
    for k in start:
        guess = int(stepper(encode[kind](k)).argmax())
    for _ in range(12):
        expected.append(guess)
        guess = int(stepper(encode[kind](guess)).argmax())
    x = np.array([encode[kind](k) for k in start])
    x = x[:, None] if kind == "scaled" else x
    scale = 0.25 if kind == "scaled" else None
    np.testing.assert_array_equal(model.generate(x, 12, "argmax", scale=scale), expected)


def test_samples_have_the_probabilities_that_the_temperature_gives(rng):
    model = class_model(rng, 4)
    x = np.tile(np.eye(4)[[1, 2]], (20_000, 1, 1))
    p = model.predict(x[:1])[0]
    for temperature in (0.5, 1.0, 2.0):
        drawn = model.generate(x, 1, "sample", temperature=temperature, seed=3)[:, 0]
        q = p ** (1 / temperature) / (p ** (1 / temperature)).sum()
        shares = np.bincount(drawn, minlength=4) / len(x)
        sigma = np.sqrt(q * (1 - q) / len(x))
        assert (np.abs(shares - q) <= SIGMAS * sigma + 1e-12).all()
    for temperature in (1e-6, 5e-324):
        cold = model.generate(x[:50], 5, "sample", temperature=temperature, seed=3)
        np.testing.assert_array_equal(cold, model.generate(x[:50], 5, "argmax"))


def test_what_is_drawn_repeats_with_the_seed_and_differs_by_step_and_row(rng):
    model = class_model(rng, 4)
    x = np.tile(np.eye(4)[[1, 2]], (50, 1, 1))
    first = model.generate(x, 20, "sample", temperature=5.0, seed=1)
    np.testing.assert_array_equal(model.generate(x, 20, "sample", temperature=5.0, seed=1), first)
    assert not np.array_equal(model.generate(x, 20, "sample", temperature=5.0, seed=2), first)
    few = model.generate(x[:3], 20, "sample", temperature=5.0, seed=1)
    np.testing.assert_array_equal(few, first[:3])  # a row's draws are its own
    assert len({tuple(row) for row in first}) == 50
    assert len({tuple(column) for column in first.T}) == 20


def test_the_models_state_stays(rng):
    model = value_model(rng, stateful=True)
    model.predict(rng.normal(size=(1, 4, 3)), batch_size=1)
    before = model.get_states()["lstm"]
    model.generate(rng.normal(size=(4, 3)), 5)
    for one, other in zip(model.get_states()["lstm"], before, strict=True):
        np.testing.assert_array_equal(one, other)


@uncompiled
@pytest.mark.parametrize("window", [None, 3])
def test_what_a_loop_works_on_is_kept_and_no_call_sees_the_one_before(rng, window):
    model = value_model(rng, "float32", dropout=0.3, stateful=True)
    model.compile("sgd", "mse")
    start = rng.normal(size=(2, 4, 3))
    first = model.generate(start[0], 5, window=window)
    kept = list(model.network._programs.values())
    model.generate(start[1], 6, window=window)
    np.testing.assert_array_equal(model.generate(start[0], 5, window=window), first)
    assert list(model.network._programs.values()) == kept
    several = model.generate(start, 5, window=window)
    model.fit(start[:1, :1], start[:1, 0], batch_size=1, verbose=0)
    model.set_weights([2 * w for w in model.weights])
    found = model.generate(start[0], 5, window=window)
    np.testing.assert_array_equal(found, model.copy().generate(start[0], 5, window=window))
    assert not np.array_equal(found, first)
    assert not np.array_equal(model.generate(start, 5, window=window), several)


def test_a_loop_in_a_callback_changes_no_training_and_a_stepper_has_memory_of_its_own(rng):
    class Ask(Callback):
        def on_batch_end(self, batch, logs=None):
            self.model.generate(x[0], 3)

    x, y = rng.normal(size=(6, 1, 3)), rng.normal(size=(6, 3))
    model = value_model(rng, stateful=True)
    twin = model.copy()
    stepper, alone = model.stepper(), twin.stepper()
    for one, callbacks in ((model, [Ask()]), (twin, [])):
        one.compile("adam", "mse")
        one.fit(x, y, batch_size=1, shuffle=False, verbose=0, callbacks=callbacks)
    np.testing.assert_array_equal(model.theta, twin.theta)
    for t in range(3):
        np.testing.assert_array_equal(stepper(x[t, 0]), alone(x[t, 0]))
        model.generate(x[0], 3)


def test_threads_that_call_at_once_get_what_each_gets_alone(rng):
    model = value_model(rng)
    starts = rng.normal(size=(8, 4, 3))
    wanted = [model.generate(start, 2000) for start in starts]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda start: model.generate(start, 2000), starts))
    np.testing.assert_array_equal(found, wanted)


FEEDBACKS = {
    "values": {},
    "values of a window": {"window": 3},
    "classes": {"feedback": "argmax"},
    "drawn": {"feedback": "sample", "seed": 3, "temperature": 2.0},
    "drawn from a window": {"feedback": "sample", "seed": 3, "window": 2},
}


def count_calls(monkeypatch):
    """A list that gets the number of steps of each compiled call."""
    steps, calls = [], generation.Loop.calls

    def counted(loop, count):
        for first, last in calls(loop, count):
            steps.append(last - first)
            yield first, last

    monkeypatch.setattr(generation.Loop, "calls", counted)
    return steps


@uncompiled
@pytest.mark.parametrize("name", FEEDBACKS)
def test_in_however_many_calls_it_is_generated_the_bits_are_the_same(rng, name, monkeypatch):
    options = FEEDBACKS[name]
    model = class_model(rng, 4) if "feedback" in options else value_model(rng, "float32")
    start = rng.normal(size=(2, 5, model.output_shape[-1]))
    calls, found = count_calls(monkeypatch), []
    for seconds in (1e9, 1e-9):
        monkeypatch.setattr(generation, "CHUNK_SECONDS", seconds)
        model.generate(start, 2, **options)  # the pace is known
        calls.clear()
        found.append(model.generate(start, 12, **options))
        steps = 12 if "window" in options else 4 + 12
        assert calls == ([steps] if seconds > 1 else [1] * steps)
    np.testing.assert_array_equal(*found)
    assert len(np.unique(found[0])) > 2 or name == "classes"


@pytest.mark.parametrize("long", ["answers", "answers of a window", "beginning"])
def test_ctrl_c_is_heard_soon_however_many_steps_are_generated_or_read(long):
    model = Sequential([LSTM(128, input_shape=(None, 1)), Dense(1)])
    start, steps = np.zeros((10**7 if long == "beginning" else 4, 1), np.float32), 10**7
    model.generate(start[:4], 2)
    window = 2 if long == "answers of a window" else None
    with CtrlC() as ctrl_c:
        model.generate(start, 2 if long == "beginning" else steps, window=window)
    assert isinstance(ctrl_c.error, KeyboardInterrupt)
    assert ctrl_c.took < LIMIT
    assert model.generate(start[:4], 2).tobytes() == model.copy().generate(start[:4], 2).tobytes()


@pytest.mark.parametrize("steps", [2**40, 2**62])
@pytest.mark.parametrize("feedback", ["value", "argmax"])
def test_more_steps_than_fit_into_memory_are_refused_before_anything_happens(rng, steps, feedback):
    model = value_model(rng)
    with refused(MemoryError, "lower steps"):
        model.generate(np.ones((4, 3)), steps, feedback)
    assert model.network._programs == {}


REFUSED = {
    "other features": (lambda m, c: m.generate(np.ones((4, 2)), 3), "beginning of a sequence"),
    "one axis": (lambda m, c: m.generate(np.ones(3), 3), "beginning of a sequence"),
    "no steps": (lambda m, c: m.generate(np.ones((4, 3)), 0), "steps"),
    "outputs that do not fit": (lambda m, c: c.generate(np.ones((4, 1)), 3), "as they are"),
    "classes that do not fit": (lambda m, c: c.generate(np.ones((4, 1)), 3, "argmax"), "scale"),
    "no probabilities": (lambda m, c: m.generate(np.ones((4, 3)), 3, "sample"), "probabilities"),
    "cold": (lambda m, c: c.generate(np.ones((4, 1)), 3, "sample", 0.0, 0.25), "temperature"),
    "a scale of three": (lambda m, c: m.generate(np.ones((4, 3)), 3, "argmax", 1, 0.5), "scale"),
    "a long window": (lambda m, c: m.generate(np.ones((4, 3)), 3, window=5), "window"),
    "feedback": (lambda m, c: m.generate(np.ones((4, 3)), 3, "valu"), "Did you mean 'value'"),
    "nan": (lambda m, c: m.generate(np.full((4, 3), np.nan), 3), "not finite"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_sentence(rng, name):
    call, fragment = REFUSED[name]
    with pytest.raises(ValueError, match=fragment):
        call(value_model(rng), class_model(rng, 1))
