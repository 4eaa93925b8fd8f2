"""The key of a kernel: it changes with whatever the kernel reaches, and with nothing else."""

import textwrap
import types
from enum import IntEnum

import numpy as np
import pytest
from numba import njit
from numba.core import types as numba_types
from numba.extending import intrinsic, overload, overload_method
from tinylstm.kernels import inner, kernel
from tinylstm.kernels.cells import gru, lstm
from tinylstm.kernels.compiling import COMPILED
from tinylstm.kernels.compiling.made import key_of
from tinylstm.kernels.compiling.reach import reach
from tinylstm.kernels.registry import all_kernels

pytestmark = pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")

KERNEL = """
@kernel
def scaled(a, out):
    for k in range(len(a)):
        out[k] = {}
"""


def key(source, expression="a[k]", **names):
    """Key of a kernel that computes an expression, in a module of its own."""
    module = types.ModuleType("somebodys")
    vars(module).update(names, kernel=kernel, njit=njit, np=np, inner=inner)
    exec(textwrap.dedent(source) + KERNEL.format(expression), vars(module))
    return key_of(module.scaled)


def module_of(**names):
    module = types.ModuleType("helpers")
    vars(module).update(names)
    return module


HELPER = """
@njit
def helper(x{default}):
    {doc}
    return x * factor{more}

factor, unused = {factor}, {unused}
"""


def with_helper(default="", doc="", factor=2.0, unused=1, more=""):
    settings = {"default": default, "doc": doc, "factor": factor, "unused": unused, "more": more}
    return key(HELPER.format(**settings), "helper(a[k])")


SAME = {
    "a docstring": {"doc": '"""Twice."""'},
    "a comment": {"doc": "# twice"},
    "lines": {"doc": "\n\n\n"},
    "a number that it does not name": {"unused": 2},
}
OTHER = {
    "a number": {"factor": 3.0},
    "its type": {"factor": 2},
    "its sign": {"factor": -2.0},
    "a default": {"default": "=1.0"},
    "the code": {"more": " + x"},
    "a constant": {"more": " + 1"},
    "another constant": {"more": " + 1.0"},
    "a tuple": {"factor": (1.0, 2)},
    "an array": {"factor": "np.ones(3)"},
    "its content": {"factor": "np.zeros(3)"},
    "its dtype": {"factor": "np.ones(3, np.float32)"},
    "a scalar": {"factor": "np.float32(2)"},
    "nothing": {"factor": None},
    "what others have not": {"factor": "min"},
}


@pytest.mark.parametrize("change", SAME)
def test_the_key_is_the_same_without(change):
    assert with_helper(**SAME[change]) == with_helper()


def test_the_key_is_another_one_with_each_of_these():
    keys = [with_helper(), *(with_helper(**change) for change in OTHER.values())]
    assert None not in keys
    assert len(set(keys)) == len(keys)


def test_defaults_differ():
    assert with_helper(default="=1.0") != with_helper(default="=2.0")


def test_a_docstring_may_come_where_nothing_is_returned():
    assert key("@njit\ndef f(x):\n    'Doc.'\n    x[0] = 1", "f(a)") == key(
        "@njit\ndef f(x):\n    x[0] = 1", "f(a)"
    )


FACTORY = """
def made(n):
    @njit
    def power(x):
        return x ** n
    return power

square = made({})
"""


def test_closures_of_one_factory_differ():
    two, three = (key(FACTORY.format(n), "square(a[k])") for n in (2, 3))
    assert two != three
    assert two == key(FACTORY.format(2), "square(a[k])")


def test_attributes_of_modules_count_where_they_are_named():
    def keyed(**names):
        return key("", "helpers.inside.factor * a[k]", helpers=module_of(**names))

    inside = module_of(factor=2.0, other=1)
    assert keyed(inside=inside) == keyed(inside=module_of(factor=2.0, other=5), more=1)
    assert keyed(inside=inside) != keyed(inside=module_of(factor=3.0, other=1))


def test_modules_and_functions_that_know_each_other_have_a_key():
    a, b = module_of(f=1), module_of(f=2)
    a.b, b.a = b, a
    assert key("", "a.b.a.f", a=a) != key("", "a.b.f", a=a)
    mutual = "@njit\ndef odd(n):\n    return even(n - {})\n@njit\ndef even(n):\n    return odd(n)\n"
    assert key(mutual.format(1), "odd(a[k])") != key(mutual.format(2), "odd(a[k])")


def test_options_of_the_compiler_count():
    @kernel
    def plain(a):
        a[0] = 1

    function = plain.py_func
    others = [njit(function), njit(fastmath=True)(function), kernel(function, assume=("ninf",))]
    inners = [inner(function, in_order=one, distinct=one) for one in (False, True)]
    keys = [key_of(one) for one in (plain, *others, *inners)]
    assert None not in keys
    assert len(set(keys)) == len(keys)
    assert key_of(kernel(function)) == key_of(plain)


@pytest.mark.parametrize("option", ["in_order", "distinct"])
def test_each_option_of_an_inner_function_counts(option):
    def function(a):
        a[0] = 1

    function.__module__ = "tinylstm.kernels.made_up"
    assert key_of(inner(function)) != key_of(inner(function, **{option: True}))


def constant(number, scale=1):
    """An intrinsic that gives a number."""

    @intrinsic
    def given(typingctx):
        def codegen(context, builder, signature, values):
            return context.get_constant(numba_types.intp, number * scale)

        return numba_types.intp(), codegen

    return given


def test_what_an_intrinsic_generates_counts():
    one, two = (key("", "given()", given=constant(number)) for number in (1, 2))
    assert one != two
    assert one == key("", "given()", given=constant(1))


def overloaded(number, **options):
    """A function, in whose place compiled code has one that gives a number."""

    def given():
        """Not compiled."""

    @overload(given, jit_options=options)
    def compiled():
        return lambda: number

    return given


def test_overloads_count_and_so_do_their_options():
    one = key("", "given()", given=overloaded(1))
    assert one != key("", "given()", given=overloaded(2))
    assert one != key("", "given()", given=overloaded(1, fastmath=True))
    assert one == key("", "given()", given=overloaded(1))


def test_an_overload_that_comes_later_counts():
    module = module_of(kernel=kernel, given=lambda: 1)
    exec(KERNEL.format("given()"), vars(module))
    before = key_of(module.scaled)
    overload(module.given)(lambda: lambda: 1)
    assert key_of(module.scaled) not in (before, None)


def test_a_method_of_ones_own_counts_where_it_is_named():
    before = key("", "a.doubled_in_a_test()"), key("", "a.sum()")
    overload_method(numba_types.Array, "doubled_in_a_test")(lambda a: lambda a: a[0] * 2)
    assert key("", "a.doubled_in_a_test()") != before[0]
    assert key("", "a.sum()") == before[1]


class Kind(IntEnum):
    FIRST = 1
    SECOND = 2


def test_enumerations_and_what_packages_have_can_be_named():
    keys = [
        key("", "one", one=Kind.FIRST),
        key("", "one", one=Kind.SECOND),
        key("", "one.FIRST", one=Kind),
        key("", "one(a[k])", one=np.exp),
        key("", "one(a[k])", one=np.sum),
        key("", "one(a[k])", one=np.float32),
        key("", "one(a[k])", one=max),
        key("", "one.sin(a[k])", one=np),
    ]
    assert None not in keys
    assert len(set(keys)) == len(keys)


class Thing:
    """An object of somebody's own."""


class Failed(ValueError):
    """An exception of somebody's own."""


UNSEEN = {
    "an object": Thing(),
    "a method": Thing().__str__,
    "a large array": np.zeros(2**18),
    "an array of objects": np.array([Thing()]),
    "an exception of one's own": Failed,
    "a generator": (k for k in range(3)),
}


@pytest.mark.parametrize("thing", UNSEEN)
def test_what_may_change_unseen_has_no_key(thing):
    assert key("", "one", one=UNSEEN[thing]) is None
    assert key("", "one", one=(1, UNSEEN[thing])) is None


def test_all_kernels_of_this_package_have_keys_and_each_its_own():
    pairs = all_kernels("float32")
    keys = {key_of(one) for one, _ in pairs}
    assert None not in keys
    assert len(keys) == len(pairs)


def set_closure(module):
    module.helper.py_func.__closure__[0].cell_contents = 7


CHANGES = {
    "a number": lambda module: setattr(module, "number", 2),
    "an array's content": lambda module: module.array.fill(2),
    "a list's content": lambda module: module.several.append(2),
    "a module's attribute": lambda module: setattr(module.other, "factor", 2),
    "a default": lambda module: setattr(module.helper.py_func, "__defaults__", (5,)),
    "a variable outside": set_closure,
    "a helper": lambda module: setattr(module, "helper", njit(lambda x: x)),
    "its code": lambda module: setattr(module.plain, "__code__", (lambda x: x).__code__),
}


def test_the_equations_of_a_cell_are_reached_by_its_own_kernels_alone():
    equations = {lstm.step: "lstm", gru.step: "gru"}
    reached = {
        one._cache.name: {equations[thing] for thing in reach(one).things if is_step(thing)}
        for one, _ in all_kernels("float32")
    }
    assert {name: cells for name, cells in reached.items() if cells} == {
        "steps.of_lstm.forward": {"lstm"},
        "steps.of_gru.forward": {"gru"},
    }


def is_step(thing):
    return thing in (lstm.step, gru.step)


@pytest.mark.parametrize("change", CHANGES)
def test_the_key_is_of_now(change):
    def made(n):
        def helper(x, y=1):
            return x + n

        return njit(helper)

    module = module_of(kernel=kernel, number=1, array=np.ones(2), several=[1], helper=made(1))
    module.other, module.plain = module_of(factor=1), lambda x: x + 1
    source = KERNEL.format("number + array[0] + several[0] + other.factor + helper(1) + plain(1)")
    exec(source, vars(module))
    before = key_of(module.scaled)
    assert before == key_of(module.scaled) is not None
    CHANGES[change](module)
    assert key_of(module.scaled) not in (before, None)
