"""Whole scripts in the style of the tutorials run as they are, and learn what they should."""

import re
import shutil
from itertools import pairwise

import pytest

from tests.old_scripts import SCRIPTS, run_process
from tests.old_scripts import run_text as run_any

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def run(folder, name, **dialect):
    """One of the scripts, in this process, at a place of its own."""
    ran = run_any(folder, (SCRIPTS / f"{name}.py").read_text(encoding="utf-8"), **dialect)
    assert ran.status == 0, ran.err
    return ran


@pytest.mark.parametrize("version", ["1.2.2", "2.2.4", "2.4.3"])
def test_three_letters_as_time_steps_in_keras_1(tmp_path, version):
    ran = run(tmp_path, "e3_time_steps_keras1", version=version)
    assert ran.lines[:2] == ["ABC -> D", "BCD -> E"]
    assert ran.lines.count("Epoch 500/500") == 1
    (score,) = re.findall(r"Model Accuracy: (\d+\.\d\d)%", ran.out)
    assert float(score) > 85
    right = sum(f"-> {LETTERS[k + 3]}" in ran.lines[-23 + k] for k in range(23))
    assert right == round(float(score) / 100 * 23)


def test_one_letter_and_three_as_features_in_keras_2(tmp_path):
    ran = run(tmp_path, "e1_e2_letters_and_features")
    scores = re.fullmatch(r"1 letters: (\d+\.\d\d)%\n3 letters: (\d+\.\d\d)%\n", ran.out)
    assert all(70 <= float(score) <= 100 for score in scores.groups())


@pytest.mark.parametrize(
    ("mode", "alone"), [(None, "all right"), ("batch_carried", "not all right")]
)
def test_one_batch_teaches_a_map_of_letters_or_their_order(tmp_path, mode, alone):
    ran = run(tmp_path, "e4_one_batch", state_mode=mode)
    assert ran.lines == [
        "All letters as one batch: 100.00%",
        f"Random letters, one at a time: {alone}",
    ]


@pytest.mark.parametrize("version", ["1.0.8", "2.2.4"])
def test_the_stateful_alphabet_and_its_cold_start(tmp_path, version):
    ran = run(tmp_path, "e5_stateful", version=version)
    assert ran.lines[0] == "Model Accuracy: 100.00%"
    assert ran.lines[1:26] == [f"{a} -> {b}" for a, b in pairwise(LETTERS)]
    cold = ["New start:  K", "K -> B", "B -> C", "C -> D", "D -> E", "E -> F"]
    assert ran.lines[26:] == cold


def test_padded_substrings_in_tensorflow_keras(tmp_path):
    ran = run(tmp_path, "e6_padded", version="2.4.3")
    assert ran.lines[0] == "Keras 2.4.3 True"
    assert float(re.findall(r"(\d+\.\d\d)%", ran.out)[0]) > 50
    assert ran.lines[2] == "True 30"


@pytest.mark.parametrize("version", ["1.1.2", "2.2.4"])
def test_a_script_with_every_name_of_keras_1(tmp_path, version):
    ran = run(tmp_path, "keras1_spellings", version=version)
    assert ran.lines == [
        "many to one",
        "['acc', 'loss', 'val_acc', 'val_loss'] 30 True",
        "accuracy of classes: True",
        "sequence to sequence",
        "True (30, 5, 1) (None, 5, 1)",
    ]


@pytest.mark.parametrize("version", ["2.2.4", "2.4.3"])
def test_masks_both_directions_and_callbacks_in_tensorflow_keras(tmp_path, version):
    assert run(tmp_path, "tf_keras_masked", version=version).lines == ["True True True"]


def test_the_life_cycle_of_a_model_and_its_state(tmp_path):
    ran = run(tmp_path, "life_cycle")
    assert ran.lines[0] == "['acc', 'loss'] 200"
    assert ran.lines[1].startswith("Loss falls: True, Accuracy: ")
    assert re.fullmatch(r"\(10, 1\) [01]\.\d True", ran.lines[2])
    assert ran.lines[3:] == ["True", "carried on: True", "reset: True", "(1, 1)", "(1, 1)"]


def test_the_cosine_script_saves_its_figures_where_there_is_no_display(tmp_path):
    script = shutil.copy(SCRIPTS / "cosine.py", tmp_path)
    ran = run_process(script)
    assert ran.status == 0, ran.err
    assert ran.lines == [
        "stateless 50 True",
        "stateful 50 True",
        "scores are numbers: True True",
        "two layers 50 True",
    ]
    for number in (1, 2, 3):
        path = tmp_path / f"cosine_figure_{number}.png"
        assert f"Figure {number} is saved: {path}" in ran.err.splitlines()
        assert path.read_bytes()[:4] == b"\x89PNG"
    assert len(list(tmp_path.glob("*.png"))) == 3
