"""Where the state goes: what the page draws of the three modes is what the engine did."""

import numpy as np
import pytest

from tinylstm import GRU, LSTM, Bidirectional, Dense, Sequential, sliding_windows
from tinylstm.layers.state import MODES
from tinylstm.plotting import StateRecorder
from tinylstm.report.hand_over import LANES, doubts, part
from tinylstm.report.subject import subject_of

pytestmark = pytest.mark.quick

N, T, B = 6, 2, 3
HANDED_ON = {"stateless": 0, "batch_carried": 4, "stateful": 3}


def built(mode, kind=LSTM):
    """A small model in a mode, with weights that are the same in all."""
    model = Sequential([kind(4, input_shape=(T, 1), state_mode=mode), Dense(2)])
    rng = np.random.default_rng(3)
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    return model


def about(model, x, **options):
    return subject_of(model, x, **{"batch_size": B} | options)


@pytest.mark.parametrize("kind", [LSTM, GRU])
@pytest.mark.parametrize("own", MODES)
def test_each_mode_is_what_a_model_in_it_does(rng, own, kind):
    x = rng.normal(size=(N, T, 1))
    found = part(about(built(own, kind), x))
    assert found["own"] == own
    for mode in found["modes"]:
        twin = built(mode["mode"], kind)
        with StateRecorder(twin) as recorder:
            y = twin.predict(x, batch_size=B)
        np.testing.assert_array_equal(mode["y_hat"], y)
        boxes = [box for box in mode["boxes"] if box["column"] < len(recorder.batches)]
        assert len(boxes) == N
        for box in boxes:
            batch, row = recorder.batches[box["column"]], box["row"]
            assert box["sample"] == box["column"] * B + row
            expected = batch.sources[row]
            assert box["from"] == (list(expected) if isinstance(expected, tuple) else expected)
            np.testing.assert_array_equal(box["sizes"], [a[:, row] for a in batch.sizes.values()])
            assert (box["stop"] is not None) == batch.stops[row]
        handed = [box for box in boxes if not isinstance(box["from"], str)]
        assert len(handed) == HANDED_ON[mode["mode"]]


def test_the_model_and_its_state_stay_as_they_were(rng):
    model, x = built("stateful"), rng.normal(size=(N, T, 1))
    model.predict(x, batch_size=B)
    before, weights = model.get_states()["lstm"], model.get_weights()
    part(about(model, x))
    np.testing.assert_array_equal(model.get_states()["lstm"], before)
    assert all((a == b).all() for a, b in zip(model.get_weights(), weights, strict=True))


@pytest.mark.parametrize(("reset", "start"), [(None, [1, 0]), ("epoch", "zeros")])
def test_the_next_epoch_goes_on_or_starts_from_zeros_after_a_reset(rng, reset, start):
    found = part(about(built("stateful"), rng.normal(size=(N, T, 1)), reset_states=reset))
    stateful = found["modes"][MODES.index("stateful")]
    again = [box for box in stateful["boxes"] if box["column"] == N // B]
    assert again[0]["from"] == start
    assert (again[0]["cut"] is not None) == (reset == "epoch")


def test_a_wide_batch_is_drawn_in_part(rng):
    found = part(about(built("stateless"), rng.normal(size=(20, T, 1)), batch_size=20))
    assert found["lanes"] == LANES
    assert found["rows"] == 20
    assert {box["row"] for mode in found["modes"] for box in mode["boxes"]} == {*range(LANES)}
    assert all(len(mode["y_hat"]) == LANES for mode in found["modes"])


def test_a_mode_that_the_layers_do_not_know_says_why(rng):
    model = Sequential([Bidirectional(LSTM(3), input_shape=(T, 1))])
    modes = part(about(model, rng.normal(size=(N, T, 1))))["modes"]
    assert [mode["why"] is None for mode in modes] == [True, False, True]
    assert modes[1]["why"].startswith("batch_carried lays the samples")


def said(mode, x, batch_size=1, **options):
    """The sentences about a model in a mode."""
    return " ".join(doubts(about(built(mode), x, batch_size=batch_size, **options), mode))


def test_windows_that_overlap_are_counted_in_steps(rng):
    series = rng.normal(size=9)
    overlapping, _ = sliding_windows(series, T)
    following, _ = sliding_windows(series, T, stride=T)
    assert "begins with 1 of the 2 steps" in said("stateful", overlapping)
    assert "begins with 1 of the 2 steps" in said("batch_carried", overlapping, batch_size=4)
    assert "overlap" not in said("batch_carried", overlapping, batch_size=1)
    assert "overlap" not in said("stateful", following)
    assert said("stateless", overlapping) == ""
    rows = overlapping[[0, 4, 1, 5]]  # of two streams, each of which goes on two samples later
    assert "begins with 1 of the 2 steps" in said("stateful", rows, batch_size=2)
    assert "overlap" not in said("stateful", rows, batch_size=1)


def test_shuffling_and_a_batch_that_is_all_are_said(rng):
    x = rng.normal(size=(N, T, 1))
    assert "shuffled" in said("stateful", x, shuffle=True)
    assert "shuffled" not in said("stateful", x, shuffle=False)
    assert "an epoch is one batch" in said("stateful", x, batch_size=N)
    assert "an epoch is one batch" not in said("stateful", x, batch_size=B)
    assert "A batch has one sample" in said("batch_carried", x)
    assert "A batch has one sample" not in said("batch_carried", x, batch_size=B)


def test_a_state_that_is_never_reset_is_said(rng):
    model, x = built("stateful"), rng.normal(size=(N, T, 1))

    def never(**options):
        return any("never reset" in one for one in doubts(about(model, x, **options), "stateful"))

    assert not never()
    model.predict(x, batch_size=B)
    assert never()
    assert not never(reset_states="epoch")
    model.reset_states()
    assert not never()
