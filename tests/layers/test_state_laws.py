"""Laws of the three state modes, for any sizes: which samples and rows know of which others."""

import numpy as np
import pytest
from hypothesis import given

from tests.models import MODES, Draw, drawn, few, random_states, randomize
from tests.tolerances import NAIVE, assert_close
from tinylstm import LSTM, SGD, Dense, Sequential

pytestmark = pytest.mark.quick
EXACT = NAIVE["float64"]
uncompiled = pytest.mark.uncompiled


def one():
    """One example, for what also runs uncompiled."""
    return Draw((4, 3, 2, 5, 1), 3)


def stack(d, mode, return_sequences=False):
    """Two LSTMs of one mode and an output layer."""
    first = LSTM(d.H, return_sequences=True, **MODES[mode])
    second = LSTM(d.H + 1, return_sequences=return_sequences, **MODES[mode])
    return d.model(first, second, Dense(d.K), loss="mse")


def twin_of(model, mode, return_sequences=False):
    """A stack of another mode with the same weights."""
    d = Draw((1, *model.input_shape[1:], model.layers[0].units, model.layers[2].units), 0)
    other = stack(d, mode, return_sequences)
    other.set_weights(model.get_weights())
    return other


def gradients(model, x, dy, states=None, dstates=None):
    """Output, final states, and the gradients by name with x and the states among them."""
    y, final = model.forward(x, states, return_states=True)
    found = model.backward(dy, dstates)
    named = {f"{layer}/{name}": a for layer in found for name, a in found[layer].items()}
    return y, final, named, found


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("steps", [1, 3])
def test_an_output_of_a_small_model_has_the_same_bits_in_any_batch(rng, steps, dtype):
    layers = [LSTM(17, input_shape=(steps, 1)), Dense(26, activation="softmax")]
    model = randomize(Sequential(layers, dtype=dtype), rng)
    x, order = rng.normal(size=(25, steps, 1)), rng.permutation(25)
    y = model.predict(x, batch_size=25)
    for size in (1, 2, 7):
        np.testing.assert_array_equal(model.predict(x, batch_size=size), y)
        np.testing.assert_array_equal(model.predict(x[order], batch_size=size), y[order])


@uncompiled
def test_a_stateless_batch_is_its_samples_one_by_one_in_any_order():
    check_stateless(one())


@given(d=drawn())
@few
def test_a_stateless_batch_of_any_size_is_its_samples_one_by_one_in_any_order(d):
    check_stateless(d)


def check_stateless(d):
    model, x = stack(d, "stateless"), d.x()
    y, order = model.predict(x), d.rng.permutation(d.B)
    assert_close(model.predict(x, batch_size=1), y, EXACT)
    assert_close(model.predict(x[order], batch_size=2), y[order], EXACT)
    dy = d.rng.normal(size=y.shape)
    _, _, whole, found = gradients(model, x, dy)
    parts = [gradients(model, x[[b]], dy[[b]]) for b in range(d.B)]
    for name, total in whole.items():
        assert_close(sum(part[2][name] for part in parts), total, EXACT, name)
    assert_close(np.concatenate([part[3].x for part in parts]), found.x, EXACT, "x")


@uncompiled
def test_a_long_stateful_sequence_is_its_chunks_carried_on():
    check_chunks(one())


@given(d=drawn())
@few
def test_a_long_stateful_sequence_of_any_size_is_its_chunks_carried_on(d):
    check_chunks(d)


def check_chunks(d):
    model = stack(d, "stateful", return_sequences=True)
    whole = Draw((d.B, 3 * d.T, *d.sizes[2:]), 0)
    long = stack(whole, "stateful", return_sequences=True)
    long.set_weights(model.get_weights())
    start, dlast = random_states(model, d.B, d.rng), random_states(model, d.B, d.rng)
    x, dy = whole.x(), d.rng.normal(size=(d.B, 3 * d.T, d.K))
    y, final, total, found = gradients(long, x, dy, start, dlast)

    model.set_states(start)
    chunks = [slice(k * d.T, (k + 1) * d.T) for k in range(3)]
    carried = [model.get_states()]
    outputs = []
    for part in chunks:
        outputs.append(model.predict(x[:, part], batch_size=d.B))
        carried.append(model.get_states())
    assert_close(np.concatenate(outputs, axis=1), y, EXACT, "y")
    sums, dstates = dict.fromkeys(total, 0.0), dlast
    for k in (2, 1, 0):  # the gradient, handed back by hand, is that of the whole
        _, last, named, back = gradients(
            model, x[:, chunks[k]], dy[:, chunks[k]], carried[k], dstates
        )
        dstates = back.states
        assert_close(back.x, found.x[:, chunks[k]], EXACT, f"x of chunk {k}")
        sums = {name: sums[name] + a for name, a in named.items()}
        for name, arrays in last.items():
            for a, b in zip(arrays, carried[k + 1][name], strict=True):
                assert_close(a, b, EXACT, f"state after chunk {k}")
    for name, a in total.items():
        assert_close(sums[name], a, EXACT, name)
    for name, arrays in final.items():
        for a, b in zip(arrays, carried[3][name], strict=True):
            assert_close(b, a, EXACT, "final state")
        for a, b in zip(found.states[name], dstates[name], strict=True):
            assert_close(b, a, EXACT, "gradient of the first state")


@uncompiled
@pytest.mark.parametrize("return_sequences", [False, True])
def test_a_carried_batch_is_one_long_sequence(return_sequences):
    check_carried_batch(one(), return_sequences)


@pytest.mark.parametrize("return_sequences", [False, True])
@given(d=drawn())
@few
def test_a_carried_batch_of_any_size_is_one_long_sequence(return_sequences, d):
    check_carried_batch(d, return_sequences)


def check_carried_batch(d, return_sequences):
    """As one sample of B * T steps, read at every step or at every T-th; forward and backward."""
    model, x = stack(d, "batch_carried", return_sequences), d.x()
    long = stack(Draw((1, d.B * d.T, *d.sizes[2:]), 0), "stateless", return_sequences=True)
    long.set_weights(model.get_weights())
    dy, dlast = d.rng.normal(size=(d.B, d.T, d.K)), random_states(model, 1, d.rng)
    if not return_sequences:
        dy[:, :-1] = 0
    one_row = x.reshape(1, d.B * d.T, d.D), dy.reshape(1, d.B * d.T, d.K)
    y_long, final_long, total, found_long = gradients(long, *one_row, None, dlast)
    y_long, dx_long = y_long.reshape(d.B, d.T, d.K), found_long.x.reshape(x.shape)
    dy, y_long = (dy, y_long) if return_sequences else (dy[:, -1], y_long[:, -1])
    y, final, named, found = gradients(model, x, dy, None, dlast)
    assert_close(y, y_long, EXACT, "y")
    assert_close(model.predict(x, batch_size=d.B), y_long, EXACT, "y")
    assert_close(found.x, dx_long, EXACT, "dx")
    for name, a in total.items():
        assert_close(named[name], a, EXACT, name)
    for name, arrays in final_long.items():
        for a, b in zip(final[name], arrays, strict=True):
            assert_close(a, b, EXACT, f"{name}, final state")


@uncompiled
def test_predictions_of_carried_batches_depend_on_the_batch_size():
    d = one()
    model, x = stack(d, "batch_carried"), d.x()
    x = np.concatenate([x, d.x()])
    whole, halves = model.predict(x, batch_size=8), model.predict(x, batch_size=4)
    assert_close(halves[:4], whole[:4], EXACT)  # the second batch starts from zeros again
    assert_close(halves[4:], model.predict(x[4:], batch_size=4), EXACT)
    assert np.abs(halves[4:] - whole[4:]).min() > 1e-6
    stateless = twin_of(model, "stateless")
    assert_close(model.predict(x, batch_size=1), stateless.predict(x), EXACT)
    assert_close(whole[0], stateless.predict(x)[0], EXACT)


@uncompiled
@pytest.mark.parametrize("mode", ["stateless", "stateful"])
def test_rows_never_mix(mode):
    d = Draw((5, 3, 2, 7, 4), 1)
    model, x = stack(d, mode, return_sequences=True), d.x()
    start = random_states(model, d.B, d.rng)
    y, final, _, _ = gradients(model, x, np.zeros((d.B, d.T, d.K)), start)
    others = np.arange(d.B) != 2
    x[2] += d.rng.normal(size=(d.T, d.D))
    for arrays in start.values():
        for a in arrays:
            a[2] += 1
    dy = np.zeros_like(y)
    dy[2] = d.rng.normal(size=(d.T, d.K))
    y_other, final_other, _, found = gradients(model, x, dy, start)
    np.testing.assert_array_equal(y_other[others], y[others])
    assert np.abs(y_other[2] - y[2]).min() > 0
    np.testing.assert_array_equal(found.x[others], 0)
    assert np.abs(found.x[2]).min() > 0
    for name, arrays in final.items():
        for a, b, gradient in zip(arrays, final_other[name], found.states[name], strict=True):
            np.testing.assert_array_equal(b[others], a[others])
            np.testing.assert_array_equal(gradient[others], 0)
            assert np.abs(gradient[2]).min() > 0


@pytest.mark.parametrize("activation", ["tanh", "relu", "linear"])
@pytest.mark.parametrize("mode", MODES)
def test_what_a_masked_step_holds_changes_nothing(mode, activation):
    d = Draw((4, 5, 2, 3, 1), 2)
    gates = "sigmoid" if activation == "tanh" else activation
    double = d.model(LSTM(d.H, activation, gates, return_sequences=True, **MODES[mode]), loss="mse")
    double.theta *= 0.3  # gates without a bound grow beyond all numbers in a long sequence
    model, x, mask = double.copy("float32"), d.x(), d.rng.random((d.B, d.T)) < 0.6
    dy = d.rng.normal(size=(d.B, d.T, d.H))
    y, grads = model.forward(x, mask=mask), model.backward(dy)
    x[~mask] = 1e30 * d.rng.normal(size=(np.sum(~mask), d.D))
    np.testing.assert_array_equal(model.forward(x, mask=mask), y)
    others = model.backward(dy)
    for name, array in grads["lstm"].items():
        np.testing.assert_array_equal(others["lstm"][name], array, name)
    np.testing.assert_array_equal(others.x, grads.x)
    np.testing.assert_array_equal(others.x[~mask], 0)


@uncompiled
@pytest.mark.parametrize("rows", [1, [0, 3], np.array([False, True, True, False]), None], ids=str)
def test_a_reset_of_rows_cuts_exactly_those_rows(rows):
    d = one()
    model, x, x_next = stack(d, "stateful"), d.x(), d.x()
    fresh = twin_of(model, "stateless").predict(x_next)
    model.predict(x, batch_size=d.B)
    before = model.get_states()
    with model.scratch_state():
        carried_on = model.predict(x_next, batch_size=d.B)
    model.reset_states(rows)
    cut = np.zeros(d.B, bool)
    cut[rows] = True  # cut[None]: all of them
    for name, arrays in model.get_states().items():
        for a, b in zip(arrays, before[name], strict=True):
            np.testing.assert_array_equal(a[cut], 0)
            np.testing.assert_array_equal(a[~cut], b[~cut])
    y = model.predict(x_next, batch_size=d.B)
    assert_close(y, np.where(cut[:, None], fresh, carried_on), EXACT)
    assert np.abs(fresh - carried_on).min() > 1e-6


@pytest.mark.parametrize("mode", MODES)
@given(d=drawn())
@few
def test_a_training_step_goes_down_the_gradient_of_backward(mode, d):
    model, x = stack(d, mode), d.x()
    y = model.forward(x)
    target = d.rng.normal(size=y.shape)
    model.backward(2 * (y - target) / y.size)  # of the mean of squares
    wanted = model.theta - 0.1 * model.grad
    model.compile(SGD(0.1), "mse")
    model.train_on_batch(x, target)
    assert_close(model.theta, wanted, EXACT)
