"""Bugs in masks, words, shapes, both directions, penalties, and in what targets weigh."""

from functools import partial

from tests.planted_bugs.planting import Bug

masking = partial(Bug, "kernels/layers/masking.py")
embedding = partial(Bug, "kernels/layers/embedding.py")
shape = partial(Bug, "kernels/layers/shapes.py")
direction = partial(Bug, "kernels/layers/bidirectional.py")
penalty = partial(Bug, "kernels/training/regularizers.py")
weight = partial(Bug, "kernels/training/scoring.py")

MASKING = [
    masking(
        "a step is masked where one feature is the mask value",
        "return different == 0",
        "return different < len(x)",
        caught="twin_masking",
        unseen="twin_weights law_padding",
    ),
    masking(
        "a masked step lets the gradient of x through",
        "            fill(dx[r], x.dtype.type(0))",
        "            copy(dy[r], dx[r])",
        caught="twin_masking",
        unseen="twin_weights law_padding",
    ),
    masking(
        "the mask from below is lost",
        "after[r] = before[r]\n",
        "after[r] = 0\n",
        caught="twin_masking",
        unseen="twin_weights law_padding",
    ),
    Bug(
        "tinylstm/layers/layer.py",
        "a mask ends at the first layer that does not mask",
        "keeps_mask = True",
        "keeps_mask = False",
        caught="twin_weights law_masked_targets",
        unseen="twin_masking",
    ),
]

WORDS = [
    embedding(
        "of a word that comes twice the last gradient counts",
        "add(dy[r], dE[word])",
        "copy(dy[r], dE[word])",
        caught="twin_embedding differences_words",
    ),
    embedding(
        "the gradients of the batch before stay",
        "zero_rows(dE)",
        "pass",
        caught="twin_embedding",
    ),
    embedding(
        "0 is masked whether it is to be or not",
        "if layer.option[MASK_ZERO]:",
        "if True:",
        caught="twin_embedding",
        unseen="differences_words",
    ),
]

SHAPES = [
    shape(
        "the gradient of the last repetition alone",
        "add(dy[t], dx[t // T_y])",
        "copy(dy[t], dx[t // T_y])",
        caught="twin_shapes",
    ),
    shape(
        "numbers laid out feature by feature",
        "source[place_of(link, j // D, r, T, B), j % D]",
        "source[place_of(link, j % T, r, T, B), j // T]",
        caught="twin_shapes",
    ),
]

DIRECTIONS = [
    direction(
        "the backward outputs in the order of reading",
        "return n - B * (r // B + 1) + r % B",
        "return r",
        caught="twin_directions law_mirror law_padding",
        unseen="differences_words",
    ),
    direction(
        "dx of one direction alone",
        "dx[j] = dy[j] + dside[j]",
        "dx[j] = dy[j]",
        caught="twin_directions differences_words",
        unseen="law_padding",
    ),
    direction(
        "a masked step puts out what the last one did",
        "            fill(y[r], y.dtype.type(0))",
        "            merge_step(fwd[r], bwd[same_step(r, n, B)], y[r], mode)",
        caught="twin_directions",
        unseen="law_mirror law_padding",
    ),
    direction(
        "the mean of both not halved backward",
        "dfwd[k] = half * dy[k]",
        "dfwd[k] = dy[k]",
        caught="twin_directions differences_words",
        unseen="law_padding law_mirror",
    ),
]

PENALTIES = [
    penalty(
        "the slope of l2 without its 2",
        "c(2.0 * penalties[k, 1])",
        "c(penalties[k, 1])",
        caught="twin_penalties twin_weights differences_penalties",
    ),
    penalty(
        "l2 missing in the loss",
        "penalties[k, 0] * absolute + penalties[k, 1] * squares",
        "penalties[k, 0] * absolute",
        caught="twin_penalties twin_weights differences_penalties",
    ),
]

WEIGHTS = [
    weight(
        "the loss a mean over masked steps too",
        "more = c(n * p.y_steps / counted) if counted > 0 else c(0)",
        "more = c(1)",
        caught="twin_weights twin_loop law_masked_targets",
        unseen="twin_masking",
    ),
    weight(
        "metrics a mean over masked steps too",
        "for column in range(VALID, len(totals)):",
        "totals[VALID] += targets\n    for column in range(METRICS, len(totals)):",
        caught="twin_weights",
        unseen="law_masked_targets",
    ),
    weight(
        "a sample has the weight of its first step",
        "weight[source] * share if",
        "weight[source - t] * share if",
        caught="twin_weights",
        unseen="twin_loop",
    ),
    Bug(
        "tinylstm/data.py",
        "weights of classes ignored",
        "found[numbers == kind] = value",
        "pass",
        caught="twin_weights",
        unseen="twin_sparse",
    ),
    Bug(
        "kernels/training/losses.py",
        "the true class's gradient without the weight of its target",
        "dz_r[t] -= w",
        "dz_r[t] -= 1",
        caught="twin_sparse",
        unseen="twin_losses",
    ),
]
