"""How kernels reach each other: by address, and with inner functions that Python may call too."""

import signal
import sys

import numpy as np
import pytest
from numba import njit, types
from numba.core.caching import NullCache
from numba.core.registry import cpu_target
from tinylstm.kernels import inner, kernel
from tinylstm.kernels.compiling import (
    COMPILED,
    address_of,
    call,
    call_value,
    compile_kernel,
)
from tinylstm.kernels.products.small import add_small_product
from tinylstm.kernels.threads import Columns
from tinylstm.kernels.vectors import fill

VECTOR = types.Array(types.float64, 1, "C")


@inner
def half(a):
    return a[0] / 2


@kernel
def half_of(a):
    return half(a)


@kernel
def set_root(a):
    if a[0] < 0:
        raise ValueError("no root")
    a[0] = np.sqrt(a[0])


@kernel
def set_root_by_address(address, a):
    call(address, (a,))


@kernel
def half_by_address(address, a):
    return call_value(address, (a,))


def test_a_kernel_is_called_by_its_address():
    a = np.array([9.0, 2.0])
    set_root_by_address(address_of(set_root, types.none(VECTOR)), a)
    assert list(a) == [3, 2]
    assert half_by_address(address_of(half_of, types.float64(VECTOR)), a) == 1.5


def test_python_may_call_what_is_compiled_for_kernels_alone(rng):
    assert half_of(np.ones(1)) == half(np.ones(1)) == 0.5
    a, M, out = rng.normal(size=(3, 9)), rng.normal(size=(9, 5)), rng.normal(size=(3, 5))
    expected = out + a @ M
    add_small_product(a, M, out, Columns(0, 5, 5, 1, 0))
    assert np.allclose(out, expected, rtol=0, atol=1e-13)


@pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")
def test_numbers_in_the_source_of_callers_make_no_compilations_of_their_own():
    times = inner(lambda a, n: a[0] * n, distinct=True)

    @njit
    def sum_of_three(a, n):
        return times(a, 1) + times(a, 2) + times(a, n)

    assert sum_of_three(np.array([0.5]), 3) == 3
    assert len(times.overloads) == 1


@inner
def positive(a):
    if a[0] < 0:
        print("negative", a[0])
        raise ValueError("negative")
    return a[0]


@kernel
def fill_with_first(source, goal):
    fill(goal, positive(source))


@pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")
def test_what_only_kernels_call_is_no_machine_code_of_its_own():
    fill_anew, goal = kernel(fill_with_first.py_func), np.zeros(3)
    fill_anew._cache = NullCache()  # code from the disk has none of what it was made of
    fill_anew(np.array([2.0]), goal)
    assert goal.tolist() == [2, 2, 2]
    assert set(machine_code_of(fill)) == {0} != set(machine_code_of(fill_anew))


def machine_code_of(function):
    """Addresses of what a function was compiled to, 0 for what there is in its callers alone."""
    found = function.overloads.values()
    return [one.library.get_pointer_to_function(one.fndesc.llvm_func_name) for one in found]


def test_what_an_inner_function_of_ones_own_prints_and_raises_is_seen(capfd):
    with pytest.raises(ValueError, match="negative"):
        fill_with_first(np.array([-1.0]), np.zeros(2))
    assert capfd.readouterr().out == "negative -1.0\n"


@pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")
def test_an_exception_of_a_kernel_is_printed_and_lost(monkeypatch):
    printed, a = [], np.array([-9.0])
    monkeypatch.setattr(sys, "unraisablehook", printed.append)
    set_root_by_address(address_of(set_root, types.none(VECTOR)), a)
    (lost,) = printed
    assert repr(lost.exc_value) == "ValueError('no root')"
    assert a[0] == -9


@pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")
@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_an_interrupt_while_llvm_calls_back_stops_the_compilation(monkeypatch):
    @kernel
    def third_of(a):
        return a[0] / 3

    def interrupted(module, code):
        called.append(module)
        signal.raise_signal(signal.SIGINT)

    called, hook = [], sys.unraisablehook
    engine = cpu_target.target_context.codegen()._engine._ee
    monkeypatch.setattr(engine, "_object_cache_notify", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compile_kernel(third_of, types.float64(VECTOR))
    assert called
    assert sys.unraisablehook is hook
    monkeypatch.undo()
    assert third_of(np.array([6.0])) == 2
