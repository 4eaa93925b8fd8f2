"""What a module that lives knows, and its state_dict does not: classes, and settings of them."""

from ...files.refusals import named
from ...surface.errors import mismatch, warn
from .cells import CELLS
from .modules import MODULES

KINDS = {name: name for name in (*CELLS, "Linear", "Embedding", "LayerNorm")}
KINDS |= {f"{kind}Cell": kind for kind in CELLS}


def lives(source):
    """Whether something is a module."""
    return hasattr(source, "named_modules") and hasattr(source, "state_dict")


def kinds_in(net, nonlinearity):
    """{path: what nn calls its class} of the modules that have tensors.

    nonlinearity : str
        What is said of each nn.RNN.

    Raises
    ------
    ValueError
        If one does what no layer does, or an nn.RNN something else than is said.
    """
    with_tensors, found = {path.rpartition(".")[0] for path in net.state_dict()}, {}
    for path, module in net.named_modules(remove_duplicate=False):
        need_nonlinearity(path, module, nonlinearity)
        if path in with_tensors:
            found[path] = kind_in(path, module)
        elif "Norm" in type(module).__name__ and not [*module.children()]:
            raise no_layer(path, module)  # it has no tensors, and changes what it reads
    return found


def epsilons_in(net):
    """{path: epsilon} of the modules that have one."""
    return {
        path: one.eps
        for path, one in net.named_modules(remove_duplicate=False)
        if hasattr(one, "eps")
    }


def rates_in(net):
    """{path: rate} of what drops numbers: each nn.Dropout, and an nn.LSTM between its layers."""
    found = {}
    for path, one in net.named_modules(remove_duplicate=False):
        is_dropout = (
            type(one).__module__.startswith("torch.nn.") and type(one).__name__ == "Dropout"
        )
        rate = one.p if is_dropout else getattr(one, "dropout", 0.0)
        if rate and (is_dropout or getattr(one, "num_layers", 1) > 1):
            found[path] = rate
    return found


def tell_steps_first(net):
    """Warn of modules that read steps first: here rows come first."""
    modules = net.named_modules(remove_duplicate=False)
    names = [named(path) for path, one in modules if not getattr(one, "batch_first", True)]
    if names:
        warn(
            f"{', '.join(names)} has batch_first=False and reads x (steps, rows, features). The "
            "model here reads rows first: x.swapaxes(0, 1)."
        )


def need_nonlinearity(path, module, said):
    """Refuse an nn.RNN that has another one than is said."""
    found = getattr(module, "nonlinearity", said)
    if found != said:
        raise mismatch(
            f"The nn.RNN {named(path)} has another activation.",
            f"from_torch(..., nonlinearity={found!r})",
            f"nonlinearity={said!r}",
        )


def kind_in(path, module):
    """What nn calls the class of a module, whose forward is the one of that class."""
    for one in type(module).__mro__:
        theirs = one.__module__.startswith("torch.nn.") and one.__name__ in KINDS
        if theirs and one.forward is type(module).forward:
            if getattr(module, "max_norm", None) is not None:
                break  # an Embedding that scales its rows
            return KINDS[one.__name__]
    raise no_layer(path, module)


def no_layer(path, module):
    """What to raise of a module for which there is no layer."""
    return mismatch(
        f"There is no layer for the module {named(path)}.",
        f"{MODULES}, as nn has them; net.state_dict() in place of the module, where it does what "
        "one of these does",
        f"{module}".partition("\n")[0],
    )
