"""The modules ``keras`` and ``tensorflow`` that an old script imports, and what is in each."""

import importlib
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

from . import tensorflow
from .contents import ALIASES, OTHERS, keras_contents
from .dialect import spoken
from .missing import Missing, nearest

ROOTS = ("keras", "tensorflow", "keras_preprocessing")
OF_KERAS = ("optimizers", "losses", "metrics", "initializers")  # in tensorflow 2, too
KERAS_IN_TENSORFLOW = ("keras", "python.keras", "compat.v1.keras", "compat.v2.keras")


class OldModule(ModuleType):
    """A module of Keras or TensorFlow: a table of names, and `Missing` for all others.

    others : names that Keras had there and this package has not.
    meant : for a module that Keras never had, the name and the table of the nearest one.
    """

    def __init__(self, name, contents, children=(), others=(), meant=("", ())):
        super().__init__(name)
        self._children, self._meant = children, meant
        self._supported = [name for name in contents if name != "get"]
        self._others = {name.lower() for name in others}
        self.__dict__.update(contents)
        self.__all__ = sorted({*contents, *others, *children})

    def __getattr__(self, attribute):
        if attribute.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {attribute!r}")
        if attribute in self._children:
            return importlib.import_module(f"{self.__name__}.{attribute}")
        return Missing(f"{self.__name__}.{attribute}", self._supported, near=self._near(attribute))

    def _near(self, attribute):
        """What was meant by a name that is not here: see `missing`."""
        module, names = self._meant
        if attribute in names:
            return f"{module}.{attribute}"
        return "" if attribute.lower() in self._others else None


class OldModules:
    """Finds and makes the modules: an entry of ``sys.meta_path``."""

    def __init__(self):
        self.contents = keras_contents()
        self.tensorflow = tensorflow.contents()

    def find_spec(self, name, path=None, target=None):
        """The spec of a module below one of the roots."""
        if name.partition(".")[0] in ROOTS:
            return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        """A new module of that name."""
        root, _, path = spec.name.partition(".")
        if root == "keras":
            return self.keras_module(spec.name, path)
        if root == "keras_preprocessing":
            return self.keras_module(spec.name, ".".join(filter(None, ["preprocessing", path])))
        if path in OF_KERAS:
            return self.keras_module(spec.name, path)
        for prefix in KERAS_IN_TENSORFLOW:
            if path == prefix or path.startswith(f"{prefix}."):
                return self.keras_module(spec.name, path[len(prefix) + 1 :])
        below = children(path, [*self.tensorflow, *KERAS_IN_TENSORFLOW, *OF_KERAS])
        return OldModule(spec.name, self.tensorflow.get(path, {}), below)

    def exec_module(self, module):
        """Nothing is to be run."""

    def keras_module(self, name, path):
        """The module at a path below ``keras``; below ``layers`` all have the same names."""
        at = ALIASES.get(path, "layers" if path.startswith("layers.") else path)
        table = dict(self.contents.get(at, {}))
        if not path:
            table["__version__"] = spoken().version
        paths = [*self.contents, *ALIASES]
        below = children(path, paths)
        if table or below or path in paths:
            return OldModule(name, table, below, OTHERS.get(at, ()))
        meant = nearest(path, paths)
        names = self.contents.get(ALIASES.get(meant, meant), ())
        return OldModule(name, {}, meant=(name[: -len(path)] + meant, names))


def children(path, paths):
    """The names right below a path."""
    start = f"{path}." if path else ""
    below = [other[len(start) :] for other in paths if other.startswith(start) and other != path]
    return sorted({name.partition(".")[0] for name in below if name})


def is_old(name):
    """Whether a module's name is one that is answered here."""
    return name.partition(".")[0] in ROOTS


def install():
    """Answer imports of ``keras`` and ``tensorflow``; returns what `restore` needs."""
    before = {name: sys.modules.pop(name) for name in [*sys.modules] if is_old(name)}
    finder = OldModules()
    sys.meta_path.insert(0, finder)
    return finder, before


def restore(installed):
    """Take `install` back."""
    finder, before = installed
    sys.meta_path.remove(finder)
    for name in [name for name in sys.modules if is_old(name)]:
        del sys.modules[name]
    sys.modules.update(before)
