"""A model from a chain of layers."""

import re

import numpy as np

from ....engine.structure import free_name
from ....files.refusals import Damaged, named
from ....layers import Activation, Bidirectional, Embedding
from ....saving.arrays import check_room, parameters_needed
from ....saving.description import assembled
from ....saving.model_file import check_finite
from ....surface.errors import mismatch
from .chain import settled
from .shapes import with_steps
from .values import BATCH, FEATURES, STEPS, Flow, Link, Several, Unknown, said
from .walk import dims_of, has_numbers

MOST = 500  # layers of a model
A_NAME = re.compile(r"\w{1,60}")
ORDERS = [[(BATCH,), (STEPS,), (FEATURES,)], [(STEPS,), (BATCH,), (FEATURES,)]]
SAMPLES = [[(BATCH,), (FEATURES,)]]
BESIDE = 2**16  # bytes


def model_of(kind, links, returned, shape, size):
    """A new model whose weights are those of its links.

    Parameters
    ----------
    links : list of Link
    returned : set of int
        Which of them give their last states.
    shape : tuple
        Of a batch of the input.
    size : int
        Bytes of the file, than which the weights are not more.
    """
    arrays = [array for link in links for columns in link.weights for array in columns]
    if sum(array.nbytes for array in arrays) > size + BESIDE:
        raise Damaged("layers in it share their weights, and tinylstm's have each their own")
    dtype = np.result_type(np.float32, *{array.dtype for array in arrays})
    layers = layers_of(links, returned)
    model = assembled(kind, "sequential", dtype, shape, layers)
    check_room(model, {"rows": None})
    fill(model, links)
    return model


def output_flow(value):
    """What the graph puts out first, all of whose layers are known."""
    try:
        flow = with_features(with_steps(settled(value)))
        if list(flow.axes) not in (*ORDERS, *SAMPLES) or flow.turned:
            raise Unknown("its output has other axes", "(samples, steps, features)", said(flow))
    except Unknown as reason:
        sentence = f"The graph puts out what no model of tinylstm does: {reason.what}."
        raise mismatch(sentence, reason.expected, reason.received) from None
    return flow


def with_features(flow):
    """The flow with an axis of its one feature, where the graph has left that out."""
    if (FEATURES,) in flow.axes or flow.lengths.get(FEATURES) != 1:
        return flow
    return flow._replace(axes=(*flow.axes, (FEATURES,)))


def links_of(value):
    """The layers from the first to the last of what goes out; one that does nothing, where it is
    what came in."""
    found, chain = [], output_flow(value).chain
    while chain is not None:
        found.append(chain)
        chain = chain.before
    if len(found) > MOST:
        raise Damaged(f"it has {len(found):,} layers, and a model here {MOST} at most")
    return found[::-1] or [Link(None, Activation, {"activation": "linear"})]


def value_ways(value):
    """The directions whose last states go out."""
    if isinstance(value, Several):
        return [way for flow in value.of for way in flow.ways]
    fits = isinstance(value, Flow) and value.ways and value.state != "every"
    return value.ways if fits and value.packed is None else [value]


def returned_by(links, values):
    """Places of the layers whose last states go out; nothing else may."""
    places = {id(way): k for k, link in enumerate(links) for way in link.ways}
    for value in values:
        if any(id(way) not in places for way in value_ways(value)):
            raise mismatch(
                "The graph has more outputs than a model of tinylstm.",
                "one output, and the last states of its layers",
                said(value),
            )
    return {places[id(way)] for value in values for way in value_ways(value)}


def layers_of(links, returned):
    """New layers; returned: places of those whose last states go out. Names are those of nodes,
    where they can be, and else as usual."""
    layers, named_ones = [], []
    for k, link in enumerate(links):
        layers.append(new_layer(link, k in returned))
        if A_NAME.fullmatch(link.name) and link.name not in [one.name for one in named_ones]:
            layers[k].name = link.name
            named_ones.append(layers[k])
    for layer in layers:
        if layer.name is None:
            layer.name = free_name(type(layer), named_ones)
            named_ones.append(layer)
    return layers


def new_layer(link, returned):
    """A new layer; returned: its last states go out."""
    settings = dict(link.settings)
    if link.kind is not Bidirectional:
        more = {"return_state": True} if returned and not settings.get("stateful") else {}
        return link.kind(**settings, **more)
    kind, inside = settings.pop("layer")
    if returned and not inside.get("stateful"):
        raise mismatch(
            f"The last states of {named(link.name)} go out, and Bidirectional has none to give.",
            "an output of the graph less, or states that come in too",
            "the states of two directions",
        )
    return Bidirectional(kind(**inside), **settings)


def batch_shape(one, first, steps_first):
    """The shape of a batch of an input, samples first, which a layer reads."""
    if has_numbers(one) and first.kind is not Embedding:
        raise Damaged("it reads whole numbers, but looks nothing up by them")
    lengths = dims_of(one)
    if steps_first:
        lengths[:2] = lengths[1::-1]
    return tuple(lengths)


def fill(model, links):
    """Build a model whose weights are those of its links."""
    zero = model.dtype.type(0)
    model.given_weights = {
        layer: [np.broadcast_to(zero, shape) for shape in own.values()]
        for layer, own in parameters_needed(model).items()
    }
    model.build(model.batch_input_shape)
    for layer, link in zip(model.layers, links, strict=True):
        for place, columns in zip(layer.named_weights().values(), link.weights, strict=True):
            at = 0
            for array in columns:
                place[..., at : at + array.shape[-1]] = array
                at += array.shape[-1]
        check_finite({f"{layer.name}/{name}": one for name, one in layer.weights.items()})
