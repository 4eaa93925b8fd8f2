"""What is on disk: tensors with what is said of them, in files that are whole whenever a process
dies; and lines."""

from .adding import add_whole
from .refusals import need_folder, told
from .weights import OTHER_FORMAT, load_weights, save_weights

__all__ = [
    "OTHER_FORMAT",
    "add_whole",
    "load_weights",
    "need_folder",
    "save_weights",
    "told",
]
