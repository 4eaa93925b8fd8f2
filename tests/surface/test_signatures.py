"""A signature shows every argument, those that a constructor passes on too."""

import inspect

import pytest

import tinylstm
from tests.surface.public import FUNCTIONS, PUBLIC
from tinylstm import GRU, LSTM, Adam, Dense, Layer, callbacks
from tinylstm.callbacks.callback import METHODS

pytestmark = pytest.mark.quick

ANY_KEYWORD = {"activation", "sizes"}  # the numbers of one's own activation, names of one's own
OF_METHODS = {"tinylstm.model.Sequential.to_json"}  # those of `json.dumps`


def hidden_in(function):
    """Names that stand for keywords which a signature does not show."""
    parameters = inspect.signature(function).parameters.values()
    return [one.name for one in parameters if one.kind is one.VAR_KEYWORD]


@pytest.mark.parametrize("name", PUBLIC)
def test_a_signature_names_every_argument(name):
    assert not hidden_in(PUBLIC[name]) or PUBLIC[name].__name__ in ANY_KEYWORD


def test_so_does_that_of_a_method():
    methods = {name for name in FUNCTIONS if name not in PUBLIC and not name.endswith("__init__")}
    assert {name for name in methods if hidden_in(FUNCTIONS[name])} == OF_METHODS


def test_a_layer_of_ones_own_shows_what_it_passes_on():
    class Mine(Layer):
        def __init__(self, n, **kwargs):
            super().__init__(**kwargs)

    class Deeper(LSTM):
        def __init__(self, *args, scale=1.0, **kwargs):
            super().__init__(*args, **kwargs)

    assert [*inspect.signature(Mine).parameters] == ["n", *inspect.signature(Layer).parameters]
    shown = inspect.signature(Deeper).parameters
    assert {"scale", "units", "stateful", "name"} < set(shown)
    assert "cell" not in shown
    assert [*inspect.signature(Dense(2)).parameters] == ["x", "initial_state", "mask"]


def test_arguments_by_position_stay_and_others_have_names():
    def by_position(kind):
        parameters = inspect.signature(kind).parameters.values()
        return [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]

    assert by_position(Dense)[:3] == ["units", "activation", "use_bias"]
    assert by_position(LSTM)[-2:] == ["dropout", "recurrent_dropout"]
    assert by_position(GRU)[-1] == "reset_after"
    assert by_position(tinylstm.Flatten) == []
    assert by_position(Adam) == ["learning_rate", "beta_1", "beta_2", "epsilon"]


def test_a_callback_of_functions_shows_what_they_may_be():
    assert [*inspect.signature(callbacks.LambdaCallback).parameters] == METHODS
