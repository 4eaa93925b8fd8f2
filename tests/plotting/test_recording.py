"""The recorder of the state: what it holds is what happened, and it changes nothing."""

import numpy as np
import pytest

from tests.snapshots import refused, snapshot
from tinylstm import GRU, LSTM, Dense, Sequential, SimpleRNN, plotting

from .recorded import MODES, B, D, H, K, N, T, fit, model_of


@pytest.mark.uncompiled
@pytest.mark.parametrize("mode", MODES)
def test_sizes_are_those_of_the_states_that_forward_returns(data, mode):
    model = model_of(mode)
    with plotting.StateRecorder(model) as recorder:
        model.predict(data[0], batch_size=B)
    assert len(recorder.batches) == N // B
    model.reset_states()
    for k, batch in enumerate(recorder.batches):
        x = data[0][k * B : (k + 1) * B]
        starts = model.get_states().get("lstm", np.zeros((2, B, H)))
        ends = model.forward(x, return_states=True)[1]["lstm"]
        model.predict(x)
        for pair, start, end in zip((batch.h, batch.c), starts, ends, strict=True):
            if mode == "batch_carried":  # one row: from zeros to the end of the last sample
                start, end, pair = np.zeros((1, H)), end, pair[[0, 1], [0, B - 1]][:, None]
            expected = np.sqrt((np.array([start, end]) ** 2).mean(axis=2))
            np.testing.assert_allclose(pair, expected, rtol=1e-5)


@pytest.mark.parametrize("mode", MODES)
def test_recording_changes_no_value(data, mode):
    plain = model_of(mode)
    settings = {"epochs": 3, "reset_states": "epoch", "validation_data": data}
    fit(plain, data, **settings)
    followed = plain.copy()
    fit(plain, data, **settings)
    with plotting.StateRecorder(followed) as recorder:
        fit(followed, data, **settings)
    assert len(recorder.batches) == 2 * 3 * (N // B)
    assert not [k for k, v in snapshot(plain).items() if v != snapshot(followed)[k]]
    assert not followed.recorders


@pytest.mark.parametrize("mode", MODES)
def test_the_gradient_stops_where_forward_and_backward_stop_it(data, mode):
    model = model_of(mode)
    with plotting.StateRecorder(model) as recorder:
        fit(model, data)
    model.forward(data[0][:B])
    dx = model.backward(np.eye(B)[-1][:, None] * np.ones(K)).x  # of the batch's last sample
    reached = np.abs(dx).max(axis=(1, 2)) > 0
    np.testing.assert_array_equal(reached, [not recorder.batches[0].stops[-1], True])


def test_what_happens_between_calls_is_seen(data, rng):
    model = model_of("stateful")
    x = data[0][:B]
    with plotting.StateRecorder(model) as recorder:
        model.train_on_batch(x, data[1][:B])
        model.reset_states(rows=[1])
        model.test_on_batch(x, data[1][:B])
        with model.scratch_state(zero=True):
            model.predict(x + 1)
        model.predict(x)
        model.set_states(rng.normal(size=(2, B, H)))
        model.predict(x)
    model.predict(x)  # nobody follows any more
    assert [batch.call for batch in recorder.batches] == ["fit", "evaluate", *["predict"] * 3]
    assert [batch.sources for batch in recorder.batches] == [
        ["zeros", "zeros"],
        [(0, 0), "zeros"],
        ["zeros", "zeros"],
        [(1, 0), (1, 1)],  # over the scratch state
        ["given", "given"],
    ]


def test_batches_of_a_generator_are_followed(data):
    x, y = data
    model = model_of("stateful")
    batches = [(x[k : k + B], y[k : k + B]) for k in range(0, N, B)]
    with plotting.StateRecorder(model) as recorder:
        model.fit(iter(batches * 2), steps_per_epoch=N // B, epochs=2, verbose=0)
    assert [(batch.epoch, batch.number) for batch in recorder.batches] == [
        (epoch, number) for epoch in range(2) for number in range(N // B)
    ]
    assert [batch.sources[0] for batch in recorder.batches] == [
        "zeros",
        *((k, 0) for k in range(5)),
    ]


def test_rows_that_are_alike_keep_their_lanes(data):
    model = model_of("stateful")
    x = np.repeat(data[0][:1], 4, axis=0)
    with plotting.StateRecorder(model) as recorder:
        model.predict(x, batch_size=2)
    assert recorder.batches[1].sources == [(0, 0), (0, 1)]


@pytest.mark.parametrize("mode", MODES)
def test_zeros_that_are_handed_on_are_no_reset(mode):
    model = model_of(mode)
    with plotting.StateRecorder(model) as recorder:
        model.predict(np.zeros((4, T, D)), batch_size=2)  # without biases: the state stays zero
        model.reset_states()
    found = [batch.sources for batch in recorder.batches]
    expected = {
        "stateless": [["zeros", "zeros"], ["zeros", "zeros"]],
        "batch_carried": [["zeros", (0, 0)], ["zeros", (1, 0)]],
        "stateful": [["zeros", "zeros"], [(0, 0), (0, 1)]],
    }
    assert found == expected[mode]


def test_a_layer_that_reads_backwards_starts_at_its_last_step(data):
    model = model_of("stateful", go_backwards=True)
    with plotting.StateRecorder(model) as recorder:
        model.predict(data[0], batch_size=B)
    assert [batch.sources[0] for batch in recorder.batches] == ["zeros", (0, 0), (1, 0)]


def test_a_layer_by_name(data):
    model = Sequential([LSTM(3, return_sequences=True, name="low"), LSTM(H, name="high")])
    model.build((None, T, D))
    with plotting.StateRecorder(model, "high") as recorder:
        model.predict(data[0])
    end = np.sqrt((model.trace(data[0])["high"].h[:, -1] ** 2).mean(axis=1))
    np.testing.assert_allclose(recorder.batches[0].h[1], end, rtol=1e-5)
    with refused(ValueError, "Unknown recurrent layer: 'hig'. Did you mean 'high'?"):
        plotting.StateRecorder(model, "hig")
    with refused(ValueError, "no state to record"):
        plotting.StateRecorder(Sequential([Dense(2)]))


@pytest.mark.parametrize("kind", [GRU, SimpleRNN])
def test_a_layer_with_one_state_is_followed_and_drawn_too(data, kind):
    layer = kind(H, stateful=True, name="reader", batch_input_shape=(B, T, D))
    model = Sequential([layer, Dense(K)])
    with plotting.StateRecorder(model) as recorder:
        model.predict(data[0], batch_size=B)
    assert [batch.sources[1] for batch in recorder.batches][:3] == ["zeros", (0, 1), (1, 1)]
    (h,) = model.get_states()["reader"]
    last = recorder.batches[-1]
    assert list(last.sizes) == ["h"]
    np.testing.assert_allclose(last.h[1], np.sqrt((h**2).mean(axis=1)), rtol=1e-5)
    panel = plotting.state_strip(recorder).axes[0]
    (boxes,) = panel.collections
    shown = [[batch.h[:, row] for row in range(B)] for batch in recorder.batches]
    np.testing.assert_array_equal(boxes.get_array(), np.ravel(shown))
    assert "A box: h, before | after a sample" in panel.get_title()
