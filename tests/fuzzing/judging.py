"""Runs a sequence in the guard mode, and says what was wrong with it."""

import contextlib
import io
import os
import re
import tempfile
import traceback
import warnings

import numpy as np

import tinylstm
from tests.guards import NAN, SMALL, GuardWordsChanged, guarded

from . import material
from .sharing_all import share_nothing

SENTENCE = re.compile(r"\nExpected: .+\nReceived: .+", re.DOTALL)
PACKAGE = os.path.dirname(tinylstm.__file__)
WRITTEN = "<sequence>", material.__file__  # files of what a user has written
MODERATE = 1e3  # weights, with which finite inputs have finite outputs


class Find:
    """What was wrong with a statement of a sequence."""

    def __init__(self, kind, statement, what, place=""):
        self.kind, self.statement, self.what, self.place = kind, statement, what, place

    @property
    def key(self):
        """The same for finds of the same fault."""
        return self.kind, self.place, re.sub(r"\d+|'[^']*'|<[^>]*>|\[[^]]*\]", "_", self.what)[:60]

    def __str__(self):
        return f"{self.kind}: {self.what}\n    in {self.statement} {self.place}"


class Sequence:
    """A sequence of statements, run one after the other.

    Attributes
    ----------
    finds : list of Find
    calls, refusals : int
        Statements that were run, and those of them that the package refused.
    """

    def __init__(self, statements, byte=SMALL):
        self.statements, self.byte = statements, byte
        self.finds, self.calls, self.refusals = [], 0, 0
        self.names = {}
        exec("from tests.fuzzing.material import *", self.names)

    def run(self):
        """Run it in a folder of its own; returns the finds."""
        home = os.getcwd()
        with (
            tempfile.TemporaryDirectory() as folder,
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            os.chdir(folder)
            try:
                self.run_all()
            finally:
                os.chdir(home)
                share_nothing()
                tinylstm.set_num_threads(None)
                tinylstm.set_floatx("float32")
                tinylstm.set_random_seed(7)
        return self.finds

    def run_all(self):
        with guarded(self.byte) as guards:
            for statement in self.statements:
                try:
                    self.run_one(statement)
                    guards.check()
                except GuardWordsChanged as found:
                    self.finds.append(Find("guard words", statement, str(found)))
                    return  # what else has been written to nobody knows

    def run_one(self, statement):
        """Run a statement, and judge what it did."""
        before, result, error = self.snapshot(), None, None
        try:
            try:
                code = compile(statement, "<sequence>", "eval")
            except SyntaxError:
                code = compile(statement, "<sequence>", "exec")
            result = eval(code, self.names)
        except GuardWordsChanged:
            raise
        except Exception as reason:
            error = reason
        if error is not None and not entered(error):
            return  # a name that is not there, an argument that could not be made
        self.calls += 1
        if error is None:
            self.judge_result(statement, result)
            return
        self.refusals += 1
        if by_user(error):
            return
        if is_raw(error):
            what = f"{type(error).__name__}: {error}".splitlines()[0]
            self.finds.append(Find("raw error", statement, what, place(error)))
        changed = [name for name, value in self.snapshot().items() if before.get(name) != value]
        if changed and not went_on(statement, changed, error):
            what = f"{', '.join(changed)} changed by {type(error).__name__}: {error}".splitlines()[
                0
            ]
            self.finds.append(Find("changed", statement, what, place(error)))

    def judge_result(self, statement, result):
        """An output is finite where parameters are moderate, whatever lies around them."""
        model = self.names.get(statement[:1])
        calls = (".predict", ".forward", ".generate", "(")
        if self.byte != NAN or not statement[1:].startswith(calls) or "setting(" in statement:
            return
        model = getattr(model, "model", model)  # of a stepper or a layer
        theta = getattr(model, "theta", None)
        if not isinstance(result, np.ndarray) or result.dtype.kind != "f" or theta is None:
            return
        state = np.abs(model.state.values).max(initial=0)
        if max(np.abs(theta).max(initial=0), state) < MODERATE and not np.isfinite(result).all():
            self.finds.append(Find("not finite", statement, "the output of moderate weights"))

    def snapshot(self):
        """All that a refused call must leave as it was, of all models and steppers."""
        found = {"floatx": tinylstm.floatx(), "threads": tinylstm.get_num_threads()}
        for name, thing in self.names.items():
            if isinstance(thing, tinylstm.Sequential):
                found |= {f"{name}.{what}": value for what, value in parts_of(thing).items()}
            elif isinstance(thing, tinylstm.Layer):
                found[name] = thing.name, thing.model, thing.input_shape
            elif type(thing).__name__ == "Stepper":
                found[name] = thing._state.tobytes()
        return found


def parts_of(model):
    """What of a model a refused call must leave, built or not."""
    optimizer, built, history = model.optimizer, is_built(model), model.history
    found = {
        "built": built,
        "layers": [(id(one), one.name, one.trainable, one.input_shape) for one in model.layers],
        "shape": (model.dtype, model.batch_input_shape, model.seed),
        "loss": (repr(model.loss), list(model.metrics_names), id(optimizer)),
        "history": None if history is None else repr(history.history),
        "stop_training": repr(model.stop_training),
    }
    if optimizer is not None:
        moments = optimizer.moments
        found["counters"] = optimizer.rule.tobytes()
        found["moments"] = None if moments is None else moments.tobytes()
        found["own moments"] = model.moments is moments
    if built:
        state = model.state
        found["weights"] = model.theta.tobytes()
        found["state"] = state.values.tobytes(), state.rows, state.free
        found["order"] = model.epochs_seen
    return found


def is_built(model):
    """Whether it has parameters; where its shape is known it draws them, unless it refuses to."""
    try:
        return model.built
    except (TypeError, ValueError, MemoryError):
        return False


def frames(error):
    """The files that an error came through."""
    return [one.filename for one in traceback.extract_tb(error.__traceback__)]


def is_package(name):
    return name.startswith(PACKAGE) or os.path.basename(os.path.dirname(name)) == "kernels"


def entered(error):
    """Whether an error came out of the package, and not out of a sequence itself."""
    return any(is_package(name) for name in frames(error))


def by_user(error):
    """Whether what a user has written raised it, called by the package, or the system did."""
    names = frames(error)
    inside = next(k for k, name in enumerate(names) if is_package(name))
    callbacks = [name for name in names[inside:] if name in WRITTEN]
    system = isinstance(error, OSError) and error.errno is not None
    room = isinstance(error, MemoryError) and "Unable to allocate" in str(error)
    return isinstance(error, material.Stop) or bool(callbacks) or system or room


def is_raw(error):
    """Whether an error is no sentence of the surface."""
    return not SENTENCE.search(str(error))


def place(error):
    """The function of the package that an error came out of last."""
    own = [one for one in traceback.extract_tb(error.__traceback__) if is_package(one.filename)]
    return f"({os.path.basename(own[-1].filename)}:{own[-1].name})"


def went_on(statement, changed, error):
    """Whether a training was under way, so that what changed is what its batches did."""
    between = "callbacks=" in statement or "atches(" in statement or "many(" in statement
    between = between or place(error) == "(of_arrays.py:of_batch)"  # a function as a metric
    return between and any(name.endswith(".counters") for name in changed)
