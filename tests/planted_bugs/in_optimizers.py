"""Bugs in the optimisers and in the clipping of gradients."""

from tests.planted_bugs.planting import Bug

ADAM = [
    Bug(
        "optimizers.adam",
        "1 - beta_2 of a beta_2 rounded to float32",
        "c(1.0 - rule.beta_2)",
        "c(1.0 - np.float32(rule.beta_2))",
        caught="twin_updates twin_training",
    ),
    Bug(
        "optimizers.adam",
        "the bias correction off by one step",
        "t = rule.iteration + 1",
        "t = rule.iteration + 2",
        caught="twin_updates twin_training",
    ),
    Bug(
        "optimizers.adam",
        "Adam's epsilon inside the root",
        "(math.sqrt(v_j) + eps)",
        "math.sqrt(v_j + eps)",
        caught="twin_updates twin_training",
    ),
    Bug(
        "optimizers.adam",
        "Adam's epsilon beside the corrected root",
        "c(rate), c(max(rule.epsilon, SMALLEST))",
        "c(rate), c(rule.epsilon * math.sqrt(1.0 - rule.beta_2**t))",
        caught="twin_updates twin_training",
    ),
]

OTHERS = [
    Bug(
        "rate_now",
        "decay that counts the update under way",
        "rule.decay * rule.iteration",
        "rule.decay * (rule.iteration + 1)",
        caught="twin_updates",
    ),
    Bug(
        "optimizers.sgd",
        "Nesterov's step with the plain momentum",
        "(momentum, rate)",
        "(c(1), c(0))",
        caught="twin_updates",
    ),
    Bug(
        "optimizers.rmsprop",
        "RMSprop's epsilon outside the root",
        "math.sqrt(spread + eps)",
        "(math.sqrt(spread) + eps)",
        caught="twin_updates",
    ),
    Bug(
        "clip_norms",
        "the global norm is that of the last tensor",
        "total += squares",
        "total = squares",
        caught="twin_clipping",
    ),
]
