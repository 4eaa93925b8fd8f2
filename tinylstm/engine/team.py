"""The threads of a run, with their tables; ``kernels/training/loop.py`` has what each is for."""

from functools import lru_cache, partial
from itertools import pairwise

import numpy as np

from ..kernels.signatures import address_for
from ..kernels.threads import LONG, SHORT, add_slices, meet, meeting_place
from ..threads.how_many import cores, run_at_once
from ..whole import at_once
from .program import PLAN_FIELD, in_order

TURN = 64  # elements, at most, of a turn of an optimiser's loop: shares end where one does


class Team:
    """The threads that share a run's batches.

    Parameters
    ----------
    loop : kernel
        `run_batches`.
    arguments : dict
        Those of the loop by name, of thread 0.
    program : Program
        For the rows of a workspace.
    sharing : Sharing
    """

    def __init__(self, loop, arguments, program, sharing):
        self.loop = loop
        self.plan, self.rule = arguments["plan_table"], arguments["rule_table"]
        count, self.together = sharing.threads, sharing.together
        fields = self.plan.view(np.int64).view(np.ndarray)
        addresses = meeting_addresses(program.network.dtype, sharing.together)
        for name, value in {"threads": count, "together": sharing.together, **addresses}.items():
            fields[PLAN_FIELD[name]] = value
        self.members = []
        spans = own_spans(arguments["spans"].tobytes(), count)
        for k, (batch, flags, work) in enumerate(rooms_of(program, sharing)):
            alone = {"batch_table": batch, "flags": flags, "work": work, "spans": spans[k]}
            batch["thread"] = k if sharing.together else 0
            if k > 0:
                alone |= {"plan_table": self.plan.copy(), "rule_table": self.rule.copy()}
            self.members.append(arguments | alone)

    def __call__(self, carried, opened):
        """One compiled call; returns what thread 0 does.

        opened: what else changes with it.
        """
        count = len(self.members)
        meeting, jobs = meeting_place(count, SHORT if count > cores() else LONG), []
        for k, member in enumerate(self.members):
            if k > 0:
                member["plan_table"][:], member["rule_table"][:] = self.plan, self.rule
                member["plan_table"]["thread"] = k
            if self.together:
                member["batch_table"]["board"] = meeting.ctypes.data
            member |= {"meeting": meeting, "carried": carried}
            jobs.append(partial(self.loop, *in_order(member)))
        jobs[0] = partial(at_once, *opened, jobs[0])
        done = run_at_once(jobs, meeting)[-1]
        met = [int(member["rule_table"]["unusable"][0]) for member in self.members]
        self.rule["unusable"] = min(filter(None, met), default=0)
        return done


def rooms_of(program, sharing):
    """A table of the batch, flags and a workspace for each thread; together they have one."""
    if not sharing.together:
        return program.rooms(sharing.threads)
    ((batch, flags, work),) = program.rooms(1)
    batches = [batch, *(batch.copy() for _ in range(1, sharing.threads))]
    return [(one, flags, work) for one in batches]


@lru_cache
def meeting_addresses(dtype, together):
    """What only several threads call, compiled for a dtype: fields of the plan."""
    if together:  # with one gradient
        return {"meet": address_for(dtype, meet)}
    return {"meet": address_for(dtype, meet), "add_slices": address_for(dtype, add_slices)}


@lru_cache
def own_spans(spans, count):
    """Each thread's own of some spans of parameters, equally long: starts and stops, an array each.

    spans: those of the whole, as bytes.
    """
    starts, stops = np.frombuffer(spans, np.int64).reshape(-1, 2).T
    before = np.cumsum(stops - starts) - (stops - starts)
    size = -(-int((stops - starts).sum()) // (count * TURN)) * TURN
    # Turns of each span: what is computed in vectors, and what behind them, is as with one thread.
    cuts = [
        np.clip((k * size - before) // TURN * TURN + starts, starts, stops) for k in range(count)
    ]
    cuts.append(stops)
    shares = [np.stack(ends, axis=1) for ends in pairwise(cuts)]
    return [share[share[:, 0] < share[:, 1]] for share in shares]
