"""The loop over rows and steps of every recurrent layer: forward, and backward through time.

A cell is two functions of one row: a step, and the same step back; see ``lstm.py``. The loop hands
the state from step to step, and its gradient back:

    forward     h_prev, c_prev, x  ->  step           ->  h, c;  y = h
    backward    dh_prev, dc_prev   <-  step backward  <-  dh, dc;  dy is a part of dh

It also has the two steps that are no ordinary ones. Where hold is True, the state stays as it was
and y repeats the row's last output, zeros before the first one. Where restart is True, the step
starts from a zero state; that comes before hold, and leaves the last output.
"""

import numpy as np


def forward_through_time(step, x, start, hold=None, restart=None, go_backwards=False):
    """Run a step over all steps of all rows.

    step(x, h_prev, ...): from x (D) and the state before (H) to all that a step computes, by name,
    the state behind it included; x (B,T,D); start: the state that came in, {"h": h0 (B,H), ...};
    hold, restart (B,T) bool; go_backwards: steps are processed from T-1 down to 0.

    Returns a dict: y (B,T,H) in the order of processing, the last state hT (B,H) ..., and in the
    order of time, (B,T,...), what the steps have made, with the state each started from, h_prev ...
    """
    B, T, _ = x.shape
    zeros = np.zeros(start["h"].shape[1])
    hold, restart = flags_of(hold, x), flags_of(restart, x)
    y, steps, last = np.zeros((B, T, len(zeros))), [[{}] * T for _ in range(B)], [{}] * B
    for row in range(B):
        state, output = {name: array[row] for name, array in start.items()}, zeros
        for s in range(T):
            t = T - 1 - s if go_backwards else s
            if restart[row, t]:
                state = dict.fromkeys(state, zeros)
            before = {f"{name}_prev": array for name, array in state.items()}
            made = before | step(x[row, t], **before)
            if hold[row, t]:
                made = made | state
            else:
                output = made["h"]
            state = {name: made[name] for name in state}
            steps[row][t], y[row, s] = made, output
        last[row] = state
    of_end = {f"{name}T": np.array([row[name] for row in last]) for name in start}
    of_steps = {name: np.array([[one[name] for one in row] for row in steps]) for name in made}
    return {"y": y} | of_end | of_steps


def backward_through_time(
    step_backward, x, forward_result, dy, end, sums, hold=None, restart=None, go_backwards=False
):
    """Backpropagation through time.

    step_backward(x, made, dh, ...): from x (D), what the step has made, and the gradient that
    reaches the state behind it, to all gradients of a step, by name, that of the state before it
    included, dh_prev ...; dy (B,T,H) in the order of processing; end: the gradient that reaches the
    last state, {"dh": dhT (B,H), ...}; sums: zeros of the shapes of dW, dU and db, by name.

    Returns a dict: dx (B,T,D), dW, dU, db, dh0 (B,H) ..., and in the order of time dz and what
    reaches the state behind each step in all, dh (B,T,H) ... A held step has dz = 0, and in dh what
    passes through to the step before; its dy goes to the output that it repeats.
    """
    B, T, _ = x.shape
    zeros = np.zeros(dy.shape[2])
    hold, restart = flags_of(hold, x), flags_of(restart, x)
    made = {name: array for name, array in forward_result.items() if array.ndim == 3}
    first = [{}] * B
    of_steps = {
        f"d{name}": np.zeros_like(array)
        for name, array in ({"x": x} | made).items()
        if name in ("x", "z", "z_h") or f"d{name}" in end
    }
    for row in range(B):
        dstate, d_repeats = {name: array[row] for name, array in end.items()}, zeros
        for s in reversed(range(T)):
            t = T - 1 - s if go_backwards else s
            if hold[row, t]:
                d_repeats = d_repeats + dy[row, s]  # for the step whose output it repeats
                found = dstate  # it passes through
            else:
                dh = dstate["dh"] + dy[row, s] + d_repeats  # y = h, here and where it is repeated
                dstate, d_repeats = dstate | {"dh": dh}, zeros
                here = {name: array[row, t] for name, array in made.items()}
                found = dstate | step_backward(x[row, t], here, **dstate)
                sums = {name: total + found[name] for name, total in sums.items()}
                dstate = {name: found[f"{name}_prev"] for name in dstate}
            for name in of_steps.keys() & found.keys():
                of_steps[name][row, t] = found[name]
            if restart[row, t]:
                dstate = dict.fromkeys(dstate, zeros)  # h_prev = 0, a constant
        first[row] = dstate
    of_start = {f"{name}0": np.array([row[name] for row in first]) for name in end}
    return of_steps | sums | of_start


def flags_of(flags, x):
    """Flags (B,T) of the steps of x (B,T,D); None: no step has one."""
    return np.zeros(x.shape[:2], bool) if flags is None else flags


def as_one_sample(a):
    """(B,T,...) as (1,B*T,...); None stays None."""
    return None if a is None else a.reshape(1, -1, *a.shape[2:])
