"""Operators that are a layer, or a part of one."""

import numpy as np

from ....files.refusals import named
from ....layers import (
    Activation,
    Dense,
    Embedding,
    LayerNormalization,
    LeakyReLU,
)
from ..vocabulary import activation_of
from .chain import grown, merged, settled
from .known import axes_of
from .shapes import with_steps
from .values import FEATURES, ONE, STEPS, WAYS, Flow, Unknown, said

ACTIVATIONS = {"Relu": "relu", "Tanh": "tanh", "Sigmoid": "sigmoid"}
MERGES = {"ReduceSum": "sum", "ReduceProd": "mul", "ReduceMean": "ave"}


def of_features(value):
    """A flow whose last axis has the features of a step or a sample."""
    flow = settled(value)
    if flow.axes[-1:] == ((ONE,),):
        flow = with_steps(flow)
    if flow.axes[-1:] != ((FEATURES,),):
        raise Unknown("it works on the last axis", "the features there", said(flow))
    return flow


def need_array(value, *shape):
    """Known floats of a shape; None stands for any length."""
    fits = isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim == len(shape)
    if not fits or any(n not in (None, m) for n, m in zip(shape, value.shape, strict=True)):
        raise Unknown("it needs parameters", f"known floats of shape {shape}", said(value))
    return value


def matmul(node, inputs):
    """x W: a Dense without a bias."""
    return product(node, inputs[0], need_array(inputs[1], None, None))


def product(node, value, kernel, bias=None):
    """A Dense of a matrix, and maybe of a vector."""
    flow = of_features(value)
    need_array(kernel, flow.lengths[FEATURES], None)
    units = kernel.shape[1]
    settings = {"units": units, "use_bias": bias is not None}
    weights = [[kernel]] if bias is None else [[kernel], [bias]]
    found = grown(flow, Dense, settings, weights, node.name)
    return found._replace(lengths=flow.lengths | {FEATURES: units})


def gemm(node, inputs):
    """alpha x W + beta b: a Dense."""
    x, kernel, *rest = inputs
    told = node.attributes
    if told.get("transA", 0):
        raise Unknown("it turns what it reads", "transA=0", "transA=1")
    kernel = need_array(kernel, None, None)
    kernel = kernel.T if told.get("transB", 0) else kernel
    kernel = scaled(kernel, told.get("alpha", 1.0))
    if not rest or rest[0] is None:
        return product(node, x, kernel)
    return product(
        node, x, kernel, scaled(as_bias(rest[0], kernel.shape[1]), told.get("beta", 1.0))
    )


def scaled(array, factor):
    """The array itself, where that does."""
    return array if factor == 1 else array * array.dtype.type(factor)


def as_bias(value, units):
    """A number for each unit, of what is added to each."""
    fits = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    if not fits or value.size not in (1, units) or value.shape[-1:] not in ((), (1,), (units,)):
        raise Unknown("it adds what is no bias", f"known floats of shape {(units,)}", said(value))
    return np.broadcast_to(value.reshape(-1), (units,))


def add(node, inputs):
    """A bias behind a product, or the sum of two directions."""
    if all(isinstance(value, Flow) for value in inputs):
        return merged(*inputs, "sum")
    flow, bias = sorted(inputs, key=lambda value: not isinstance(value, Flow))
    link = getattr(flow, "chain", None)
    fits = link is not None and not flow.ways and link.kind is Dense
    if not fits or link.settings != {"units": link.settings["units"], "use_bias": False}:
        raise Unknown("it adds to what it reads", "a bias behind a MatMul", said(flow))
    weights = *link.weights, [as_bias(bias, link.settings["units"])]
    settings = link.settings | {"use_bias": True}
    return flow._replace(chain=link._replace(settings=settings, weights=weights))


def multiply(node, inputs):
    """The product of two directions, or half of their sum."""
    if all(isinstance(value, Flow) for value in inputs):
        return merged(*inputs, "mul")
    flow, factor = sorted(inputs, key=lambda value: not isinstance(value, Flow))
    return halved(flow, factor)


def divide(node, inputs):
    """Half of the sum of two directions."""
    flow, divisor = inputs
    known = isinstance(divisor, np.ndarray) and divisor.size == 1 and divisor.item() != 0
    return halved(flow, np.asarray(1 / divisor) if known else divisor)


def halved(flow, factor):
    """The mean of two directions, as their sum by 2."""
    half = isinstance(factor, np.ndarray) and factor.size == 1 and factor.item() == 0.5
    if not half or not isinstance(flow, Flow) or flow.merged != "sum":
        raise Unknown("it scales what it reads", "half of the sum of two directions", said(flow))
    return flow._replace(merged="ave")


def reduce(node, inputs):
    """Two directions merged."""
    flow = inputs[0]
    k = flow.axes.index((WAYS,)) if (WAYS,) in flow.axes else None
    if not isinstance(flow, Flow) or [k] != axes_of(node, inputs, len(flow.axes)):
        raise Unknown("it sums up what it reads", "over two directions", said(flow))
    kept = node.attributes.get("keepdims", 1)
    if kept or len(flow.ways) != 2 or flow.merged:
        raise Unknown("it sums up what it reads", "over two directions, keepdims=0", said(flow))
    axes = tuple(axis for axis in flow.axes if axis != (WAYS,))
    return flow._replace(axes=axes, merged=MERGES[node.operator])


def activation(node, inputs):
    """An activation without numbers."""
    return activated(node, inputs, ACTIVATIONS[node.operator])


def activated(node, inputs, name):
    """A Dense with an activation, where it has none yet; else a layer of its own."""
    flow = settled(inputs[0])
    link = flow.chain
    if link is not None and link.kind is Dense and "activation" not in link.settings:
        return flow._replace(chain=link._replace(settings=link.settings | {"activation": name}))
    return grown(flow, Activation, {"activation": name}, name=node.name)


def hard_sigmoid(node, inputs):
    """That of Keras 3, or of Keras 1 and 2."""
    numbers = node.attributes.get("alpha", 0.2), node.attributes.get("beta", 0.5)
    name = activation_of("HardSigmoid", numbers)
    if name is None:
        raise Unknown("it has other numbers", "alpha 1/6 or 0.2, beta 0.5", numbers)
    return activated(node, inputs, name)


def elu(node, inputs):
    """With alpha 1."""
    if node.attributes.get("alpha", 1.0) != 1.0:
        raise Unknown("it has another alpha", 1.0, node.attributes["alpha"])
    return activated(node, inputs, "elu")


def gelu(node, inputs):
    """The exact one."""
    if node.attributes.get("approximate", "none") != "none":
        raise Unknown(
            "it is the approximate form", "the exact one", named(node.attributes["approximate"])
        )
    return activated(node, inputs, "gelu")


def no_layer(node, inputs):
    """What is a part of others alone."""
    raise Unknown("it is no layer by itself", "x (1 + erf(x / sqrt 2)) / 2", said(inputs[0]))


def leaky_relu(node, inputs):
    """y = x where x > 0, else slope x."""
    slope = {"negative_slope": node.attributes.get("alpha", 0.01)}
    return grown(settled(inputs[0]), LeakyReLU, slope, name=node.name)


def softmax_layer(node, inputs):
    """Over the features."""
    flow = of_features(inputs[0])
    if node.attributes.get("axis", -1) not in (-1, len(flow.axes) - 1):
        raise Unknown("it is over another axis", "the features", said(flow))
    return activated(node, [flow], "softmax")


def normalization(node, inputs):
    """The features with mean 0 and variance 1."""
    flow = of_features(inputs[0])
    if node.attributes.get("axis", -1) not in (-1, len(flow.axes) - 1):
        raise Unknown("it is over other axes", "the features", said(flow))
    given = [need_array(one, flow.lengths[FEATURES]) for one in inputs[1:] if one is not None]
    settings = {"epsilon": node.attributes.get("epsilon", 1e-5), "center": len(given) > 1}
    return grown(flow, LayerNormalization, settings, [[one] for one in given], node.name)


def embedding(node, inputs, mask):
    """E[x]; mask: that of its numbers, if there is one."""
    table, flow = need_array(inputs[0], None, None), inputs[1]
    if flow.chain is not None or flow.ways or len(flow.axes) != 2 or node.attributes.get("axis", 0):
        raise Unknown("it looks up what it reads", "whole numbers of the input", said(flow))
    rename = {(FEATURES,): (STEPS,)}  # of an input of two axes
    axes = tuple(rename.get(axis, axis) for axis in flow.axes)
    settings = dict(zip(("input_dim", "output_dim"), table.shape, strict=True))
    if mask:
        settings["mask_zero"] = True
    lengths = {STEPS: flow.lengths.get(FEATURES)} | flow.lengths | {FEATURES: table.shape[1]}
    found = grown(flow, Embedding, settings, [[table]], node.name, mask)
    return found._replace(axes=(*axes, (FEATURES,)), lengths=lengths)
