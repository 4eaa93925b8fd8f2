"""What an HDF5 file holds."""


class Group(dict):
    """Arrays and groups by their names, with what is said of the group.

    Parameters
    ----------
    children : dict, optional
        {name: ndarray or Group}.
    attributes : dict, optional
        {name: str, number, or a list of these}; bytes are words of ASCII, as Keras 2 writes them.
    """

    def __init__(self, children=(), attributes=()):
        super().__init__(children)
        self.attributes = dict(attributes)
