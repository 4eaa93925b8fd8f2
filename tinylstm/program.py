"""A model's tables and workspace for one batch shape: what the compiled loop walks.

Everything is laid out once. The workspace is one vector; layers, state vectors, targets and weights
are places in it, and what a student wants to see is a named view of such a place.
"""

import math
from functools import lru_cache

import numpy as np

from .errors import need_memory
from .kernels.compiler import COMPILED, address_of
from .kernels.loop import (
    PLAN,
    backward_pass,
    forward_pass,
    loop_signature,
    pass_signatures,
    run_batches,
)
from .kernels.tables import BATCH, LAYER, layer_signatures

ALIGNMENT = 16  # elements: a cache line of float32
PLAN_FIELD = {name: k for k, name in enumerate(PLAN.names)}  # all are int64: a plan is a vector


def table(dtype, rows):
    """An array of records: structured for compiled code, with attributes where it is Python."""
    array = np.zeros(rows, dtype)
    return array if COMPILED else array.view(np.recarray)


class Program:
    """Tables and workspace of a chain of layers for one batch shape.

    Parameters
    ----------
    model : Sequential
        Whose parameters and state it uses.
    layers : list of Layer
        All of the model's, or one of them with its activation.
    steps, rows, chain : int
        T of a sample; sequences side by side; samples laid end to end in each.
    traced : bool
        Keep every intermediate of every step.
    study : bool
        The gradients of the input and of the incoming state are wanted.

    Raises
    ------
    MemoryError
        If the workspace would be larger than the machine's memory.
    """

    def __init__(self, model, layers, steps, rows, chain, traced=False, study=False):
        self.model, self.layers, self.traced = model, layers, traced
        self.steps, self.rows, self.chain = steps, rows, chain
        self.features = layers[0].input_shape[-1]
        self.size = 0
        self.table = table(LAYER, len(layers))
        self.batch = table(BATCH, 1)
        self.plan = table(PLAN, 1)
        self.plan_vector = self.plan.view(np.int64).view(np.ndarray)
        self.places = {}  # (layer, buffer): offset
        self.plan["steps"], self.plan["features"] = steps, self.features

        for place in ("state_in", "state_out", "dstate_in", "dstate_out"):
            self.batch[place] = self._place((rows * model.state.units,))
        self.batch["seed"] = model.seed
        x = self.plan["x"] = self._place((rows * chain * steps, self.features))
        dx = self._place((rows * chain * steps, self.features))
        for k, layer in enumerate(layers):
            x, dx, steps = self._add(k, layer, x, dx, steps, study)
        self.y_steps, self.y_features = steps, layers[-1].units_out
        shape = (rows * chain * steps, self.y_features)
        self.plan["y_steps"], self.plan["y_features"] = steps, self.y_features
        self.plan["y"], self.plan["target"] = x, self._place(shape)
        self.plan["weight"] = self._place(shape[:1])
        self.plan["layers_forward"] = self.plan["layers_backward"] = len(layers)
        self.dy = dx
        self._check_memory()
        self.work = np.zeros(self.size, model.dtype)
        self.flags = np.zeros(rows * chain * self.steps, np.int8)

    def _place(self, shape):
        """Reserve room for an array in the workspace; returns its offset."""
        offset = self.size
        self.size += -(-math.prod(shape) // ALIGNMENT) * ALIGNMENT
        return offset

    def _add(self, k, layer, x, dx, steps, study):
        """Fill row k of the table; returns the places of its output and the output's steps."""
        row = self.table[k : k + 1]
        forward, backward = layer_signatures(self.model.dtype)
        row["forward"] = address_of(layer.kernels[0], forward)
        row["backward"] = address_of(layer.kernels[1], backward)
        row["index"], row["fan_in"] = k, layer.input_shape[-1]
        row["units"], row["steps"] = layer.units_out, steps
        out_shape = layer.output_shape(layer.input_shape)
        y_steps = steps if len(out_shape) == 2 else 1
        row["every"] = steps // y_steps
        row["need_dx"], row["need_dstate"], row["keep"] = study or k > 0, study, self.traced
        row["state"] = self.model.state.before.get(layer, 0)
        for name, value in layer.fields.items():
            row[name] = value
        for j, name in enumerate(layer.tensors()):
            row["tensor"][0, j] = self.model.offsets[layer, name][0]
        shapes = layer.buffers(self.chain * steps, self.rows, self.traced)
        for j, (name, shape) in enumerate(shapes.items()):
            at = self.places[layer, shape] if isinstance(shape, str) else self._place(shape)
            self.places[layer, name] = row["buffer"][0, j] = at
        rows = self.rows * self.chain * y_steps
        row["x"], row["dx"] = x, dx
        row["y"], row["dy"] = (
            self._place((rows, layer.units_out)),
            self._place((rows, layer.units_out)),
        )
        return int(row["y"][0]), int(row["dy"][0]), y_steps

    def _check_memory(self):
        need_memory(
            self.size * self.model.dtype.itemsize,
            "A batch of this shape does not fit into memory: lower batch_size, or the number of "
            "steps of a sample.",
            f"{self.rows * self.chain} samples of {self.steps} steps",
        )

    def set_loss(self, loss, update, clip):
        """Name the loss, and the optimiser's kernels, that the loop calls."""
        dtype, last = self.model.dtype, len(self.layers) - 1
        kernel, fused = loss.kernel_for(self.layers)
        self.plan["loss"] = address_of(kernel, loss.signature(dtype))
        if fused:  # the loss reads what the activation reads, and writes what it writes
            self.plan["z"], self.plan["dz"] = self.table[last]["x"], self.table[last]["dx"]
            self.plan["layers_forward"] = self.plan["layers_backward"] = last
        else:
            self.plan["z"], self.plan["dz"] = self.plan["y"], self.dy
        self.plan["update"], self.plan["clipping"] = update, clip

    def set_carry(self, carry):
        """Say which recurrent layers start from the state that came in."""
        for layer, value in zip(self.model.state.layers, carry, strict=True):
            if layer in self.layers:
                self.table["carry"][self.layers.index(layer)] = value

    def view(self, offset, shape):
        """The array at a place of the workspace."""
        return self.work[offset : offset + math.prod(shape)].reshape(shape)

    def buffers(self, layer, rows, chain):
        """The layer's own arrays by name, for a batch of this shape: views."""
        steps = chain * int(self.table["steps"][self.layers.index(layer)])
        shapes = layer.buffers(steps, rows, self.traced)
        shapes = {k: shapes[v] if isinstance(v, str) else v for k, v in shapes.items()}
        return {name: self.view(self.places[layer, name], shape) for name, shape in shapes.items()}


@lru_cache
def compiled_loop(dtype):
    """`run_batches`, compiled for a dtype."""
    address_of(run_batches, loop_signature(dtype))
    return run_batches


@lru_cache
def compiled_passes(dtype):
    """`forward_pass` and `backward_pass`, compiled for a dtype."""
    forward, backward = pass_signatures(dtype)
    address_of(forward_pass, forward)
    address_of(backward_pass, backward)
    return forward_pass, backward_pass
