"""What Keras' configs are made of: classes with settings, each of which means something here.

A thing of Keras is ``{"module": ..., "class_name": ..., "config": {setting: value}}``. Of each
class that both sides have, a table says what its settings are here: an argument of ours
(`Argument`), also under an earlier name (`Former`), one that has to have a certain value (`Only`),
or one that changes nothing here (`Idle`). What no table has is refused, so nothing is silently
something else. Arguments alone are written: what else there is has Keras' default, and not every
version of Keras 3 has it.
"""

from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from ...files.refusals import named
from ...surface.errors import mismatch, printable

OWN_FORMAT = "model.save of a path that ends in .safetensors, which keeps everything"


def unchanged(value, who):
    """The value: what the constructor takes is the same on both sides, and it checks it."""
    return value


class Argument(NamedTuple):
    """A setting that our constructor takes under the same name."""

    read: Callable[[Any, str], Any] = unchanged  # (value, whose it is) -> ours
    write: Callable[[Any, str], Any] = unchanged  # and back


class Only(NamedTuple):
    """A setting that has one of these values here; the first is Keras' default."""

    values: tuple[Any, ...]
    written: bool = False  # where the default is another one on some machines


class Idle(NamedTuple):
    """A setting that changes nothing here, whatever it is."""


class Former(NamedTuple):
    """The name that an argument had in earlier versions."""

    now: str


class Class(NamedTuple):
    """A class of Keras, with its settings.

    Attributes
    ----------
    ours : class, partial or thing
        A class makes one of the same arguments, a partial what is the same under another name;
        anything else is what the class stands for.
    settings : {name: setting}
    """

    ours: Any
    settings: dict[str, Any] = {}  # noqa: RUF012  nobody changes it

    def made(self, arguments):
        """The thing of ours."""
        return self.ours(**arguments) if isinstance(self.ours, type | partial) else self.ours

    def is_of(self, thing):
        """Whether this is the class that a thing of ours has there."""
        return thing is self.ours or type(thing) is self.ours


def only(*values):
    """See `Only`."""
    return Only(values)


def arguments(config, settings, who):
    """{name: value} of the arguments of ours that a config stands for.

    Raises
    ------
    ValueError
        If a setting is not known, or has a value that is not there; names both.
    """
    found = {}
    for name, value in config.items():
        if name not in settings:
            expected, came = ", ".join(settings) or "none", f"{name}={named(value)}"
            raise mismatch(f"{who} has a setting that is not known here.", expected, came)
        setting = settings[name]
        if isinstance(setting, Only):
            need_one_of(setting.values, name, value, who)
        elif isinstance(setting, Argument):
            found[name] = setting.read(value, f"{name} of {who}")
        elif isinstance(setting, Former):
            found[setting.now] = value
    return found


def need_one_of(values, name, value, who):
    """Refuse a value of a setting that does not mean anything here."""
    if not any(same(value, one) for one in values):
        expected = " or ".join(f"{name}={one!r}" for one in values)
        received = f"{name}={named(value)}"
        raise mismatch(f"{who} has a setting that tinylstm lacks.", expected, received)


def same(value, other):
    """Whether two values of JSON are the same: 0 is not False."""
    return value == other and isinstance(value, bool) == isinstance(other, bool)


def config_of(value_of, settings, who):
    """The config of a thing of ours.

    Parameters
    ----------
    value_of : callable
        (name of an argument) -> its value.
    """
    found = {}
    for name, setting in settings.items():
        if isinstance(setting, Argument):
            found[name] = setting.write(value_of(name), f"{name} of {who}")
        elif isinstance(setting, Only) and setting.written:
            found[name] = setting.values[0]
    return found


def said_of(name, module, config):
    """What stands for a thing of a class of Keras."""
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def class_and_config(said, who):
    """The name of a class and its config, which are what they have to be."""
    fits = isinstance(said, dict) and isinstance(said.get("class_name"), str)
    config = said.get("config") if fits else None
    config = {} if config is None else config
    if not fits or not isinstance(config, dict):
        raise mismatch(
            f"{who} is not described.", '{"class_name": ..., "config": {...}}', named(said)
        )
    return said["class_name"], config


REFUSALS = NotImplementedError, TypeError, ValueError


@contextmanager
def about(who):
    """A block in which a refusal begins with whose it is."""
    try:
        yield
    except REFUSALS as reason:
        if str(reason).startswith(who) or f" of {who}" in str(reason):
            raise
        raise refusal_of(reason)(printable(f"{who}: {reason}")) from None


UNCOMPILED = "load_model(path, compile=False), and model.compile(optimizer, loss) afterwards"


@contextmanager
def or_uncompiled():
    """A block in which it is read what a model was compiled with, and how far that had come: a
    refusal says the way past it, which there is of any."""
    try:
        yield
    except REFUSALS as reason:
        sentence, mark, rest = str(reason).partition("\nExpected: ")
        if not mark:
            sentence = "What the model was compiled with cannot be made again."
            raise mismatch(sentence, UNCOMPILED, reason) from reason
        expected, mark_of_received, received = rest.partition("\nReceived: ")
        said = f"{sentence}{mark}{expected}; or {UNCOMPILED}{mark_of_received}{received}"
        raise refusal_of(reason)(said) from None


def refusal_of(reason):
    """The kind of a refusal."""
    return next(kind for kind in REFUSALS if isinstance(reason, kind))
