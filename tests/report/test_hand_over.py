"""Where the state goes: what the page draws of the three modes is what the engine did."""

import numpy as np
import pytest

from tinylstm import GRU, LSTM, Bidirectional, Dense, Sequential, sliding_windows
from tinylstm.layers.state import MODES
from tinylstm.plotting import StateRecorder
from tinylstm.report.hand_over import BOXES, FEW, differing, doubts, overlap, part

from .subjects import subject_of

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
        expected = np.stack([y[:, 0], y.argmax(axis=1), y.max(axis=1)], axis=1)
        np.testing.assert_array_equal(mode["answers"], expected)
        boxes = [box for box in mode["boxes"] if box["column"] < len(recorder.batches)]
        assert len(boxes) == N
        for box in boxes:
            batch, row = recorder.batches[box["column"]], box["row"]
            assert box["sample"] == box["column"] * B + row
            expected = batch.sources[row]
            assert box["from"] == (list(expected) if isinstance(expected, tuple) else expected)
            np.testing.assert_array_equal(
                mode["sizes"][twin.layers[0].name][box["column"] * B + row],
                [a[:, row] for a in batch.sizes.values()],
            )
            assert (box["stop"] is not None) == batch.stops[row]
        handed = [box for box in boxes if not isinstance(box["from"], str)]
        assert len(handed) == HANDED_ON[mode["mode"]]


def test_other_outputs_are_counted_at_all_steps_and_what_is_rounded_is_none(rng):
    """A state that was handed on is gone before the last step, as the forget gate closes."""
    x = rng.normal(size=(N, 3, 1))
    x[B:, 1:, 0] = -60

    def in_mode(mode):
        lstm = LSTM(4, return_sequences=True, input_shape=(3, 1), state_mode=mode)
        return Sequential([lstm, Dense(1)])

    model = in_mode("stateful")
    W, U, b = model.layers[0].get_weights()
    W[:, :8], W[:, 8:], U[:] = 1, 0, 0  # i and f are shut where x is -60
    b[:] = 1
    model.layers[0].set_weights([W, U, b])
    y = {}
    for mode in ("stateless", "stateful"):
        twin = in_mode(mode)
        twin.set_weights(model.get_weights())
        y[mode] = twin.predict(x, batch_size=B)
    differ = np.abs(y["stateful"] - y["stateless"])[..., 0] > 1e-4
    assert differ[:, 0].sum() == 3  # the second batch goes on from the first
    assert not differ[:, -1].any()
    moved = {one["mode"]: one["moved"] for one in part(about(model, x))["modes"]}
    assert moved["stateless"] == 0
    assert moved["stateful"] == 3
    nearly = np.array([[1.0, -2], [1 + 1e-6, -2], [1, -2.001]])
    assert differing(nearly, np.array([[1.0, -2]] * 3)) == 1


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


def test_a_wide_batch_is_on_the_page_in_part(rng):
    size = BOXES + 4
    found = part(about(built("stateless"), rng.normal(size=(size, T, 1)), batch_size=size))
    assert found["lanes"] == BOXES
    assert found["rows"] == size
    assert {box["row"] for mode in found["modes"] for box in mode["boxes"]} == {*range(BOXES)}
    assert all(len(mode["answers"]) == BOXES for mode in found["modes"])


@pytest.mark.parametrize(("shown", "batches"), [([0, 3], 8), ([0, 29], 10), ([1, 59], 20)])
def test_batches_are_on_the_page_as_far_as_samples_are(rng, shown, batches):
    found = part(about(built("stateful"), rng.normal(size=(60, T, 1)), samples=shown))
    assert (found["batches"], found["all_batches"]) == (batches, 20)


def test_each_layer_has_the_sizes_of_its_own_states(rng):
    every = {"return_sequences": True, "state_mode": "stateful"}
    model = Sequential([LSTM(3, input_shape=(T, 1), **every), GRU(2, name="upper", **every)])
    x = rng.normal(size=(N, T, 1))
    found = part(about(model, x))
    assert {name: one["box"] for name, one in found["layers"].items()} == {
        "lstm": "h above, c below",
        "upper": "h",
    }
    with StateRecorder(model, "upper") as recorder:
        model.predict(x, batch_size=B)
    stateful = found["modes"][MODES.index("stateful")]["sizes"]["upper"]
    for k, batch in enumerate(recorder.batches):
        np.testing.assert_array_equal(stateful[k * B : k * B + B, 0], batch.sizes["h"].T)


def test_a_mode_that_the_layers_do_not_know_says_why(rng):
    model = Sequential([Bidirectional(LSTM(3), input_shape=(T, 1))])
    modes = part(about(model, rng.normal(size=(N, T, 1))))["modes"]
    assert [mode["why"] is None for mode in modes] == [True, False, True]
    assert modes[1]["why"].startswith("batch_carried lays the samples")
    assert modes[1]["why"].endswith("go_backwards=False; no Bidirectional.")


def test_the_page_says_it(shown, rng):
    model = Sequential([Bidirectional(LSTM(3), input_shape=(T, 1))])
    tab = shown(model, rng.normal(size=(N, T, 1)))
    strip = tab.locator("#state [data-mode=batch_carried]")
    assert "no Bidirectional." in strip.inner_text()
    assert strip.locator("svg").count() == 0


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


def test_an_overlap_is_one_of_all_samples_and_is_looked_for_in_few(rng):
    x, _ = sliding_windows(rng.normal(size=60), 12)
    looked = np.zeros(len(x) - 1, int)  # at each pair of samples

    class Watched(np.ndarray):
        def __getitem__(self, key):
            found = super().__getitem__(key)
            looked[: len(found)] += 1
            return found

    assert overlap(x[:-1].view(Watched), x[1:]) == 11
    x[-1, 0] += 1  # only the last one does not go on
    assert overlap(x[:-1], x[1:]) == 0
    looked[:] = 0
    others = rng.normal(size=x.shape)
    assert overlap(others[:-1].view(Watched), others[1:]) == 0
    assert (looked > 0).sum() == FEW


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
