"""The arrays of a kind of layer in the workspace: declared once, also for who lays them out."""


class Arrays:
    """Names, shapes and places of the arrays of a kind of layer.

    ::

        ARRAYS = Arrays()
        MASK = ARRAYS.add("mask", "steps", "rows", "features")

    A kernel finds one at ``layer.buffer[MASK]``; the layer's class says with `shapes` how long
    they are.
    """

    def __init__(self):
        self.lengths = {}

    def add(self, name, *lengths):
        """One more array, of lengths with these names; returns its place in ``layer.buffer``."""
        self.lengths[name] = lengths
        return len(self.lengths) - 1

    def shapes(self, **known):
        """{name: shape} in the order of their places, by the lengths of these names."""
        return {name: tuple(known[one] for one in of) for name, of in self.lengths.items()}
