"""All kernels of this package, each with its types: for those who compile or look at every one."""

from importlib import import_module
from pkgutil import walk_packages

from .compiling import known_kernels
from .signatures import signature


def all_kernels(dtype):
    """Every kernel with its signature for a dtype, in pairs."""
    package = import_module(__package__)
    for module in walk_packages(package.__path__, f"{__package__}."):
        import_module(module.name)  # in which its kernels become known
    return [(one, signature(one, dtype)) for one in known_kernels()]
