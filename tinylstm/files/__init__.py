"""What is on disk: tensors with what is said of them, in files that are whole whenever a process
dies; and lines."""

from .adding import add_whole
from .refusals import need_folder, told

__all__ = [
    "add_whole",
    "need_folder",
    "told",
]
