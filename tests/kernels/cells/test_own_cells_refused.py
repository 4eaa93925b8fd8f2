"""What is no cell is refused where it is written, and the sentence ends in the way out."""

import pytest
from tinylstm.kernels import inner

from tests.own_cells import peephole
from tinylstm import RNN, Sequential, cell


def given(step, **options):
    return cell(**{"gates": "z", "states": "h", **options})(step)


def step(z, h):
    """All that a cell of one gate and one state must read and write."""


def step_back(h, dh, dz):
    """The same on the way back."""


def with_back(backward, forward=step, **options):
    return given(forward, **options).backward(backward)


CELLS = {  # what is tried: part of the sentence, part of what was expected or came
    "no names": (lambda: cell(step), "needs names", '@cell(gates="ifgo", states="hc")'),
    "no gate": (lambda: given(step, gates=""), "a name for each", "at least one gate"),
    "no state": (lambda: given(step, states=()), "a name for each", "at least one gate"),
    "a name twice": (lambda: given(step, gates="zz"), "a name for each", "twice: dz, z"),
    "a gate like a state": (lambda: given(step, gates="h"), "a name for each", "twice: dh, h"),
    "a gradient's name": (lambda: given(step, vectors=["dz"]), "a name for each", "twice: dz"),
    "phi": (lambda: given(step, kept=["phi"]), "a name for each", "twice: phi"),
    "bias": (lambda: given(step, vectors=["bias"]), "a name for each", "twice: bias"),
    "a number for names": (lambda: given(step, gates=5), "are names", "Received: gates=5"),
    "no vector inside": (lambda: given(step, inside=["z"]), "with a vector", "inside=['z']"),
    "no name": (lambda: given(step, kept=["a b"]), "a name for each", "('a b',)"),
    "a number": (lambda: given(step, kept=[1]), "a name for each", "kept (1,)"),
    "many vectors": (
        lambda: given(step, vectors=[f"p{k}" for k in range(18)]),
        "too many vectors",
        "at most 17 beside W, U and b\nReceived: 18",
    ),
    "a compiled step": (lambda: given(inner(step)), "no function", "without @inner"),
    "a wrong name": (lambda: given(lambda z, h, q: 0), "cannot be called", "unknown q"),
    "a part that is not apart": (
        lambda: given(lambda z, z_h, h: 0),
        "cannot be called: unknown z_h.",
        "must be there; parts of h_prev are there with apart=True\nReceived: <lambda>(z, z_h, h)",
    ),
    "a block of U that is not inside": (
        lambda: given(lambda z, h, U_z: 0),
        "cannot be called: unknown U_z.",
        "must be there; U_k of a gate k is there with inside={k: vector}\nReceived",
    ),
    "a name that is not declared": (
        lambda: with_back(lambda dh, dz, dq: 0),
        "cannot be called: unknown dq.",
        "must be there; others are declared, by vectors=[...] or kept=[...]",
    ),
    "a gate left out": (lambda: given(lambda h: 0), "cannot be called", "missing z"),
    "a state left out": (lambda: given(lambda z: 0), "cannot be called", "missing h"),
    "a vector left out": (lambda: given(step, vectors="p"), "cannot be called", "missing p"),
    "kept left out": (lambda: given(step, kept="k"), "cannot be called", "missing k"),
    "a product inside of a first gate": (
        lambda: given(step, gates="zg", inside={"z": "h_r"}),
        "cannot have products inside its step",
        "inside={gate: vector} of the last gates",
    ),
    "a product inside of units alone": (
        lambda: given(step, inside={"z": "h_r"}, elementwise=True),
        "cannot have products inside its step",
        "such a product mixes the units",
    ),
    "a product inside left out": (
        lambda: given(step, inside={"z": "h_r"}),
        "cannot be called",
        "missing U_z, h_r",
    ),
    "a part left out": (lambda: given(step, apart=True), "cannot be called", "missing z_h"),
    "no gradient of a gate": (lambda: with_back(lambda dh: 0), "cannot be called", "missing dz"),
    "no gradient of a vector": (
        lambda: with_back(step_back, lambda z, h, p: 0, vectors="p"),
        "cannot be called",
        "missing dp",
    ),
    "no gradient of the state before": (
        lambda: with_back(step_back, lambda z, h_prev, h: 0),
        "cannot be called",
        "missing dh_prev",
    ),
}


@pytest.mark.parametrize("what", CELLS)
def test_what_is_no_cell_is_refused(what):
    make, sentence, part = CELLS[what]
    with pytest.raises(TypeError) as refused:
        make()
    first, *others = str(refused.value).split("\n")
    assert sentence in first
    assert [line.partition(":")[0] for line in others] == ["Expected", "Received"]
    assert part in str(refused.value)


LAYERS = {
    "no way back": (given(step), "without its step backward", TypeError),
    "a function": (step_back, "the function step_back; the step backward needs a name", TypeError),
    "a class": (Sequential, "Sequential", TypeError),
    "units first": (5, "int", TypeError),
}


@pytest.mark.parametrize("what", LAYERS)
def test_a_layer_takes_a_whole_cell(what):
    one, part, kind = LAYERS[what]
    with pytest.raises(kind, match=r"@cell\(gates=") as refused:
        RNN(one, 5)
    assert part in str(refused.value).split("Received: ")[1]


def test_initial_values_are_refused_where_the_layer_is_made():
    own = given(lambda z, h, p: 0, vectors={"p": "nothing"})
    own.backward(lambda dh, dz, dp: 0)
    with pytest.raises(ValueError, match="nothing"):
        RNN(own, 5)


def test_a_cell_says_what_it_is():
    assert repr(peephole) == ("<cell 'peephole': gates ('i', 'f', 'g', 'o'), states ('h', 'c')>")
    assert "Gers" in peephole.__doc__
