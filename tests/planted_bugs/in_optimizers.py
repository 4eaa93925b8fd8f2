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
        "optimizers.with_momenta",
        "Nadam's next momentum without the product before it",
        "1.0 - rule.product * then",
        "1.0 - then",
        caught="twin_updates",
    ),
    Bug(
        "advance_nadam",
        "Nadam's product one momentum behind",
        "momentum_at(rule, rule.iteration + 1)",
        "momentum_at(rule, rule.iteration)",
        caught="twin_updates",
    ),
    Bug(
        "optimizers.adagrad",
        "Adagrad's epsilon outside the root",
        "math.sqrt(v[j] + eps)",
        "(math.sqrt(v[j]) + eps)",
        caught="twin_updates",
    ),
    Bug(
        "optimizers.lion",
        "Lion's direction from the mean that it keeps",
        "b1 * m[j] + one_b1 * g_j",
        "b2 * m[j] + one_b2 * g_j",
        caught="twin_updates",
    ),
    Bug(
        "optimizers.shrink",
        "weights that decay without the learning rate's own decay",
        "rule.weight_decay * rate_now(rule)",
        "rule.weight_decay * rule.learning_rate",
        caught="twin_updates",
    ),
    Bug(
        "loop.update",
        "numbers that change with each span, not once an update",
        "for i in range(spans.shape[0]): ...",
        """
for i in range(spans.shape[0]):
    if p.advance and i > 0:
        call(p.advance, (rule,))
    call(p.update, (rule, theta, grad, moments, spans[i, 0], spans[i, 1]))
""",
        caught="law_own_numbers",
    ),
    Bug(
        "clip_norms",
        "the global norm is that of the last tensor",
        "total += squares",
        "total = squares",
        caught="twin_clipping",
    ),
]
