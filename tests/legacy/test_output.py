"""What fit, evaluate, predict and summary print is what Keras of each version printed."""

import re

import pytest

from tests.old_scripts import MODEL, run_text
from tinylstm.legacy import displays
from tinylstm.legacy.dialect import Dialect, speak

NUMBER = r"\d\.\d{4}(e[-+]\d\d)?"
SAMPLES_BAR, STEPS_BAR = r"10/10 \[={30}\]", r"5/5 \[={30}\]"
BARS = {
    "1.2.2": rf"{SAMPLES_BAR} - 0s - loss: {NUMBER} - acc: {NUMBER} *",
    "2.0.2": rf"{SAMPLES_BAR} - 0s - loss: {NUMBER} - acc: {NUMBER} *",
    "2.2.4": rf"{SAMPLES_BAR} - 0s \d+[mu]s/step - loss: {NUMBER} - acc: {NUMBER} *",
    "2.3.1": rf"{SAMPLES_BAR} - 0s \d+[mu]s/step - loss: {NUMBER} - accuracy: {NUMBER} *",
    "2.4.3": rf"{STEPS_BAR} - 0s \d+[mu]s/step - loss: {NUMBER} - accuracy: {NUMBER} *",
}
LINES = {
    "1.2.2": rf"0s - loss: {NUMBER} - acc: {NUMBER}",
    "2.0.2": rf"0s - loss: {NUMBER} - acc: {NUMBER}",
    "2.0.9": rf" - 0s - loss: {NUMBER} - acc: {NUMBER}",
    "2.2.4": rf" - 0s - loss: {NUMBER} - acc: {NUMBER}",
    "2.3.1": rf" - 0s - loss: {NUMBER} - accuracy: {NUMBER}",
    "2.4.3": rf"5/5 - 0s - loss: {NUMBER} - accuracy: {NUMBER}",
    "2.9.0": rf"5/5 - 0s - loss: {NUMBER} - accuracy: {NUMBER} - \d+[mu]s/epoch - \d+[mu]s/step",
}


def lines_of(folder, call, version):
    """What a call on the model prints."""
    ran = run_text(folder, MODEL + call, version=version)
    assert ran.status == 0, ran.err
    return [line for line in re.split(r"[\n\r]", ran.out) if line]


@pytest.mark.parametrize("version", LINES)
def test_a_line_an_epoch(tmp_path, version):
    printed = lines_of(tmp_path, "model.fit(x, y, 2, 3, verbose=2)", version)
    assert printed[::2] == ["Epoch 1/3", "Epoch 2/3", "Epoch 3/3"]
    for line in printed[1::2]:
        assert re.fullmatch(LINES[version], line)
    assert len(printed) == 6


@pytest.mark.parametrize("version", BARS)
def test_a_bar_an_epoch(tmp_path, version):
    printed = lines_of(tmp_path, "model.fit(x, y, 2, 2)", version)
    heads = [k for k, line in enumerate(printed) if line.startswith("Epoch")]
    assert [printed[k] for k in heads] == ["Epoch 1/2", "Epoch 2/2"]
    for end in (heads[1] - 1, -1):
        assert re.fullmatch(BARS[version], printed[end])
    assert " - ETA: " in printed[1]
    assert re.match(r" 2/10 \[=====>\.{24}\] - ETA" if "10/" in printed[1] else ".", printed[1])


@pytest.mark.parametrize(("version", "place"), [("2.0.2", 1), ("2.2.4", 2), ("2.4.3", 2)])
def test_an_epochs_numbers_and_what_callbacks_print_come_in_the_versions_order(
    tmp_path, version, place
):
    call = (
        "from keras.callbacks import LambdaCallback\n"
        "said = LambdaCallback(on_epoch_end=lambda epoch, logs: print('said', epoch))\n"
        "model.fit(x, y, epochs=2, verbose=2, callbacks=[said])"
    )
    printed = lines_of(tmp_path, call, version)
    assert (printed[place], printed[place + 3]) == ("said 0", "said 1")


def test_nothing_for_0(tmp_path):
    call = "model.fit(x, y, verbose=0); model.evaluate(x, y, verbose=0); model.predict(x)"
    assert lines_of(tmp_path, call, "2.2.4") == []


@pytest.mark.parametrize(("version", "says"), [("2.2.4", True), ("2.4.3", False)])
def test_validation_is_announced_and_its_numbers_close_the_bar(tmp_path, version, says):
    printed = lines_of(tmp_path, "model.fit(x, y, epochs=1, validation_split=0.2)", version)
    assert ("Train on 8 samples, validate on 2 samples" in printed) == says
    name = "acc" if says else "accuracy"
    assert re.search(rf"{name}: {NUMBER} - val_loss: {NUMBER} - val_{name}: ", printed[-1])
    assert sum("val_loss" in line for line in printed) == 1


@pytest.mark.parametrize(
    ("version", "bar"),
    [
        ("1.2.2", rf"{SAMPLES_BAR} - 0s *"),
        ("2.2.4", rf"{SAMPLES_BAR} - 0s \d+[mu]s/step *"),
        ("2.4.3", rf"{STEPS_BAR} - 0s \d+[mu]s/step( - loss: {NUMBER} - accuracy: {NUMBER})? *"),
    ],
)
def test_evaluate_shows_a_bar_unless_told_otherwise_and_predict_if_asked(tmp_path, version, bar):
    for call in ("model.evaluate(x, y, 2)", "model.predict(x, 2, verbose=1)"):
        printed = lines_of(tmp_path, call, version)
        assert re.fullmatch(bar, printed[-1])
        assert (" - loss" in printed[-1]) == (version == "2.4.3" and "evaluate" in call)


def test_evaluate_in_one_line_in_tf_keras_alone(tmp_path):
    call = "model.evaluate(x, y, verbose=2)"
    assert lines_of(tmp_path, call, "2.2.4") == []
    (line,) = lines_of(tmp_path, call, "2.4.3")
    assert re.fullmatch(rf"1/1 - 0s - loss: {NUMBER} - accuracy: {NUMBER}", line)


def test_the_summary_of_keras_2(tmp_path):
    assert lines_of(tmp_path, "model.summary()", "2.2.4") == [
        "_" * 65,
        "Layer (type)                 Output Shape              Param #   ",
        "=" * 65,
        "lstm_1 (LSTM)                (None, 5)                 160       ",
        "_" * 65,
        "dense_1 (Dense)              (None, 4)                 24        ",
        "=" * 65,
        "Total params: 184",
        "Trainable params: 184",
        "Non-trainable params: 0",
        "_" * 65,
    ]
    printed = lines_of(tmp_path, "model.summary()", "2.4.3")
    assert printed[0] == 'Model: "sequential"'
    assert printed[4].startswith("lstm (LSTM)   ")


def test_the_summary_of_keras_1_says_what_a_layer_reads(tmp_path):
    call = (
        "from keras.layers import TimeDistributed\n"
        "model = Sequential()\n"
        "model.add(LSTM(300, input_shape=(2, 1), return_sequences=True))\n"
        "model.add(TimeDistributed(Dense(1)))\n"
        "model.summary()"
    )
    head = "Layer (type)                     Output Shape          Param #     Connected to"
    lstm = "lstm_2 (LSTM)                    (None, 2, 300)        362400      lstm_input_2[0][0]"
    dense = "timedistributed_1 (TimeDistribut (None, 2, 1)          301         lstm_2[0][0]"
    assert lines_of(tmp_path, call, "1.2.2") == [
        "_" * 100,
        head.ljust(100),
        "=" * 100,
        lstm.ljust(100),
        "_" * 100,
        dense.ljust(100),
        "=" * 100,
        "Total params: 362,701",
        "Trainable params: 362,701",
        "Non-trainable params: 0",
        "_" * 100,
    ]


@pytest.mark.parametrize(
    ("seconds", "version", "text"),
    [
        (59.9, "2.2.4", "59s"),
        (62.0, "2.2.4", "1:02"),
        (3725.0, "2.2.4", "1:02:05"),
        (62.0, "1.2.2", "62s"),
    ],
)
def test_what_is_left_of_an_epoch(seconds, version, text):
    before = speak(Dialect(version))
    try:
        assert displays.remaining(seconds) == text
    finally:
        speak(before)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s/step"), (2.4, "2s/step"), (0.0123, "12ms/step"), (4e-6, "4us/step")],
)
def test_times_a_step(seconds, text):
    assert displays.per(seconds, "step") == text


def test_small_numbers_have_an_exponent():
    assert displays.numbers({"loss": 0.00012345, "acc": 0.5}) == " - loss: 1.2345e-04 - acc: 0.5000"
    assert displays.numbers({"loss": 0.0}) == " - loss: 0.0000e+00"
