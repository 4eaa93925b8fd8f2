"""How functions become machine code, and where it is kept."""

from .beats import Standstill
from .cache import announce_compilation, is_cached, is_stored, reserve
from .compiler import (
    BARE,
    COMPILED,
    FLUSH_DENORMALS,
    X86,
    address_of,
    array_at,
    body,
    call,
    call_value,
    chosen,
    compile_kernel,
    compiling,
    float_mode,
    inner,
    is_ours,
    kernel,
    planes,
    prefer_wide_registers,
    set_float_mode,
    view,
    wrapping,
)
from .made import HEAVY, weight
from .place import folder, writable
from .reach import Unseen, reach
from .streams import ERR, OUT, show

__all__ = [
    "BARE",
    "COMPILED",
    "ERR",
    "FLUSH_DENORMALS",
    "HEAVY",
    "OUT",
    "X86",
    "Standstill",
    "Unseen",
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
    "inner",
    "is_cached",
    "is_ours",
    "is_stored",
    "kernel",
    "planes",
    "prefer_wide_registers",
    "reach",
    "reserve",
    "set_float_mode",
    "show",
    "view",
    "weight",
    "wrapping",
    "writable",
]
