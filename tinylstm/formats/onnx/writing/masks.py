"""What a mask does to what a recurrent operator reads and puts out: see ``functions.py``."""

from .flow import Flow


class Packed:
    """What an operator reads of a flow: the steps of each sample that count, at its front.

    Parameters
    ----------
    graph : Graph
    flow : Flow
        With a mask.

    Attributes
    ----------
    x, lengths : str
        The steps, and how many of each sample there are.
    """

    def __init__(self, graph, flow):
        self.graph, self.mask = graph, flow.mask
        self.x, self.lengths = graph.node("Pack", [flow.name, flow.mask], outputs=2)

    def unpacked(self, y, backwards):
        """y (samples, steps, units) with each step where it belongs, and masked ones filled."""
        function = "UnpackBackwards" if backwards else "Unpack"
        return self.graph.node(function, [y, self.mask])

    def blanked(self, y):
        """y, zeros at masked steps."""
        return self.graph.node("Blank", [y, self.mask])

    def or_before(self, state, before=None):
        """A state (directions, samples, units); where no step counts, the one before, or zeros."""
        inputs = [state, self.mask, before or self.graph.scalar(0)]
        return self.graph.node("OrBefore", inputs)


class AsItIs:
    """The same of a flow without a mask.

    Parameters
    ----------
    graph : Graph
    flow : Flow
    """

    lengths = ""

    def __init__(self, graph, flow):
        self.x = flow.name

    def unpacked(self, y, backwards):
        return y

    def blanked(self, y):
        return y

    def or_before(self, state, before=None):
        return state


def packed(graph, flow):
    """What an operator reads of a flow."""
    return (AsItIs if flow.mask is None else Packed)(graph, flow)


def of_numbers(graph, layer, flow):
    """Behind a Masking: zeros at the steps all of whose features are its value."""
    value = graph.scalar(layer.mask_value)
    y, mask = graph.node("MaskNumbers", [flow.name, value], layer.name, outputs=2)
    if flow.mask is not None:
        mask = graph.node("And", [flow.mask, mask])
    return Flow(y, flow.lengths, mask)


def of_words(graph, x):
    """The mask of an Embedding."""
    return graph.node("MaskWords", [x])
