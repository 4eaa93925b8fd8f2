"""How threads share batches: rows of their own, or units: of all rows, or of a single one."""

from functools import lru_cache
from typing import NamedTuple

from ..kernels.signatures import address_for
from ..kernels.threads import (
    HELPERS,
    forward_together,
    help_out,
    meet_in_layer,
    share_row,
)
from .helpers import board_of
from .how_many import cores, get_num_threads, share_rows

# Multiply-adds of a step for each thread: on two cores of a Xeon two meetings cost 0.4 us, the time
# of 10,000 that read their weights from the second cache.
WORTH_A_STEP = 30_000
WORTH_A_PASS = 100_000  # the same for engaging helpers: 2 us
STEPS_WORTH_HELP = 8  # of a pass: copies of the parameters take as long as two
NEARLY_ALL = 0.95  # of a model's work: if it is in wide layers, threads are faster together


class Sharing(NamedTuple):
    """How threads share batches."""

    threads: int  # that run the loop over batches
    rows: int  # of a workspace, at most
    others: int  # further threads that have a part of a layer: of a single row, or
    together: bool  # of all rows, those that run the loop

    @property
    def workspaces(self):
        """How many there are, each with a gradient of its own."""
        return 1 if self.together else self.threads


def share_batches(network, shape, batches, learn, recorded=False):
    """How threads share these batches; it depends on the setting and the sizes alone.

    recorded: somebody reads each batch as a whole.
    """
    threads, rows = share_rows(network, shape, batches, learn, recorded)
    wide = network.multiply_adds(shape, wide=True)
    if threads > 1 and wide >= NEARLY_ALL * network.multiply_adds(shape):
        threads = min(threads, cores())  # the numbers are the same
        return Sharing(threads, batches.rows, threads - 1, threads > 1)
    steps = batches.chain * (shape[0] if len(shape) == 2 else 1)
    alone = threads > 1 or steps < STEPS_WORTH_HELP
    return Sharing(threads, rows, 0 if alone else helpers_for(network, rows, steps), False)


def helpers_for(network, rows, steps):
    """How many further threads may share the units of a row; none where there are several rows.

    steps: of a pass.
    """
    most = min(get_num_threads(), HELPERS + 1, cores())
    if rows > 1 or most == 1:
        return 0
    # A Dense shares columns, once a pass: no reason for help.
    recurrent = [part for part in network.chain if part.each_column and part.state_names]
    work = sum(part.multiply_adds() for part in recurrent)
    worth = min(work // WORTH_A_STEP, steps * work // WORTH_A_PASS)
    return max(0, min(most, worth) - 1)


@lru_cache
def help_fields(dtype):
    """What a model of a dtype needs to ask for help: fields of the table of the batch."""
    address_for(dtype, help_out)
    return {
        "share": address_for(dtype, share_row),
        "meet": address_for(dtype, meet_in_layer),
        "board": board_of(dtype).ctypes.data,
    }


@lru_cache
def together_fields(dtype):
    """What threads that are together in the layers of a model of a dtype call: fields likewise."""
    return {
        "share": address_for(dtype, forward_together),
        "meet": address_for(dtype, meet_in_layer),
    }
