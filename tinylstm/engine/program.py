"""A model's tables and workspace for one batch shape: what the compiled loop walks.

Everything is laid out once. The workspace is one vector; layers, state vectors, targets and weights
are places in it, and what a student wants to see is a named view of such a place.
"""

import math
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from ..compiling.preparing import addresses_of
from ..data.arrays import ALIGNMENT, aligned, table, zeros
from ..data.available import need_memory
from ..kernels import kinds
from ..kernels.products import blocked_product, pays, scratch_size
from ..kernels.signatures import address_for, parameters_of
from ..kernels.tables import BATCH, LAYER, PLAN
from ..kernels.threads import backward_together
from ..kernels.training.constraints import apply_constraints
from ..kernels.training.loop import backward_pass, forward_pass, run_batches
from ..kernels.training.regularizers import (
    l1_l2_gradient_of_all,
    l1_l2_of_all,
    penalty_gradient_of_all,
    penalty_of_all,
)
from ..kernels.training.scoring import leave_out_masked, score
from ..layers.declared import buffers_of, need_its_input, products_of, set_fields, shape_behind
from ..owners import Owner
from ..surface.arguments import LARGEST
from ..surface.errors import mismatch
from ..threads.helpers import wake
from ..threads.sharing import help_fields, together_fields
from .needed import layer_kernels

TOO_LARGE = (
    "A batch of this shape does not fit into memory: lower batch_size, or the number of steps of a "
    "sample."
)
PLAN_FIELD = {name: k for k, name in enumerate(PLAN.names)}  # all are int64: a plan is a vector
in_order = itemgetter(*parameters_of(run_batches))  # of {name: argument} those of the loop


class Outlet(NamedTuple):
    """An output that layers read, and where its gradient is wanted."""

    shape: tuple  # of a sample, (steps, features) or (features,)
    y: int  # places in the workspace
    dy: int
    flags: int  # place among the flags
    masked: bool  # whether they may hold a step
    learns: bool  # whether anybody reads its gradient: a part below it with tensors, or a study


def steps_of(shape):
    """Steps of a sample; 1 where it has no axis of steps."""
    return shape[0] if len(shape) == 2 else 1


class Program:
    """Tables and workspace of a chain of layers for one batch shape.

    Parameters
    ----------
    network : Network
        Whose parameters and state it uses.
    layers : list of Layer
        The parts of all of the model's layers, or those of one.
    steps, rows, chain : int
        T of a sample; sequences side by side; samples laid end to end in each.
    traced : bool
        Keep every intermediate of every step.
    study : bool
        The gradients of the input and of the incoming state are wanted.
    others : int
        Further threads that may share the units of a single row,
    together : bool
        or that share each layer, all rows of it.
    reserve : bool
        Reserve the memory and name the kernels; else only lay it out, to count it.
    beside : int
        Bytes that the call reserves beside the workspace.

    Raises
    ------
    MemoryError
        If the workspace is larger than the memory that is left.
    """

    network = Owner("Whose parameters and state it uses; which has it, or a stepper does.")

    def __init__(
        self,
        network,
        layers,
        steps,
        rows,
        chain,
        traced=False,
        study=False,
        others=0,
        together=False,
        reserve=True,
        beside=0,
    ):
        self.network, self.layers, self.traced, self.study = network, layers, traced, study
        self.others, self.together, self.beside = others, together, beside
        self.steps, self.rows, self.chain = steps, rows, chain
        shape = layers[0].sample_shape
        self.features = shape[-1]
        self.size = self.flag_count = 0
        self.table = table(LAYER, len(layers))
        self.batch = table(BATCH, 1)
        self.plan = table(PLAN, 1)
        self.plan_vector = self.plan.view(np.int64).view(np.ndarray)
        self.places = {}  # (layer, buffer): offset
        self.scored = False  # whether it has a loss: see `bind_loss` in runs.py
        self.idle = None  # tensors without a gradient, where that was looked for
        self.plan["steps"], self.plan["features"] = steps, self.features
        self.plan["threads"] = 1

        for place in ("state_in", "state_out", "dstate_in", "dstate_out"):
            self.batch[place] = self._place((rows * network.state.units,))
        self.batch["seed"], self.batch["keep"] = network.seed, 1
        shape = shape if len(shape) == 1 else (steps, shape[1])
        waiting = [self._outlet(shape, self._flags(steps), masked=False, learns=study)]
        self.plan["x"] = waiting[0].y
        for k, layer in enumerate(layers):
            read, waiting = waiting[: layer.inlets], waiting[layer.inlets :]
            waiting += self._add(k, layer, read)
        self._set_output(waiting[0])
        self._set_products()
        if self.others > 0 and not together:
            self.batch["copies"] = self._place((len(network.theta),))
        self.plan["layers_forward"] = self.plan["layers_backward"] = len(layers)
        self._rooms = []
        if reserve:
            self.set_forward()
            self.batch, self.flags, self.work = self.rooms(1)[0]

    def _place(self, shape):
        """Reserve room for an array in the workspace; returns its offset."""
        offset = self.size
        self.size += -(-math.prod(shape) // ALIGNMENT) * ALIGNMENT
        self._need_places(self.size)
        return offset

    def _flags(self, steps):
        """Reserve a flag for each step and row; returns their offset."""
        offset = self.flag_count
        self.flag_count += self.rows * self.chain * steps
        self._need_places(self.flag_count)
        return offset

    def _need_places(self, count):
        """Refuse more than the numbers of the tables reach, whether or not it is reserved."""
        if count > LARGEST:
            expected = f"at most {LARGEST:,} numbers and flags"
            raise mismatch(TOO_LARGE, expected, self._what(), MemoryError)

    def _what(self, count=1):
        """What so many workspaces are for."""
        return f"{count * self.rows * self.chain:,} samples of {self.steps:,} steps"

    def _outlet(self, shape, flags, masked, learns, y=None):
        """Room for an output and its gradient, or for the gradient of one that is there."""
        size = (self.rows * self.chain * steps_of(shape), shape[-1])
        y = self._place(size) if y is None else y
        return Outlet(shape, y, self._place(size), flags, masked, learns)

    def _add(self, k, layer, read):
        """Fill row k of the table; returns where its output is to be read."""
        row = self.table[k : k + 1]
        x = read[0]
        need_its_input(layer, x.shape)
        shape = shape_behind(layer, x.shape)
        steps, y_steps = steps_of(x.shape), steps_of(shape)
        row["index"], row["fan_in"], row["units"] = k, x.shape[-1], shape[-1]
        row["steps"], row["y_steps"], row["every"] = steps, y_steps, max(1, steps // y_steps)
        below = any(one.learns for one in read)
        row["need_dx"], row["need_dstate"] = below, self.study
        row["traced"] = self.traced
        row["group"] = layer.group(self.chain * steps, self.rows, self.traced)
        row["shares"] = layer.is_wide if self.together else layer.each_column
        row["state"] = self.network.state.before.get(layer, 0)
        set_fields(layer, row)
        tensors = self.network.parameters.offsets_of(layer)
        row["tensor"][0, : len(tensors)] = tensors
        shapes = buffers_of(layer, self.chain * steps, self.rows, self.traced)
        for j, (name, size) in enumerate(shapes.items()):
            at = self.places[layer, size] if isinstance(size, str) else self._place(size)
            self.places[layer, name] = row["buffer"][0, j] = at
        keeps = layer.keeps_mask and not layer.masks
        flags = x.flags if keeps else self._flags(y_steps)
        masked = layer.masks or (layer.keeps_mask and x.masked)
        written = x.y if layer.outlets > 1 else None  # what is forked is read where it is
        learns = below or bool(tensors)
        outlets = [self._outlet(shape, flags, masked, learns, written)]
        for _ in range(1, layer.outlets):
            outlets.append(self._outlet(shape, flags, masked, learns, outlets[0].y))
        row["x"], row["dx"], row["y"], row["dy"] = x.y, x.dy, outlets[0].y, outlets[0].dy
        row["x_flags"], row["y_flags"] = x.flags, flags
        if layer.inlets > 1:
            row["side"], row["dside"] = read[1].y, read[1].dy
        elif layer.outlets > 1:
            row["dside"] = outlets[1].dy
        return outlets

    def _set_output(self, outlet):
        """Say where the model's output is, and make room for targets and their weights."""
        plan, self.dy = self.plan, outlet.dy
        self.y_steps, self.y_features = steps_of(outlet.shape), outlet.shape[-1]
        plan["y_steps"], plan["y_features"] = self.y_steps, self.y_features
        self.targets = self.rows * self.chain * self.y_steps
        plan["y"], plan["y_flags"], plan["masked"] = outlet.y, outlet.flags, outlet.masked
        plan["target"] = self._place((self.targets, self.y_features))
        plan["weight"], plan["valid"] = self._place((self.targets,)), self._place((self.targets,))

    def bytes(self, threads):
        """Bytes of the tables, and of flags and workspaces for so many threads."""
        room = self.size * self.network.dtype.itemsize + self.flag_count + self.batch.nbytes
        return self.table.nbytes + self.plan.nbytes + threads * room

    def _set_products(self):
        """Make room for large matrix products where there are any."""
        large = []
        for layer, T in zip(self.layers, (self.chain * self.table["steps"]).tolist(), strict=True):
            for n, k, m in products_of(layer, T, self.rows):
                forms = (n, k, m, False), (n, m, k, True), (k, n, m, False)  # turned or not
                large += [scratch_size(*form) for *form, turned in forms if pays(*form, T, turned)]
        if large:
            size = -(-max(large) // ALIGNMENT) * ALIGNMENT
            self.batch["scratch"] = self._place(((1 + self.others) * size,))
            self.batch["scratch_size"] = size

    def rooms(self, count):
        """For each of so many threads a table of the batch, flags and a workspace."""
        if len(self._rooms) < count:
            need_memory(
                self.bytes(count) + self.beside,
                TOO_LARGE,
                self._what(count),
            )
        valid = int(self.plan["valid"][0])
        while len(self._rooms) < count:
            work = aligned(self.size, self.network.dtype)
            work[valid : valid + self.targets] = 1
            flags = zeros(self.flag_count, np.int8)
            self._rooms.append((self.batch.copy(), flags, work))
        return self._rooms[:count]

    def set_forward(self):
        """Name the kernels that go forward, and that of large products."""
        self._set_addresses("forward", 0)
        if self.batch["scratch_size"] > 0:
            self.batch["product"] = address_for(self.network.dtype, blocked_product)
        self.batch["most"] = 1 + self.others
        if self.others > 0:
            fields = (together_fields if self.together else help_fields)(self.network.dtype)
            for name, value in fields.items():
                self.batch[name] = value

    def _set_addresses(self, name, way):
        """Name the kernels that go one way, and what they call at each step."""
        found = layer_kernels(self.layers, self.network.dtype, way)
        addresses = addresses_of([pair for *_, pair in found])
        for (k, field, _), address in zip(found, addresses, strict=True):
            self.table[field or name][k] = address

    def call_helpers(self, wait=True):
        """Let those who may share a row look for work, and copy their own of the parameters."""
        if self.others > 0 and not self.together:
            self.batch["renew"] = 1
            wake(self.network.dtype, self.others, wait)

    def set_backward(self):
        """Name the kernels that go back; a model that only predicts never compiles them."""
        if not self.table["backward"].all():
            self._set_addresses("backward", 1)
        if self.together:
            self.batch["share_back"] = address_for(self.network.dtype, backward_together)
        if self.network.parameters.constrained:
            self.plan["constraint"] = address_for(self.network.dtype, apply_constraints)

    def set_loss(self, loss):
        """Name the loss that the loop calls, and the penalties on weights where there are any."""
        dtype, last = self.network.dtype, len(self.layers) - 1
        kernel, fused = loss.kernel_for(self.layers)
        self.plan["loss"] = address_for(dtype, kernel, kinds.loss)
        if fused:  # the loss reads what the activation reads, and writes what it writes
            self.plan["z"], self.plan["dz"] = self.table[last]["x"], self.table[last]["dx"]
            self.plan["layers_forward"] = self.plan["layers_backward"] = last
        else:
            self.plan["z"], self.plan["dz"] = self.plan["y"], self.dy
        self.plan["loss_option"], self.plan["loss_options"] = (
            loss.option.ctypes.data,
            len(loss.option),
        )
        self.plan["target_features"] = 1 if loss.sparse else self.y_features
        self.plan["score_batch"] = address_for(dtype, score)
        if self.plan["masked"]:
            self.plan["leave_out"] = address_for(dtype, leave_out_masked)
        penalized = self.network.parameters.penalized.values()
        if penalized:
            written = any(one.kernels for one in penalized)
            value = penalty_of_all if written else l1_l2_of_all
            gradient = penalty_gradient_of_all if written else l1_l2_gradient_of_all
            self.plan["penalty"] = address_for(dtype, value)
            self.plan["penalty_gradient"] = address_for(dtype, gradient)

    def set_carry(self, carry):
        """Say which recurrent layers start from the state that came in."""
        for layer, value in zip(self.network.state.layers, carry, strict=True):
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
    address_for(dtype, run_batches)
    return run_batches


@lru_cache
def compiled_passes(dtype):
    """`forward_pass` and `backward_pass`, compiled for a dtype."""
    address_for(dtype, forward_pass)
    address_for(dtype, backward_pass)
    return forward_pass, backward_pass
