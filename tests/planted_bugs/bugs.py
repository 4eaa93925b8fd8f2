"""All planted bugs."""

from tests.planted_bugs import (
    in_cells,
    in_layers,
    in_loop,
    in_masks,
    in_memory,
    in_optimizers,
    in_parts,
    in_threads,
    in_time,
)

BUGS = (
    *(*in_cells.LSTM, *in_cells.GRU, *in_cells.GRU_RESET_BEFORE, *in_cells.SIMPLE_RNN),
    *(*in_memory.MEMORY, *in_memory.MASKS, *in_memory.THINNED),
    *(*in_time.FORWARD, *in_time.BACKWARD, *in_loop.LOOP, *in_loop.STATE),
    *(*in_layers.ACTIVATIONS, *in_layers.PRODUCTS, *in_layers.DENSE),
    *(*in_layers.DROPOUT, *in_layers.LOSSES),
    *(*in_optimizers.ADAM, *in_optimizers.OTHERS, *in_optimizers.NORMS),
    *(*in_masks.MASKING, *in_masks.WORDS, *in_masks.SHAPES, *in_masks.DIRECTIONS),
    *(*in_masks.PENALTIES, *in_masks.WEIGHTS, *in_threads.UNITS, *in_threads.ROWS),
    *(*in_parts.CONSTRAINTS, *in_parts.LAYERS),
)
