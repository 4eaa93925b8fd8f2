"""Generators of batches, bit for bit as the arrays they come from."""

import numpy as np
import pytest

from tests.snapshots import refused
from tinylstm import LSTM, Sequential
from tinylstm.callbacks import Callback

from .data import B, Batches, D, N, T, assert_same, endless, mapped, model_of


@pytest.mark.parametrize("verbose", [0, 1, 2])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_generator_trains_bit_for_bit_as_the_array_in_order(arrays, verbose, weighted):
    given = arrays if weighted else arrays[:2]
    model, other = model_of(), model_of()
    weight = arrays[2] if weighted else None
    options = {"epochs": 3, "verbose": verbose}
    other.fit(*arrays[:2], sample_weight=weight, batch_size=B, shuffle=False, **options)
    model.fit(endless(*given), steps_per_epoch=-(-N // B), **options)
    assert_same(model, other)
    model = model_of()
    batches = Batches(*given)
    model.fit(batches, **options)
    assert_same(model, other)
    assert batches.ends == 3


def test_a_generator_feeds_a_stateful_model_and_validates_another(arrays):
    x, y = (a[: 6 * B] for a in arrays[:2])
    model, other = (model_of(stateful=True, batch=B) for _ in range(2))
    options = {"epochs": 2, "verbose": 0, "reset_states": "epoch"}
    other.fit(x, y, validation_data=(x, y), **options)
    model.fit(
        endless(x, y, size=B),
        steps_per_epoch=6,
        validation_data=endless(x, y),
        validation_steps=6,
        **options,
    )
    assert_same(model, other)


def test_a_generator_is_validated_by_arrays_and_arrays_by_a_generator(arrays):
    x, y = arrays[:2]
    model, other = model_of(), model_of()
    options = {"epochs": 2, "verbose": 0, "shuffle": False}
    other.fit(x, y, batch_size=B, validation_data=(x, y), **options)
    steps = -(-len(x) // B)
    model.fit(endless(x, y), steps_per_epoch=steps, validation_data=(x, y), **options)
    assert_same(model, other)
    model = model_of()
    validation = {"validation_data": endless(x, y), "validation_steps": steps}
    model.fit(x, y, batch_size=B, **validation, **options)
    assert_same(model, other)


def test_a_generator_that_ends_is_one_epoch(arrays):
    model, other = model_of(), model_of()
    x, y, _ = arrays
    other.fit(x, y, batch_size=B, shuffle=False, verbose=0)
    model.fit(iter(list(map(Batches(x, y).__getitem__, range(7)))), verbose=0)
    assert_same(model, other)


@pytest.mark.parametrize("steps", [None, 5])
def test_a_generator_that_ends_too_soon_ends_the_training_with_a_warning(arrays, steps):
    x, y, _ = arrays
    model = model_of()
    batches = iter(list(map(Batches(x, y).__getitem__, range(7))))
    with pytest.warns(UserWarning, match="The generator ended after"):
        history = model.fit(batches, steps_per_epoch=steps, epochs=3, verbose=0)
    assert len(history.epoch) == (1 if steps is None else 2)
    assert model.optimizer.iterations == 7


def test_batches_of_any_size(rng):
    sizes = [3, 3, 5, 1, 8, 8, 2]
    batches = [(rng.normal(size=(n, T, D)), rng.normal(size=(n, 2))) for n in sizes]
    model, other = model_of(), model_of()
    model.fit(iter(batches), verbose=0)
    for x, y in batches:
        other.train_on_batch(x, y)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_evaluate_and_predict_of_a_generator(arrays):
    x, y, weight = arrays
    model = model_of()
    expected = model.evaluate(x, y, batch_size=B, sample_weight=weight)
    found = model.evaluate(endless(x, y, weight), steps=7)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    outputs = model.predict(Batches(x)[k][0] for k in range(len(Batches(x))))
    np.testing.assert_array_equal(outputs, model.predict(x, batch_size=B))


def test_callbacks_between_batches_of_a_generator_and_ctrl_c(arrays):
    x, y, _ = arrays
    seen = []

    class Counting(Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(batch)
            if len(seen) == 9:
                raise KeyboardInterrupt

    model, other = model_of(), model_of()
    with pytest.raises(KeyboardInterrupt):
        model.fit(endless(x, y), steps_per_epoch=7, epochs=2, callbacks=[Counting()], verbose=0)
    assert seen == [*range(7), 0, 1]
    assert model.optimizer.iterations == 9
    other.fit(endless(x, y), steps_per_epoch=9, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], other.get_weights()[0])


REFUSED = {
    "targets beside it": (lambda m, g, y: m.fit(g, y), "bring their targets"),
    "a batch size": (lambda m, g, y: m.fit(g, batch_size=4), "have their size"),
    "a split": (lambda m, g, y: m.fit(g, validation_split=0.2), "cannot be split"),
    "no batch": (lambda m, g, y: m.fit(iter([])), "has no batch"),
    "one part": (lambda m, g, y: m.fit(iter([(y,)])), "not a batch"),
    "another shape": (lambda m, g, y: m.fit(iter([(y, y)])), "wrong number of axes"),
    "steps of an array": (lambda m, g, y: m.fit(y, y, steps_per_epoch=2), "of a generator"),
    "no steps": (lambda m, g, y: m.fit(g, steps_per_epoch=0), "steps_per_epoch"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_generator_is_refused_with_a_sentence_and_nothing_changes(arrays, name):
    call, fragment = REFUSED[name]
    model = model_of()
    before = model.get_weights()
    with pytest.raises((ValueError, TypeError), match=fragment):
        call(model, endless(*arrays[:2]), arrays[1])
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def counted(batches, drawn):
    """The batches, each noted when it is asked for."""
    for batch in batches:
        drawn.append(len(drawn))
        yield batch


@pytest.mark.parametrize("verbose", [0, 1, 2])
def test_no_batch_is_asked_for_that_is_not_needed(arrays, verbose):
    """A generator that several calls draw from goes on where the call before has ended."""
    x, y = (a[: 6 * B] for a in arrays[:2])
    drawn = []
    model, other = (model_of(stateful=True, batch=B) for _ in range(2))
    generator = counted(endless(x, y), drawn)
    for epoch in range(3):
        model.fit(generator, steps_per_epoch=2, epochs=1, verbose=verbose)
        assert len(drawn) == 2 * (epoch + 1)
    other.fit(x, y, batch_size=B, verbose=0)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_generator_of_exactly_the_steps_is_enough(arrays):
    x, y, weight = arrays
    batches = [Batches(x, y, weight)[k] for k in range(7)]
    model, other = model_of(), model_of()
    model.fit(iter(batches), steps_per_epoch=7, verbose=0)
    other.fit(x, y, sample_weight=weight, batch_size=B, shuffle=False, verbose=0)
    assert_same(model, other)
    expected = other.evaluate(x, y, sample_weight=weight, batch_size=B)
    np.testing.assert_allclose(other.evaluate(iter(batches), steps=7), expected, rtol=1e-6)
    np.testing.assert_allclose(other.evaluate(iter(batches)), expected, rtol=1e-6)
    outputs = other.predict(batch[0] for batch in batches)
    np.testing.assert_array_equal(outputs, other.predict(x, batch_size=B))


@pytest.mark.parametrize("size", [5, 8, 50])
def test_all_of_a_generator_that_ends(arrays, size):
    x, y, _ = arrays
    model = model_of()
    batches = Batches(x, y, size=size)
    every = [batches[k] for k in range(len(batches))]
    expected = model.evaluate(x, y, batch_size=size)
    np.testing.assert_allclose(model.evaluate(iter(every)), expected, rtol=1e-6)
    np.testing.assert_allclose(model.evaluate(batches), expected, rtol=1e-6)
    outputs = model.predict(iter([batch[0] for batch in every]))
    np.testing.assert_array_equal(outputs, model.predict(x, batch_size=size))


@pytest.mark.parametrize("kind", ["sequence", "endless", "memmap"])
def test_validation_reads_the_same_batches_in_every_epoch(tmp_path, arrays, kind):
    x, y, _ = arrays
    model, other = model_of(), model_of()
    other.fit(x, y, validation_data=(x[:24], y[:24]), epochs=3, verbose=0)
    options = {"epochs": 3, "verbose": 0}
    if kind == "sequence":
        batches = Batches(x[:24], y[:24])
        model.fit(x, y, validation_data=batches, **options)
        assert batches.ends == 3
    elif kind == "endless":
        drawn = []
        batches = counted(endless(x[:24], y[:24]), drawn)
        model.fit(x, y, validation_data=batches, validation_steps=3, **options)
        assert len(drawn) == 9
    else:
        model.fit(x, y, validation_data=(mapped(tmp_path, "v", x[:24]), y[:24]), **options)
    assert_same(model, other)


@pytest.mark.parametrize("verbose", [0, 1, 2])
@pytest.mark.usefixtures("at_a_terminal")
def test_a_generator_without_steps_shows_what_came(arrays, verbose, capsys):
    x, y, _ = arrays
    model_of().fit(iter([Batches(x, y)[k] for k in range(7)]), verbose=verbose)
    out, err = capsys.readouterr()
    assert ("7/7 - " in out) == (verbose == 2)
    assert ("7batch" in err) == (verbose == 1)


def test_outputs_of_other_lengths_make_no_array(rng):
    model = Sequential([LSTM(3, return_sequences=True, input_shape=(None, D))])
    batches = [rng.normal(size=(2, steps, D)) for steps in (3, 6)]
    with refused(ValueError, "Outputs of one shape"):
        model.predict(iter(batches))


def test_a_stateful_model_is_not_warned_of_an_order_that_is_not_shuffled(arrays, recwarn):
    x, y = (a[: 6 * B] for a in arrays[:2])
    model = model_of(stateful=True, batch=B)
    model.fit(endless(x, y), steps_per_epoch=6, shuffle=True, verbose=0)
    assert not recwarn.list


def test_a_generator_whose_end_nobody_knows_has_no_second_epoch(arrays):
    x, y, _ = arrays
    batches = [Batches(x, y)[k] for k in range(7)]
    with refused(ValueError, "how many batches"):
        model_of().fit(iter(batches), initial_epoch=1, epochs=2, verbose=0)
    with refused(ValueError, "how many batches"):
        model_of().fit(x, y, validation_data=iter(batches), epochs=2, verbose=0)
    history = model_of().fit(x, y, validation_data=iter(batches), verbose=0)
    assert np.isfinite(history.history["val_loss"]).all()


def test_a_callback_may_train_the_model_and_the_history_is_the_outer_one(arrays):
    x, y, _ = arrays

    class Inner(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                self.model.fit(x, y, epochs=2, verbose=0)

    model = model_of()
    history = model.fit(x, y, epochs=5, callbacks=[Inner()], verbose=0)
    assert len(history.epoch) == 5
    assert model.history is history
