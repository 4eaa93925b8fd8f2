"""The one gate through which data comes in: whatever it is becomes a native, C-contiguous array of
the model's dtype, or is refused with a sentence."""

from functools import lru_cache

import numpy as np

from .errors import mismatch
from .kernels.compiler import address_of
from .kernels.loop import all_finite, finite_signature


def real_array(data, dtype, what):
    """A writable, C-contiguous array of the dtype; the data itself where it is one already.

    Raises
    ------
    TypeError
        If it holds objects, strings or complex numbers.
    ValueError
        If it is ragged or empty, or holds NaN or infinity.
    """
    array = given = as_array(data, what)
    if array.dtype.kind not in "fiub":
        raise mismatch(
            f"{what} must hold real numbers.", "dtype float, int or bool", array.dtype, TypeError
        )
    if array.size == 0:
        raise mismatch(f"{what} is empty.", "at least one sample", f"shape {array.shape}")
    if array.dtype != dtype or not array.flags.carray:
        with np.errstate(over="ignore", invalid="ignore"):
            array = np.array(array, dtype, order="C")
    if not compiled_finite(array.dtype)(array.reshape(-1)):
        at = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise mismatch(
            f"{what} holds a value that is not finite in {np.dtype(dtype).name}.",
            "finite numbers",
            f"{given[at]} at {list(at)}",
        )
    return array


def as_array(data, what):
    """What NumPy makes of it, where that is an array.

    Raises
    ------
    ValueError
        If it is ragged, or has masked elements, whose numbers mean nothing.
    """
    try:
        array = np.asarray(data)
    except ValueError as reason:
        raise mismatch(
            f"{what} is not an array ({reason}).", "equal lengths", "a ragged list"
        ) from None
    if isinstance(data, np.ma.MaskedArray) and np.ma.is_masked(data):
        raise mismatch(f"{what} has masked elements.", "a number in every place", "a masked array")
    return array


def as_list(values, what):
    """The values as a list, where they are several.

    Raises
    ------
    TypeError
        If they are not.
    """
    try:
        return list(values)
    except TypeError:
        raise mismatch(f"{what} is not a list.", "a list", repr(values), TypeError) from None


def fitting_arrays(arrays, shapes, dtype, owner):
    """Weights of the given shapes, as arrays of the dtype.

    Raises
    ------
    ValueError
        If the number of arrays or a shape differs, or a value is not finite in the dtype.
    """
    arrays = [as_array(array, "A weight") for array in as_list(arrays, "Weights")]
    received = [array.shape for array in arrays]
    if received != shapes:
        raise mismatch(
            f"{owner}: the weights do not fit.",
            f"{len(shapes)} arrays of shapes {shapes}",
            f"{len(received)} arrays of shapes {received}",
        )
    return [real_array(array, dtype, f"{owner}: a weight") for array in arrays]


@lru_cache
def compiled_finite(dtype):
    """`all_finite`, compiled for a dtype."""
    address_of(all_finite, finite_signature(dtype))
    return all_finite


def input_samples(x, model):
    """Samples for a built model: an array (N, T, D), or (N, D) for a model without steps."""
    x = real_array(x, model.dtype, "x")
    shape = model.input_shape
    if x.ndim != len(shape) + 1:
        axes = "(samples, steps, features)" if len(shape) == 2 else "(samples, features)"
        raise mismatch("x has the wrong number of axes.", axes, f"shape {x.shape}")
    if x.shape[-1] != shape[-1]:
        raise mismatch("x has the wrong number of features.", f"{shape[-1]}", f"shape {x.shape}")
    if len(shape) == 2 and shape[0] not in (None, x.shape[1]):
        raise mismatch("x has the wrong number of steps.", f"{shape[0]}", f"shape {x.shape}")
    return x


def target_samples(y, x, model):
    """Targets (N, T, K) or (N, K) for the model's loss on samples x.

    A last axis of 1 may be left out.
    """
    y = real_array(y, model.dtype, "y")
    shape = (len(x), *model.shape_of_output(x))
    if y.shape != shape and shape[-1] == 1 and y.shape == shape[:-1]:
        y = y.reshape(shape)
    if y.shape != shape:
        labels = model.loss.name == "categorical_crossentropy" and y.shape in (
            shape[:-1],
            (*shape[:-1], 1),
        )
        if labels:
            raise mismatch(
                "These look like integer labels, which are what sparse_categorical_crossentropy "
                "takes; categorical_crossentropy takes one-hot rows.",
                f"y of shape {shape}: numpy.eye({shape[-1]})[labels]",
                f"shape {y.shape}",
            )
        if y.ndim > 0 and len(y) != len(x):
            raise mismatch("x and y differ in samples.", f"{len(x)}", f"{len(y)}")
        raise mismatch("y does not fit the model's output.", f"shape {shape}", f"shape {y.shape}")
    model.loss.check(y)
    return y


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
