"""The table of operators: what each makes of what it reads."""

from . import gelu, layers, layout, masks, shapes, taking
from .recurrent import recurrent

# Of one output each.
PLAIN = {
    **dict.fromkeys(("Identity", "Cast", "Dropout"), layout.as_it_is),
    "Shape": layout.shape,
    "Transpose": layout.transpose,
    "Unsqueeze": layout.unsqueeze,
    "Squeeze": taking.squeeze,
    "Reshape": shapes.reshape,
    "Flatten": shapes.flatten,
    "Gather": taking.gather,
    "Slice": taking.take_slices,
    "ReverseSequence": taking.reverse,
    "Concat": taking.concat,
    **dict.fromkeys(("Tile", "Expand"), shapes.repeat),
    "MatMul": layers.matmul,
    "Gemm": layers.gemm,
    "Add": gelu.or_of_gelu(layers.add),
    "Mul": gelu.or_of_gelu(layers.multiply),
    "Div": gelu.or_of_gelu(layers.divide),
    "Erf": gelu.or_of_gelu(layers.no_layer),
    **dict.fromkeys(layers.MERGES, layers.reduce),
    **dict.fromkeys(layers.ACTIVATIONS, layers.activation),
    "HardSigmoid": layers.hard_sigmoid,
    "Elu": layers.elu,
    "Gelu": layers.gelu,
    "LeakyRelu": layers.leaky_relu,
    "Softmax": layers.softmax_layer,
    "LayerNormalization": layers.normalization,
}
OF_MORE = {  # of several, as a list
    **dict.fromkeys(("LSTM", "GRU", "RNN"), recurrent),
    "And": masks.both,
}
OURS = {  # of our domain
    "MaskNumbers": masks.mask_numbers,
    "MaskWords": masks.mask_words,
    "Pack": masks.pack,
    **dict.fromkeys(("Unpack", "UnpackBackwards"), masks.unpack),
    "Blank": masks.blank,
    "OrBefore": masks.or_before,
}
# What leaves one number everywhere as it is.
OF_FILLED = {"Identity", "Cast", "Transpose", "Unsqueeze", "Squeeze", "Reshape", "Gather", "Slice"}
OF_FILLED |= {"Concat", "Expand", "Tile"}
