"""A cell's step in all rows of a batch: what the time loop calls for it, by address.

Nothing else of a recurrent layer knows its cell: when the equations of one change, these two
kernels are compiled anew, and no other.
"""

import inspect
from functools import lru_cache
from typing import NamedTuple

from ..cells import gru, gru_reset_before, lstm, simple_rnn
from ..compiling import chosen, inner, kernel, vectors_at, view
from ..tables import HOLD
from ..threads import own_units, shares_row
from ..vectors import fill
from .inside import blocks_inside
from .masks import place_of_flags
from .memory import (
    DKEPT,
    dstates_at,
    place_of_dgates,
    place_of_dz,
    place_of_gates,
    place_of_kept,
    place_of_vectors,
    place_of_z_h,
    planes_are_rows,
    states_at,
)
from .moves import move, planes_of_rows, rows_of_planes, zero_row


class Steps(NamedTuple):
    """The two kernels of a cell: a `step` and a `step_back` of ``kinds.py``."""

    forward: object
    backward: object


def steps_of(cell):
    """The kernels of a cell."""
    return steps_made(cell, cell.step, cell.step_backward)


@lru_cache
def steps_made(cell, step, step_backward):
    """Those of a cell with these two functions: its step backward may come anew, in a notebook."""
    return Steps(forward_of(cell), backward_of(cell))


def asked_by(step, cell, names):
    """Chooses what a step asks for from vectors of these names and what stands behind them."""
    known = [*names, *cell.blocks, "phi", "sigma"]
    return chosen(tuple(known.index(name) for name in inspect.signature(step).parameters))


@inner
def count_at_once(layer, batch, marks):
    """Rows that a cell takes as one longer vector: one alone where a row is held, or a thread has
    some units of each."""
    return 1 if marks & HOLD or batch.threads > 1 else layer.at_once


def forward_of(cell):
    """The kernel that runs a cell's step forward."""
    step, asked = inner(cell.step, distinct=True), asked_by(cell.step, cell, cell.names)
    gates_in, states_in = vectors_at(len(cell.planes)), vectors_at(len(cell.states))
    kept_in, vectors_in = vectors_at(len(cell.kept)), vectors_at(len(cell.vectors))
    blocks_in = blocks_inside(len(cell.inside))

    @kernel(name=f"of_{cell.name}.forward")
    def step_forward(layer, batch, flags, theta, work, s, marks, z_at):
        """The s-th step: the states behind it, of own units in all rows, from z and those before.

        A held row keeps its states.  z_at: place of the step's z.
        """
        B, H, n = batch.rows, layer.units, batch.rows * layer.units
        begin, end = own_units(batch, H)
        in_place = planes_are_rows(layer, batch)
        gates = z_at if in_place else place_of_gates(layer, batch, s)
        before, apart_before = states_at(layer, batch, s)
        behind, apart_behind = states_at(layer, batch, s + 1)
        kept = place_of_kept(layer, batch, s)
        vectors, flags_at = place_of_vectors(layer), place_of_flags(layer, batch, s)
        at_once = count_at_once(layer, batch, marks)
        for r in range(0, B, at_once):
            rows = min(at_once, B - r)
            at, size = r * H + begin, rows * (end - begin)
            if not in_place:
                planes_of_rows(layer, batch, work, z_at, gates, r, rows)
            if layer.apart:
                z_h, gates_h = place_of_z_h(layer, batch), gates + layer.gates * n
                planes_of_rows(layer, batch, work, z_h, gates_h, r, rows)
            planes_at = (gates, size) if in_place and shares_row(batch) else (gates + at, n)
            step(
                *asked(
                    gates_in(work, *planes_at, size)
                    + states_in(work, before + at, apart_before, size)
                    + states_in(work, behind + at, apart_behind, size)
                    + kept_in(work, kept + at, n, size)
                    + vectors_in(theta, vectors + begin, H, end - begin)
                    + blocks_in(layer, batch, theta, work, r)
                    + (layer.activation, layer.recurrent_activation)
                )
            )
            if marks & HOLD and flags[flags_at + r] & HOLD:
                for k in range(layer.states):
                    move(work, before + k * apart_before + at, behind + k * apart_behind + at, size)

    return step_forward


def backward_of(cell):
    """The kernel that runs a cell's step backward."""
    step = inner(cell.step_backward, distinct=True)
    asked = asked_by(cell.step_backward, cell, cell.names_backward)
    gates_in, states_in = vectors_at(len(cell.planes)), vectors_at(len(cell.states))
    kept_in, vectors_in = vectors_at(len(cell.kept)), vectors_at(len(cell.vectors))
    blocks_in = blocks_inside(len(cell.inside))

    asks = inspect.signature(cell.step_backward).parameters
    # Bit k: the step writes no gradient of state k before it, as nothing but h_prev U reads that.
    silent = sum(1 << k for k, name in enumerate(cell.states) if f"d{name}_prev" not in asks)

    @kernel(name=f"of_{cell.name}.backward")
    def step_backward(layer, batch, flags, theta, grad, work, s, marks):
        """The s-th step: dz, and the gradients of the states before it but for the part of dz U'.

        Through a held row the gradients pass.
        """
        B, H, n = batch.rows, layer.units, batch.rows * layer.units
        begin, end = own_units(batch, H)
        gates, kept = place_of_gates(layer, batch, s), place_of_kept(layer, batch, s)
        before, apart_before = states_at(layer, batch, s)
        behind, apart_behind = states_at(layer, batch, s + 1)
        (dbefore, _), (dbehind, _) = dstates_at(layer, batch, s), dstates_at(layer, batch, s + 1)
        dz, dz_h = place_of_dz(layer, batch, s, 0), place_of_dz(layer, batch, s, 1)
        dgates, dkept = place_of_dgates(layer, batch, s), layer.buffer[DKEPT]
        vectors, flags_at = place_of_vectors(layer), place_of_flags(layer, batch, s)
        at_once = count_at_once(layer, batch, marks)
        for r in range(0, B, at_once):
            rows = min(at_once, B - r)
            at, size = r * H + begin, rows * (end - begin)
            if marks & HOLD and flags[flags_at + r] & HOLD:
                for k in range(layer.states):
                    move(work, dbehind + k * n + at, dbefore + k * n + at, size)
                zero_row(layer, batch, work, dz, r)
                if layer.apart:
                    zero_row(layer, batch, work, dz_h, r)
                continue
            for k in range(layer.states):
                if silent >> k & 1:
                    past = view(work, dbefore + k * n + at, (size,))
                    fill(past, past.dtype.type(0))
            step(
                *asked(
                    gates_in(work, gates + at, n, size)
                    + states_in(work, before + at, apart_before, size)
                    + states_in(work, behind + at, apart_behind, size)
                    + kept_in(work, kept + at, n, size)
                    + vectors_in(theta, vectors + begin, H, end - begin)
                    + gates_in(work, dgates + at, n, size)
                    + states_in(work, dbehind + at, n, size)
                    + states_in(work, dbefore + at, n, size)
                    + kept_in(work, dkept + at, n, size)
                    + vectors_in(grad, vectors + begin, H, end - begin)
                    + blocks_in(layer, batch, theta, work, r)
                    + (layer.activation, layer.recurrent_activation)
                )
            )
            if dgates != dz:
                rows_of_planes(layer, batch, work, dgates, dz, r, rows)
            if layer.apart:
                rows_of_planes(layer, batch, work, dgates + layer.gates * n, dz_h, r, rows)

    return step_backward


of_lstm, of_gru, of_simple_rnn = steps_of(lstm), steps_of(gru), steps_of(simple_rnn)
of_gru_reset_before = steps_of(gru_reset_before)
