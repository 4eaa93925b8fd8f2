"""What a layer says of itself, checked before compiled code relies on it; `docs/own_layer.md`."""

from numbers import Integral

from ..constraints import Constraint
from ..kernels.tables import MAX_BUFFERS, MAX_TENSORS
from ..regularizers import Regularizer
from ..surface.arguments import known
from ..surface.errors import mismatch

SETTINGS = (  # fields of its row that a layer may set
    "activation",
    "recurrent_activation",
    "use_bias",
    "go_backwards",
    "rate",
    "recurrent_rate",
    "option",
    "gates",
    "states",
    "kept",
    "vectors",
    "apart",
    "inside",
    "at_once",
    "thinned",
)

OF_KERNELS = "units", "fan_in"  # what a layer is in kernels, and need not be here


def name_of(layer, part, tensor):
    """What a tensor of a part of a layer is called in files: lstm/kernel."""
    return f"{layer.name}/{part.prefix}{tensor}"


def names_trained(layer):
    """What those of its tensors are called in files that are trained."""
    parts = [part for part in layer.parts() if layer.trainable and part.trainable]
    return {name_of(layer, part, tensor) for part in parts for tensor in tensors_of(part)}


def tensors_of(layer):
    """Its parameters: {name: (shape, initialiser)}."""
    try:
        said = layer.tensors()
    except AttributeError as error:
        if error.obj is not layer or error.name not in OF_KERNELS:
            raise
        raise mismatch(
            f"Layer {layer.name!r} asks in tensors() for self.{error.name}, which kernels have.",
            "self.input_shape[-1], the features of its input",
            f"self.{error.name}",
            AttributeError,
        ) from None
    fits = isinstance(said, dict) and len(said) <= MAX_TENSORS
    if not fits or not all(is_tensor(name, entry) for name, entry in said.items()):
        expected = (
            f"{{name: (shape, initializer)}}, as {{'w': ((3,), 'ones')}}; at most {MAX_TENSORS}, "
            "lengths of 1 or more; no '/' in a name, which stands behind its layer's in files"
        )
        raise does_not_fit(layer, "tensors()", expected, said)
    return said


def is_tensor(name, entry):
    """Whether this is a name, and a shape with an initialiser."""
    pair = isinstance(entry, tuple | list) and len(entry) == 2
    is_name = isinstance(name, str) and name and "/" not in name
    return is_name and pair and are_lengths(entry[0], least=1)


def buffers_of(layer, steps, rows, traced):
    """Its arrays in the workspace: {name: shape, or the name of one before whose memory it has}."""
    said = layer.buffers(steps, rows, traced)
    fits = isinstance(said, dict) and len(said) <= MAX_BUFFERS
    names = list(said) if fits else []
    for j, name in enumerate(names):
        shape = said[name]
        fits &= shape in names[:j] if isinstance(shape, str) else are_lengths(shape, least=0)
    if not fits:
        expected = f"{{name: shape}}, at most {MAX_BUFFERS}, lengths of 0 or more"
        raise does_not_fit(layer, "buffers(steps, rows, traced)", expected, said)
    return said


def shape_behind(layer, shape):
    """Shape of a sample of its output, for one of its input."""
    said = layer.output_shape(shape)
    fits = isinstance(said, tuple | list) and len(said) in (1, 2)
    lengths = said[1:] if fits and len(said) == 2 and said[0] is shape[0] is None else said
    if not fits or not are_lengths(lengths, least=1):
        expected = "(steps, features) or (features,), lengths of 1 or more"
        raise does_not_fit(layer, f"output_shape({tuple(shape)})", expected, said)
    said = tuple(said)
    if layer.state_names and not hasattr(layer, "state_mode"):
        raise does_not_fit(layer, "state_names", "names in a Recurrent alone", layer.state_names)
    if layer.state_names and (said[-1] != layer.units or said[:-1] not in (shape[:-1], ())):
        expected = f"every step or the last one, (steps, {layer.units}) or ({layer.units},)"
        raise does_not_fit(layer, f"output_shape({tuple(shape)})", expected, said)
    return said


def products_of(layer, steps, rows):
    """Sizes (n, k, m) of its matrix products."""
    said = layer.products(steps, rows)
    fits = isinstance(said, tuple | list)
    if not fits or not all(are_lengths(one, least=1) and len(one) == 3 for one in said):
        raise does_not_fit(layer, "products(steps, rows)", "triples (n, k, m)", said)
    return said


def idle_tensors_of(layer, steps, carry):
    """Names of its parameters that sequences of so many steps give no gradient."""
    said = layer.idle_tensors(steps, carry)
    if not isinstance(said, tuple | list) or not all(name in layer.tensors() for name in said):
        expected = f"names among {', '.join(layer.tensors())}"
        raise does_not_fit(layer, "idle_tensors(steps, carry)", expected, said)
    return said


def check_regularizers(layer):
    """Refuse penalties on its parameters that are none."""
    check_values(layer, "regularizers", Regularizer)


def check_constraints(layer):
    """Refuse constraints on its parameters that are none, or along axes that those have not."""
    check_values(layer, "constraints", Constraint)
    for name, (shape, _) in layer.tensors().items():
        if layer.constraints.get(name) is not None:
            layer.constraints[name].matrices(tuple(shape))


def check_values(layer, name, kind):
    """Refuse what it says of its parameters, unless that is of a kind, or None."""
    said = getattr(layer, name)
    if not isinstance(said, dict) or not all(isinstance(one, kind | None) for one in said.values()):
        raise does_not_fit(layer, name, f"{{name: {kind.__name__} or None}}", said)


def need_its_input(layer, shape):
    """Refuse an input with other features than the layer was built for: one before it changed."""
    if shape[-1] != layer.sample_shape[-1]:
        raise mismatch(
            f"Layer {layer.name!r} was built for other inputs.",
            f"the settings that give {layer.sample_shape[-1]} features",
            f"settings that give {shape[-1]}",
        )


def set_fields(layer, row):
    """Put its settings into its row of the table."""
    if not isinstance(layer.fields, dict):
        raise does_not_fit(layer, "fields", "{name of a setting: value}", layer.fields)
    for name, value in layer.fields.items():
        known(SETTINGS, name, f"field of layer {layer.name!r}")
        try:
            row[name] = value
        except (TypeError, ValueError, OverflowError):
            expected = f"{row.dtype[name]} for {name}"
            raise does_not_fit(layer, "fields", expected, layer.fields) from None


def are_lengths(shape, least):
    """Whether these are the lengths of an array."""
    return isinstance(shape, tuple | list) and all(
        isinstance(n, Integral) and n is not True and n >= least for n in shape
    )


def does_not_fit(layer, said, expected, received):
    """What to raise of a layer that says what it cannot be."""
    return mismatch(
        f"Layer {layer.name!r}, a {type(layer).__name__}, says in {said} what it cannot be.",
        expected,
        repr(received),
    )
