"""Names of machine code that no two functions share, of whatever process.

Numba counts the functions that a process compiles, to tell those apart that have one name, as all
that a factory makes have. Kernels that several processes have compiled meet in the one that loads
them, and LLVM would take one for another. So each process counts from a random number on.
"""

import itertools
import os

from numba.core.bytecode import FunctionIdentity


def count_anew():
    """Count from another number on."""
    FunctionIdentity._unique_ids = itertools.count(int.from_bytes(os.urandom(7)))


count_anew()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=count_anew)
