"""``tensorflow`` around ``tf.keras``: seeds, versions, devices and logging."""

import logging

from .. import set_random_seed
from . import flags
from .backend import Settings, nothing
from .dialect import spoken
from .missing import missing
from .values import ACTIVATIONS, Name

VERSIONS = {(2, 2): "1.13.1", (2, 3): "2.1.0"}  # that had tf.keras of this version


def version():
    """The version of TensorFlow whose tf.keras is spoken."""
    number = spoken().number[:2]
    return VERSIONS.get(number, spoken().version if number >= (2, 4) else "1.0.1")


USUAL = {  # of losses and metrics: what asks for nothing
    "reduction": ("auto", "sum_over_batch_size"),
    "axis": (-1,),
    "threshold": (0.5,),
}


def named_class(name, positions):
    """A class whose instances stand for a name: ``tf.keras.losses.MeanSquaredError()``.

    positions : what it is given by position.
    """

    def made(*args, **kwargs):
        kwargs |= dict(zip(positions, args, strict=False))
        own_name, _ = kwargs.pop("name", None), kwargs.pop("dtype", None)
        asked = [key for key, value in kwargs.items() if value and value not in USUAL.get(key, ())]
        if asked:
            raise missing(f"{name}({', '.join(f'{key}=...' for key in asked)})")
        one = Name(name)
        one.own_name = own_name
        return one

    return made


def no_devices(*args, **kwargs):
    """There are no devices but the processor."""
    return []


def contents():
    """What is in each module, by its path below ``tensorflow``."""
    seeds = {"set_seed": set_random_seed}
    logs = {"set_verbosity": nothing, "ERROR": logging.ERROR, "INFO": logging.INFO}
    logs |= {"WARN": logging.WARNING, "FATAL": logging.FATAL, "DEBUG": logging.DEBUG}
    devices = {"list_physical_devices": no_devices, "set_memory_growth": nothing}
    devices |= {"set_visible_devices": nothing, "list_logical_devices": no_devices}
    v1 = {
        "set_random_seed": set_random_seed,
        "disable_eager_execution": nothing,
        "disable_v2_behavior": nothing,
        "ConfigProto": Settings,
        "GPUOptions": Settings,
        "Session": Settings,
        "get_default_graph": Settings,
        "reset_default_graph": nothing,
    }
    options = flags.tables()
    return {
        **options,
        **{f"compat.v1.{name}": table for name, table in options.items()},
        "": {
            **v1,
            "__version__": version(),
            "is_tensor": lambda x: False,
            "get_logger": lambda: logging.getLogger("tensorflow"),
        },
        "random": seeds,
        "nn": {name: Name(name) for name in ACTIVATIONS},
        "math": {name: Name(name) for name in ("tanh", "sigmoid")},
        "logging": logs,
        "test": {
            "is_gpu_available": lambda *args, **kwargs: False,
            "gpu_device_name": lambda: "",
            "is_built_with_cuda": lambda: False,
        },
        "config": devices,
        "config.experimental": devices,
        "compat": {},
        "compat.v1": v1,
        "compat.v1.logging": logs,
        "compat.v2": {},
        "python": {},
    }
