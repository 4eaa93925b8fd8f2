"""The thing of ours that one of Keras' stands for: of a table, or what the user says that it is."""

from ...files.refusals import named
from ...surface.arguments import OWN
from ...surface.errors import mismatch, near
from ...surface.plain import custom_objects_now
from .settings import arguments, class_and_config

PACKAGE = ">"  # stands behind the package of a class that a user registered
OF_CODE = "Lambda", "__lambda__"  # their settings are programs


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
