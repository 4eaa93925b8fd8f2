"""Closed loop: a model that goes on, on its own answers; see `Sequential.generate`."""

import math
import time
from numbers import Real

import numpy as np

from ..data.arrays import table, zeros
from ..data.available import need_memory
from ..data.gate import check_numbers, real_array
from ..kernels.signatures import address_for
from ..kernels.streaming import generation as kernels
from ..layers import Activation
from ..settings import new_seed
from ..surface.arguments import find, finite_number, whole_number
from ..surface.errors import mismatch
from ..threads.helpers import wake
from ..threads.sharing import helpers_for
from .program import Program
from .runs import CHUNK_SECONDS
from .stepper import need_streaming

CHOICES = {"value": kernels.VALUE, "argmax": kernels.ARGMAX, "sample": kernels.SAMPLE}


def generate(model, x, steps, feedback, temperature, scale, window, seed):
    """See `Sequential.generate`."""
    find(CHOICES, feedback, "feedback")
    steps = whole_number(steps, "steps")
    outputs = model.output_shape[-1]
    rule = rule_of(model, outputs, feedback, temperature, scale, seed)
    start, alone = start_of(model, x)
    if window is not None:
        window = whole_number(window, "window")
        start = last_window(start, window)
    found = room_for(model, outputs, len(start), steps, feedback)
    loop_for(model, len(start), window)(rule, start, found)
    return found[0] if alone else found


def room_for(model, outputs, rows, steps, feedback):
    """Room for what is fed back: outputs (rows, steps, features) or classes (rows, steps)."""
    shape, dtype = (rows, steps), np.dtype(np.int64)
    if feedback == "value":
        shape, dtype = (*shape, outputs), model.dtype
    size = math.prod(shape)
    need_memory(
        size * dtype.itemsize,
        "What is generated does not fit into memory: lower steps, and go on from the last ones.",
        f"{rows} rows of {steps:,} steps",
    )
    return zeros(size, dtype).reshape(shape)


def rule_of(model, outputs, feedback, temperature, scale, seed):
    """How an output becomes the next input."""
    first = model.network.chain[0]
    features = first.sample_shape[-1]
    rule = table(kernels.FEEDBACK, 1)
    rule["choice"], rule["scale"] = CHOICES[feedback], 1.0
    rule["seed"] = new_seed() if seed is None else whole_number(seed, "seed", least=0)
    if not isinstance(temperature, Real) or not 0 < temperature < np.inf:
        raise mismatch("temperature is a positive number.", "0 < temperature", repr(temperature))
    rule["sharpness"] = min(1 / temperature, float(np.finfo(model.dtype).max))
    if feedback == "value":
        if outputs != features or first.reads_numbers:
            raise mismatch(
                "Outputs are fed back as they are.",
                f"a model with as many outputs as features, {features}",
                f"{outputs} outputs",
            )
        return rule
    last = model.network.chain[-1]
    softmax = isinstance(last, Activation) and last.activation == "softmax"
    if feedback == "sample" and not softmax:
        raise mismatch(
            "A class is drawn from probabilities.", "softmax as the last activation", repr(last)
        )
    if scale is not None and (features > 1 or first.reads_numbers):
        raise mismatch("scale makes one feature of a class.", "no scale", f"scale={scale}")
    if scale is not None:
        rule["scale"] = finite_number(scale, "scale")
    elif not first.reads_numbers:
        rule["one_hot"] = 1
        if outputs != features:
            raise mismatch(
                "A class is fed back as a row with a one, or as its number times scale.",
                f"{features} outputs, or scale with one feature",
                f"{outputs} outputs, {features} features",
            )
    elif outputs > first.input_dim:
        raise mismatch(
            "A class is fed back as a word of the Embedding.",
            f"at most {first.input_dim} outputs, its input_dim",
            f"{outputs} outputs",
        )
    return rule


def start_of(model, x):
    """The steps to start from, (rows, steps, features), and whether x was one sequence of them."""
    first = model.network.chain[0]
    x = real_array(x, model.dtype, "x")
    if first.reads_numbers:
        check_numbers(x, first.input_dim, "x", "an Embedding's input_dim")
        x = x[..., None]
    features = first.sample_shape[-1]
    if x.ndim not in (2, 3) or x.shape[-1] != features:
        axes = "" if first.reads_numbers else f", {features}"
        raise mismatch(
            "x is the beginning of a sequence, or of several.",
            f"(steps{axes}) or (rows, steps{axes})",
            f"shape {x.shape[:-1] if first.reads_numbers else x.shape}",
        )
    return (x[None], True) if x.ndim == 2 else (x, False)


def last_window(start, window):
    """The last steps of the beginning, as many as a window has."""
    if window > start.shape[1]:
        raise mismatch("x is shorter than the window.", f"{window} steps", f"{start.shape[1]}")
    return start[:, -window:]


def loop_for(model, rows, window):
    """The loop for so many rows that the model has kept, or a new one."""
    network = model.network
    helpers = helpers_for(network, rows, window or 1)
    if window is None:
        need_streaming(model.layers)
    key = "loop", rows, window, helpers
    return network.made_once(key, lambda: Loop(network, rows, window, helpers))


class Loop:
    """What closed loops of so many rows work on; each begins in it from a zero state.

    Parameters
    ----------
    network : Network
    rows : int
    window : int or None
        Steps that are read anew for each output; None: the state goes from step to step.
    helpers : int
        Further threads that may share a row.
    """

    def __init__(self, network, rows, window, helpers):
        self.steps = window or 1
        self.program = program = Program(
            network, network.chain, self.steps, rows, 1, others=helpers
        )
        if program.y_steps not in (1, self.steps):
            raise mismatch("A window has one next step.", "1 output step", f"{program.y_steps}")
        program.set_carry((int(window is None),) * len(network.state.layers))
        program.batch["rows"], program.batch["chain"], program.batch["keep"] = rows, 1, 0
        program.batch["goes_on"] = window is None
        self.no_outputs = np.zeros((rows, 0, program.y_features), network.dtype)
        self.no_classes = np.zeros((rows, 0), np.int64)
        last = (program.y_steps - 1) * rows * program.y_features  # the output of the last step
        self.y, self.z = int(program.plan["y"][0]) + last, int(program.table["x"][-1]) + last
        self.seconds = CHUNK_SECONDS  # that a step takes, as far as is known
        address_for(network.dtype, kernels.generate)

    def __call__(self, rule, start, found):
        """Fill in what follows on the start: outputs (rows, steps, features) or classes (rows,
        steps)."""
        program = self.program
        rule["y"], rule["z"], rule["steps"] = self.y, self.z, self.steps
        outputs = found if found.ndim == 3 else self.no_outputs
        classes = found if found.ndim == 2 else self.no_classes
        tables = program.table, program.batch, program.flags, program.network.theta, program.work
        size, at = program.network.state.units * len(found), int(program.batch["state_in"][0])
        program.view(at, (size,))[:] = 0
        program.call_helpers()
        before = start.shape[1] - self.steps  # those that are read without an answer
        for first, last in self.calls(before + found.shape[1]):
            reads = first < before or first == 0
            read = start[:, first : min(last, before) + self.steps] if reads else start[:, :0]
            rule["first"], rule["last"] = max(first - before, 0), max(last - before, 0)
            kernels.generate(rule, *tables, read.swapaxes(0, 1).flatten(), outputs, classes)

    def calls(self, steps):
        """First and last steps of calls of some 30 ms, measured from one to the next."""
        done = 0
        while done < steps:
            last = min(done + max(int(CHUNK_SECONDS / self.seconds), 1), steps)
            started = time.perf_counter()
            if self.program.others > 0:
                wake(self.program.network.dtype, self.program.others)
            yield done, last
            self.seconds = (time.perf_counter() - started) / (last - done)
            done = last
