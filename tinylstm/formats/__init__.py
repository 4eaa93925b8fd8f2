"""Files of models and weights: in which formats they are written and read.

One row a format, and its module, which is imported when a file of it comes: what others need for
theirs (h5py, torch) is imported there, never by ``import tinylstm``. A module has those of these
functions that its row says it can; `doors` calls them, with arguments that have been checked.

    save(model, path)          the whole model into a file of its own, which is there, empty, and
                               gets its name when this has come to its end
    load(kind, path, compile)  a new model of a kind, such as `Sequential`; what ``custom_objects``
                               mean is known, and what makes no sense becomes a sentence. Our own
                               files have a seed, and none is drawn; others give a new one
    save_weights(model, path)  the parameters of a built model, which are finite; as `save`
    layers_in(path)            [(name, class or None, [arrays in Keras' order])] of the layers that
                               have weights, in the file's order; `matching` puts them into models
    shown(path)                a `Shown`: what ``python -m tinylstm show`` says of the file
    holds(path)                whether a file is of this format, where others begin as it does

Which layer of a file is which of a model, `matching` decides for all formats: by places or by
names, all arrays or none, shapes that differ named. Where it has to know more than `layers_in` can
say, a format has ``load_weights(model, path, by_name, skip_mismatch)`` in its place: our own, whose
tensors are read when it is known which fit, and those of Keras, which sort layers by classes, or
have several as one.
"""

from typing import NamedTuple

from ..files.contents import HDF5, ZIP
from ..files.refusals import word

ALL = ("save", "load", "save_weights", "load_weights")  # that a format may have
OF_TENSORFLOW = (
    "TensorFlow",
    "where TensorFlow is, tf.keras.models.load_model(folder).save('m.keras') makes such a file",
)
OF_PICKLE = "Python's pickle", "a pickle is a program, and none is run"
OF_NUMPY = (
    "NumPy",
    "tinylstm.from_torch(path), of one with the names of PyTorch; or numpy.load reads it, and "
    "model.set_weights(arrays) takes arrays",
)
OF_TEXTS = "texts, as model.to_json has them", "tinylstm.model_from_json(text) makes a model of one"
OTHERS = {  # whose files have which suffix, that are never written or read here; and the way out
    **dict.fromkeys((".pb", ".ckpt", ".index", ".tflite", ".tf"), OF_TENSORFLOW),
    **dict.fromkeys((".pkl", ".pickle", ".joblib"), OF_PICKLE),
    **dict.fromkeys((".npz", ".npy"), OF_NUMPY),
    **dict.fromkeys((".json", ".yaml", ".yml"), OF_TEXTS),
}
PACKAGES = {"keras-files": "h5py"}  # that an extra of this package brings


class Format(NamedTuple):
    """One format of files.

    Attributes
    ----------
    name : str
        What ``format=`` takes.
    suffixes : tuple of str
        Of the files that are written in it, unless ``format=`` says another one.
    whose : str
        Who writes and reads such files.
    module : str
        In this package.
    can : tuple of str
        What there is of `ALL`.
    begins : bytes, default=b""
        How each file of it does, if there is such a start.
    extra : str, optional
        Of this package, that must be installed.
    seeded : bool, default=False
        Whether a model's file says its seed and how many orders of the samples were drawn.
    """

    name: str
    suffixes: tuple[str, ...]
    whose: str
    module: str
    can: tuple[str, ...]
    begins: bytes = b""
    extra: str | None = None
    seeded: bool = False


class Uncompiled(UserWarning):
    """That a file has a model, and not how it was compiled."""


class Shown(NamedTuple):
    """What a file holds, as it is shown.

    Attributes
    ----------
    what : str
        Such as "a model of Keras 3", "weights of a model".
    layers : list
        (name, class or None, [(name of a tensor, its shape)]) of each layer.
    lines : list of str
        What else there is to say: the loss and the optimiser, updates so far.
    dtype : str, optional
        Of the parameters, where it is one.
    beside : list
        As layers: tensors that are no parameters.
    """

    what: str
    layers: list
    lines: list
    dtype: str | None = None
    beside: list = []  # noqa: RUF012  nobody changes it


def only_one(values):
    """The value that all of some are; None where there are several, or none."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def line_of_compiled(loss, optimizer):
    """What a file says of the loss and the optimiser, in a line: names, or descriptions of them."""
    return f"loss {name_in(loss)}, optimiser {name_in(optimizer)}"


def name_in(said):
    """The name in a description of a thing, or what there is, as it can be shown."""
    names = (said.get(key) for key in ("class_name", "reference")) if isinstance(said, dict) else ()
    name = next((name for name in names if name), said)
    return word(name.rpartition(">")[2] if isinstance(name, str) else name)  # Keras': Custom>SGD


OWN = Format("safetensors", (".safetensors",), "tinylstm", "own", ALL, seeded=True)
WEIGHTS = ("load", "save_weights", "load_weights")  # of what has no layers in it
WHOLE = ("save", "load", "load_weights")  # of what has weights beside a model alone
OF_KERAS = "keras-files"
FORMATS = {
    one.name: one
    for one in (
        OWN,
        Format("keras", (".keras",), "Keras 3", "keras.archive", WHOLE, ZIP, OF_KERAS),
        Format(
            "weights.h5", (".weights.h5",), "Keras 3", "keras.weights", WEIGHTS[1:], HDF5, OF_KERAS
        ),
        Format("h5", (".h5", ".hdf5"), "Keras 1 and 2", "keras.old_models", ALL, HDF5, OF_KERAS),
        Format("torch", (".pt", ".pth"), "PyTorch", "torch.file", WEIGHTS, ZIP),
        Format("torch.safetensors", (), "PyTorch", "torch.safetensors", WEIGHTS),
        Format("onnx", (".onnx",), "ONNX", "onnx", ("save", "load", "load_weights")),
    )
}
