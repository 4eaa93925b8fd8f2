"""The batteries find what is broken, name it, and find nothing in what is ours."""

import re

import numpy as np
import pytest
from tinylstm.kernels.cells import gru, gru_reset_before, lstm, simple_rnn
from tinylstm.kernels.compiling import COMPILED

from tests import broken, own_cells
from tests.broken import Descent, Elman, Leaky, cell_with, loss_with, lstm_with
from tests.snapshots import refused
from tinylstm import Sequential, activation, kernel, losses, optimizers
from tinylstm import layers as shipped
from tinylstm.testing import check_cell, check_layer, check_loss, check_optimizer
from tinylstm.testing.batteries.report import CheckReport, Finding
from tinylstm.testing.batteries.sharing import shared_by
from tinylstm.testing.batteries.subject import Subject, with_dense
from tinylstm.threads.sharing import share_batches

uncompiled = pytest.mark.uncompiled
WITHOUT = ["dtypes", "extremes"]  # for which all would be compiled once more

L = shipped
OURS = {
    "LSTM": L.LSTM(3),
    "LSTM, last step": L.LSTM(3, return_sequences=True, stateful=True),
    "LSTM, of three steps": L.LSTM(2, stateful=True, batch_input_shape=(2, 3, 4)),
    "LSTM, backwards": L.LSTM(3, go_backwards=True),
    "LSTM, options": L.LSTM(3, "sigmoid", "hard_sigmoid", use_bias=False, dropout=0.2),
    "GRU": L.GRU(3),
    "GRU, reset before": L.GRU(3, reset_after=False),
    "SimpleRNN": L.SimpleRNN(3),
    "RNN": L.RNN(lstm, 3),
    "Bidirectional": L.Bidirectional(L.LSTM(3, return_sequences=True)),
    "Dense": L.Dense(3, "tanh"),
    "Dense, softmax": L.Dense(3, "softmax"),
    "Activation": L.Activation("sigmoid"),
    "LeakyReLU": L.LeakyReLU(),
    "LayerNormalization": L.LayerNormalization(),
    "Dropout": L.Dropout(0.3),
    "SpatialDropout1D": L.SpatialDropout1D(0.3),
    "GRU, zeros": L.GRU(3, return_sequences=True, zero_output_for_mask=True),
    "Embedding": L.Embedding(7, 3),
    "Embedding, mask": L.Embedding(7, 3, mask_zero=True),
    "Masking": L.Masking(),
    "TimeDistributed": L.TimeDistributed(L.Dense(3, "tanh")),
    "RepeatVector": L.RepeatVector(3),
    "Reshape": L.Reshape((2, 4)),
    "Flatten": L.Flatten(),
}


@pytest.mark.parametrize("name", OURS)
def test_every_layer_of_ours_is_right(name):
    assert check_layer(OURS[name]).ok


def test_every_kind_of_layer_is_among_them():
    kinds = {type(layer).__name__ for layer in OURS.values()}
    assert kinds >= set(shipped.__all__) - {"Layer", "Recurrent"}


CELLS = {cell.name: cell for cell in (lstm, gru, gru_reset_before, simple_rnn)}
CELLS |= {name: getattr(own_cells, name) for name in ("peephole", "coupled", "normalised")}


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_is_right(name):
    assert check_cell(CELLS[name]).ok


@pytest.mark.parametrize("name", sorted({loss.name for loss in losses.LOSSES.values()}))
def test_every_loss_of_ours_is_right(name):
    assert check_loss(name).ok


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_every_optimizer_of_ours_is_right(name):
    assert check_optimizer(name).ok


@pytest.mark.parametrize(
    "optimizer",
    [
        optimizers.SGD(momentum=0.9),
        optimizers.SGD(momentum=0.9, nesterov=True),
        optimizers.RMSprop(momentum=0.9, centered=True),
    ],
    ids=["momentum", "nesterov", "centered"],
)
def test_options_of_ours_are_right(optimizer):
    assert check_optimizer(optimizer).ok


@uncompiled
def test_what_is_broken_is_right_without_its_fault():
    assert check_layer(Elman(3)).ok
    assert check_layer(Leaky()).ok
    assert check_optimizer(Descent()).ok


def test_a_cell_and_a_loss_are_right_without_their_faults():
    assert check_cell(cell_with("none"), leave_out=WITHOUT).ok
    assert check_loss(loss_with("none"), leave_out=["dtypes"]).ok


LAYERS = {  # fault: a check that finds it, and words of what is said
    broken.SIGN: ("gradients, stateless", "kernel", "its sign is turned"),
    broken.ADDS_TO_DX: ("dirty workspace", "dx", "written nowhere, or added to"),
    broken.MIXES_ROWS: ("rows", "y [", "rows mix"),
    broken.IGNORES_MASKS: ("masks", "in a masked step changes", "HOLD"),
    broken.READS_DIRT: ("dirty workspace", "y [", "depends on what lay in memory"),
    broken.FORGETS_STATE: ("pieces", "second one's y", "layer.carry"),
    broken.KEEPS_STATE_OUT: ("pieces", "second one's y", "batch.state_out"),
    broken.ROW_NUMBER: ("rows", "a row's place counts", "Indices of rows"),
    broken.NO_RECURRENT_TERM: ("gradients, stateless", "recurrent_kernel", "Wrong too"),
    broken.NO_DSTATE: ("gradients, stateful", "h0", "batch.dstate_in"),
    broken.ONE_SAMPLE: ("one long row", "batch_carried", "batch.chain * layer.steps"),
    broken.NOT_BACKWARDS: ("direction", "go_backwards", "Bidirectional"),
    broken.SHORT_BUFFER: ("bounds", "behind the buffer h", "buffers(steps, rows) says"),
    broken.NEXT_STEP: ("bounds", "It reads behind x.", "batch.chain * layer.steps"),
    broken.NEXT_FLAG: ("bounds", "It reads behind the flags of x.", "layer.x_flags"),
}
STEPWISE = {
    broken.FACTOR: ("gradients", "slope", "2 times as large"),
    broken.STEP_BEFORE: ("each step alone", "each_step", "other steps"),
    broken.LOCAL_NOISE: ("threads", "after two updates [", "batch.before"),
    broken.TINY: ("dtypes", "In float32 y", "1e-38"),
    broken.TOO_FEW: ("behind a carried batch", "batch_carried", "batch.chain"),
    broken.SHORT_SLOPE: ("bounds", "behind the gradient of slope", "tensors() says", "(1,)"),
    broken.LONG_SLOPE: ("shapes", "2 of the 4 numbers of slope are never used", "(2, 2)"),
    broken.CHANGES_X: ("bounds", "It changes x.", "layer.y"),
    broken.NOT_SAID: (
        "bounds",
        "beside what is empty: tensors().",
        "layer.tensor[0]; tensors() has none",
    ),
    broken.WRITTEN_DOWN: ("bounds", "behind the gradient of slope", "tensors() says", "(2,)"),
}


def said_of(report, check):
    """What a report says of a check that went wrong."""
    (finding,) = [finding for finding in report.wrong if finding.check == check]
    return f"{finding.what} {finding.where}"


def assert_named(report, check, *words):
    """The report is not right, the check is among those that are wrong, and says the words."""
    assert not report.ok
    said = said_of(report, check)
    assert not [word for word in words if word not in said], said
    assert said.split(" ")[0] in str(report)


@pytest.mark.parametrize("fault", LAYERS)
def test_the_fault_of_a_recurrent_layer_is_named(fault):
    assert_named(check_layer(Elman(3, fault), raises=False), *LAYERS[fault])


@pytest.mark.parametrize("fault", STEPWISE)
def test_the_fault_of_a_layer_is_named(fault):
    assert_named(check_layer(Leaky(fault), raises=False), *STEPWISE[fault])


def test_the_features_that_are_tried_are_named():
    said = "with samples of shape (4, 2); bounds and shapes with (4, 5), too"
    assert check_layer(Leaky()).tried == said
    assert str(check_layer(Leaky())).endswith(f"right 14 checks, {said}")
    for shape in ((4, 2), (2,)):
        report = check_layer(Leaky(broken.WRITTEN_DOWN), input_shape=shape)
        assert report.tried == f"with samples of shape {shape}"


def test_a_layer_of_a_model_is_tried_with_the_samples_that_it_has_there():
    model = Sequential([L.Dense(5, input_shape=(3, 4)), Leaky(), L.Dense(1)])
    assert check_layer(model.layers[1]).tried == "with samples of shape (3, 5)"
    model = Sequential([L.Embedding(7, 3), L.LSTM(2)])
    model.build((None, None))
    tried = [check_layer(layer).tried for layer in model.layers]
    assert tried == ["with samples of shape (4,)", "with samples of shape (4, 3)"]


@pytest.mark.parametrize(
    ("fault", "check", "words"),
    [
        ("dh_prev", "gradients, stateless", "h0"),
        ("tanh", "gradients, other functions", "only g is wrong"),
        ("others", "elementwise", "changes with the units beside it"),
        ("beyond", "bounds", "out of bounds for axis 0 with size 3 broken.py, line "),
    ],
)
def test_the_fault_of_a_cell_is_named(fault, check, words):
    assert_named(check_cell(cell_with(fault), leave_out=WITHOUT, raises=False), check, words)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("df", "of the gates i, f, g, o only f is wrong: look at the lines that make df."),
        ("dc_prev", "c0 alone is wrong, so look at what goes to the step before: dc_prev."),
        ("dphi_c", "only i, f, g are wrong: look at the lines that make di, df, dg, and at what"),
        ("dc", "all gradients are right, so look at what comes from the step behind: dh and dc."),
    ],
)
def test_where_a_gradient_goes_wrong_is_found_in_one_step(fault, words):
    report = check_cell(lstm_with(fault), leave_out=WITHOUT, raises=False)
    assert_named(report, "gradients, stateless", words)
    assert str(report).count("In samples of one step") == 1


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"kernel_regularizer": broken.Rough()}, "It writes 3 numbers behind the gradient of"),
        (
            {"kernel_constraint": broken.Halved()},
            "It writes 3 numbers behind the parameter kernel",
        ),
    ],
)
def test_a_penalty_or_a_constraint_that_leaves_its_parameter_is_named(part, words):
    report = check_layer(L.Dense(3, **part), raises=False)
    (one,) = part.values()
    if COMPILED:
        assert_named(report, "bounds", words, f"Indices in the kernels of {type(one).__name__}")
    assert [finding.check for finding in report.wrong] == ["bounds"]


def test_an_activation_that_overflows_is_named():
    @activation
    def plus(x, y):
        for j in range(len(x)):
            y[j] = np.log1p(np.exp(x[j]))

    @plus.backward
    def plus_backward(x, dy, dx):
        for j in range(len(x)):
            dx[j] = dy[j] / (x.dtype.type(1) + np.exp(-x[j]))

    report = check_layer(L.Activation(plus), raises=False)
    assert [finding.check for finding in report.wrong] == ["extremes"]
    assert_named(report, "extremes", "y [0, 0, 0] is inf in float32; in float64 it is 100.")


@pytest.mark.parametrize(
    ("fault", "check", "words"),
    [
        ("factor", "gradient", "0.5 times as large"),
        ("weight", "weights", "weight[r]"),
        ("adds", "dirty memory", "depends on what lay there"),
        ("mean", "rows", "1 / n is in the weights"),
        ("beyond", "bounds", "It writes a number behind dz."),
        ("option", "bounds", "It reads beside what is empty: option."),
        ("logarithm", "extremes", "outputs of exactly 0 and 1"),
        ("overflows", "extremes", "outputs of 1000 and -1000, in float64"),
    ],
)
def test_the_fault_of_a_loss_is_named(fault, check, words):
    assert_named(check_loss(loss_with(fault), leave_out=["dtypes"], raises=False), check, words)


OPTIMIZERS = {
    broken.UPHILL: ("downhill", "theta -= learning rate * gradient"),
    broken.EVERYWHERE: ("start and stop", "outside of start ... stop - 1"),
    broken.FIXED_RATE: ("learning rate", "rule.learning_rate"),
    broken.NOT_FINITE: ("finite", "is not finite", "note, within", "leave_out=['finite']"),
    broken.FROM_ONE: ("first update", "theta is not finite", "counts from 0", "+ 1"),
    broken.ONE_MORE: ("moments", "behind the 1 row of moments that it declares"),
    broken.BEYOND: ("moments", "It writes a number behind theta", "start to stop - 1"),
    broken.FROM_ZERO: ("pieces", "Indices"),
    broken.COUNTS: ("rule", "changes rule.iteration"),
    broken.DRIFTS: ("zero gradient", "Gradients of zero change theta"),
    broken.OVER_ZERO: ("zero gradient", "in theta that is not finite", "add epsilon"),
}


@pytest.mark.parametrize("fault", OPTIMIZERS)
def test_the_fault_of_an_optimizer_is_named(fault):
    assert_named(check_optimizer(Descent(fault), raises=False), *OPTIMIZERS[fault])


def test_moments_that_are_used_and_not_declared_are_named():
    class Undeclared(Descent):
        moments_needed = 0

    words = "beside what is empty: moments, of which it declares none."
    assert_named(check_optimizer(Undeclared(), raises=False), "moments", words)


def test_a_parameter_that_is_too_large_is_told_alone():
    report = check_layer(Leaky(broken.LONG_SLOPE), raises=False)
    assert [finding.check for finding in report.wrong] == ["shapes"]
    assert "not of the shape that the kernels see" in str(report)


@pytest.mark.parametrize("wide", [False, True])
def test_two_threads_do_share_what_is_so_small(wide):
    subject = Subject(L.LSTM(3))
    model, x = with_dense(subject), subject.x(6)
    with shared_by(2, wide):
        batches = model.state.batches(len(x), len(x))
        shared = share_batches(model.network, x.shape[1:], batches, learn=True)
    assert (shared.threads, shared.together) == (2, wide)


def test_what_is_wrong_raises_the_report():
    with pytest.raises(AssertionError, match="Gradients of zero change theta") as raised:
        check_optimizer(Descent(broken.DRIFTS))
    report = check_optimizer(Descent(broken.DRIFTS), raises=False)
    assert str(report) in str(raised.value)
    assert isinstance(report, CheckReport)


def test_a_division_by_zero_is_told_once_and_shortly():
    report = check_optimizer(Descent(broken.OVER_ZERO), raises=False)
    ((one, *others),) = report.faults()
    assert [one.check, *(other.check for other in others)] == ["zero gradient", "finite"]
    assert one.where == "A division by zero: add epsilon to what is divided by."


def test_nothing_is_run_after_a_fault_that_can_end_the_process():
    report = check_optimizer(Descent(broken.ONE_MORE), raises=False)
    first, *others = report
    assert (first.check, first.verdict) == ("moments", "WRONG")
    assert {finding.verdict for finding in others} == {"not run"}
    assert "WRONG: 1 of 1 checks; the others are not run" in str(report)


def test_a_fault_that_several_checks_find_is_told_once():
    report = check_cell(cell_with("dh_prev"), leave_out=WITHOUT, raises=False)
    (one, *others), *_ = report.faults()
    assert len(others) >= 5
    assert str(report).count(one.what.partition(" [")[0]) == 1
    assert "The same in: gradients, stateful; gradients, batch_carried; " in str(report)


def test_what_makes_others_wrong_is_told_first():
    report = check_cell(cell_with("adds"), leave_out=WITHOUT, raises=False)
    assert [one.check for one, *_ in report.faults()][:2] == ["dirty workspace", "two passes"]


def test_what_is_left_out_is_not_run_and_is_shown():
    names = [
        finding.check for finding in check_optimizer(Descent(broken.DRIFTS), raises=False).wrong
    ]
    report = check_optimizer(Descent(broken.DRIFTS), leave_out=names)
    assert report.ok
    assert [finding.check for finding in report if finding.verdict == "left out"] == names
    with refused(ValueError, "Unknown check: 'piece'. Did you mean 'pieces'?"):
        check_optimizer("sgd", leave_out=["piece"])


def test_a_report_is_a_table_and_a_sentence_for_each_fault():
    report = CheckReport("Own")
    report += [Finding("rows", "right"), Finding("masks", "WRONG", "A step counts.", "The flags.")]
    assert str(report).splitlines() == [
        "check    Own",
        "-------  ---",
        "masks    WRONG",
        "1 other  right",
        "",
        "masks: A step counts.",
        "Where to look: The flags.",
        "",
        "WRONG: 1 of 2 checks",
    ]


def test_what_the_code_raises_is_a_fault_too():
    @kernel
    def breaks(z, target, weight, y, dz, option):
        raise ArithmeticError("seven")

    report = check_loss(losses.Loss("breaking", breaks), raises=False)
    assert "ArithmeticError: seven" in said_of(report, "gradient")
    # Machine code that was kept from when the function stood elsewhere knows its name alone.
    assert re.search(r"test_batteries.py, (line \d+: `raise Arithm.*`|in breaks)", str(report))
    assert str(report).count("It raises ArithmeticError: seven") == 1


def test_a_battery_leaves_what_it_checks_as_it_is():
    layer, optimizer = L.LSTM(3, stateful=True), optimizers.Adam()
    rule, random = optimizer.rule.copy(), np.random.get_state()[1].copy()  # noqa: NPY002
    check_layer(layer)
    check_optimizer(optimizer)
    assert layer.model is None
    assert layer.state_mode == "stateful"
    assert optimizer.rule == rule
    np.testing.assert_array_equal(np.random.get_state()[1], random)  # noqa: NPY002


def test_what_is_not_the_thing_is_refused():
    with refused(TypeError, "This is no layer"):
        check_layer(L.Dense)
    with refused(TypeError, "RNN runs the steps of a cell"):
        check_cell(print)
