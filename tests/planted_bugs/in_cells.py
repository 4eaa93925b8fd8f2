"""Bugs in the equations of the cells."""

from tests.planted_bugs.checks import CHECKS
from tests.planted_bugs.planting import Bug

DIFFERENCES = (
    "differences_stateless differences_stateful differences_batch_carried differences_backwards "
    "differences_masked differences_by_gradient_check"
)
LAWS = "law_samples law_chunks law_batch_carried law_rows law_reset law_calls law_mixed_stack"
BACK = "twin_stateless differences_stateless differences_by_gradient_check"

LSTM = [
    Bug(
        "lstm.lstm",
        "gates i and f swapped, forward and backward",
        "'ifgo'",
        "'figo'",
        caught="twin_stateless twin_stateful twin_batch_carried twin_masks twin_training",
        unseen=" ".join(name for name in CHECKS if not name.startswith("twin_")),
    ),
    Bug(
        "lstm.lstm",
        "the new cell state without the input gate",
        "c[j] = f[j] * c_prev[j] + i[j] * g[j]",
        "c[j] = f[j] * c_prev[j] + g[j]",
        caught="twin_stateless differences_stateless twin_training",
        unseen=LAWS,
    ),
    Bug(
        "lstm.lstm",
        "the output from c, not phi(c), forward alone",
        "h[j] = ...",
        "h[j] = o[j] * c[j]",
        caught="twin_stateless differences_stateless twin_training",
        unseen=LAWS,
    ),
    Bug(
        "lstm.lstm_backward",
        "the gradient of the forget gate is zero",
        "df[j] = ...",
        "df[j] = 0.0",
        caught=BACK,
        unseen=LAWS,
    ),
    Bug(
        "lstm.lstm_backward",
        "df from phi(c), not c_prev",
        "df[j] = ...",
        "df[j] = dc[j] * phi_c[j]",
        caught="twin_stateless differences_stateless",
        unseen=LAWS,
    ),
    Bug(
        "lstm.lstm_backward",
        "dc not passed on",
        "dc_prev[j] = ...",
        "dc_prev[j] = 0.0",
        caught=BACK,
        unseen="law_samples law_chunks law_batch_carried",
    ),
    Bug(
        "lstm.lstm_backward",
        "what reaches c by way of h is lost",
        "dc[j] += ...",
        "pass",
        caught=BACK,
        unseen="law_samples law_chunks law_batch_carried",
    ),
    Bug(
        "lstm.lstm_backward",
        "the derivative of phi left out on the way from h to c",
        "activate_backward(phi, phi_c, dphi_c)",
        "pass",
        caught=BACK,
        unseen=LAWS,
    ),
]

GRU = [
    Bug(
        "gru.gru",
        "gates u and r swapped, forward and backward",
        "'urg'",
        "'rug'",
        caught="twin_gru twin_mixed",
        unseen="differences_gru twin_stateless",
    ),
    Bug(
        "gru.gru",
        "the candidate reads all of h_prev",
        "g[j] += r[j] * g_h[j]",
        "g[j] += g_h[j]",
        caught="twin_gru twin_mixed differences_gru",
        unseen="twin_stateless twin_simple_rnn",
    ),
    Bug(
        "gru.gru",
        "the update gate lets in what it should keep, forward alone",
        "h[j] = ...",
        "h[j] = h_prev[j] + u[j] * (g[j] - h_prev[j])",
        caught="twin_gru differences_gru",
    ),
    Bug(
        "gru.gru_backward",
        "du of the new state alone",
        "du[j] = ...",
        "du[j] = -dh[j] * g[j]",
        caught="twin_gru differences_gru",
    ),
    Bug(
        "gru.gru_backward",
        "what of h_prev stays has no gradient",
        "dh_prev[j] = ...",
        "dh_prev[j] = 0.0",
        caught="twin_gru differences_gru",
    ),
    Bug(
        "gru.gru_backward",
        "the gradient of the candidate's part of h_prev without the reset gate",
        "dg_h[j] = ...",
        "dg_h[j] = dg[j]",
        caught="twin_gru twin_mixed differences_gru",
    ),
    Bug(
        "weight_gradients",
        "dU from the gradient of x's part of z",
        "dz_of(layer, batch, work, first, T, 1)",
        "dz_of(layer, batch, work, first, T, 0)",
        caught="twin_gru differences_gru",
        unseen="twin_stateless twin_stateful twin_simple_rnn",
    ),
    Bug(
        "memory.bias",
        "both parts of z have the bias of x's",
        "of_h * columns",
        "0",
        caught="twin_gru differences_gru",
        unseen="twin_stateless twin_simple_rnn",
    ),
]

GRU_RESET_BEFORE = [
    Bug(
        "gru_reset_before.gru_reset_before",
        "the candidate reads all of h_prev before the product",
        "h_r[j] = ...",
        "h_r[j] = h_prev[j]",
        caught="twin_gru_reset_before differences_gru_reset_before",
        unseen="twin_gru twin_stateless",
    ),
    Bug(
        "gru_reset_before.gru_reset_before_backward",
        "what of h_prev stays has no gradient, reset before the product",
        "dh_prev[j] = ...",
        "dh_prev[j] = 0.0",
        caught="twin_gru_reset_before differences_gru_reset_before",
    ),
    Bug(
        "gru_reset_before.gru_reset_before_backward",
        "what goes back by way of the reset h_prev is lost",
        "dh_prev[j] += ...",
        "pass",
        caught="twin_gru_reset_before differences_gru_reset_before",
    ),
    Bug(
        "gru_reset_before.gru_reset_before_backward",
        "the reset gate's gradient from that of the candidate's z, without U",
        "dr[j] = ...",
        "dr[j] = dg[j] * h_prev[j]",
        caught="twin_gru_reset_before differences_gru_reset_before",
    ),
    Bug(
        "recur_backward",
        "a product inside a step goes back through U, not through U transposed",
        "j * width + U_k.first",
        "j + U_k.first",
        caught="twin_gru_reset_before differences_gru_reset_before",
        unseen="twin_gru twin_stateless",
    ),
    Bug(
        "recur_backward",
        "dropout inside is forgotten on the way back of a product inside a step",
        "multiply(...)",
        "pass",
        caught="twin_gru_reset_before differences_gru_reset_before",
        unseen="twin_gru twin_stateless",
    ),
    Bug(
        "inside.recur",
        "a product inside a step is thinned on the way back alone",
        "multiply(...)",
        "pass",
        caught="twin_gru_reset_before differences_gru_reset_before",
        unseen="twin_gru twin_stateless",
    ),
    Bug(
        "blocks_inside.blocks",
        "in a product inside a step every row is thinned as the first one",
        "k * batch.rows + r",
        "k * batch.rows",
        caught="twin_gru_reset_before",
        unseen="differences_gru_reset_before twin_gru twin_stateless",
    ),
    Bug(
        "split_weights",
        "with dropout the loop adds h_prev U for what is inside the step, too",
        "zero_rows(...)",
        "pass",
        caught="twin_gru_reset_before differences_gru_reset_before",
        unseen="twin_gru twin_stateless",
    ),
    Bug(
        "inside_gradients",
        "dU of a product inside a step from the step before",
        "place_of_kept(layer, batch, s)",
        "place_of_kept(layer, batch, max(0, s - 1))",
        caught="twin_gru_reset_before differences_gru_reset_before",
        unseen="twin_gru twin_stateless",
    ),
    Bug(
        "inside.leave_out",
        "h_prev gets a gradient of a product that is inside the step, too",
        "fill(...)",
        "copy(U[q, first:], of_loop[q, first:])",
        caught="twin_gru_reset_before differences_gru_reset_before",
        unseen="twin_gru twin_stateless",
    ),
    Bug(
        "state_weights",
        "the loop adds h_prev U for what is inside the step, too",
        "layer.inside",
        "0",
        caught="twin_gru_reset_before differences_gru_reset_before",
        unseen="twin_gru twin_stateless",
    ),
]

SIMPLE_RNN = [
    Bug(
        "simple_rnn.simple_rnn_backward",
        "the derivative of phi left out",
        "activate_backward(...)",
        "pass",
        caught="twin_simple_rnn twin_mixed differences_simple_rnn",
        unseen="twin_gru twin_stateless",
    ),
    Bug(
        "simple_rnn.simple_rnn",
        "the state is activated twice, forward alone",
        "activate(...)",
        "...\n...",
        caught="twin_simple_rnn twin_mixed",
        unseen="twin_gru twin_stateless",
    ),
]
