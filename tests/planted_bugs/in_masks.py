"""Bugs in masks, words, shapes, both directions, penalties, and in what targets weigh."""

from tests.planted_bugs.planting import Bug

MASKING = [
    Bug(
        "says_nothing",
        "a step is masked where one feature is the mask value",
        "return different == 0",
        "return different < len(x)",
        caught="twin_masking",
        unseen="twin_weights law_padding",
    ),
    Bug(
        "masking_backward",
        "a masked step lets the gradient of x through",
        "fill(dx[r], ...)",
        "copy(dy[r], dx[r])",
        caught="twin_masking",
        unseen="twin_weights law_padding",
    ),
    Bug(
        "masking_forward",
        "the mask from below is lost",
        "after[r] = before[r]",
        "after[r] = 0",
        caught="twin_masking",
        unseen="twin_weights law_padding",
    ),
    Bug(
        "layer.Layer",
        "a mask ends at the first layer that does not mask",
        "keeps_mask = True",
        "keeps_mask = False",
        caught="twin_weights law_masked_targets",
        unseen="twin_masking",
    ),
]

WORDS = [
    Bug(
        "embedding_backward",
        "of a word that comes twice the last gradient counts",
        "add(dy[r], dE[word])",
        "copy(dy[r], dE[word])",
        caught="twin_embedding differences_words",
    ),
    Bug(
        "embedding_backward",
        "the gradients of the batch before stay",
        "zero_rows(dE)",
        "pass",
        caught="twin_embedding",
    ),
    Bug(
        "embedding_forward",
        "0 is masked whether it is to be or not",
        "layer.option[MASK_ZERO]",
        "True",
        caught="twin_embedding",
        unseen="differences_words",
    ),
]

SHAPES = [
    Bug(
        "repeat_backward",
        "the gradient of the last repetition alone",
        "add(dy[t], dx[t // T_y])",
        "copy(dy[t], dx[t // T_y])",
        caught="twin_shapes",
    ),
    Bug(
        "lay_out",
        "numbers laid out feature by feature",
        "source[place_of(link, j // D, r, T, B), j % D]",
        "source[place_of(link, j % T, r, T, B), j // T]",
        caught="twin_shapes",
    ),
]

DIRECTIONS = [
    Bug(
        "same_step",
        "the backward outputs in the order of reading",
        "return n - B * (r // B + 1) + r % B",
        "return r",
        caught="twin_directions law_mirror law_padding",
        unseen="differences_words",
    ),
    Bug(
        "fork_backward",
        "dx of one direction alone",
        "dx[j] = dy[j] + dside[j]",
        "dx[j] = dy[j]",
        caught="twin_directions differences_words",
        unseen="law_padding",
    ),
    Bug(
        "merge_forward",
        "a masked step puts out what the last one did",
        "fill(y[r], ...)",
        "merge_step(fwd[r], bwd[same_step(r, n, B)], y[r], mode)",
        caught="twin_directions",
        unseen="law_mirror law_padding",
    ),
    Bug(
        "merge_step_backward",
        "the mean of both not halved backward",
        "dfwd[k] = half * dy[k]",
        "dfwd[k] = dy[k]",
        caught="twin_directions differences_words",
        unseen="law_padding law_mirror",
    ),
]

PENALTIES = [
    Bug(
        "regularizers.l1_l2_gradient_of_all",
        "the slope of l2 without its 2",
        "c(2.0 * one.option[L2])",
        "c(one.option[L2])",
        caught="twin_penalties twin_weights differences_penalties",
    ),
    Bug(
        "regularizers.l1_l2_of_all",
        "l2 missing in the loss",
        "one.option[L1] * absolute + one.option[L2] * squares",
        "one.option[L1] * absolute",
        caught="twin_penalties twin_weights differences_penalties",
    ),
]

WEIGHTS = [
    Bug(
        "leave_out_masked",
        "the loss a mean over masked steps too",
        "more = ...",
        "more = c(1)",
        caught="twin_weights twin_loop law_masked_targets",
        unseen="twin_masking",
    ),
    Bug(
        "scoring.count",
        "metrics a mean over masked steps too",
        "totals[column] += ...",
        "totals[column] += targets if column == VALID else shares[s, column]",
        caught="twin_weights",
        unseen="law_masked_targets",
    ),
    Bug(
        "gather_targets",
        "a sample has the weight of its first step",
        "weights[source] * share",
        "weights[source - t] * share",
        caught="twin_weights",
        unseen="twin_loop",
    ),
    Bug(
        "gate.class_weights",
        "weights of classes ignored",
        "found[numbers == kind] = value",
        "pass",
        caught="twin_weights",
        unseen="twin_sparse",
    ),
    Bug(
        "sparse_softmax_crossentropy",
        "the true class's gradient without the weight of its target",
        "dz_r[t] -= w",
        "dz_r[t] -= 1",
        caught="twin_sparse",
        unseen="twin_losses",
    ),
]
