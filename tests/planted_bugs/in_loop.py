"""Bugs in the loop over batches, and in the state container that tells it what to do."""

from tests.planted_bugs.planting import Bug

KERNELS = "twin_stateless twin_stateful twin_batch_carried"  # which know nothing of the loop

LOOP = [
    Bug(
        "loop.gather",
        "a batch gathered sample by sample, not time first",
        "view(work, p.x + place * D, (D,))",
        "view(work, p.x + ((link * B + r) * T + t) * D, (D,))",
        caught="twin_training twin_loop law_samples law_calls",
        unseen=KERNELS,
    ),
    Bug(
        "loop.gather",
        "the samples of a carried batch gathered in reverse",
        "view(inputs, source * D, (D,))",
        "view(inputs, (samples[(len(samples) // B - 1 - link) * B + r] * T + t) * D, (D,))",
        caught="twin_loop law_batch_carried",
        unseen=f"{KERNELS} twin_training law_chunks",
    ),
    Bug(
        "masking_forward",
        "masks of a data set ignored",
        "after[r] = before[r] | HOLD",
        "after[r] = before[r]",
        caught="twin_loop",
        unseen="twin_masks",
    ),
    Bug(
        "gather_targets",
        "a last, smaller batch divided by the full size",
        "1.0 / (n * T)",
        "1.0 / (p.batch_size * T)",
        caught="twin_training twin_loop",
    ),
    Bug(
        "scatter_outputs",
        "outputs given in the kernels' order, time first",
        "view(outputs, goal * K, (K,))",
        "view(outputs, (samples[0] * T + place) * K, (K,))",
        caught="law_chunks",
        unseen=KERNELS,
    ),
    Bug(
        "loop.give_state",
        "the state not handed on to the next batch",
        "copy(..., whole)",
        "pass",
        caught="twin_training twin_loop law_chunks law_calls",
        unseen=KERNELS,
    ),
    Bug(
        "begin_epoch",
        "the state not reset after an epoch",
        "p.reset and k > p.start",
        "False",
        caught="law_reset_after_epochs",
        unseen="twin_training law_reset",
    ),
    Bug(
        "loop.shuffle",
        "the order of an epoch drawn with repetition",
        "order[i], order[other] = order[other], order[i]",
        "order[i] = order[other]",
        caught="law_shuffling",
    ),
]

STATE = [
    Bug(
        "State.__init__",
        "stacked layers share one place in the state",
        "self.before[layer] = self.units",
        "self.before[layer] = 0",
        caught="law_chunks law_rows",
        unseen=f"{KERNELS} twin_training",
    ),
    Bug(
        "State.reset",
        "a reset of some rows resets all",
        "array[slice(None) if rows is None else rows] = 0",
        "array[:] = 0",
        caught="law_reset",
        unseen="law_chunks law_reset_after_epochs",
    ),
]
