"""What ``model.summary()`` printed.  Source: ``keras/utils/layer_utils.py`` at the tag 2.2.4."""

from .dialect import spoken


def print_summary(model, line_length, positions, print_fn):
    """The table of layers.

    Parameters
    ----------
    model : Sequential
    line_length : int
        Characters of a line.
    positions : tuple of float
        Where the columns end, as shares of a line or as characters.
    print_fn : callable
        Gets each line.
    """
    model.need_built("summary")
    if positions[-1] <= 1:
        positions = [int(line_length * share) for share in positions]
    if spoken().number >= (2, 3):
        print_fn(f'Model: "{model.name}"')
    print_fn("_" * line_length)
    print_fn(row(("Layer (type)", "Output Shape", "Param #"), positions))
    batch = model.batch_input_shape[0]
    for k, layer in enumerate(model.layers):
        print_fn(("_" if k else "=") * line_length)
        shape = (batch, *layer.shape_behind(layer.sample_shape))
        kind = type(layer).__name__
        print_fn(row((f"{layer.name} ({kind})", shape, layer.count_params()), positions))
    print_fn("=" * line_length)
    total = model.count_params()
    trained = sum(layer.count_params() for layer in model.layers if layer.trainable)
    print_fn(f"Total params: {total:,}")
    print_fn(f"Trainable params: {trained:,}")
    print_fn(f"Non-trainable params: {total - trained:,}")
    print_fn("_" * line_length)


def row(fields, positions):
    """The fields in their columns."""
    line = ""
    for field, end in zip(fields, positions, strict=True):
        line = line[:-1] + " " if line else line
        line = (line + str(field))[:end].ljust(end)
    return line
