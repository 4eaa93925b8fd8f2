"""The tables that describe a model to the compiled loop.

A model at run time is one flat vector of parameters ``theta``, one of gradients ``grad``, one
workspace ``work`` and one row of `LAYER` for each layer. Every offset in a row counts elements.
Symbols: see ``docs/notation.md``.
"""

import numpy as np

CACHE_LINE = 64  # bytes
LINE = CACHE_LINE // 4  # numbers of float32 in it
MAX_TENSORS = 20  # parameter tensors of one layer
MAX_BUFFERS = 28  # workspace arrays of one layer
MAX_OPTIONS = 4  # further numbers of one layer

LAYER = np.dtype(
    [
        ("forward", np.int64),  # address of the kernel that reads x and writes y
        ("backward", np.int64),  # address of the kernel that reads dy and writes dx and gradients
        ("index", np.int64),  # its place in the chain of layers and their activations
        ("fan_in", np.int64),  # D, features of x
        ("units", np.int64),  # H or K, features of y
        ("steps", np.int64),  # T, steps of one sample of x
        ("y_steps", np.int64),  # T_y, steps of one sample of y
        ("every", np.int64),  # a recurrent layer puts out every n-th step: 1 or T
        ("carry", np.int64),  # 1: starts from the state that came in; 0: from zeros
        ("go_backwards", np.int64),
        ("activation", np.int64),
        ("recurrent_activation", np.int64),
        ("use_bias", np.int64),
        ("need_dx", np.int64),  # 0: nobody reads the gradient of its input,
        ("need_dstate", np.int64),  # of the state that came in
        ("shares", np.int64),  # 1: it computes this thread's units, or columns, alone
        ("traced", np.int64),  # 1: what is otherwise overwritten each step stays
        ("x", np.int64),  # where it reads and writes in the workspace
        ("y", np.int64),
        ("dx", np.int64),
        ("dy", np.int64),
        ("side", np.int64),  # a second input, where there is one,
        ("dside", np.int64),  # its gradient, or a second one of the output
        ("x_flags", np.int64),  # where the flags of x lie among all flags, and those of y
        ("y_flags", np.int64),
        ("state", np.int64),  # units that lie before it in the state vectors
        ("tensor", np.int64, (MAX_TENSORS,)),  # where its tensors lie in theta and grad
        ("buffer", np.int64, (MAX_BUFFERS,)),  # where its own arrays lie in the workspace
        # Of a recurrent layer, what its time loop must know of its cell: how many gates, states,
        # vectors that are kept and parameters beside W, U and b; whether it reads the parts of z
        # apart; of how many of its gates, the last ones, the product with U is inside its step; and
        # how many rows of a step it computes at a time;
        ("gates", np.int64),
        ("states", np.int64),
        ("kept", np.int64),
        ("vectors", np.int64),
        ("apart", np.int64),
        ("inside", np.int64),
        ("at_once", np.int64),
        ("group", np.int64),  # of how many steps x W is added at once
        ("step", np.int64),  # addresses of its two steps,
        ("step_back", np.int64),
        ("thinned", np.int64),  # 1: dropout is inside, and these are its products
        ("thin_input", np.int64),
        ("thin_recurrent", np.int64),
        ("thin_recurrent_back", np.int64),
        ("thin_weights", np.int64),
        ("rate", np.float64),  # of dropout, of the input
        ("recurrent_rate", np.float64),  # and of the state
        ("option", np.float64, (MAX_OPTIONS,)),
    ],
    align=True,
)

BATCH = np.dtype(
    [
        ("rows", np.int64),  # B, sequences side by side
        ("chain", np.int64),  # samples that one sequence is made of, end to end
        ("before", np.int64),  # rows of the same batch that other threads have: those before these
        ("behind", np.int64),  # rows, and those behind them
        ("training", np.int64),  # 1: dropout is on
        ("keep", np.int64),  # 1: for the way back, all that it needs; 0: what the next step needs
        ("goes_on", np.int64),  # 1: the steps go on sequences whose last output was the h of now
        ("state_in", np.int64),  # state vectors in the workspace: what came in, what goes out,
        ("state_out", np.int64),
        ("dstate_in", np.int64),  # and the gradients of both
        ("dstate_out", np.int64),
        ("seed", np.uint64),  # of the random stream
        ("step", np.int64),  # its counter: updates made so far
        ("product", np.int64),  # address of `blocked_product`, or 0: nothing is that large
        ("scratch", np.int64),  # its room in the workspace
        ("scratch_size", np.int64),
        ("threads", np.int64),  # that share the layer that is computed,
        ("thread", np.int64),  # and the number of this one
        ("most", np.int64),  # as many may be asked for
        ("copies", np.int64),  # place in the workspace of what each has copied of the parameters,
        ("renew", np.int64),  # 1: which have changed since
        # Addresses, in the memory of the process: where those who share a layer meet,
        ("board", np.int64),
        ("share", np.int64),  # what shares a forward pass, and a backward one,
        ("share_back", np.int64),
        ("meet", np.int64),  # what waits for each other
    ],
    align=True,
)

PLAN = np.dtype(
    [
        ("first", np.int64),  # batches first ... last - 1 are run, counted from the first epoch on
        ("last", np.int64),
        ("count", np.int64),  # batches an epoch
        ("start", np.int64),  # the batch with which all this began
        ("shuffle", np.int64),  # 1: another order in each epoch, drawn with
        ("shuffles", np.int64),  # this number plus the epoch's
        ("drawn", np.int64),  # orders drawn so far, written by the loop
        ("reset", np.int64),  # 1: the carried state becomes zero between two epochs
        ("batch_size", np.int64),
        ("samples", np.int64),  # of the data set, or of the stage of an epoch that is in memory,
        ("staged", np.int64),  # and the number in its epoch of that stage's first batch
        ("chained", np.int64),  # 1: the samples of a batch form one sequence, end to end
        ("hand_on", np.int64),  # 1: the state comes from `carried` and goes back to it
        ("learn", np.int64),  # backward pass and update
        ("score", np.int64),  # loss and metrics
        ("give", np.int64),  # outputs are wanted
        ("recorded", np.int64),  # 1: batches keep all that a way back needs, though none comes
        ("steps", np.int64),  # of a sample of x
        ("features", np.int64),
        ("y_steps", np.int64),  # of a sample of y
        ("y_features", np.int64),
        ("target_features", np.int64),  # those of y, or 1: the number of a class
        ("masked", np.int64),  # 1: targets of masked steps count for nothing
        ("x", np.int64),  # places in the workspace
        ("z", np.int64),  # what the loss reads
        ("y", np.int64),  # the model's output
        ("dz", np.int64),
        ("target", np.int64),
        ("weight", np.int64),
        ("valid", np.int64),  # 1 for each target that counts, 0 for a masked one
        ("valid_out", np.int64),  # where that goes behind the outputs y, or 0: it is not wanted
        ("y_flags", np.int64),  # place of the output's flags
        ("layers_forward", np.int64),  # number of rows of the table that are run forward,
        ("layers_backward", np.int64),  # and backward
        ("score_batch", np.int64),  # addresses
        ("leave_out", np.int64),
        ("loss", np.int64),
        ("loss_option", np.int64),  # of its parameters, in the memory of the process,
        ("loss_options", np.int64),  # and how many there are
        ("advance", np.int64),  # of the optimiser's numbers, once an update, or 0
        ("update", np.int64),
        ("clipping", np.int64),  # of what bounds and measures gradients, or 0
        ("norms", np.int64),  # columns before those that have their norms
        ("penalty", np.int64),  # of the weights, or 0
        ("penalty_gradient", np.int64),
        ("constraint", np.int64),  # what applies those on weights, or 0
        ("threads", np.int64),  # that share a batch,
        ("thread", np.int64),  # and the number of this one, from 0
        ("together", np.int64),  # 1: in one workspace; 0: each has one, and rows of its own
        ("slice", np.int64),  # elements from one thread's gradient to the next one's
        ("share", np.int64),  # elements of a thread in `shares`
        ("meet", np.int64),  # addresses of what several call: to wait for each other,
        ("add_slices", np.int64),  # to add their gradients up, or 0
    ],
    align=True,
)

TENSOR = np.dtype(  # one with a penalty, or with a constraint
    [
        ("start", np.int64),  # its place in theta
        ("blocks", np.int64),  # it is so many matrices, one behind the other,
        ("rows", np.int64),  # each (rows, columns)
        ("columns", np.int64),
        ("kernel", np.int64),  # address of what computes the penalty, or applies the constraint,
        ("gradient", np.int64),  # and of what adds the gradient of the penalty
        ("option", np.float64, (MAX_OPTIONS,)),
    ],
    align=True,
)

METRIC = np.dtype(
    [
        ("kernel", np.int64),  # its address, or 0: a function that is called between batches
        ("sums", np.int64),  # how many it adds up; 0: it returns the only one
        ("option", np.int64),  # address of its parameters, in the memory of the process,
        ("options", np.int64),  # and how many there are
    ],
    align=True,
)

# Flags of a (step, row); they add up, and an ordinary step has none. A layer reads those of its
# input at `x_flags`, and one that masks steps writes those of its output at `y_flags`. A restart is
# for kernels and their tests: no call of the surface sets one yet.
HOLD = np.int8(1)  # masked: h and c stay, the gradient passes through
RESTART = np.int8(2)  # the step starts from a zero state, the gradient stops
