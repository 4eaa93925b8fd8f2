"""Some damaged ONNX graphs: `tests.attacks.damaged_onnx`."""

from tests.attacks.damaged_onnx import attack

TRIES = 400  # some 4 s


def test_damaged_graphs_are_refused_in_a_sentence_or_are_what_onnx_runtime_runs():
    assert list(attack(TRIES, seed=1)) == []
