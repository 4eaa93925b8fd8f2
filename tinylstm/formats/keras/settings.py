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
from ...surface.arguments import OWN
from ...surface.errors import mismatch, near, printable
from ...surface.plain import custom_objects_now

PACKAGE = ">"  # stands behind the package of a class that a user registered
OF_CODE = "Lambda", "__lambda__"  # their settings are programs
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


def made_of(said, classes, what, who):
    """The thing of ours that one of Keras' stands for.

    Parameters
    ----------
    said : dict
        With class_name and config.
    classes : {name of Keras': Class}
    what : str
        "layer", "initializer" ...
    who : str
        Whose it is, in messages.
    """
    name, config = class_and_config(said, who)
    own = own_meaning(said, name)
    if own is not None:
        return own_made(own, own_arguments(own, config, classes, who))
    one = known_class(said, name, classes, what, who)
    return one.made(arguments(config, one.settings, who))


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


def known_class(said, name, classes, what, who):
    """The entry of a table for a class of Keras.

    Raises
    ------
    ValueError
        If there is none; says what to give as ``custom_objects``, but for code.
    """
    if name in OF_CODE:
        raise mismatch(
            f"{who} is a program, and no program of a file is run.",
            f"a model without {name}; or the file's weights, in a model of your own",
            name,
        )
    if is_of_keras(said) and name in classes:
        return classes[name]
    if is_of_keras(said):
        like = "".join(f"; there is {one}" for one in near(classes, name))
        sentence = f"{who}: tinylstm has no {what} {name}{like}."
    else:
        module = said.get("module") or name.rpartition(PACKAGE)[0]
        sentence = f"{who} is one of your own, {without_package(name)} of {named(module)}."
    word = without_package(name)
    word = word if word.isidentifier() else "it"
    page = f": {OWN[what]}" if what in OWN else ""
    kind = f"an {what}" if what[0] in "aeiou" else f"a {what}"
    expected = f'custom_objects={{"{word}": {word}}}, {kind} of tinylstm that does the same{page}'
    given = ", ".join(map(repr, custom_objects_now.get())) or "nothing"
    raise mismatch(sentence, expected, f"custom_objects with {given}")


def is_of_keras(said):
    """Whether a thing is said to be of Keras itself; old files say it of what is not alone."""
    module = said.get("module", "keras")
    if PACKAGE in str(said.get("class_name")):
        return False
    return module == "builtins" or str(module).partition(".")[0] in ("keras", "tf_keras")


def own_meaning(said, name):
    """What the user says that a name stands for, or None."""
    own = custom_objects_now.get()
    words = [one for one in (said.get("registered_name"), name) if isinstance(one, str)]
    words = [*words, *map(without_package, words)]
    return next((own[one] for one in words if one in own), None)


def without_package(name):
    """A name without the package in front of it that it is registered in."""
    return name.rpartition(PACKAGE)[2]


def own_arguments(own, config, classes, who):
    """The config of a class of the user's own: settings of the class of ours that it is, or is
    derived from, are what a table says; all others are as the file has them."""
    tables = {one.ours: one.settings for one in classes.values() if isinstance(one.ours, type)}
    kinds = own.__mro__ if isinstance(own, type) else ()
    settings = next((tables[kind] for kind in kinds if kind in tables), {})
    known = {name: value for name, value in config.items() if name in settings}
    others = {name: value for name, value in config.items() if name not in settings}
    return others | arguments(known, settings, who)


def own_made(own, config):
    """One of the user's own: of a class, made with the config, as its constructor takes it."""
    if not isinstance(own, type):
        return own
    return own.from_config(config) if hasattr(own, "from_config") else own(**config)


REFUSALS = NotImplementedError, TypeError, ValueError


@contextmanager
def about(who):
    """A block in which a refusal begins with whose it is."""
    try:
        yield
    except REFUSALS as reason:
        if str(reason).startswith(who) or f" of {who}" in str(reason):
            raise
        kind = next(one for one in REFUSALS if isinstance(reason, one))
        raise kind(printable(f"{who}: {reason}")) from None
