"""What a layer is made with, it keeps: tables and workspaces are laid out with it.

The constructor checks it and derives what kernels read; a new value would be without effect, or
have half of one. So an assignment is refused, and says what does.
"""

from functools import lru_cache

from ..errors import arguments_of, mismatch

LIVE = {"trainable"}  # read anew by each training
READ_BY_ADD = {"name", "dtype", "batch_input_shape"}  # may change until a model has the layer


@lru_cache
def settings_of(kind):
    """Names of the attributes that a kind of layer is made with, or of."""
    return frozenset({*arguments_of(kind), *kind.made_of} - LIVE)


def is_settled(layer, name):
    """Whether an attribute of a layer has its value for good."""
    own = vars(layer)
    if is_read_only(type(layer), name):
        return True
    if name not in settings_of(type(layer)) or "model" not in own:  # it is being made
        return False
    return own["model"] is not None or (name in own["_given"] and name not in READ_BY_ADD)


def is_read_only(kind, name):
    """Whether a class has a property of that name that cannot be set."""
    found = getattr(kind, name, None)
    return isinstance(found, property) and found.fset is None


def settled(layer, name):
    """What to raise of an assignment that comes too late."""
    kind = type(layer).__name__
    return mismatch(
        f"{name} of a layer cannot be set afterwards.",
        "layer.set_weights(arrays)"
        if name == "weights"
        else f"{kind}(..., {name}=...) in a new model, and new.set_weights(model.get_weights())",
        f"layer.{name} = ... for {layer!r}",
        AttributeError,
    )
