"""Bugs in constraints, activations by what comes in, normalisation, zeros at masked steps."""

from tests.planted_bugs.planting import Bug

CONSTRAINTS = [
    Bug(
        "constraints.rescale",
        "a norm is reached by half",
        "w[i, j] *= factor",
        "w[i, j] *= (1 + factor) / 2",
        caught="twin_constraints",
    ),
    Bug(
        "apply_constraints",
        "the first row is constrained again and again, and no other",
        "one.start + block * size",
        "one.start",
        caught="twin_constraints",
    ),
    Bug(
        "min_max_norm",
        "a norm that is within its bounds grows",
        "(c(1) - rate) * length",
        "length",
        caught="twin_constraints",
    ),
    Bug(
        "run_batches",
        "an update leaves the constraints out",
        "if p.constraint: ...",
        "pass",
        caught="twin_constraints",
    ),
]

LAYERS = [
    Bug(
        "elu_backward",
        "the slope of elu without its 1",
        "dy[j] * alpha * exp(x[j])",
        "dy[j] * alpha * expm1(x[j])",
        caught="twin_elementwise",
    ),
    Bug(
        "gelu_backward",
        "the density missing in the slope of gelu",
        "below + x[j] * density",
        "below",
        caught="twin_elementwise",
    ),
    Bug(
        "normalization_forward",
        "the variance of a sample of a population",
        "squares * share + eps",
        "squares / (K - 1) + eps",
        caught="twin_normalization",
    ),
    Bug(
        "normalized_row_backward",
        "the mean taken for a constant on the way back",
        "dx[k] - share * sum_g - ...",
        "dx[k] - s * (x[k] - m) * share * sum_g_n",
        caught="twin_normalization",
    ),
    Bug(
        "feature_dropout_backward",
        "the gradient of a dropped feature",
        "dy[t, j] * kept[j]",
        "dy[t, j]",
        caught="twin_features",
    ),
    Bug(
        "feature_dropout_forward",
        "all samples of a row with the mask of the first",
        "mask[t // layer.steps]",
        "mask[0]",
        caught="twin_features",
    ),
    Bug(
        "masked_row",
        "the mask of a layer that goes backwards is not turned",
        "(T - 1 - r // B) * B + r % B if layer.go_backwards else r",
        "r",
        caught="law_zeros",
    ),
]
