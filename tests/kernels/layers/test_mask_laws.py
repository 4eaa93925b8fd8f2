"""Laws of masked steps and of both directions, for any sizes."""

import numpy as np
import pytest
from hypothesis import given
from tinylstm.kernels.tables import HOLD

from tests.layers.test_state_laws import EXACT, gradients
from tests.models import MODES, Draw, drawn, few, random_states
from tests.tolerances import assert_close
from tinylstm import LSTM, Bidirectional, Dense, Layer, Masking, kernel, view

pytestmark = pytest.mark.quick
uncompiled = pytest.mark.uncompiled


@kernel
def odd_forward(layer, batch, flags, theta, work):
    """y = x; every second step is masked."""
    B, T, D = batch.rows, batch.chain * layer.steps, layer.fan_in
    x, y = view(work, layer.x, (T * B, D)), view(work, layer.y, (T * B, D))
    before, after = view(flags, layer.x_flags, (T * B,)), view(flags, layer.y_flags, (T * B,))
    for r in range(T * B):
        after[r] = before[r] | HOLD if r // B % 2 else before[r]
        for k in range(D):
            y[r, k] = x[r, k]


@kernel
def odd_backward(layer, batch, flags, theta, grad, work):
    """dx = dy."""
    size = batch.rows * batch.chain * layer.steps * layer.fan_in
    dx, dy = view(work, layer.dx, (size,)), view(work, layer.dy, (size,))
    for k in range(size):
        dx[k] = dy[k]


class OddSteps(Layer):
    """A mask of one's own."""

    kernels = (odd_forward, odd_backward)
    masks = True


def one():
    """One example, for what also runs uncompiled."""
    return Draw((4, 3, 2, 5, 1), 3)


def masked_stack(d, mode, return_sequences=False, both=False):
    """Masking, two recurrent layers of one mode (both directions or one) and an output layer."""
    first = LSTM(d.H, return_sequences=True, **MODES[mode])
    second = LSTM(d.H + 1, return_sequences=return_sequences, **MODES[mode])
    if both:
        first, second = Bidirectional(first), Bidirectional(second, "mul")
    return d.model(Masking(), first, second, Dense(d.K), loss="mse")


def masked_samples(d, rows=None, steps=None):
    """Random samples, some of whose steps are masked, and one sample's all."""
    x = d.rng.normal(size=(rows or d.B, steps or d.T, d.D))
    x[d.rng.random(x.shape[:2]) < 0.4] = 0
    x[-1] = 0
    return x


def check_samples(d, both):
    """A stateless batch is its samples one by one, in any order, forward and backward."""
    model, x = masked_stack(d, "stateless", both=both), masked_samples(d)
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
@pytest.mark.parametrize("both", [False, True], ids=["one direction", "both"])
def test_a_masked_batch_is_its_samples_one_by_one_in_any_order(both):
    check_samples(one(), both)


@pytest.mark.parametrize("both", [False, True], ids=["one direction", "both"])
@given(d=drawn())
@few
def test_a_masked_batch_of_any_size_is_its_samples_one_by_one_in_any_order(both, d):
    check_samples(d, both)


@uncompiled
@pytest.mark.parametrize("steps", [1, 2])
def test_padding_on_the_left_is_as_if_it_were_not_there(steps):
    check_padding(one(), "left", steps, both=False)


@pytest.mark.parametrize("both", [False, True], ids=["one direction", "both"])
@pytest.mark.parametrize("side", ["left", "right"])
@given(d=drawn())
@few
def test_padding_on_either_side_is_as_if_it_were_not_there(side, both, d):
    check_padding(d, side, 2, both)


def check_padding(d, side, steps, both):
    """Output and gradients of the last layer are those of the shorter sequence alone."""
    model, x = masked_stack(d, "stateless", both=both), d.x()
    short = Draw((d.B, d.T, *d.sizes[2:]), 0)
    alone = masked_stack(short, "stateless", both=both)
    zeros = np.zeros((d.B, steps, d.D))
    padded = np.concatenate([zeros, x] if side == "left" else [x, zeros], axis=1)
    long = masked_stack(Draw((d.B, d.T + steps, *d.sizes[2:]), 0), "stateless", both=both)
    for other in (alone, long):
        other.set_weights(model.get_weights())
    dy = d.rng.normal(size=(d.B, d.K))
    y, _, wanted, found = gradients(alone, x, dy)
    y_long, _, named, back = gradients(long, padded, dy)
    assert_close(y_long, y, EXACT, "y")
    for name, a in wanted.items():
        assert_close(named[name], a, EXACT, name)
    part = back.x[:, steps:] if side == "left" else back.x[:, : d.T]
    assert_close(part, found.x, EXACT, "x")
    assert not (back.x[:, :steps] if side == "left" else back.x[:, d.T :]).any()


@uncompiled
@pytest.mark.parametrize("both", [False, True], ids=["one direction", "both"])
def test_a_row_without_a_step_that_counts_leaves_its_state_as_it_was(both):
    check_held_row(one(), both)


@pytest.mark.parametrize("both", [False, True], ids=["one direction", "both"])
@given(d=drawn())
@few
def test_a_row_without_a_step_that_counts_leaves_its_state_as_it_was_at_any_size(both, d):
    check_held_row(d, both)


def check_held_row(d, both):
    """In predict, which carries it on; the rows beside it go on as they do without it."""
    model, x = masked_stack(d, "stateful", both=both), masked_samples(d)
    before = model.get_states()
    model.predict(x, batch_size=d.B)
    for name, arrays in model.get_states().items():
        for a, b in zip(arrays, before[name], strict=True):
            np.testing.assert_array_equal(a[-1], b[-1])
    states = random_states(model, d.B, d.rng)
    dlast = random_states(model, d.B, d.rng)
    _, final, _, found = gradients(model, x, np.zeros((d.B, d.K)), states, dlast)
    for name, arrays in final.items():
        for k, a in enumerate(arrays):
            np.testing.assert_array_equal(a[-1], states[name][k][-1])
            gradient = found.states[name][k][-1]  # passes through, as it is
            np.testing.assert_array_equal(gradient, dlast[name][k][-1])
    assert not found.x[-1].any()


@uncompiled
def test_a_long_masked_sequence_is_its_chunks_carried_on():
    check_chunks(one())


@given(d=drawn())
@few
def test_a_long_masked_sequence_of_any_size_is_its_chunks_carried_on(d):
    check_chunks(d)


def check_chunks(d):
    """In the states: an output of the first layer that is repeated from chunk to chunk is held."""
    model = masked_stack(d, "stateful")
    long = masked_stack(Draw((d.B, 3 * d.T, *d.sizes[2:]), 0), "stateful")
    long.set_weights(model.get_weights())
    start, x = random_states(model, d.B, d.rng), masked_samples(d, steps=3 * d.T)
    _, final = long.forward(x, start, return_states=True)
    model.set_states(start)
    for k in range(3):
        model.predict(x[:, k * d.T : (k + 1) * d.T], batch_size=d.B)
    for name, arrays in model.get_states().items():
        for a, b in zip(arrays, final[name], strict=True):
            assert_close(a, b, EXACT, name)


@uncompiled
def test_a_masked_carried_batch_is_one_long_sequence():
    check_carried_batch(one())


@given(d=drawn())
@few
def test_a_masked_carried_batch_of_any_size_is_one_long_sequence(d):
    check_carried_batch(d)


def check_carried_batch(d):
    model = masked_stack(d, "batch_carried", return_sequences=True)
    x = masked_samples(d)
    long = masked_stack(Draw((1, d.B * d.T, *d.sizes[2:]), 0), "stateless", return_sequences=True)
    long.set_weights(model.get_weights())
    dy = d.rng.normal(size=(d.B, d.T, d.K))
    y, _, named, found = gradients(model, x, dy)
    one_row = x.reshape(1, d.B * d.T, d.D), dy.reshape(1, d.B * d.T, d.K)
    y_long, _, total, found_long = gradients(long, *one_row)
    assert_close(y, y_long.reshape(y.shape), EXACT, "y")
    assert_close(model.predict(x, batch_size=d.B), y, EXACT, "y")
    assert_close(found.x, found_long.x.reshape(x.shape), EXACT, "x")
    for name, a in total.items():
        assert_close(named[name], a, EXACT, name)


@uncompiled
@pytest.mark.parametrize("mode", ["concat", "sum", "mul", "ave"])
def test_reversed_samples_and_directions_exchanged_are_the_mirror_image(mode):
    """Of [a | b] the halves, too."""
    d = one()
    both = Bidirectional(LSTM(d.H, return_sequences=True), mode)
    model, x = d.model(Masking(), both, loss="mse"), masked_samples(d)
    y = model.predict(x)
    weights = model.get_weights()
    model.set_weights(weights[3:] + weights[:3])
    mirrored = model.predict(x[:, ::-1])[:, ::-1]
    if mode == "concat":
        mirrored = np.concatenate([mirrored[..., d.H :], mirrored[..., : d.H]], axis=-1)
    assert_close(mirrored, y, EXACT)


@uncompiled
def test_a_training_step_with_masks_goes_down_the_gradient_of_the_steps_that_count():
    """The masked steps' targets change nothing; those that count have the weight of a mean."""
    d = one()
    found = []
    x = masked_samples(d)
    held = (x == 0).all(axis=-1)
    y = d.rng.normal(size=(d.B, d.T, d.K))
    for change in (0.0, 7.0):
        model = masked_stack(Draw(d.sizes, 5), "stateless", return_sequences=True)
        out = model.forward(x)
        dy = np.where(held[..., None], 0.0, 2 * (out - y) / (d.K * np.sum(~held)))
        model.backward(dy)
        wanted = model.theta - 0.01 * model.grad
        model.train_on_batch(x, y + change * held[..., None])
        assert_close(model.theta, wanted, EXACT)
        found.append(model.theta.copy())
    np.testing.assert_array_equal(*found)


@uncompiled
def test_a_layer_of_ones_own_may_mask():
    """The steps that it masks are as if they were not there, in the loss and the metrics too."""
    d = one()
    lstm = LSTM(d.H, return_sequences=True)
    model, x = d.model(OddSteps(), lstm, Dense(d.K), loss="mse"), d.x()
    model.compile("sgd", "mse", ["mae"])
    y = d.rng.normal(size=(d.B, d.T, d.K))
    short = Draw((d.B, -(-d.T // 2), *d.sizes[2:]), 0)
    kept = short.model(LSTM(d.H, return_sequences=True), Dense(d.K), loss="mse")
    kept.set_weights(model.get_weights())
    kept.compile("sgd", "mse", ["mae"])
    assert_close(model.evaluate(x, y), kept.evaluate(x[:, ::2], y[:, ::2]), EXACT)
