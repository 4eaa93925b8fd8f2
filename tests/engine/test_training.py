"""fit and its relatives: history, validation, order, what is shown, and how the loop is cut."""

import re

import numpy as np
import pytest

import tinylstm
from tests.snapshots import changed, snapshot
from tests.tolerances import bits
from tinylstm import LSTM, SGD, Dense, Dropout, Sequential
from tinylstm.callbacks import Callback

N, T, D, K = 12, 3, 2, 3
RNG = np.random.default_rng(11)
X = RNG.normal(size=(N, T, D)).astype(np.float32)
Y = np.eye(K, dtype=np.float32)[RNG.integers(0, K, N)]


def model_of(optimizer="adam", metrics=("accuracy",), dropout=0.0, **lstm):
    """A model whose weights are always the same."""
    tinylstm.set_random_seed(7)
    layers = [LSTM(4, **lstm), Dropout(dropout), Dense(K, activation="softmax")]
    model = Sequential(layers if dropout else [layers[0], layers[2]])
    model.compile(optimizer, "categorical_crossentropy", metrics=list(metrics))
    model.build((None, T, D))
    return model


@pytest.mark.uncompiled
@pytest.mark.parametrize("metrics", [(), ("accuracy",), ("mae", "acc", "mse")])
@pytest.mark.parametrize("validated", [False, True])
@pytest.mark.parametrize("epochs", [0, 1, 3])
def test_history_has_loss_and_metrics_of_every_epoch(metrics, validated, epochs):
    model = model_of(metrics=metrics)
    data = {"validation_data": (X[:5], Y[:5])} if validated else {}
    history = model.fit(X, Y, epochs=epochs, verbose=0, **data)
    names = ["loss", *metrics]
    names += [f"val_{name}" for name in names] if validated else []
    assert list(history.history) == (names if epochs else [])
    assert [len(values) for values in history.history.values()] == [epochs] * len(history.history)
    assert {type(value) for values in history.history.values() for value in values} <= {float}
    assert history.epoch == list(range(epochs))
    assert model.history is history


@pytest.mark.uncompiled
def test_the_loss_of_an_epoch_is_the_mean_over_its_samples_short_batch_and_all():
    model = model_of(SGD(0.0))  # the weights stay
    history = model.fit(X, Y, batch_size=5, verbose=0).history
    q = model.predict(X).astype(np.float64)
    assert history["loss"] == [pytest.approx(-np.log(q[Y == 1]).mean(), rel=1e-5)]
    right = q.argmax(axis=1) == Y.argmax(axis=1)
    assert history["accuracy"] == [pytest.approx(right.mean())]
    assert model.evaluate(X, Y, batch_size=5) == pytest.approx([v[0] for v in history.values()])


@pytest.mark.uncompiled
def test_validation_split_holds_out_the_last_share():
    split, given = model_of(), model_of()
    split.fit(X, Y, 4, epochs=3, verbose=0, validation_split=0.3)
    given.fit(X[:8], Y[:8], 4, epochs=3, verbose=0, validation_data=(X[8:], Y[8:]))
    assert changed(split, snapshot(given)) == []


@pytest.mark.uncompiled
def test_validation_scores_are_those_of_evaluate():
    model = model_of(dropout=0.5)
    history = model.fit(X, Y, epochs=2, verbose=0, validation_data=(X[:7], Y[:7])).history
    assert [history["val_loss"][-1], history["val_accuracy"][-1]] == model.evaluate(X[:7], Y[:7])


@pytest.mark.uncompiled
@pytest.mark.parametrize("rows", [4, 2])
def test_validation_starts_from_zeros_and_leaves_the_state_of_the_training(rows):
    with_validation, without = model_of(stateful=True), model_of(stateful=True)
    held_out = X[:rows], Y[:rows]
    history = with_validation.fit(X, Y, 2, epochs=3, verbose=0, validation_data=held_out).history
    without.fit(X, Y, 2, epochs=3, verbose=0)
    assert changed(with_validation, snapshot(without)) == ["history"]
    without.reset_states()
    assert history["val_loss"][-1] == without.evaluate(*held_out, batch_size=2)[0]


def losses_of_samples(model, epochs, **options):
    """The loss of each sample as it came, an epoch a row; the weights stay."""
    sums = []

    class Notes(Callback):
        def on_train_batch_end(self, batch, logs=None):
            sums.append(logs["loss"] * (batch + 1))

    model.fit(X, Y, 1, epochs=epochs, verbose=0, callbacks=[Notes()], **options)
    return np.diff(np.reshape(sums, (epochs, N)), axis=1, prepend=0)


@pytest.mark.uncompiled
def test_shuffling_reads_every_sample_once_an_epoch_in_another_order_each_time():
    inorder = losses_of_samples(model_of(SGD(0.0)), 1, shuffle=False)[0]
    shuffled = losses_of_samples(model_of(SGD(0.0)), 3, shuffle=True)
    np.testing.assert_allclose(np.sort(shuffled), [np.sort(inorder)] * 3, atol=1e-6)
    orders = {tuple(np.abs(inorder - loss).argmin() for loss in epoch) for epoch in shuffled}
    assert len(orders | {tuple(range(N))}) == 4


@pytest.mark.uncompiled
@pytest.mark.parametrize(("mode", "shuffles"), [("stateless", True), ("stateful", False)])
def test_samples_are_shuffled_by_default_only_where_no_state_is_carried(mode, shuffles):
    default, told = model_of(state_mode=mode), model_of(state_mode=mode)
    default.fit(X, Y, 2, epochs=2, verbose=0)
    told.fit(X, Y, 2, epochs=2, verbose=0, shuffle=shuffles)
    assert changed(default, snapshot(told)) == []


@pytest.mark.uncompiled
@pytest.mark.parametrize("mode", ["stateful", "batch_carried"])
def test_shuffling_under_a_carried_state_is_obeyed_with_a_warning(mode):
    inorder, shuffled = model_of(state_mode=mode), model_of(state_mode=mode)
    inorder.fit(X, Y, 2, verbose=0)
    with pytest.warns(UserWarning, match="shuffle=True with a carried state") as caught:
        shuffled.fit(X, Y, 2, verbose=0, shuffle=True)
    assert [warning.filename for warning in caught] == [__file__]
    assert "weights" in changed(shuffled, snapshot(inorder))


@pytest.mark.uncompiled
@pytest.mark.parametrize("watched", [False, True])
def test_reset_states_by_epoch_is_a_loop_of_fit_and_reset(watched):
    at_once, by_hand = model_of(stateful=True), model_of(stateful=True)
    callbacks = [Callback()] if watched else []
    losses = []
    at_once.fit(X, Y, 2, epochs=3, verbose=0, reset_states="epoch", callbacks=callbacks)
    for _ in range(3):
        losses += by_hand.fit(X, Y, 2, verbose=0).history["loss"]
        by_hand.reset_states()
    assert set(changed(at_once, snapshot(by_hand))) == {"history"}
    assert at_once.history.history["loss"] == losses


@pytest.mark.uncompiled
@pytest.mark.parametrize("mode", ["stateless", "stateful", "batch_carried"])
def test_fit_is_a_loop_of_train_on_batch(mode):
    fitted, by_hand = model_of(state_mode=mode), model_of(state_mode=mode)
    fitted.fit(X, Y, 4, epochs=2, verbose=0, shuffle=False)
    for k in [0, 4, 8] * 2:
        by_hand.train_on_batch(X[k : k + 4], Y[k : k + 4])
    assert set(changed(fitted, snapshot(by_hand))) <= {"history", "order"}


@pytest.mark.uncompiled
@pytest.mark.parametrize("mode", ["stateless", "stateful", "batch_carried"])
def test_one_batch_methods_take_the_whole_as_one_batch(mode):
    model = model_of(state_mode=mode)
    with model.scratch_state():
        scores = model.evaluate(X, Y, batch_size=N)
    with model.scratch_state():
        outputs = model.predict(X, batch_size=N)
    with model.scratch_state():
        assert model.test_on_batch(X, Y) == scores
    with model.scratch_state():
        assert bits(model.predict_on_batch(X)) == bits(outputs)
    assert model.train_on_batch(X, Y) == scores  # of the weights before the update


CUTS = {"batch by batch": 0.0, "by little": 1e-5, "all at once": 1e9}


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("mode", ["stateless", "stateful"])
@pytest.mark.parametrize("epochs_a_call", [2, 4096])
def test_results_do_not_depend_on_how_the_loop_is_cut(watched, mode, epochs_a_call, monkeypatch):
    monkeypatch.setattr(tinylstm.engine.training, "EPOCHS_A_CALL", epochs_a_call)
    found = []
    for seconds in CUTS.values():
        monkeypatch.setattr(tinylstm.engine.runs, "CHUNK_SECONDS", seconds)
        model = model_of(state_mode=mode, dropout=0.3)
        for _ in range(2):
            model.fit(
                *(X, Y, 2),
                epochs=5,
                verbose=0,
                callbacks=[Callback()] * watched,
                reset_states="epoch",
            )
        found.append((snapshot(model), model.evaluate(X, Y, 2), bits(model.predict(X, 2))))
    assert found[0] == found[1] == found[2]


@pytest.mark.uncompiled
def test_verbose_0_shows_nothing(capsys):
    model = model_of()
    model.fit(X, Y, epochs=2, verbose=0, validation_split=0.5)
    model.evaluate(X, Y)
    model.predict(X)
    assert capsys.readouterr() == ("", "")


@pytest.mark.uncompiled
def test_verbose_2_prints_a_line_an_epoch(capsys):
    history = model_of().fit(X, Y, 4, epochs=2, verbose=2, validation_data=(X, Y)).history
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[::2] == ["Epoch 1/2", "Epoch 2/2"]
    for epoch, line in enumerate(lines[1::2]):
        scores = " - ".join(f"{name}: {values[epoch]:.4f}" for name, values in history.items())
        assert re.fullmatch(rf"3/3 - \d+s - {re.escape(scores)}", line)


@pytest.mark.uncompiled
def test_verbose_2_prints_a_line_for_what_is_evaluated_or_predicted(capsys):
    model = model_of()
    loss, accuracy = model.evaluate(X, Y, 4, verbose=2)
    line = capsys.readouterr().out
    assert re.fullmatch(rf"3/3 - \d+s - loss: {loss:.4f} - accuracy: {accuracy:.4f}\n", line)
    model.predict(X, 4, verbose=2)
    assert re.fullmatch(r"3/3 - \d+s\n", capsys.readouterr().out)
    model.predict((x for x in (X[:4], X[4:])), verbose=2)  # whose end nobody knows
    assert re.fullmatch(r"2/2 - \d+s\n", capsys.readouterr().out)
