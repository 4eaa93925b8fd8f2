"""What a layer of one's own says of itself is checked before compiled code relies on it."""

import numpy as np
import pytest
from tinylstm.kernels.tables import MAX_TENSORS

from tests.snapshots import refused
from tinylstm import LSTM, Dense, Embedding, Layer, Recurrent, Reshape, Sequential, kernel
from tinylstm.regularizers import L1L2

pytestmark = pytest.mark.uncompiled
X = np.ones((2, 3, 4), np.float32)


@kernel
def do_nothing(layer, batch, flags, theta, work):
    pass


@kernel
def do_nothing_back(layer, batch, flags, theta, grad, work):
    pass


class Own(Layer):
    """Says of itself what it is made with."""

    kernels = (do_nothing, do_nothing_back)

    def __init__(self, tensors=None, buffers=None, output=None, products=(), idle=(), **kwargs):
        super().__init__(input_shape=(3, 4))
        self.said = tensors or {}, buffers or {}, output
        self.sizes, self.idle, self.regularizers = products, idle, kwargs.pop("penalties", {})
        self.fields = kwargs.get("settings", kwargs)

    def products(self, steps, rows):
        return self.sizes

    def idle_tensors(self, steps, carry):
        return self.idle

    def tensors(self):
        return self.said[0]

    def buffers(self, steps, rows, traced=False):
        return self.said[1]

    def output_shape(self, input_shape):
        return input_shape if self.said[2] is None else self.said[2]


class Stated(Own):
    """Has a state, but nothing that carries it."""

    state_names = ("h",)


class Cell(Recurrent):
    """A recurrent layer that puts out what it is made with."""

    kernels = (do_nothing, do_nothing_back)
    state_names = ("h",)

    def __init__(self, output):
        super().__init__(5, input_shape=(3, 4))
        self.said = output

    def output_shape(self, input_shape):
        return self.said


WEIGHT = (2, 3), "zeros"
SAYS = {
    "a list of parameters": lambda: Own([WEIGHT]),
    "a parameter without an initialiser": lambda: Own({"a": (2, 3)}),
    "a parameter without elements": lambda: Own({"a": ((2, 0), "zeros")}),
    "a negative parameter": lambda: Own({"a": ((-2, -3), "zeros")}),
    "half a parameter": lambda: Own({"a": ((2.5,), "zeros")}),
    "parameters without names": lambda: Own({1: WEIGHT}),
    "a parameter too many": lambda: Own({str(n): WEIGHT for n in range(MAX_TENSORS + 1)}),
    "a list of arrays": lambda: Own(buffers=[(2, 3)]),
    "a negative array": lambda: Own(buffers={"a": (-64, 3)}),
    "half an array": lambda: Own(buffers={"a": (0.5,)}),
    "an array without a shape": lambda: Own(buffers={"a": None}),
    "a tensor without a name": lambda: Own({"": WEIGHT}),
    "a tensor of another layer, by its name": lambda: Own({"other/a": WEIGHT}),
    "the memory of nobody": lambda: Own(buffers={"a": "b"}),
    "its own memory": lambda: Own(buffers={"a": "a"}),
    "29 arrays": lambda: Own(buffers={str(n): (1,) for n in range(29)}),
    "no output": lambda: Own(output=()),
    "three axes of output": lambda: Own(output=(1, 3, 4)),
    "half an output": lambda: Own(output=(3, 1.5)),
    "outputs of no features": lambda: Own(output=(3, 0)),
    "any number of features": lambda: Own(output=(3, None)),
    "steps that nobody knows": lambda: Own(output=(None, 4)),
    "a number as output": lambda: Own(output=7),
    "more than its units": lambda: Cell((3, 50)),
    "every second step": lambda: Cell((2, 5)),
    "a state that nobody carries": lambda: Stated(),
    "products without sizes": lambda: Own(products=3),
    "products of two sizes": lambda: Own(products=[(2, 3)]),
    "products of nothing": lambda: Own(products=[(0, 2, 3)]),
    "the gradient of nobody": lambda: Own({"a": WEIGHT}, idle=("b",)),
    "no names": lambda: Own({"a": WEIGHT}, idle=3),
    "a penalty that is a word": lambda: Own({"a": WEIGHT}, penalties={"a": "l2"}),
    "a penalty on all": lambda: Own({"a": WEIGHT}, penalties=L1L2(0.1)),
    "settings without names": lambda: Own(settings=[1]),
    "five numbers of its own": lambda: Own(option=(1, 2, 3, 4, 5)),
    "words": lambda: Own(option=("a", 0, 0, 0)),
    "a flag that is too large": lambda: Own(use_bias=2**70),
}


@pytest.mark.parametrize("case", SAYS)
def test_a_layer_that_says_what_it_cannot_be_is_named(case):
    layer = SAYS[case]()
    with refused(ValueError, "what it cannot be"):
        model = Sequential([layer])
        model.compile("sgd", "mse")
        model.fit(X, X, verbose=0)


@pytest.mark.parametrize("name", ["units", "fan_in"])
def test_a_layer_that_asks_for_what_kernels_have_is_told_what_it_has_itself(name):
    class Asks(Layer):
        kernels = Own.kernels

        def tensors(self):
            return {"w": ((getattr(self, name),), "ones")}

    with refused(AttributeError, f"for self.{name}, which kernels have.") as caught:
        Sequential([Asks()]).predict(X)
    assert "Expected: self.input_shape[-1]," in str(caught.value)


def test_tensors_that_cannot_be_are_answered_with_such_as_can():
    with refused(ValueError, "what it cannot be") as caught:
        Sequential([Own({"w": (3, "ones")})]).predict(X)
    assert "as {'w': ((3,), 'ones')}; at most" in str(caught.value)


@pytest.mark.parametrize("name", ["rows", "x", "forward", "tensor", "units"])
def test_a_layer_sets_the_fields_that_are_settings_alone(name):
    with refused(ValueError, "Unknown field of layer 'own'"):
        Sequential([Own(**{name: 1})]).predict(X)


def test_what_fits_is_taken():
    arrays = {"a": (2, 3), "b": "a", "none": (0,)}
    says = {"products": [(6, 4, 3)], "idle": ["W"], "penalties": {"b": L1L2(0.1)}}
    layer = Own({"W": WEIGHT, "b": ([4], "ones")}, arrays, [3, 2], option=(1, 2, 3, 4), **says)
    model = Sequential([layer])
    assert model.predict(X).shape == (2, 3, 2)
    model.compile("sgd", "mse")
    model.fit(X, X[..., :2], verbose=0)


def test_a_layer_that_forgets_the_constructor_of_its_base_is_named():
    class Forgetful(Own):
        def __init__(self):
            self.said = {}, {}, None

    with refused(TypeError, "Forgetful is made without the constructor of Layer"):
        Forgetful()


@pytest.mark.parametrize("output", [[3, 5], [5]])
def test_an_output_shape_may_be_a_list(output):
    model = Sequential([Cell(output), Dense(2)])
    assert model.output_shape == (None, *output[:-1], 2)
    assert model.predict(X).shape == (2, *output[:-1], 2)


CHANGES = {  # of a layer that is built: then its parameters would be other ones
    "units": (lambda: LSTM(5, input_shape=(3, 4)), {"units": 50}),
    "units of Dense": (lambda: Dense(5, input_shape=(3, 4)), {"units": 2}),
    "use_bias": (lambda: LSTM(5, use_bias=False, input_shape=(3, 4)), {"use_bias": True}),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_layer_that_is_not_what_it_was_built_as_is_refused(case):
    make, changes = CHANGES[case]
    layer = make()
    model = Sequential([layer])
    model.predict(X)
    vars(layer).update(changes)
    with refused(ValueError, "was built with other parameters"):
        model.predict(X[:1])


def test_a_changed_output_is_refused_where_the_next_layer_reads_another():
    shape = Reshape((12,), input_shape=(3, 4))
    model = Sequential([shape, Dense(2)])
    model.predict(X)
    vars(shape)["target_shape"] = (6, 2)
    with refused(ValueError, "was built for other inputs"):
        model.predict(X[:1])


def test_an_embedding_whose_table_has_grown_is_refused():
    words = Embedding(5, 4, input_shape=(3,))
    model = Sequential([words])
    model.predict([[0, 1, 4]])
    vars(words)["input_dim"] = 5000
    with refused(ValueError, "was built with other parameters"):
        model.predict([[0, 1, 4999]] * 2)
