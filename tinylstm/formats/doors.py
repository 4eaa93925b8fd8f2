"""The way of models and weights into files of any format, and out of them.

What is true of all formats is decided here, once: what the arguments may be, that nothing is
written over where that is not wanted, that weights are finite, that a file is the old one or the
new one, whole, whenever the process dies.
"""

from contextlib import nullcontext
from pathlib import Path

from ..files.refusals import told
from ..files.replacing import whole_file
from ..files.weights import need_finite
from ..saving.model_file import sense_in
from ..settings import no_seeds
from ..surface.arguments import choice, path_of
from ..surface.errors import mismatch
from ..surface.plain import knowing
from . import OWN, chosen, matching


def save(model, path, overwrite, format):
    """See `Sequential.save`."""
    path = path_of(path, "filepath")
    if model.built:
        need_finite(model)
    module = chosen.module_for(chosen.to_write(path, format), "save", path)
    write(module.save, model, path, overwrite)


def save_weights(model, path, overwrite, format):
    """See `Sequential.save_weights`."""
    model.need_built("save_weights")
    path = path_of(path, "filepath")
    need_finite(model)
    module = chosen.module_for(chosen.to_write(path, format), "save_weights", path)
    write(module.save_weights, model, path, overwrite)


def need_writer(path, what):
    """Refuse a path to which `ModelCheckpoint` cannot write later; what: "save" or "save_weights".

    Raises
    ------
    ImportError
        If something must be installed for its format.
    ValueError
        If its format has no such thing.
    """
    chosen.module_for(chosen.by_suffix(path) or OWN, what, path, chosen.OF_CHECKPOINTS)


def write(function, model, path, overwrite):
    """Have a function write a model into a fresh file, that takes the name of the path."""
    with told(path, "written"):
        if not choice(overwrite, "overwrite") and path.exists():
            expected = "overwrite=True or a new path"
            raise mismatch("The file exists already.", expected, str(path), FileExistsError)
    with whole_file(path) as file:
        function(model, Path(file.name))


def load(kind, path, custom_objects, compile, format):
    """See `tinylstm.load_model`; kind: that of models."""
    path, compile = path_of(path, "filepath"), choice(compile, "compile")
    one = chosen.to_read(path, format)
    module = chosen.module_for(one, "load", path)
    seeds = no_seeds() if one.seeded else nullcontext()
    with knowing(custom_objects), sense_in(path, file_of(one)), seeds:
        return module.load(kind, path, compile)


def load_weights(model, path, by_name, skip_mismatch, format):
    """See `Sequential.load_weights`."""
    model.need_built("load_weights")
    path = path_of(path, "filepath")
    how = choice(by_name, "by_name"), choice(skip_mismatch, "skip_mismatch")
    one = chosen.to_read(path, format)
    module = chosen.module_for(one, "load_weights", path)
    with sense_in(path, file_of(one), "The weights in {} cannot be read."):
        if hasattr(module, "load_weights"):
            module.load_weights(model, path, *how)
        else:
            matching.load(model, module.layers_in(path), path, *how)


def shown(path, format=None):
    """What a file holds, a `Shown`; nothing of it is run."""
    path = path_of(path, "FILE")
    one = chosen.to_read(path, format)
    with sense_in(path, file_of(one), "What {} holds cannot be shown."):
        return chosen.module_of(one).shown(path)


def file_of(one):
    """What is expected of a file of a format."""
    return f"a file as {one.whose} writes it"
