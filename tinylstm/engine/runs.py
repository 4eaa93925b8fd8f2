"""Batches of one data set through the compiled loop, a call of some 30 ms after the other."""

import math
import time
from functools import lru_cache, partial
from operator import call

import numpy as np

from ..compiling.preparing import prepare
from ..data.arrays import zeros
from ..data.available import need_memory
from ..kernels.compiling import COMPILED, address_of
from ..kernels.signatures import address_for
from ..kernels.tables import PLAN, TENSOR
from ..kernels.threads import STRIDE, meeting_place
from ..kernels.training.loop import LOSS, SEEN
from ..kernels.training.optimizers import clip
from ..optimizers.tried import need_to_stay_within
from ..surface.errors import mismatch
from ..threads.forks import give_way
from ..threads.sharing import share_batches
from ..whole import at_once
from .needed import kernels_of
from .nonfinite import look_at_gradients, look_at_state
from .norms import columns_of, norms_of
from .program import PLAN_FIELD, compiled_loop, in_order
from .scored import NOTHING
from .team import Team

CHUNK_SECONDS = 0.03  # a compiled call cannot be interrupted, so it is short
NO_TENSORS = np.zeros((0, 2), np.int64), np.zeros((0, 2), np.int64)
NO_TABLE = np.zeros(0, TENSOR)
NO_MEETING = meeting_place(1)  # of one thread


@lru_cache
def nothing(dtype):
    """An empty vector of a dtype, for what a run does not need."""
    return np.zeros(0, dtype)


class Run:
    """Batches of one data set through the compiled loop.

    Arrays are read where they are: a change of them is seen by the batches that come next.

    Parameters
    ----------
    model : Sequential
    x : array (N, T, D) or (N, D)
    target : array (N, T, K) or (N, K), optional
        With it, the loss and metrics are taken.
    weight : array (N, T) or (N, 1), optional
        Of each target in the loss.
    batch_size : int
    learn : bool
        Update the parameters.
    give : bool
        Collect the outputs in `y`.
    epochs : int
        As many may be run in one call.
    measure : bool
        Take the norms of the gradients.
    """

    staged = False

    def __init__(
        self,
        model,
        x,
        target=None,
        weight=None,
        batch_size=1,
        learn=False,
        give=False,
        epochs=1,
        measure=False,
    ):
        self.model, self.network = model, model.network
        self.learn, self.give, self.measure = learn, give, measure
        self.warned = set()  # of a loss, a gradient, a state that is not finite
        self.scored = model.scored_metrics if target is not None else NOTHING
        self.gathers = give or bool(self.scored.functions)  # outputs in `y`
        width = self.scored.width + (columns_of(model.network.parameters) if measure else 0)
        self.results = zeros(epochs * width, np.float64).reshape(epochs, width)
        make_ready(model, learn, target is not None)
        self.loop = compiled_loop(self.network.dtype)
        self.open(x, target, weight, batch_size)

    def open(self, x, target=None, weight=None, batch_size=1):
        """Make the tables and the plan of the loop for these arrays."""
        self.x, self.target = x, target
        self.share(batch_size)
        self.make_program()
        self.order = np.arange(len(x))
        self.y = self.room_for_outputs()
        grad = self.room_for_gradients()
        self.make_plan(grad)
        self.arguments = self.arguments_of_loop(weight, grad)
        alone = self.sharing.threads == 1
        self.team = None if alone else Team(self.loop, self.arguments, self.program, self.sharing)

    def share(self, batch_size):
        """Say which batches there are, which threads share them, and how many outputs they give."""
        network, x = self.network, self.x
        self.batches = network.state.batches(len(x), batch_size)
        watched = bool(self.model.recorders)
        self.sharing = share_batches(network, x.shape[1:], self.batches, self.learn, watched)
        self.given = len(x) * math.prod(network.shape_of_output(x)) if self.gathers else 0
        need_memory(
            self.given * network.dtype.itemsize,
            "The outputs do not fit into memory: predict fewer samples at a time.",
            f"{len(x):,} samples",
        )

    def make_program(self):
        """Get the model's program for these batches, with what it needs for the loss and back."""
        network, batches, sharing = self.network, self.batches, self.sharing
        steps = self.x.shape[1] if self.x.ndim == 3 else 1
        self.program = network.program(
            steps,
            sharing.rows,
            batches.chain,
            others=sharing.others,
            together=sharing.together,
            beside=self.given * network.dtype.itemsize,
        )
        self.kind = (steps, batches.rows, batches.chain, self.learn, sharing.threads)
        self.program.set_carry(batches.carry)
        if self.learn:
            self.program.set_backward()
        if self.target is not None:
            bind_loss(self.program, self.model)

    def room_for_outputs(self):
        """A vector for the outputs, and behind them for which count, where a metric asks for it."""
        if not self.given:
            return nothing(self.network.dtype)
        asked = self.scored.functions and self.program.plan["masked"]
        counts = len(self.x) * self.program.y_steps if asked else 0
        return zeros(self.given + counts, self.network.dtype)

    def room_for_gradients(self):
        """The vector of the gradients, of all workspaces; where it learns, with the moments."""
        if not self.learn:
            return self.network.grad
        self.model.need_own_moments(self.model.optimizer)
        return self.network.gradients(self.sharing.workspaces)

    def make_plan(self, grad):
        """The plan of the loop: that of the model's program, for these batches."""
        self.fields = self.program.plan_vector.copy()
        plan = np.ndarray(1, PLAN, self.fields)  # the same memory
        self.plan = plan if COMPILED else plan.view(np.recarray)
        batches, sharing, scored = self.batches, self.sharing, self.target is not None
        self.set_plan(
            count=batches.count,
            batch_size=batches.size,
            samples=len(self.x),
            chained=batches.chained,
            hand_on=batches.hand_on,
            learn=self.learn,
            score=scored,
            give=self.gathers,
            valid_out=self.given if len(self.y) > self.given else 0,
            norms=self.scored.width,
            slice=0 if sharing.together else len(grad) // sharing.threads,
            share=-(-self.scored.width // STRIDE) * STRIDE,
        )
        if self.measure:
            self.set_plan(clipping=address_for(self.network.dtype, clip))
        if not scored:
            self.set_plan(layers_forward=len(self.program.layers))

    def set_plan(self, **values):
        """Write numbers into the plan, by name."""
        for name, value in values.items():
            self.fields[PLAN_FIELD[name]] = value

    def arguments_of_loop(self, weight, grad):
        """What the loop is called with, by name; the state comes with each call."""
        model, network, learn, program = self.model, self.network, self.learn, self.program
        optimizer = model.optimizer if learn else network.no_optimizer
        parameters, none = network.parameters, nothing(network.dtype)
        tensors = parameters.trained_tensors(program, optimizer) if learn else NO_TENSORS
        pays = self.target is not None and parameters.penalized
        constrains = learn and parameters.constrained
        shares = 2 * self.sharing.threads * int(self.fields[PLAN_FIELD["share"]])
        return {
            "plan_table": self.plan,
            "layers": program.table,
            "batch_table": program.batch,
            "rule_table": optimizer.shared_rule,
            "order": self.order,
            "metrics": self.scored.table,
            **dict(zip(("tensors", "spans"), tensors, strict=True)),
            "penalties": parameters.penalties(network.dtype) if pays else NO_TABLE,
            "constraints": parameters.constraints(network.dtype) if constrains else NO_TABLE,
            "inputs": self.x.reshape(-1),
            "targets": none if self.target is None else self.target.reshape(-1),
            "weights": none if weight is None else weight.reshape(-1),
            "outputs": self.y,
            "results": self.results,
            "flags": program.flags,
            "theta": network.theta,
            "grad": grad,
            "moments": optimizer.moments,
            "widths": network.state.widths,
            "all_shares": zeros(shares, np.float64),
            "meeting": NO_MEETING,
            "work": program.work,
        }

    def __call__(self, first, last):
        """Run batches first ... last - 1; returns the number of the one after the last run."""
        recorders = self.model.recorders
        self.set_plan(first=first, last=last, recorded=bool(recorders))
        if recorders and self.team is not None:
            raise mismatch(
                "A recorder reads whole batches, and threads share those of this call.",
                "a recorder that begins before the call",
                "one that began in a callback",
            )
        updates = self.model.optimizer.iterations if self.learn else 0
        give_way()
        carried, done = self.recorded(first, recorders) if recorders else self.compiled_call()
        if self.learn:
            look_at_gradients(self, first - updates)
        if self.batches.hand_on and done > first:
            look_at_state(self, carried, done - 1)
        if self.scored.functions:
            self.call_functions(first, done)
        return done

    def compiled_call(self, results=None):
        """The call, with what else changes; the state's vector, and what it returns.

        results: a list that gets the latter, even if a Ctrl-C comes right behind the call.
        """
        with self.model.in_one_piece:
            carried, opened = self.network.state.open(self.batches)
            if self.team is not None:
                return carried, self.team(carried, opened)
            self.program.call_helpers()
            self.arguments["carried"] = carried
            arguments = in_order(self.arguments)
            if not opened and results is None:
                return carried, self.loop(*arguments)
            results = [] if results is None else results
            loop = map(call, (partial(self.loop, *arguments),))  # when it is asked for an element
            at_once(*opened, partial(results.extend, loop))
            return carried, results[0]

    def recorded(self, first, recorders):
        """The same for one batch, and what recorders read of it, also if a Ctrl-C comes first."""
        counts, results = [len(one.batches) for one in recorders], []

        def read():
            for one, count in zip(recorders, counts, strict=True):
                if results and results[0] > first and len(one.batches) == count:
                    one.record(self, first)

        try:
            found = self.compiled_call(results)
            read()
        except BaseException:
            read()
            raise
        return found

    def call_functions(self, first, done):
        """Add what the metrics that are functions of arrays make of batches first ... done - 1."""
        y = self.outputs_of_all()
        target = self.target
        if self.model.loss.sparse:
            target = target[..., 0].astype(np.int64)
        valid_at, size = int(self.fields[PLAN_FIELD["valid_out"]]), self.batches.size
        valid = self.y[valid_at:].reshape(y.shape[:-1]) == 1 if valid_at else None
        for k in range(first, done):
            place = (k % self.batches.count - int(self.fields[PLAN_FIELD["staged"]])) * size
            samples = self.order[place : place + size]
            truth, found = target[samples], y[samples]
            if valid is not None:  # the targets that count, a row each
                truth, found = truth[valid[samples]], found[valid[samples]]
            row = self.results[k // self.batches.count - first // self.batches.count]
            for metric, column in self.scored.functions if len(found) else ():
                row[column : column + metric.columns] += metric.of_batch(truth, found)

    def chunk(self, first, limit):
        """Run as many batches from `first` on as a call may.

        Returns the number of the one after the last run, and after the last of these; they differ
        where the loss of a batch was not finite.
        """
        rows_end = (first // self.batches.count + len(self.results)) * self.batches.count
        if self.scored.functions:  # which find an epoch's outputs before those of the next one
            rows_end = (first // self.batches.count + 1) * self.batches.count
        last = min(first + self.batches_a_call(), limit, rows_end)
        started = time.perf_counter()
        done = self(first, last)
        if done > first:
            took = time.perf_counter() - started
            self.network.seconds_per_batch[self.kind] = took / (done - first)
        return done, last

    def batches_a_call(self):
        """As many as take about `CHUNK_SECONDS`; one, to begin with."""
        pace = self.network.seconds_per_batch.get(self.kind)
        if pace is None or self.model.recorders:  # which read the workspace after each batch
            return 1
        return 1 + int(CHUNK_SECONDS / pace)

    def shuffle(self, wanted, number):
        """Read the samples in another order each epoch, or not; the first epoch has that number."""
        self.set_plan(shuffle=wanted, shuffles=number)

    def begin_pass(self):
        """Before the batches are read from the first one on."""

    def ready(self, done):
        """Whether there is a batch after so many; it is in memory then."""
        return True

    def end_epoch(self):
        """After the last batch of an epoch, when all have been told."""

    def end(self):
        """When no batch is asked for any more."""

    def params(self):
        """What callbacks are told about the data."""
        size = self.batches.size
        return {"steps": self.batches.count, "samples": len(self.x), "batch_size": size}

    def scores(self):
        """The logs, where a target is known."""
        return self.logs() if self.fields[PLAN_FIELD["score"]] else {}

    def outputs(self, done, first=0):
        """Outputs of the batches first ... done - 1, in the shape of the model's output."""
        return self.outputs_of_all()[first * self.batches.size : done * self.batches.size]

    def outputs_of_all(self):
        """The outputs of all samples in memory, as far as their batches were run."""
        shape = len(self.x), *self.network.shape_of_output(self.x)
        return self.y[: math.prod(shape)].reshape(shape)

    def logs(self, prefix=""):
        """Mean loss and metrics over the targets seen so far in the epoch."""
        return {prefix + name: values[0] for name, values in self.columns(1).items()}

    def norms(self):
        """Of the gradients of the epoch so far, where they are measured."""
        return norms_of(self.network.parameters, self.results[0, self.scored.width :])

    def columns(self, epochs):
        """The logs of so many epochs that ended in the last call: {name: a value each}."""
        results = self.results[:epochs]
        with np.errstate(invalid="ignore"):  # nothing counts where the first batch was left out
            loss = results[:, LOSS] / results[:, SEEN]
            values = [loss, *self.scored.values(results)]
        names = self.model.metrics_names
        return {name: value.tolist() for name, value in zip(names, values, strict=True)}


def make_ready(model, learn, scores):
    """Compile what a run needs and is not on the disk yet."""
    ready = model.network.ready
    if (learn, scores) not in ready:
        prepare(kernels_of(model, learn, scores))
        ready.add((learn, scores))


def bind_loss(program, model):
    """Complete a program with the loss, the optimiser and what is trained."""
    if not program.scored:
        program.set_loss(model.loss)
        for field, called in model.optimizer.calls(model.network.dtype).items():
            program.plan[field] = address_of(*called)
        need_to_stay_within(model.optimizer, model.network.dtype)
        program.scored = True
