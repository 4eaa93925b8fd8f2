"""The threads of one run: each has tables, a workspace and a gradient of its own, and its rows."""

from functools import lru_cache, partial

import numpy as np

from .kernels.meeting import meeting_place, yield_address
from .program import PLAN_FIELD
from .threads import together

LINE = 16  # elements: shares of the parameters and of results end on a cache line


class Team:
    """The threads that share the rows of a run's batches.

    Parameters
    ----------
    loop : kernel
        `run_batches`.
    tables : dict
        Its arguments by name, those of thread 0.
    program : Program
        For the rows of one thread.
    count : int
    """

    def __init__(self, loop, tables, program, count):
        self.loop, self.plan, self.rule = loop, tables["plan"], tables["rule"]
        fields = self.plan.view(np.int64).view(np.ndarray)
        fields[PLAN_FIELD["threads"]], fields[PLAN_FIELD["give_way"]] = count, way_to_give()
        self.members, self.rooms = [], program.rooms(count)
        for k, (batch, flags, _) in enumerate(self.rooms):
            own = {"batch": batch, "flags": flags, "runs": part_of(tables["runs"], k, count)}
            if k > 0:
                own |= {"plan": self.plan.copy(), "rule": self.rule.copy()}
            self.members.append(tables | own)

    def __call__(self, carried):
        """One compiled call; returns what thread 0 does."""
        meeting, jobs = meeting_place(), []
        for k, (member, (_, _, work)) in enumerate(zip(self.members, self.rooms, strict=True)):
            if k > 0:
                member["plan"][:], member["rule"][:] = self.plan, self.rule
                member["plan"]["thread"] = k
            jobs.append(partial(self.loop, *member.values(), meeting, carried, work))
        return together(jobs, meeting)


@lru_cache(maxsize=1)
def way_to_give():
    """Address of what gives a core away."""
    return yield_address()


def part_of(runs, k, count):
    """The k-th of so many equal parts of some runs of parameters: start and stop of each in it."""
    lengths = runs[:, 1] - runs[:, 0]
    before = np.cumsum(lengths) - lengths
    size = -(-int(lengths.sum()) // (count * LINE)) * LINE
    ends = [runs[:, 0] + np.clip(at * size - before, 0, lengths) for at in (k, k + 1)]
    part = np.stack(ends, axis=1)
    return part[part[:, 0] < part[:, 1]]
