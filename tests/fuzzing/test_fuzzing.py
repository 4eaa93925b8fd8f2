"""Random sequences of public calls find nothing; and what there is to find, they would find."""

import sys

import numpy as np
import pytest

from tests.fuzzing import running
from tests.fuzzing.judging import Sequence
from tests.fuzzing.running import Report, run, script_of, shorter, statements_of
from tests.guards import NAN, SMALL
from tinylstm.engine import training
from tinylstm.surface.errors import mismatch

COUNT = 300
MODEL = (
    "m = Sequential([Dense(8, kernel_initializer=lambda s, r: np.ones((1, 1)), input_shape=(2,))])"
)
SOUND = "m = Sequential([LSTM(3, input_shape=(3, 2)), Dense(2)])"
DYING = """
import os
print('{"began": 5}', flush=True)
os.abort()
"""


def test_sequences_of_odd_calls_find_nothing():
    report = run(0, COUNT)
    assert not report.finds, str(report)
    assert report.sequences == COUNT
    assert report.calls > 8 * COUNT
    assert report.refusals > COUNT  # and not everything is refused
    assert report.calls - report.refusals > 3 * COUNT


def kinds(statements, byte=SMALL):
    return [find.kind for find in Sequence(statements, byte).run()]


@pytest.fixture
def unchecked(monkeypatch):
    """Initial values of any shape, as if nobody looked at them."""
    monkeypatch.setattr(
        "tinylstm.initializers.of_shape", lambda init, shape, rng, _: init(shape, rng)
    )
    monkeypatch.setattr(
        "tinylstm.engine.parameters.Parameters.offsets_of", lambda self, part: [0] * 2
    )


def test_initial_values_of_another_shape_are_found_by_guard_words(unchecked):
    assert kinds(
        [MODEL, "m.compile('sgd', 'mse')", "m.fit(data(4, 2), data(4, 8), verbose=0)"]
    ) == ["guard words"]
    assert kinds([MODEL, "m.predict(data(4, 2))"], NAN) == ["not finite"]


def test_initial_values_of_another_shape_are_a_refusal_where_they_are_checked():
    sequence = Sequence([MODEL, "m.predict(data(4, 2))"])
    assert sequence.run() == []
    assert (sequence.calls, sequence.refusals) == (2, 1)


def refuse(change, reason):
    """A `predict` that changes the model, and refuses it with that reason."""

    def predict(model, *args, **kwargs):
        change(model)
        raise type(reason)(*reason.args)

    return predict


SENTENCE = mismatch("This does not fit.", "what fits", "what does not")
REFUSALS = {
    "a sentence": (lambda m: None, SENTENCE, []),
    "an error of Python's": (lambda m: None, KeyError("kernel"), ["raw error"]),
    "a system's word": (lambda m: None, OSError(28, "No space left"), []),
    "weights": (lambda m: m.theta.fill(1), SENTENCE, ["changed"]),
    "a state": (lambda m: m.state.hold(m.state.values, 3, False), SENTENCE, ["changed"]),
    "a layer": (lambda m: setattr(m.layers[0], "trainable", False), SENTENCE, ["changed"]),
    "moments": (lambda m: m.optimizer.moments.fill(1), SENTENCE, ["changed"]),
    "a count": (lambda m: m.optimizer.rule["iteration"].fill(1), SENTENCE, ["changed"]),
    "both": (lambda m: m.theta.fill(1), TypeError("len"), ["raw error", "changed"]),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals_without_a_sentence_or_that_change_something_are_found(monkeypatch, case):
    change, reason, found = REFUSALS[case]
    monkeypatch.setattr(training, "predict", refuse(change, reason))
    assert kinds([SOUND, "m.compile('sgd', 'mse')", "m.predict(data(4, 3, 2))"]) == found


@pytest.mark.parametrize(
    "statement", ["m.fit(stop(), 1)", "nobody.fit(1, 2)", "m.fit(data(4, 3, 2), callbacks=[1 / 0])"]
)
def test_what_fails_before_it_reaches_the_package_is_no_refusal(statement):
    sequence = Sequence([SOUND, statement])
    assert sequence.run() == []
    assert sequence.refusals == 0


def test_what_a_user_has_written_may_raise():
    stop = "m.fit(data(4, 3, 2), data(4, 2), verbose=0, callbacks=[Doing(stop)])"
    assert kinds([SOUND, "m.compile('sgd', 'mse')", stop]) == []


def test_a_script_has_what_its_find_needs_alone(monkeypatch):
    monkeypatch.setattr(training, "predict", refuse(lambda m: None, KeyError("kernel")))
    call = "m.predict(data(4, 3, 2))"
    statements = [SOUND, "o = Adam()", "m.compile(o, 'mse')", call, "m.pop()"]
    (find,) = Sequence(statements).run()
    needed = shorter(statements, SMALL, find.key)
    assert needed == [SOUND, call]
    names = {}
    exec(script_of(needed).replace(".run()", "").replace("Sequence([", "made = Sequence(["), names)
    assert names["made"].statements == needed


def test_a_process_that_dies_is_found_and_the_next_goes_on(monkeypatch):
    monkeypatch.setattr(running, "COMMAND", (sys.executable, "-c", DYING))
    report = Report()
    assert running.run_process(5, 10, report, lambda report: None) == 6
    ((kind, _),) = report.finds
    assert kind == "died"
    assert all(repr(statement) in str(report) for statement in statements_of(5)[0])


def test_the_same_number_draws_the_same_sequence_and_others_draw_others():
    assert statements_of(3) == statements_of(3)
    assert len({tuple(statements_of(seed)[0]) for seed in range(200)}) == 200


def test_sequences_leave_the_process_as_it_was():
    from tinylstm import floatx, get_num_threads
    from tinylstm.threads import how_many

    before = floatx(), get_num_threads(), how_many.WORTH
    Sequence(["share_all(together=True)", "set_floatx('float64')", "set_num_threads(5)"]).run()
    assert (floatx(), get_num_threads(), how_many.WORTH) == before
    assert np.isfinite(before[1])
