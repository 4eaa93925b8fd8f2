"""Which kernels a run needs: known before any is compiled, so that all are made ready at once."""

from .kernels.tables import layer_signatures
from .kernels.training.loop import loop_signature, run_batches
from .kernels.training.optimizers import update_signature
from .kernels.training.scoring import score, score_signatures


def kernels_of(model, learn=False, scores=False):
    """The (kernel, signature) pairs of a built model's run.

    Parameters
    ----------
    model : Sequential
    learn, scores : bool
        It has a backward pass; loss and metrics are taken.
    """
    dtype = model.dtype
    forward, backward = layer_signatures(dtype)
    pairs = [(part.kernels[0], forward) for part in model.chain]
    pairs.append((run_batches, loop_signature(dtype)))
    if learn:
        pairs += [(part.kernels[1], backward) for part in model.chain]
    if scores:
        loss, _ = model.loss.kernel_for(model.chain)
        pairs += [(score, score_signatures(dtype)[0]), (loss, model.loss.signature(dtype))]
        pairs.append((model.optimizer.kernel, update_signature(dtype)))
    return list(dict.fromkeys(pairs))
