"""HDF5 files: all that one holds, as groups within groups; and such groups as a file.

tree = read(path)               # or the bytes of a file
tree.attributes["keras_version"], tree["model_weights"]["lstm"] ...
write(path, Group({"a": array, "b": Group({}, {"said": ["x", "y"]})}))
"""

from .reading import read
from .tree import Group
from .writing import content_of, write

__all__ = ["Group", "content_of", "read", "write"]
