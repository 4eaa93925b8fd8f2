"""Threads that are together in the layers of a batch: one workspace, and units of each one's own.

Where layers are wide, a thread with rows of its own would read all of U at every step for few rows.
Together, each thread reads as much of U as is its own, for all rows: ``share.py`` says which.
They meet before and behind each layer, and in it once a step, where one needs what the others have.
The numbers are those of one thread, to the last bit.
"""

from ..compiling import call, call_value, inner, kernel
from .meeting import begin_to_wait


@kernel
def forward_together(layers, count, batch_table, flags, theta, work) -> float:
    """Run this thread's own of the first `count` layers forward; returns 1: it has been done."""
    call_value(batch_table[0].meet, (batch_table[0],))  # the input is there
    run_own(layers, count, batch_table, flags, theta, work)
    return 1.0


@inner
def run_own(layers, count, batch_table, flags, theta, work):
    """This thread's own of the layers, forward; those that share nothing are the first thread's.

    Returns how many of them are done: all, or those before the one that was called off.
    """
    batch, done = batch_table[0], 0
    while done < count:
        shared = layers[done].shares
        batch.threads = batch.most if shared else 1
        begin_to_wait(batch)
        if batch.thread == 0 or shared:
            call(layers[done].forward, (layers[done], batch, flags, theta, work))
        together = call_value(batch.meet, (batch,)) > 0
        done += 1 if together or not shared else 0
        if not together:
            break
    batch.threads = 1
    return done


@kernel
def backward_together(layers, count, batch_table, flags, theta, grad, work):
    """Run this thread's own of the first `count` layers backward, the last one first."""
    batch = batch_table[0]
    call_value(batch.meet, (batch,))  # the gradient of the loss is there
    for k in range(count - 1, -1, -1):
        shared = layers[k].shares
        batch.threads = batch.most if shared else 1
        if batch.thread == 0 or shared:
            call(layers[k].backward, (layers[k], batch, flags, theta, grad, work))
        call_value(batch.meet, (batch,))
    batch.threads = 1
