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
        "optimizers.nadam_with",
        "Nadam's next momentum without the product before it",
        "1.0 - rule.product * u_next",
        "1.0 - u_next",
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

NORMS = [
    Bug(
        "clip",
        "the norms of a gradient are measured after it was bounded",
        "if rule.clip_value < np.inf: ...",
        """
if rule.clip_value < np.inf:
    bounded = clip_values(rule, grad, tensors)
    norms[NORMS:] = 0.0
    clip_norms(rule, grad, tensors, norms)
""",
        caught="twin_norms",
    ),
    Bug(
        "clip",
        "each batch counts as one whose gradient was clipped",
        "1.0 if scaled or bounded else 0.0",
        "1.0",
        caught="twin_norms",
        unseen="twin_clipping",
    ),
    Bug(
        "clip",
        "a gradient that was scaled does not count as clipped",
        "1.0 if scaled or bounded else 0.0",
        "1.0 if bounded else 0.0",
        caught="twin_norms",
        unseen="twin_clipping",
    ),
    Bug(
        "clip_values",
        "an element within its bound counts as bounded",
        "beyond if within(limit, g[j]) else True",
        "True if within(limit, g[j]) else beyond",
        caught="twin_norms",
        unseen="twin_clipping",
    ),
    Bug(
        "clip_norms",
        "a tensor's norm is that of its scaled gradient",
        "add_norm(norms, k, math.sqrt(squares))",
        "add_norm(norms, k, min(math.sqrt(squares), rule.clip_norm))",
        caught="twin_norms",
        unseen="twin_clipping",
    ),
    Bug(
        "add_norm",
        "the norm of a tensor is added to that of the one before",
        "NORMS + 2 * (tensor + 1)",
        "NORMS + 2 * abs(tensor)",
        caught="twin_norms",
        unseen="twin_clipping",
    ),
    Bug(
        "add_norm",
        "the smallest norm of an epoch, not the largest",
        "norm > norms[place + 1]",
        "norm < norms[place + 1]",
        caught="twin_norms",
        unseen="twin_clipping",
    ),
    Bug(
        "add_norm",
        "the last norm of an epoch, not the sum",
        "norms[place] += norm",
        "norms[place] = norm",
        caught="twin_norms",
        unseen="twin_clipping",
    ),
    Bug(
        "add_norm",
        "a norm that is not a number is forgotten by the largest",
        "norm > norms[place + 1] or math.isnan(norm)",
        "norm > norms[place + 1]",
        caught="twin_norms",
        unseen="twin_clipping",
    ),
]
