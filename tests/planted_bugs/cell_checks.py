"""Checks of the other cells: models that the gradient check knows, with twin and differences."""

from tests.planted_bugs.checks import mirrors
from tinylstm.testing.builtin_models import run_check
from tinylstm.testing.gradient import quick_check
from tinylstm.testing.twin import twin_check

MIRRORED = "testing/test_twin.py::test_every_built_in_model_passes"


def agrees(name, how):
    report = run_check(name, how)
    again = f"python -m tinylstm gradcheck {name} --uncompiled" + " --twin" * (how is twin_check)
    assert report.passed, f"{name}, {report.worst.name}\n{report}\nnext: {again}"


@mirrors(MIRRORED, "against_keras/test_rnns.py::test_outputs_and_gradients_of_a_layer_equal_keras")
def twin_gru():
    agrees("gru", twin_check)


@mirrors(MIRRORED, "against_keras/test_rnns.py::test_outputs_and_gradients_of_a_layer_equal_keras")
def twin_gru_reset_before():
    agrees("gru_reset_before", twin_check)


@mirrors(MIRRORED, "against_keras/test_rnns.py::test_outputs_and_gradients_of_a_layer_equal_keras")
def twin_simple_rnn():
    agrees("simple_rnn", twin_check)


@mirrors(MIRRORED)
def twin_mixed():
    agrees("mixed", twin_check)


@mirrors(MIRRORED)
def differences_gru():
    agrees("gru", quick_check)


@mirrors(MIRRORED)
def differences_gru_reset_before():
    agrees("gru_reset_before", quick_check)


@mirrors(MIRRORED)
def differences_simple_rnn():
    agrees("simple_rnn", quick_check)
