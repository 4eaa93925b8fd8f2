"""All kernels, made ready at once: for an image, a laboratory, or a continuous integration."""

from ..kernels.compiling import address_of
from ..kernels.registry import all_kernels
from .first_start import bar
from .preparing import prepare


def warm_up(dtypes):
    """Compile every kernel that is not on the disk; returns how many there are."""
    pairs = [pair for dtype in dtypes for pair in all_kernels(dtype)]
    prepare(pairs, bar)
    for kernel, signature in pairs:
        address_of(kernel, signature)
    return len(pairs)
