"""Ctrl-C at any bytecode: a call is whole or has not been, and no Ctrl-C is lost.

A case makes a model and calls one public method. The call is made once alone, to see the states
that are whole: before it, after it, after each batch. Then it is made anew, again and
again; at one of its bytecodes SIGINT is made pending, and Python hears it where it hears signals.
The model must be in a whole state, go on from there as one that came there undisturbed, and have
raised KeyboardInterrupt.
"""

import ctypes
import inspect
import os
import signal
import sys
import time
import weakref
from contextlib import contextmanager
from functools import wraps

import numpy as np
import pytest

import tinylstm
from tests.attacks.interrupted_calls import CASES
from tests.snapshots import everything
from tinylstm.engine import building, epochs, runs
from tinylstm.engine.program import PLAN_FIELD
from tinylstm.engine.runs import Run
from tinylstm.layers.state import State

PACKAGE = os.path.dirname(tinylstm.__file__)
OTHERS = ("contextlib.py", "weakref.py", "_weakrefset.py", "threading.py", "copy.py")
LOOSE = {"history", "flags", "changes"}  # judged by themselves, or not at all
DURING = {"lock", "training", "recorders"}  # otherwise while a call is under way
PLACES = (Run, "__call__"), (State, "reset"), (epochs, "tell"), (building, "build")
pend = ctypes.pythonapi.PyErr_SetInterrupt  # SIGINT is pending; nothing is run
pend.argtypes, pend.restype = [ctypes.py_object], None


class Gone:
    """What a weak reference looks at."""


class Trace:
    """Counts the bytecodes of the package that are run; before one of them comes a SIGINT.

    It becomes pending when the tracing function has returned, and tracing has ended: that function
    is Python too, and must not be the one that hears it.
    """

    def __init__(self, at=None):
        self.at, self.count, self.place, self.references = at, 0, None, []

    def __call__(self, frame, event, _):
        name = frame.f_code.co_filename
        if not name.startswith(PACKAGE) and not name.endswith(OTHERS):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            self.count += 1
            if self.count == self.at:
                self.place = f"{os.path.basename(name)}:{frame.f_lineno} {frame.f_code.co_name}"
                gone = Gone()
                self.references.append(weakref.ref(gone, pend))
                sys.settrace(None)
        return self


def interrupted(call, at=None):
    """Call it with a SIGINT at that bytecode; the trace, and whether it was heard."""
    trace, former, lost = Trace(at), sys.gettrace(), []
    hook, sys.unraisablehook = sys.unraisablehook, lost.append
    try:
        sys.settrace(trace)
        call()
        sys.settrace(None)
        time.time()  # where one that came with the last bytecode is heard
        heard = False
    except KeyboardInterrupt:
        heard = True
    finally:
        sys.settrace(former)
        sys.unraisablehook = hook
    return trace, heard and not lost


@contextmanager
def ctrl_c():
    """Ctrl-C raises KeyboardInterrupt, whoever started this process."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Case:
    """A call, and what it may leave.

    Parameters
    ----------
    name : str
        In `CASES`: what makes the things that are used, and the call.
    """

    def __init__(self, name):
        self.name, (self.make, self.call) = name, CASES[name]
        self.once()  # what is compiled or kept once is there
        self.whole, self.begun = [], self.made()
        self.whole.append(everything(self.begun))
        self.watched(self.begun)
        after = everything(self.begun)
        self.whole.append(after)
        self.history = after["history"]
        self.uses = {}
        self.total = self.once()

    def made(self):
        """New things to call it on."""
        tinylstm.set_random_seed(7)
        tinylstm.set_floatx("float32")
        return self.make()

    def once(self):
        """The number of bytecodes of the call."""
        things = self.made()
        return interrupted(lambda: self.call(things))[0].count

    def watched(self, things):
        """Call it, and look at what each compiled call leaves, each callback and each reset."""
        seen = self.whole

        def looked_at(function):
            @wraps(function)
            def looking(one, *arguments, **options):
                done = function(one, *arguments, **options)
                now = everything(things)
                now |= {name: seen[0][name] for name in DURING & now.keys()}
                seen.append(now)
                if function.__name__ == "__call__" and one.learn:  # noted soon
                    seen.append(now | {"order": int(one.fields[PLAN_FIELD["drawn"]])})
                return done

            return looking

        with pytest.MonkeyPatch.context() as patch:
            for place, name in PLACES:
                patch.setattr(place, name, looked_at(getattr(place, name)))
            patch.setattr(runs, "CHUNK_SECONDS", 0)  # after each batch
            self.call(things)

    def attacked(self, at):
        """What is wrong where the SIGINT comes at that bytecode."""
        things = self.made()
        trace, heard = interrupted(lambda: self.call(things), at)
        wrong = []
        try:
            wrong += self.judged(things) if trace.place else ()
        except Exception as error:
            wrong.append(f"it is broken: {type(error).__name__}: {error}")
        if trace.place and not heard:
            wrong.append("the Ctrl-C was lost")
        place = f"{self.name}, bytecode {at} of {self.total} ({trace.place})"
        return f"{place}: {'; '.join(wrong)}" if wrong else None

    def judged(self, things):
        """What is wrong with these things."""
        found = everything(things)
        if found["lock"]:
            yield "the lock is held"
            return
        state = nearest(found, self.whole)
        if differing(found, state):
            yield f"half changed: {', '.join(differing(found, state))}"
        yield from self.of_history(found["history"])
        yield from stale(things, self.whole[0])
        try:
            used = use(things)
        except Exception as error:
            yield f"it does not go on: {type(error).__name__}: {str(error).splitlines()[0]}"
            return
        expected = self.used(state)
        if expected is not None and differing(used, expected):
            yield f"it goes on otherwise: {', '.join(differing(used, expected))}"

    def of_history(self, found):
        """Whether a history is a beginning of what the call leaves, each list as long."""
        if found == self.whole[0]["history"] or found == self.history:
            return
        epochs, lists = found
        known = dict(self.history[1])
        if any(len(values) != len(epochs) for _, values in lists):
            yield f"a ragged history: {found}"
        elif any(tuple(values) != tuple(known[name][: len(epochs)]) for name, values in lists):
            yield f"a history of something else: {found}"

    def used(self, state):
        """What comes of going on from the state before, or after; None from one between."""
        k = 0 if state is self.whole[0] else 1 if state is self.whole[-1] else None
        if k is not None and k not in self.uses:
            things = self.made()
            if k:
                self.call(things)
            self.uses[k] = use(things)
        return self.uses.get(k)


def nearest(found, whole):
    """The whole state that differs least."""
    return min(whole, key=lambda state: len(differing(found, state)))


def differing(found, state):
    """Names of what differs."""
    names = found.keys() | state.keys()
    return sorted(n for n in names - LOOSE if found.get(n) != state.get(n))


def stale(things, before):
    """Whether a pass or a count of changes is there that other parameters have had."""
    model = things["model"]
    if model is None or model.theta is None:
        return
    changed = before["weights"] not in (None, model.theta.tobytes())
    if changed and model.changes == before["changes"]:
        yield "the weights changed, and their count did not"
    if "x" in things:
        dy = np.ones(model.output_shape[1:], model.dtype)[None].repeat(len(things["x"]), 0)
        try:
            found = model.backward(dy)
        except ValueError:
            return
        model.forward(things["x"])
        right = model.backward(dy)
        if any(
            (found[layer][name] != array).any()
            for layer, tensors in right.items()
            for name, array in tensors.items()
        ):
            yield "backward went back from a stale pass"


def use(things):
    """Go on: all that takes part in a training; what it leaves."""
    for one in things.get("steppers", ()):
        one(np.full((one.rows, one.program.features), 0.5, one.model.dtype))
    model = things["model"]
    if model is not None and model.layers:
        x = things["data"]
        if model.loss is None:
            model.compile("adam", "mse")
        model.reset_states()
        y = np.full_like(model.predict(x), 0.5)
        model.train_on_batch(x, y)
        model.reset_states()
        former = model.optimizer
        model.compile("sgd", "mse")
        model.train_on_batch(x, y)
        model.add(tinylstm.Dense(2))
        model.reset_states()
        model.compile(former, "mse")
        model.train_on_batch(x, np.full_like(model.predict(x), 0.25))
        model.pop()
        model.reset_states()
        model.fit(x, y, len(x), verbose=0)
    found = everything(things)
    found.pop("changes")
    return found


def attack(tries, seed):
    """Each case in turn, at bytecodes that are drawn, or at each where it has no more; of few tries
    some cases, at a few each."""
    rng, left = np.random.default_rng(seed), tries
    with ctrl_c():
        few = rng.choice(len(CASES), min(max(tries // 4, 1), len(CASES)), replace=False)
        names = [name for k, name in enumerate(CASES) if k in few]
        for k, name in enumerate(names):
            case = Case(name)
            count = min(max(left // (len(names) - k), 1), case.total)
            left -= count
            for at in sorted(rng.choice(case.total, count, replace=False)):
                find = case.attacked(int(at) + 1)
                if find is not None:
                    yield find


if __name__ == "__main__":  # what each case amounts to
    with ctrl_c():
        for one in CASES:
            print(f"{Case(one).total:7,} {one}")
    print(inspect.getdoc(sys.modules[__name__]))
