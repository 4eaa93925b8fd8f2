"""Closed loop: a model that goes on, on its own answers; see `Sequential.generate`."""

from numbers import Real

import numpy as np

from .arrays import table
from .data import check_numbers, real_array
from .errors import find, mismatch, whole_number
from .helpers import helpers_for
from .kernels import generation as kernels
from .kernels.compiler import address_of
from .layers import Activation
from .program import Program
from .settings import new_seed
from .stepper import Stepper

CHOICES = {"value": kernels.VALUE, "argmax": kernels.ARGMAX, "sample": kernels.SAMPLE}


def generate(model, x, steps, feedback, temperature, scale, window, seed):
    """See `Sequential.generate`."""
    find(CHOICES, feedback, "feedback")
    steps = whole_number(steps, "steps")
    rule = rule_of(model, feedback, temperature, scale, seed)
    start, alone = start_of(model, x)
    program = last_step(model, start) if window is None else last_window(model, start, window)
    K, B = program.y_features, program.rows
    last = (program.y_steps - 1) * B * K  # where outputs have steps, that of the last one
    rule["y"], rule["classes"] = program.plan["y"] + last, K
    if feedback == "sample":
        rule["z"] = program.table["x"][-1] + last
    rule["steps"] = program.steps
    outputs = np.empty((steps, B, K), model.dtype)
    chosen = np.empty((steps, B), np.int64)
    address_of(kernels.generate, kernels.generation_signature(model.dtype))
    program.call_helpers()
    tables = program.table, program.batch, program.flags, model.theta, program.work
    kernels.generate(rule, *tables, outputs, chosen)
    found = (outputs if feedback == "value" else chosen).swapaxes(0, 1)
    return np.ascontiguousarray(found[0] if alone else found)


def rule_of(model, feedback, temperature, scale, seed):
    """How an output becomes the next input."""
    first = model.chain[0]
    outputs, features = model.output_shape[-1], first.sample_shape[-1]
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
    last = model.chain[-1]
    softmax = isinstance(last, Activation) and last.activation == "softmax"
    if feedback == "sample" and not softmax:
        raise mismatch(
            "A class is drawn from probabilities.", "softmax as the last activation", repr(last)
        )
    if scale is not None and (features > 1 or first.reads_numbers):
        raise mismatch("scale makes one feature of a class.", "no scale", f"scale={scale}")
    if scale is not None:
        rule["scale"] = float(real_array(scale, np.float64, "scale"))
    elif not first.reads_numbers:
        rule["one_hot"] = 1
        if outputs != features:
            raise mismatch(
                "A class is fed back as a row with a one, or as its number times scale.",
                f"{features} outputs, or scale with one feature",
                f"{outputs} outputs, {features} features",
            )
    return rule


def start_of(model, x):
    """The steps to start from, (rows, steps, features), and whether x was one sequence of them."""
    first = model.chain[0]
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


def last_step(model, start):
    """A program that has read all steps but the last, which lies ready."""
    stepper = Stepper(model, len(start))
    for t in range(start.shape[1] - 1):
        stepper(start[0, t] if len(start) == 1 else start[:, t])
    stepper.x[...] = start[:, -1]
    return stepper.program


def last_window(model, start, window):
    """A program for windows of so many steps, the last of which lies ready; no state is carried."""
    window = whole_number(window, "window")
    if window > start.shape[1]:
        raise mismatch("x is shorter than the window.", f"{window} steps", f"{start.shape[1]}")
    program = Program(
        model, model.chain, window, len(start), 1, helpers=helpers_for(model, len(start), window)
    )
    if program.y_steps not in (1, window):
        raise mismatch("A window has one next step.", "1 output step", f"{program.y_steps}")
    program.set_carry((0,) * len(model.state.layers))
    program.batch["rows"], program.batch["chain"] = len(start), 1
    rows = start[:, -window:].swapaxes(0, 1).reshape(-1, start.shape[-1])
    program.view(int(program.plan["x"][0]), rows.shape)[...] = rows
    return program
