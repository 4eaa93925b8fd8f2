"""The one gate through which data comes in: whatever it is becomes a native, C-contiguous array of
the model's dtype, or is refused with a sentence."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels.signatures import address_for
from ..kernels.training.loop import all_finite
from ..surface.arguments import as_list, whole_number
from ..surface.errors import mismatch
from .available import need_memory
from .misfits import not_real, ragged, wrong_axes, wrong_features, wrong_target


def real_array(data, dtype, what, own=False) -> NDArray[Any]:
    """A writable, C-contiguous array of the dtype; the data itself where it is one already.

    own: never the data itself, so that nobody can write into what kernels take for places.

    Raises
    ------
    TypeError
        If it holds objects, strings or complex numbers.
    ValueError
        If it is ragged or empty, or holds NaN or infinity.
    """
    array = given = as_array(data, what)
    if array.dtype.kind not in "fiub":
        raise not_real(array, data, what)
    if array.size == 0:
        raise mismatch(f"{what} is empty.", "at least one sample", f"shape {array.shape}")
    if own or array.dtype != dtype or not array.flags.carray:
        need_memory(
            array.size * np.dtype(dtype).itemsize,
            f"A copy of {what} in {np.dtype(dtype).name} does not fit into memory: hand over less, "
            "or what needs none: a numpy.memmap, batches of a generator, an array of this dtype.",
            f"shape {array.shape} of {array.dtype.name}",
        )
    if array.dtype != dtype:
        with np.errstate(over="ignore", invalid="ignore"):
            array = np.array(array, dtype, order="C")
    elif own or not array.flags.carray:
        array = np.array(array, order="C")
    if not compiled_finite(array.dtype)(array.reshape(-1)):
        at = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise mismatch(
            f"{what} holds a value that is not finite in {np.dtype(dtype).name}.",
            "finite numbers",
            f"{given[at]} at {list(at)}",
        )
    return array


def as_array(data, what) -> NDArray[Any]:
    """What NumPy makes of it, where that is an array.

    Raises
    ------
    ValueError
        If it is ragged, or has masked elements, whose numbers mean nothing.
    """
    try:
        array = np.asarray(data)
    except ValueError:
        raise ragged(what) from None
    if isinstance(data, np.ma.MaskedArray) and np.ma.is_masked(data):
        raise mismatch(f"{what} has masked elements.", "a number in every place", "a masked array")
    return array


def fitting_arrays(arrays, shapes, dtype, owner):
    """Weights of the given shapes, as arrays of the dtype.

    Raises
    ------
    ValueError
        If the number of arrays or a shape differs, or a value is not finite in the dtype.
    """
    arrays = [as_array(array, "A weight") for array in as_list(arrays, "Weights")]
    need_shapes(arrays, shapes, owner)
    return [real_array(array, dtype, f"{owner}: a weight") for array in arrays]


def need_shapes(arrays, shapes, owner):
    """Refuse weights of other shapes than the given ones."""
    received = [array.shape for array in arrays]
    if received != shapes:
        raise mismatch(
            f"{owner}: the weights do not fit.",
            f"{len(shapes)} arrays of shapes {shapes}",
            f"{len(received)} arrays of shapes {received}",
        )


@lru_cache
def compiled_finite(dtype):
    """`all_finite`, compiled for a dtype."""
    address_for(dtype, all_finite)
    return all_finite


def input_samples(x, model, own=False):
    """Samples for a built model: an array (N, T, D), or (N, D) for a model without steps.

    Whole numbers for an Embedding come as (N, T), and leave as (N, T, 1). own: as in `real_array`.
    """
    numbers = model.network.chain[0].reads_numbers
    x = real_array(x, model.dtype, "x", own=own or numbers)
    shape = model.network.chain[0].sample_shape
    if numbers and x.ndim == 2:
        x = x[..., None]
    if x.ndim != len(shape) + 1:
        raise wrong_axes(x, shape, numbers)
    if x.shape[-1] != shape[-1]:
        raise wrong_features(x, shape, numbers)
    if len(shape) == 2 and shape[0] not in (None, x.shape[1]):
        expected = f"{shape[0]}, or any with input_shape=(None, {shape[1]}) in the first layer"
        raise mismatch("x has the wrong number of steps.", expected, f"shape {x.shape}")
    if numbers:
        check_numbers(x, model.network.chain[0].input_dim, "x", "an Embedding's input_dim")
    return x


def check_numbers(values, count, what, whose):
    """Refuse values that are not whole numbers from 0 to count - 1."""
    wrong = (values < 0) | (values >= count) | (values != np.floor(values))
    if wrong.any():
        at = tuple(int(k) for k in np.argwhere(wrong)[0])
        raise mismatch(
            f"{what} must hold whole numbers below {whose}.",
            f"0 to {count - 1}",
            f"{values[at]:g} at {list(at)}",
        )


def target_samples(y, x, model, own=False):
    """Targets (N, T, K) or (N, K) for the model's loss on samples x; K = 1 for classes by number.

    A last axis of 1 may be left out. own: as in `real_array`.
    """
    if y is None:
        raise mismatch("y is missing.", "a target for each sample of x", "x alone", TypeError)
    y = real_array(y, model.dtype, "y", own=own or model.loss.sparse)
    outputs = model.network.shape_of_output(x)
    axes, classes = (len(x), *outputs[:-1]), outputs[-1]
    shape = (*axes, 1 if model.loss.sparse else classes)
    if y.shape != shape and shape[-1] == 1 and y.shape == shape[:-1]:
        y = y.reshape(shape)
    if y.shape != shape:
        if model.loss.sparse and y.shape == (*axes, classes):
            raise mismatch(
                "These look like one-hot rows, which are what categorical_crossentropy takes.",
                f"the number of a class for each target: {model.loss.name} takes y of shape "
                f"{shape[:-1]}",
                f"shape {y.shape}",
            )
        labels = y.shape in (shape[:-1], (*shape[:-1], 1))
        if model.loss.name == "categorical_crossentropy" and labels:
            raise mismatch(
                "These look like integer labels, which are what sparse_categorical_crossentropy "
                "takes; categorical_crossentropy takes one-hot rows.",
                f"y of shape {shape}: numpy.eye({shape[-1]})[labels]",
                f"shape {y.shape}",
            )
        if y.ndim > 0 and len(y) != len(x):
            raise mismatch("x and y differ in samples.", f"{len(x)}", f"{len(y)}")
        raise wrong_target(y, shape, per_step=len(axes) == 2)
    if model.loss.sparse:
        check_numbers(y, classes, "y", "the number of classes")
    model.loss.check(y)
    return y


def target_weights(y, count, sample_weight=None, class_weight=None):
    """A weight for each target y (N, T, K) or (N, K), as (N, T) or (N, 1); None where all are 1.

    sample_weight (N), (N, 1) or (N, T), class_weight {class: weight}; with both, their product.
    count: of the classes, None where any whole number is one.
    """
    if sample_weight is None and class_weight is None:
        return None
    shape = y.shape[:-1] if y.ndim == 3 else (len(y), 1)
    weights = np.ones(shape, y.dtype)
    if sample_weight is not None:
        given = real_array(sample_weight, y.dtype, "sample_weight")
        if given.shape not in ((len(y),), (len(y), 1), shape):
            raise mismatch(
                "sample_weight is a weight for each sample, or for each of its steps.",
                f"shape {(len(y),)}" + (f" or {shape}" if y.ndim == 3 else ""),
                f"shape {given.shape}",
            )
        weights *= given.reshape(len(y), -1)
    if class_weight is not None:
        weights *= class_weights(class_weight, classes_of(y), count).reshape(shape)
    return weights


def classes_of(y):
    """The class of each target: its place in a row, or the rounded number."""
    return y.argmax(axis=-1) if y.shape[-1] > 1 else np.rint(y[..., 0])


def class_weights(weights, numbers, count):
    """The weight of each number of a class; 1 for a class that is not named.

    count: that of the classes; None where any whole number is one.
    """
    if not isinstance(weights, dict):
        raise mismatch("class_weight names classes.", "{class: weight}", repr(weights), TypeError)
    found = np.ones(numbers.shape)
    for name, weight in weights.items():
        kind = whole_number(name, "A class of class_weight", least=0)
        value = real_array(weight, np.dtype(np.float64), f"class_weight[{kind}]")
        if value.ndim:
            raise mismatch("A class has one weight.", "a number", repr(weight))
        if count is not None and kind >= count:
            raise mismatch("class_weight names a class that is not there.", f"below {count}", kind)
        found[numbers == kind] = value
    return found


def checked_mask(mask, x):
    """A mask (samples, steps) of booleans as int8 flags: 1 where the step is held."""
    mask = as_array(mask, "mask")
    if mask.shape != x.shape[:2] or x.ndim != 3 or mask.dtype.kind not in "bi":
        raise mismatch(
            "The mask does not fit.",
            f"booleans of shape {x.shape[:2]}, False where a step is masked",
            f"{mask.dtype} of shape {mask.shape}",
        )
    return np.ascontiguousarray(mask == 0, dtype=np.int8)
