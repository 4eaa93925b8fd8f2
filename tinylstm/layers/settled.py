"""What a layer is made with, it keeps: tables and workspaces are laid out with it.

The constructor checks it and derives what kernels read; a new value would be without effect, or
have half of one. So an assignment after the constructor is refused, and says what does.
"""

from functools import lru_cache

from ..surface.arguments import known
from ..surface.callables import arguments_of
from ..surface.described import Made
from ..surface.errors import mismatch

LIVE = {"trainable"}  # read anew by each training
READ_BY_ADD = {"name", "dtype", "batch_input_shape"}  # may change until a model has the layer


class Kind(Made):
    """A class of layers: one of them is made when its constructor has ended, the outermost one.

    Until then it may set what it likes, as often as it likes.
    """

    def __call__(cls, *args, **kwargs):
        for argument in cls.fixed:
            if argument in kwargs:
                known(arguments_of(cls), argument, f"argument of {cls.__name__}")
        layer = super().__call__(*args, **kwargs)
        if "trainable" not in vars(layer):
            raise mismatch(
                f"A {cls.__name__} is made without the constructor of Layer.",
                "super().__init__(**kwargs) in its own",
                f"{cls.__name__}(...)",
                TypeError,
            )
        return layer


@lru_cache
def settings_of(kind):
    """Names of the attributes that a kind of layer is made with, or of, and those of its bases,
    whether its own constructor takes them or not."""
    bases = [base for base in kind.__mro__ if isinstance(base, Kind)]
    return frozenset({*kind.made_of}.union(*map(arguments_of, bases)) - LIVE)


def is_settled(layer, name):
    """Whether an attribute of a layer has its value for good."""
    kind = type(layer)
    if is_read_only(kind, name):
        return True
    if not layer._made:
        return False
    if name not in settings_of(kind):
        return is_weight(layer, name)
    return layer.is_owned() or name not in READ_BY_ADD


def is_weight(layer, name):
    """Whether it is the name of a parameter, which stands in the model's vector."""
    arrays = vars(layer).get("_arrays")
    return arrays is not None and name in arrays


def is_read_only(kind, name):
    """Whether a class has a property of that name that cannot be set."""
    found = getattr(kind, name, None)
    return isinstance(found, property) and found.fset is None


def too_late(layer, name):
    """What to raise of an assignment that comes too late, or that no time is right for."""
    late = " afterwards" if name in settings_of(type(layer)) else ""
    return mismatch(
        f"{name} of a layer cannot be set{late}.",
        way_out(layer, name),
        f"layer.{name} = ... for {layer!r}",
        AttributeError,
    )


def way_out(layer, name):
    """What does instead of an assignment, in words."""
    kind = type(layer)
    if is_weight(layer, name):
        return f"layer.weights[{name!r}] = array"
    if name == "weights":
        return "layer.set_weights(arrays)"
    if name in arguments_of(kind):
        anew = f"{kind.__name__}(..., {name}=...) in a new model"
        return f"{anew}, and new.set_weights(model.get_weights())"
    if name in READ_BY_ADD:
        return f"layer.{name} = ... before model.add(layer)"
    return f"other arguments of {kind.__name__}, from which it follows, in a new model"
