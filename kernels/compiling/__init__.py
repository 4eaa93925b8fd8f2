"""How functions become machine code, and where it is kept."""

from .aside import compile_kernel, compiling
from .cache import announce_compilation, is_cached, is_stored, reserve
from .calling import address_of, call, call_value
from .decorators import BARE, COMPILED, body, inner, is_kernel, is_ours, kernel, wrapping
from .known import found, known_kernels, place_of
from .locks import acquire, lock_file, release, standstill
from .made import HEAVY, weight
from .place import folder, writable
from .processor import (
    FLUSH_DENORMALS,
    X86,
    float_mode,
    prefer_wide_registers,
    set_float_mode,
)
from .reach import Unseen, reach
from .streams import ERR, OUT, above_bars, show
from .views import array_at, chosen, vectors_at, view

__all__ = [
    "BARE",
    "COMPILED",
    "ERR",
    "FLUSH_DENORMALS",
    "HEAVY",
    "OUT",
    "X86",
    "Unseen",
    "above_bars",
    "acquire",
    "address_of",
    "announce_compilation",
    "array_at",
    "body",
    "call",
    "call_value",
    "chosen",
    "compile_kernel",
    "compiling",
    "float_mode",
    "folder",
    "found",
    "inner",
    "is_cached",
    "is_kernel",
    "is_ours",
    "is_stored",
    "kernel",
    "known_kernels",
    "lock_file",
    "place_of",
    "prefer_wide_registers",
    "reach",
    "release",
    "reserve",
    "set_float_mode",
    "show",
    "standstill",
    "vectors_at",
    "view",
    "weight",
    "wrapping",
    "writable",
]
