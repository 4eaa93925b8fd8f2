"""What pandas had when old scripts were written, and has no more; where the script imports it.

pandas itself is not needed here: nothing is imported before the script, or a module of its, does.
"""

import datetime
import sys
from contextlib import contextmanager
from importlib.machinery import PathFinder
from inspect import signature

import numpy as np

from .pandas_reading import from_csv, reader
from .pandas_selecting import Ix, is_whole


@contextmanager
def old_pandas():
    """The old names in pandas from its import on; afterwards it is as before."""
    awaited = Awaited()
    if "pandas" in sys.modules:
        awaited.give(sys.modules["pandas"])
    else:
        sys.meta_path.insert(0, awaited)
    try:
        yield
    finally:
        if awaited in sys.meta_path:
            sys.meta_path.remove(awaited)
        awaited.take_back()


class Awaited:
    """An entry of ``sys.meta_path`` that gives pandas its old names when it is imported."""

    def __init__(self):
        self.before = []  # (owner, name, what it was there or None)

    def find_spec(self, name, path=None, target=None):
        """The spec of pandas, as Python finds it, with this as its loader."""
        spec = PathFinder.find_spec(name) if name == "pandas" else None
        if spec is not None:
            self.loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec):
        """As ever."""
        return self.loader.create_module(spec)

    def exec_module(self, module):
        """As ever, and the old names."""
        module.__loader__ = module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        self.give(module)

    def give(self, pandas):
        """Set the names that are gone, and functions that take arguments that are gone."""
        for owner, name, value in gone(pandas):
            if not hasattr(owner, name):
                self.set(owner, name, value)
        for name in ("read_csv", "read_table"):
            function = getattr(pandas, name)
            if not {"squeeze", "date_parser"} <= {*signature(function).parameters}:
                self.set(pandas, name, reader(function))
        self.set(pandas.DataFrame, "drop", dropper(pandas.DataFrame.drop))
        self.set(pandas.Series, "__getitem__", by_place(pandas.Series.__getitem__))

    def set(self, owner, name, value):
        """Set an attribute, and remember what was there."""
        self.before.append((owner, name, vars(owner).get(name)))
        setattr(owner, name, value)

    def take_back(self):
        """All as it was."""
        for owner, name, value in reversed(self.before):
            if value is None:
                delattr(owner, name)
            else:
                setattr(owner, name, value)


def gone(pandas):
    """(owner, name, value) of all names that went between pandas 0.18 and 3."""
    frame, series = pandas.DataFrame, pandas.Series

    def append(self, other, ignore_index=False, **_):
        """These rows, and others behind them."""
        if isinstance(other, dict):
            other = series(other)
        if isinstance(self, frame) and isinstance(other, series):
            other = other.to_frame().T
        others = other if isinstance(other, (list, tuple)) else [other]
        return pandas.concat([self, *others], ignore_index=ignore_index)

    yield pandas, "datetime", datetime.datetime
    yield pandas, "np", np
    yield (
        pandas,
        "rolling_mean",
        lambda values, window, **kind: values.rolling(window, **kind).mean(),
    )
    yield pandas, "rolling_std", lambda values, window, **kind: values.rolling(window, **kind).std()
    for kind in (frame, series):
        yield kind, "ix", property(Ix)
        yield kind, "as_matrix", as_matrix
        yield kind, "append", append
        yield kind, "iteritems", lambda self: self.items()
        yield kind, "from_csv", from_csv(pandas, kind)
    yield frame, "sort", lambda self, columns, **order: self.sort_values(columns, **order)
    yield frame, "applymap", lambda self, function: self.map(function)


def as_matrix(self, columns=None):
    """The values as an array that can be written to, of some columns if they are named."""
    return np.array(self if columns is None else self[columns])


def dropper(drop):
    """``DataFrame.drop`` that takes the axis by position: ``drop("column", 1)``."""

    def dropped(self, labels=None, axis=0, **given):
        return drop(self, labels, axis=axis, **given)

    return dropped


def by_place(get):
    """``Series.__getitem__`` that takes a number as a place where the labels are no numbers."""

    def got(self, key):
        try:
            return get(self, key)
        except KeyError:
            if not is_whole(key) or self.index.dtype.kind in "iuf":
                raise
            return self.iloc[key]

    return got
