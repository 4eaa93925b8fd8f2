"""Packages that change with their versions alone: there a name says what it stands for."""

import os
import sys
import sysconfig
from functools import cache
from importlib import metadata
from operator import attrgetter
from types import FunctionType

import numpy as np

OURS = __package__.partition(".")[0]
STAMPED = ("numpy", "numba", "llvmlite")  # the name of the cache's folder holds their versions
LIBRARY = tuple({os.path.join(sysconfig.get_path(name), "") for name in ("stdlib", "platstdlib")})
INSTALLED = {"site-packages", "dist-packages"}


@cache
def home(module):
    """Name and version of a module's package, by the module's name; None: any line may change."""
    package = (module or "").partition(".")[0]
    if package in STAMPED:
        return package
    if package == OURS or package not in sys.modules:
        return None
    file = getattr(sys.modules[package], "__file__", None)
    if file is None:
        return package if package in sys.stdlib_module_names else None
    if INSTALLED.intersection(file.split(os.sep)):
        return _installed(package)
    return package if file.startswith(LIBRARY) else None


def _installed(package):
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        version = getattr(sys.modules[package], "__version__", None)
        return version and f"{package} {version}"


def name_of(value):
    """Package and name of something that belongs to such a package, as a text; None of others."""
    if isinstance(value, FunctionType) and not value.__closure__:  # wherever it stands
        module, name = value.__globals__.get("__name__"), value.__qualname__
        return home(module) and f"{home(module)} {module}.{name}"
    module = "numpy" if isinstance(value, np.ufunc) else getattr(value, "__module__", None)
    name = getattr(value, "__qualname__", getattr(value, "__name__", None))
    if not (isinstance(module, str) and isinstance(name, str)) or _found(module, name) is not value:
        return None
    return home(module) and f"{home(module)} {module}.{name}"


def _found(module, name):
    try:
        return attrgetter(name)(sys.modules[module])
    except (AttributeError, KeyError):
        return None
