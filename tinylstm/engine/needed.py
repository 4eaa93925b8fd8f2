"""Which kernels a run needs: known before any is compiled, so that all are made ready at once."""

from ..kernels import kinds
from ..kernels.signatures import signature
from ..kernels.training.loop import run_batches
from ..kernels.training.scoring import score

OF_LAYERS = kinds.forward, kinds.backward
OF_STEPS = kinds.step, kinds.step_back


def layer_kernels(layers, dtype, way):
    """What layers call in the forward pass, way 0, or in the backward pass, 1.

    Returns triples: the number of the layer; the field of its row that gets the address, None for
    that of its own kernel; the kernel and its signature.
    """
    whole, step = signature(OF_LAYERS[way], dtype), signature(OF_STEPS[way], dtype)
    found = [(k, None, (layer.pair()[way], whole)) for k, layer in enumerate(layers)]
    return found + [
        (k, field, (kernel, step))
        for k, layer in enumerate(layers)
        for field, kernel in (layer.calls_back if way else layer.calls).items()
    ]


def kernels_of(model, learn=False, scores=False):
    """The (kernel, signature) pairs of a built model's run.

    Parameters
    ----------
    model : Sequential
    learn, scores : bool
        It has a backward pass; loss and metrics are taken.
    """
    dtype, chain = model.dtype, model.network.chain
    pairs = [pair for *_, pair in layer_kernels(chain, dtype, 0)]
    pairs.append((run_batches, signature(run_batches, dtype)))
    if learn:
        pairs += [pair for *_, pair in layer_kernels(chain, dtype, 1)]
    if scores:
        loss, _ = model.loss.kernel_for(chain)
        pairs += [(score, signature(score, dtype)), (loss, signature(kinds.loss, dtype))]
        pairs += model.optimizer.calls(dtype).values()
    return list(dict.fromkeys(pairs))
