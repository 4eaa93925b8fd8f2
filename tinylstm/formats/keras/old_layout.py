"""Where the arrays are in a file of Keras 1 or 2: groups of layers, whose names are attributes.

An attribute has at most 64 KB, so a list of names that is longer is in several: ``layer_names0``,
``layer_names1`` ... Up to Keras 0.3 layers and arrays had numbers.
"""

import numpy as np

from ...files.refusals import named
from ...surface.errors import mismatch
from ..hdf5 import Group

MOST = 64_512  # bytes of an attribute
NAMES, OF_LAYER = "layer_names", "weight_names"
VERSION, BACKEND, MODEL, TRAINING = "keras_version", "backend", "model_config", "training_config"
WEIGHTS, MOMENTS, BESIDE = "model_weights", "optimizer_weights", "top_level_model_weights"


def weights_group(file):
    """The group of the layers: of a whole model, or the file itself."""
    return file[WEIGHTS] if WEIGHTS in file and NAMES not in file.attributes else file


def is_of_keras(file):
    """Whether a file has layers as Keras 1 and 2 wrote them."""
    attributes = weights_group(file).attributes
    return any(name in attributes for name in (NAMES, f"{NAMES}0", "nb_layers"))


def names_layers(content):
    """Whether bytes of an HDF5 file have the name of an attribute with names of layers in them,
    which stands in a file as it is: so nothing need be read for it."""
    return any(name in content for name in (NAMES.encode(), b"nb_layers"))


def layers_of(group):
    """[(name, [arrays])] of all layers, those without arrays too."""
    count = group.attributes.get("nb_layers")
    if count is not None:
        layers = [f"layer_{k}" for k in range(int(count))]
        return [(name, numbered(group[name])) for name in layers]
    return [(name, arrays_of(at(group, name))) for name in listed(group, NAMES)]


def numbered(group):
    """The arrays of a layer that has them by numbers."""
    return [group[f"param_{k}"] for k in range(int(group.attributes["nb_params"]))]


def arrays_of(group):
    """The arrays that a group names, in their order."""
    return [array_at(group, name) for name in listed(group, OF_LAYER)]


def names_of_arrays(group, layer):
    """What a group of layers calls the arrays of one, below the layer's own name, as lstm_cell/bias
    in lstm; of a model in the place of a layer there are the names of its layers in it."""
    names = [name.partition(":")[0].split("/") for name in listed(at(group, layer), OF_LAYER)]
    return ["/".join(name[name.index(layer) + 1 :] if layer in name else name) for name in names]


def array_at(group, name):
    """The array of a name."""
    found = at(group, name)
    if not isinstance(found, np.ndarray):
        raise mismatch(f"There is no array {named(name)}.", "an array", "a group")
    return found


def at(group, path):
    """What is at a path of names within each other."""
    for name in path.split("/"):
        if isinstance(group, np.ndarray) or name not in group:
            raise mismatch(
                f"The file names {named(path)} and has it not.", "all that it names", name
            )
        group = group[name]
    return group


def listed(group, name):
    """The names that an attribute has, or several with numbers."""
    found = group.attributes.get(name)
    if found is not None:
        return words(found)
    parts, k = [], 0
    while (part := group.attributes.get(f"{name}{k}")) is not None:
        parts, k = [*parts, *words(part)], k + 1
    return parts


def words(found):
    """The texts of an attribute."""
    found = list(np.atleast_1d(np.asarray(found, object)))
    if not all(isinstance(one, str) for one in found):
        raise mismatch("An attribute has no names.", "a list of texts", named(found))
    return found


def said(names, what):
    """Attributes that name groups or arrays: {attribute: names}."""
    parts = 1
    while any(size_of(some) > MOST for some in np.array_split(names, parts)):
        parts += 1
    if parts == 1:
        return {what: names}
    return {f"{what}{k}": [*map(str, some)] for k, some in enumerate(np.array_split(names, parts))}


def size_of(names):
    """Bytes of an attribute: each name takes as many as the longest."""
    longest = max((len(str(name).encode()) for name in names), default=0)
    return longest * len(names)


def group_of(arrays):
    """A group of arrays, {path: array}, which it names in their order."""
    group = Group({}, said([*arrays], OF_LAYER))
    for path, array in arrays.items():
        *groups, name = path.split("/")
        place = group
        for one in groups:
            place = place.setdefault(one, Group())
        place[name] = array
    return group
