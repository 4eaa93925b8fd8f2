"""Kernels of one's own in the disk cache: each under what it is, and none that may be wrong."""

import ctypes
import os
import time

import numpy as np
import pytest
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from tinylstm.kernels import kernel
from tinylstm.kernels.compiling import COMPILED, address_of, cache, call, compile_kernel, locks

from tests.kernel_runs import in_child, starting

pytestmark = pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")

VECTOR = types.Array(types.float64, 1, "C")
SIGNATURE = types.none(VECTOR)


@pytest.fixture(autouse=True)
def folder(tmp_path):
    """A cache folder, as a process that starts finds it."""
    with starting(tmp_path / "cache"):
        yield tmp_path / "cache"


def files(folder):
    return sorted(path.name for path in folder.glob("*/*"))


def made(number, name=None):
    """A kernel of a factory."""

    @kernel(name=name)
    def power(a):
        a[0] = a[0] ** number

    return power


def value(one):
    """What a kernel makes of two, and whether its code came from the disk."""
    a = np.array([2.0])
    compile_kernel(one, SIGNATURE)
    one(a)
    return float(a[0]), bool(one._cache_hits)


def test_kernels_of_one_factory_do_not_meet(folder):
    assert [value(made(n)) for n in (2, 3)] == [(4, False), (8, False)]
    assert [value(made(n)) for n in (2, 3)] == [(4, True), (8, True)]
    assert len(files(folder)) == 2
    assert all(
        name.startswith("test_own_kernels_cached.made.locals.power-") for name in files(folder)
    )


def test_a_name_is_that_of_the_file(folder):
    value(made(2, name="power.of_two"))
    assert files(folder)[0].startswith("test_own_kernels_cached.power.of_two-")


@kernel
def run_by_address(address, a):
    call(address, (a,))


def test_kernels_that_other_processes_compiled_keep_apart():
    """Numba counts functions of one name, and each child goes on from the same number."""
    for n in (2, 3):
        assert in_child(lambda n=n: value(made(n))) == (2**n, False)
    both = [made(2), made(3)]
    for one in both:
        compile_kernel(one, SIGNATURE)
    a = np.array([2.0])
    for one in both:
        assert one._cache_hits
        run_by_address(address_of(one, SIGNATURE), a)
    assert a[0] == 2**6


class Failed(ValueError):
    """What a kernel of one's own may raise."""


def unseen(large=None, function=None):
    """A kernel that reaches something that has no digest."""

    @kernel
    def from_array(a):
        a[0] = large[5]

    @kernel
    def from_system(a):
        a[0] = function(5)

    @kernel
    def of_class(a):
        if a[0] < 0:
            raise Failed
        a[0] = 5

    return from_array if function is None else from_system if large is None else of_class


def test_code_with_an_address_of_this_process_is_not_kept(folder):
    for _ in "12":
        assert value(kernel(of_address.py_func)) == (5, False)
    assert files(folder) == []


@intrinsic
def five(typingctx):
    """A number at an address of this process."""

    def codegen(context, builder, signature, values):
        address = context.add_dynamic_addr(builder, FIVE.ctypes.data, "five")
        return builder.load(builder.bitcast(address, ir.DoubleType().as_pointer()))

    return types.float64(), codegen


FIVE = np.array([5.0])


@kernel
def of_address(a):
    a[0] = five()


absolute = ctypes.CDLL(None).abs
absolute.restype, absolute.argtypes = ctypes.c_int, [ctypes.c_int]
UNSEEN = {
    "a large array": {"large": np.arange(2.0**18)},
    "a function of the system": {"function": absolute},
    "an exception": {"large": 0, "function": 0},
}


@pytest.mark.parametrize("what", UNSEEN)
def test_what_has_no_digest_is_compiled_in_each_process_and_nothing_is_said(folder, what):
    for _ in "12":
        assert value(unseen(**UNSEEN[what])) == (5, False)
    assert files(folder) == []


def test_a_kernel_without_a_module_is_not_kept(folder):
    names = {"kernel": kernel, "__name__": None}
    exec("@kernel\ndef one(a):\n    a[0] = 5", names)
    assert value(names["one"]) == (5, False)
    assert files(folder) == []


NUMBERS = """
@njit
def helper(x):
    return x * factor

@kernel
def first(a):
    a[0] = helper(a[0])

@kernel
def second(a):
    a[0] = helper(a[0]) + 0
"""


def test_a_number_that_changes_while_a_process_runs_stores_nothing_wrong(folder):
    def session():
        names = {"kernel": kernel, "njit": njit, "factor": 2.0, "__name__": __name__}
        exec(NUMBERS, names)
        return names

    names = session()
    assert value(names["first"]) == (4, False)
    names["factor"] = 3.0
    assert value(names["second"]) == (4, False)  # Numba has compiled the helper with 2
    assert len(files(folder)) == 1
    names = session()
    assert value(names["first"]) == (4, True)
    names = session()
    names["factor"] = 3.0
    assert value(names["second"]) == (6, False)


def test_a_helper_that_was_compiled_before_a_change_of_a_number_is_noticed(folder):
    names = {"kernel": kernel, "njit": njit, "factor": 2.0, "__name__": __name__}
    exec(NUMBERS, names)
    assert names["helper"](1.0) == 2
    names["factor"] = 3.0
    value(names["first"])
    assert files(folder) == []


def test_four_former_files_of_a_kernel_stay_and_those_in_use(folder, monkeypatch):
    numbers = {}
    for n in range(2, 9):
        (path,) = {*folder.glob("*/*.nbc")} - {*numbers} if value(made(n)) else ()
        numbers[path] = n
        date = time.time() - 10 * cache.IN_USE + n
        os.utime(path, (date, date))
    used = next(path for path, n in numbers.items() if n == 6)
    assert sorted(numbers[path] for path in folder.glob("*/*.nbc")) == [5, 6, 7, 8]
    assert value(made(6)) == (64, True)
    for n in (9, 10, 11, 12):
        value(made(n))
    assert used.exists()
    assert len(files(folder)) == 5


def test_a_kernel_that_does_not_compile_is_locked_for_nobody(folder):
    @kernel
    def wrong(a):
        a.nothing()

    with pytest.raises(Exception, match="nothing"):
        wrong(np.ones(1))
    assert locks._held == {}
    assert files(folder) == []
