"""The threads of a run, with their tables; ``kernels/training/loop.py`` has what each is for."""

from functools import lru_cache, partial
from itertools import pairwise

import numpy as np

from ..kernels.compiling import address_of
from ..kernels.threads import (
    LONG,
    SHORT,
    add_signature,
    add_slices,
    meet,
    meet_signatures,
    meeting_place,
)
from ..threads.how_many import cores, run_at_once
from ..whole import at_once
from .program import PLAN_FIELD

TURN = 64  # elements, at most, of a turn of an optimiser's loop: parts end where one does


class Team:
    """The threads that share a run's batches.

    Parameters
    ----------
    loop : kernel
        `run_batches`.
    tables : dict
        Its arguments by name, those of thread 0.
    program : Program
        For the rows of a workspace.
    sharing : Sharing
    """

    def __init__(self, loop, tables, program, sharing):
        self.loop, self.plan, self.rule = loop, tables["plan"], tables["rule"]
        count, self.together = sharing.threads, sharing.together
        fields = self.plan.view(np.int64).view(np.ndarray)
        addresses = meeting_addresses(program.network.dtype, sharing.together)
        for name, value in {"threads": count, "together": sharing.together, **addresses}.items():
            fields[PLAN_FIELD[name]] = value
        self.members, self.rooms = [], rooms_of(program, sharing)
        parts = parts_of(tables["runs"].tobytes(), count)
        for k, (batch, flags, _) in enumerate(self.rooms):
            own = {"batch": batch, "flags": flags, "runs": parts[k]}
            batch["part"] = k if sharing.together else 0
            if k > 0:
                own |= {"plan": self.plan.copy(), "rule": self.rule.copy()}
            self.members.append(tables | own)

    def __call__(self, carried, opened):
        """One compiled call; returns what thread 0 does.

        opened: parts of a change that comes with it.
        """
        count = len(self.members)
        meeting, jobs = meeting_place(count, SHORT if count > cores() else LONG), []
        for k, (member, (_, _, work)) in enumerate(zip(self.members, self.rooms, strict=True)):
            if k > 0:
                member["plan"][:], member["rule"][:] = self.plan, self.rule
                member["plan"]["thread"] = k
            if self.together:
                member["batch"]["board"] = meeting.ctypes.data
            jobs.append(partial(self.loop, *member.values(), meeting, carried, work))
        jobs[0] = partial(at_once, *opened, jobs[0])
        done = run_at_once(jobs, meeting)[-1]
        met = [int(member["rule"]["unusable"][0]) for member in self.members]
        self.rule["unusable"] = min(filter(None, met), default=0)
        return done


def rooms_of(program, sharing):
    """A table of the batch, flags and a workspace for each thread; together they have one."""
    if not sharing.together:
        return program.rooms(sharing.threads)
    ((batch, flags, work),) = program.rooms(1)
    batches = [batch, *(batch.copy() for _ in range(1, sharing.threads))]
    return [(own, flags, work) for own in batches]


@lru_cache
def meeting_addresses(dtype, together):
    """What only several threads call, compiled for a dtype: fields of the plan."""
    meet_all, _ = meet_signatures()
    if together:  # with one gradient
        return {"meet": address_of(meet, meet_all)}
    return {
        "meet": address_of(meet, meet_all),
        "add_slices": address_of(add_slices, add_signature(dtype)),
    }


@lru_cache
def parts_of(runs, count):
    """So many equal parts of some runs of parameters: starts and stops, an array for each part.

    runs: those of the whole, as bytes.
    """
    starts, stops = np.frombuffer(runs, np.int64).reshape(-1, 2).T
    before = np.cumsum(stops - starts) - (stops - starts)
    size = -(-int((stops - starts).sum()) // (count * TURN)) * TURN
    # Turns of each run: what is computed in vectors, and what behind them, is as with one thread.
    cuts = [
        np.clip((k * size - before) // TURN * TURN + starts, starts, stops) for k in range(count)
    ]
    cuts.append(stops)
    parts = [np.stack(ends, axis=1) for ends in pairwise(cuts)]
    return [part[part[:, 0] < part[:, 1]] for part in parts]
