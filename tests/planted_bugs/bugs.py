"""All planted bugs."""

from tests.planted_bugs import in_layers, in_loop, in_lstm, in_masks, in_optimizers, in_threads

BUGS = (
    *(*in_lstm.FORWARD, *in_lstm.BACKWARD, *in_loop.LOOP, *in_loop.STATE),
    *(*in_layers.ACTIVATIONS, *in_layers.PRODUCTS, *in_layers.DENSE),
    *(*in_layers.DROPOUT, *in_layers.LOSSES, *in_optimizers.ADAM, *in_optimizers.OTHERS),
    *(*in_masks.MASKING, *in_masks.WORDS, *in_masks.SHAPES, *in_masks.DIRECTIONS),
    *(*in_masks.PENALTIES, *in_masks.WEIGHTS, *in_threads.THREADS),
)
