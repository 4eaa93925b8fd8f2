"""What an object was made with: the arguments of its constructor, which describe it.

Layers, optimisers, losses, metrics, initialisers, penalties and constraints are `Described`, and so
is each class of one's own that derives from them: `get_config` has all arguments, those that were
left out too, and nobody has to write it.
"""

from __future__ import annotations

import inspect
from abc import ABCMeta
from collections.abc import Mapping
from typing import Any, Self

from .callables import Signature, need_arguments_of, parameters_of
from .errors import mismatch
from .plain import meant, plain


class Asked(ABCMeta):
    """A class that says in a sentence what it is not made with."""

    def __call__(cls, *args, **kwargs):
        need_arguments_of(cls, args, kwargs)
        return super().__call__(*args, **kwargs)


class Made(Asked):
    """A class whose objects remember the arguments that they were made with."""

    def __call__(cls, *args, **kwargs):
        thing = super().__call__(*args, **kwargs)
        vars(thing)["_made"] = args, kwargs
        return thing


class Described(metaclass=Made):
    """What is described by the arguments that it was made with."""

    _made: Any = None  # they, as (args, kwargs), as soon as the constructor has ended
    __signature__ = Signature()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same again, as JSON knows them: a dict by their names.

        Returns
        -------
        dict
            For `from_config`; numbers, words, lists and dicts alone.
        """
        return {name: plain(value) for name, value in self._arguments().items()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """A new object from what `get_config` gave.

        Parameters
        ----------
        config : dict
            Values may also be the things that they stand for.
        """
        return cls(**{name: meant(value) for name, value in config.items()})

    def _arguments(self):
        """{name: value} of all arguments that make the same again."""
        kind = type(self)
        known = parameters_of(kind)
        values = {name: one.default for name, one in known.items() if one.default is not one.empty}
        args, kwargs = self._made
        bound = inspect.signature(kind.__init__).bind(self, *args, **kwargs)
        for one in bound.signature.parameters.values():
            if one.kind is one.VAR_POSITIONAL and bound.arguments.get(one.name):
                raise mismatch(
                    f"A {kind.__name__} has arguments without names.",
                    f"a method get_config of {kind.__name__}, and a class method from_config",
                    f"{kind.__name__}(*{one.name})",
                    NotImplementedError,
                )
            if one.kind is one.VAR_KEYWORD:
                values |= bound.arguments.get(one.name, {})
            elif one.name in bound.arguments and one.name in known:
                values[one.name] = bound.arguments[one.name]
        return {name: values.pop(name) for name in known if name in values} | values
