"""The Embedding layer: a row of a table for each number of a word.

y = E[x]            x (n) whole numbers, E (V, K), y (n, K), n = T * B
"""

from ..compiling import inner, kernel, view
from ..random import stream_key, uniform
from ..tables import HOLD
from ..vectors import add, copy, zero_rows

TABLE = 0  # E (V, K)
SIZE, MASK_ZERO = range(2)  # of layer.option: V, and whether 0 is a masked step


@kernel
def embedding_forward(layer, batch, flags, theta, work):
    """y = E[x]; with mask_zero the steps where x = 0 are masked.

    With a rate, some words are dropped in training: y = E[x] m[x].  See `kept`.
    """
    n, K = batch.rows * batch.chain * layer.steps, layer.units
    E = view(theta, layer.tensor[TABLE], (int(layer.option[SIZE]), K))
    x, y = view(work, layer.x, (n,)), view(work, layer.y, (n, K))
    before, after = view(flags, layer.x_flags, (n,)), view(flags, layer.y_flags, (n,))
    for r in range(n):
        word = int(x[r])
        copy(E[word], y[r])
        scale(kept(layer, batch, word), y[r])
        if layer.option[MASK_ZERO]:
            after[r] = before[r] | HOLD if word == 0 else before[r]


@kernel
def embedding_backward(layer, batch, flags, theta, grad, work):
    """dE[w] = sum of dy over the places where x = w.  dE is overwritten; x has no gradient."""
    n, K = batch.rows * batch.chain * layer.steps, layer.units
    dE = view(grad, layer.tensor[TABLE], (int(layer.option[SIZE]), K))
    x, dy = view(work, layer.x, (n,)), view(work, layer.dy, (n, K))
    zero_rows(dE)
    for r in range(n):
        word = int(x[r])
        scale(kept(layer, batch, word), dy[r])
        add(dy[r], dE[word])


@inner
def kept(layer, batch, word):
    """m: a word is dropped for the whole batch with probability rate, or grows by 1 / (1 - rate).

    Source: Keras 1.2.2, ``keras/layers/embeddings.py``; Gal and Ghahramani 2016.
    """
    if not batch.training or layer.rate == 0.0:
        return 1.0
    key = stream_key(batch.seed, batch.step, layer.index)
    return 1.0 / (1.0 - layer.rate) if uniform(key, word) >= layer.rate else 0.0


@inner
def scale(factor, row):
    """row *= factor."""
    if factor != 1.0:
        c = row.dtype.type(factor)
        for j in range(len(row)):
            row[j] *= c
