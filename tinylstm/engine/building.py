"""How a model comes to its layers and its parameters, each time as a whole."""

import copy

import numpy as np

from .. import layers
from ..layers import Layer
from ..layers.layer import whole
from ..layers.state import State
from ..settings import float_dtype, new_seed
from ..surface.errors import has_a_name, kind_of, mismatch
from ..whole import at_once, sets
from .network import Network
from .parameters import draw, need_room
from .scored import Scored
from .structure import Input, chain_of, free_name, name_whole, shapes_of

UNBUILT = {"network": None, "last_pass": None}


def not_a_new_layer(layer):
    """What to raise of what cannot be added."""
    kind = layer if isinstance(layer, type) else type(layer)
    name = "Input" if kind.__name__ == "KerasTensor" else kind.__name__
    expected = f"{name}(...) of tinylstm" if hasattr(layers, name) or name == "Input" else "a Layer"
    what = "a layer of another model" if isinstance(layer, Layer) else kind_of(layer)
    what = what if isinstance(layer, Layer) or has_a_name(layer) else repr(layer)
    return mismatch("Only a new layer can be added.", expected, what, TypeError)


def add_all(model, given):
    """Append the layers of a new model, or leave each as it is."""
    undo = [one for layer in given if isinstance(layer, Layer) for one in layer.as_it_is()]
    try:
        for layer in given:
            model.add(layer)
    except BaseException:
        at_once(*undo)
        raise


def add(model, layer):
    """See `Sequential.add`."""
    if isinstance(layer, Input):
        if model.layers:
            raise mismatch("An input shape comes first.", "no layers yet", model.layers[-1].name)
        model._batch_input_shape = layer.batch_input_shape
        return
    if not isinstance(layer, Layer) or (layer.is_owned() and not layer.stands_alone()):
        raise not_a_new_layer(layer)
    dtype = model.dtype if layer.dtype is None else float_dtype(layer.dtype)
    if model.dtype is not None and model.dtype != dtype:
        raise mismatch("All layers have one dtype.", model.dtype.name, dtype.name)
    name = layer.chosen_name()
    if name in [other.name for other in model.layers]:
        raise mismatch("Layer names are unique in a model.", "a new name", repr(name))
    undo = layer.as_it_is()
    try:
        name_whole(layer, name or free_name(type(layer), model.layers))
        append(model, layer, dtype)
    except BaseException:
        if layer.model is not model:
            at_once(*undo)
        raise


def append(model, layer, dtype):
    """Have one more layer, which fits as far as it is known."""
    longer, shape = [*model.layers, layer], model.batch_input_shape
    brought = {layer: layer.get_weights()} if layer.stands_alone() else {}
    shapes = dict.fromkeys(whole(layer))  # what it was built for alone is forgotten
    if not model.layers and shape is None:
        shape = layer.batch_input_shape
    if shape is not None:
        shape, known = shapes_of(shape, longer)
        shapes |= known
    seed = new_seed() if model.seed is None else model.seed
    attributes = {"_seed": seed, "_dtype": dtype, "_batch_input_shape": shape}
    at_once(
        with_layers(model, longer, brought, **attributes),
        *layer.owned_by(model),
        *(sets(part, sample_shape=one) for part, one in shapes.items()),
    )


def pop(model):
    """See `Sequential.pop`."""
    if not model.layers:
        raise mismatch("There is no layer to take off.", "a model with layers", "none")
    *shorter, layer = model.layers
    shape = model.batch_input_shape
    if not shorter and layer.batch_input_shape is not None:
        shape = None  # it was the layer's
    at_once(with_layers(model, shorter, {}, _batch_input_shape=shape), *layer.owned_by(None))
    return layer


def with_layers(model, others, brought, **attributes):
    """A change: a model has other layers. The next build keeps what is there, or brought along, and
    draws what is new, behind what was drawn for these."""
    given, draws = model.given_weights, model.draws
    if model.network is not None:
        given = {layer: layer.get_weights() for layer in model.layers}
        draws = model.network.draws
    given = {layer: given[layer] for layer in others if layer in given} | brought
    return sets(model, _layers=others, given_weights=given, draws=draws, **UNBUILT, **attributes)


def build(model, input_shape):
    """Draw the parameters, where there are none yet."""
    with AllOrNothing(model):
        shape, shapes = shapes_of(input_shape, model.layers)
        at_once(*(sets(part, sample_shape=one) for part, one in shapes.items()))
        at_once(*drawn(model, shape))


def drawn(model, shape):
    """Changes of a model to one with parameters, whose layers know their shapes."""
    dtype = model.dtype or float_dtype(None)
    need_room(model.layers, dtype)
    model.need_own_moments(model.optimizer)
    chain = chain_of(model)
    state = State([part for part in chain if part.state_names], dtype, shape[0])
    rng = copy.deepcopy(model.draws) or np.random.default_rng(model.seed)
    parameters, theta = draw(model.layers, rng, model.given_weights, dtype)
    network = Network(chain, state, parameters, theta, model.seed, rng)
    others = []
    if model.optimizer is not None:
        settings = model.optimizer, model.loss, model.chosen_metrics
        others = bound(model, *settings, len(theta), dtype)
    of_model = sets(
        model,
        network=network,
        _batch_input_shape=shape,
        _dtype=dtype,
        given_weights={},  # they are in theta
        epochs_seen=0,  # counts the orders that were drawn
        last_pass=None,
    )
    arrays = {one: {name: network.tensor(one, name) for name in one.tensors()} for one in chain}
    return of_model, *others, *(sets(part, _arrays=found) for part, found in arrays.items())


def bound(model, optimizer, loss, metrics, size, dtype):
    """Changes to an optimiser that starts anew, with metrics that are ready."""
    units = model.layers[-1].units_out
    scored = Scored([metric.for_outputs(units, loss.sparse) for metric in metrics], dtype)
    moments, changes = optimizer.fresh(size, dtype)
    return sets(model, scored_metrics=scored, moments=moments), *changes


class AllOrNothing:
    """Where a call is refused before any update, a model that was built for its data is not built
    after all, and its optimiser and its layers know nothing of it.

    Parameters
    ----------
    model : Sequential
    """

    def __init__(self, model):
        self.model, self.undo = model, ()
        if model.network is None:
            self.optimizer, self.undo = model.optimizer, as_it_is(model)
            self.moments = None if self.optimizer is None else self.optimizer.moments

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None and not self.has_learned():
            at_once(*self.undo)

    def has_learned(self):
        """Whether there were updates."""
        one = self.optimizer if self.undo else None
        return one is not None and one.moments is not self.moments and one.iterations > 0


def as_it_is(model):
    """Changes back to what a model that is not built is now, with all that is its own."""
    attributes = {name: value for name, value in vars(model).items() if name != "_changes"}
    changes = [sets(model, **attributes)]
    for layer in model.layers:
        changes += layer.as_it_is()
    if model.optimizer is not None:
        changes += model.optimizer.as_it_is()
    return changes
