"""What ``model.summary()`` printed.

Source: ``keras/utils/layer_utils.py`` at the tags 1.2.2 and 2.2.4.
"""

from ..kernels.compiling import show
from .dialect import spoken
from .held import held_of

COLUMNS = {"Layer (type)": 0.45, "Output Shape": 0.85, "Param #": 1.0}
COLUMNS_OF_KERAS_1 = {
    "Layer (type)": 0.33,
    "Output Shape": 0.55,
    "Param #": 0.67,
    "Connected to": 1.0,
}


def print_summary(model, line_length=None, positions=None, print_fn=None):
    """The table of layers.

    Parameters
    ----------
    model : Sequential
    line_length : int or None
        Characters of a line; by default 65, or 100 in Keras 1.
    positions : tuple of float or None
        Where the columns end, as shares of a line or as characters.
    print_fn : callable or None
        Gets each line; by default they are printed.
    """
    print_fn = print_fn or show
    keras_1 = spoken().number < (2,)
    columns = COLUMNS_OF_KERAS_1 if keras_1 else COLUMNS
    line_length = line_length or (100 if keras_1 else 65)
    positions = positions or [*columns.values()]
    if positions[-1] <= 1:
        positions = [int(line_length * share) for share in positions]
    if spoken().number >= (2, 3):
        print_fn(f'Model: "{model.name}"')
    print_fn("_" * line_length)
    print_fn(row(columns, positions))
    for k, layer in enumerate(model.layers):
        print_fn(("_" if k else "=") * line_length)
        fields = fields_of(layer, model.batch_input_shape[0])
        if keras_1:
            before = model.layers[k - 1].name if k else model.input_name
            fields.append(f"{before}[0][0]")
        print_fn(row(fields, positions))
    print_fn("=" * line_length)
    print_totals(model, print_fn)
    print_fn("_" * line_length)


def fields_of(layer, batch):
    """Name and kind, output shape and number of parameters of a layer."""
    held = held_of(layer)
    shape = (batch, *held.output_shape(held.input_shape))
    return [f"{layer.name} ({type(layer).__name__})", shape, layer.count_params()]


def print_totals(model, print_fn):
    """All parameters, those that training changes, and the others."""
    total = model.count_params()
    trained = sum(layer.count_params() for layer in model.layers if layer.trainable)
    print_fn(f"Total params: {total:,}")
    print_fn(f"Trainable params: {trained:,}")
    print_fn(f"Non-trainable params: {total - trained:,}")


def row(fields, positions):
    """The fields in their columns."""
    line = ""
    for field, end in zip(fields, positions, strict=True):
        line = line[:-1] + " " if line else line
        line = (line + str(field))[:end].ljust(end)
    return line
