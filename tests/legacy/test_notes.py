"""What changes no result in an old script is taken, and a warning says what is not done."""

import pytest

from tests.old_scripts import MODEL, run_text

DOTS = "keras.utils.plot_model(model, to_file='model.png', show_shapes=True)"
PLOT = "from keras.utils.visualize_util import plot; plot(model, 'm.png')"
BOARD = "model.fit(x, y, verbose=0, callbacks=[keras.callbacks.TensorBoard('logs', 0)])"
NOTES = {
    "keras.backend.set_learning_phase(1)": "fit and train_on_batch apply dropout, predict and",
    DOTS: r"model.png is not drawn by tinylstm; model.summary\(\) prints the layers",
    PLOT: "m.png is not drawn",
    BOARD: r"TensorBoard does nothing in tinylstm; CSVLogger\(filename\) writes",
    "keras.callbacks.RemoteMonitor(root='http://x')": "RemoteMonitor does nothing in tinylstm",
}


@pytest.mark.parametrize("line", NOTES)
def test_a_note_names_the_line_and_the_script_goes_on(tmp_path, line):
    with pytest.warns(UserWarning, match=NOTES[line]) as caught:
        ran = run_text(tmp_path, f"import keras\n{MODEL}\n{line}\nprint('went on')\n")
    assert ran == (0, "went on\n", "")
    assert [(w.filename, w.lineno) for w in caught] == [
        (str(tmp_path / "script.py"), MODEL.count("\n") + 3)
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["script.py"]


def test_the_learning_phase_is_the_one_that_was_set(tmp_path):
    text = (
        "from keras import backend as K\nfor phase in (1, 0):\n"
        "    K.set_learning_phase(phase)\n    print(K.learning_phase())\n"
    )
    with pytest.warns(UserWarning, match="set_learning_phase"):
        assert run_text(tmp_path, text).lines == ["1", "0"]
    ran = run_text(tmp_path, "import keras\nkeras.backend.set_learning_phase(True and 2)")
    assert "A learning phase is one of two." in ran.err
