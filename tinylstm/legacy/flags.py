"""``tf.flags`` and ``tf.app``: options of a script on its command line.

Source: ``tensorflow/python/platform/flags.py`` and ``app.py`` at TensorFlow 1.4.
"""

import argparse
import sys
from functools import partial

KINDS = {"string": str, "integer": int, "float": float}


class Flags:
    """``FLAGS``: the options as attributes, read from ``sys.argv`` when the first is asked for."""

    def __init__(self):
        vars(self).update(
            _parser=argparse.ArgumentParser(allow_abbrev=False), _values=None, _others=[]
        )

    def _define(self, name, default, text, **kind):
        """A further option, ``--name value`` or ``--name=value``."""
        text = (text or "").replace("%", "%%")
        self._parser.add_argument(f"--{name}", default=default, help=text, **kind)
        vars(self)["_values"] = None

    def _parse(self):
        """Read the command line, once."""
        if self._values is None:
            values, others = self._parser.parse_known_args(sys.argv[1:])
            vars(self).update(_values=values, _others=others)
        return self._values

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        values = self._parse()
        if name not in values:
            raise AttributeError(f"No flag {name}; there are {', '.join(vars(values)) or 'none'}.")
        return getattr(values, name)

    def __setattr__(self, name, value):
        setattr(self._parse(), name, value)

    def __call__(self, argv=None):
        """Read the command line; returns what is no option, behind the script's name."""
        self._parse()
        return [sys.argv[0], *self._others]


def truth(text):
    """The value of a flag that is true or false."""
    return text.lower() not in ("false", "f", "0", "no", "n")


def tables():
    """What is in ``tf.flags`` and in ``tf.app``, with flags of a new script."""
    values = Flags()

    def run(main=None, argv=None):
        """Call the script's main with what is no option, and end with what it returns."""
        others = values(argv)
        sys.exit((main or sys.modules["__main__"].main)(others))

    table = {f"DEFINE_{name}": partial(define, values, kind) for name, kind in KINDS.items()}
    table |= {name: partial(define_boolean, values) for name in ("DEFINE_boolean", "DEFINE_bool")}
    table |= {"DEFINE_enum": partial(define_enum, values), "FLAGS": values}
    return {"flags": table, "app": {"run": run}, "app.flags": table}


def define(values, kind, flag_name, default_value, docstring="", **_):
    """A flag that is a text or a number."""
    values._define(flag_name, default_value, docstring, type=kind)


def define_enum(values, flag_name, default_value, enum_values, docstring="", **_):
    """A flag that is one of some texts."""
    values._define(flag_name, default_value, docstring, choices=[*enum_values])


def define_boolean(values, flag_name, default_value, docstring="", **_):
    """A flag that is true or false: ``--name``, ``--noname``, ``--name=false``."""
    values._define(flag_name, default_value, docstring, type=truth, nargs="?", const=True)
    values._parser.add_argument(f"--no{flag_name}", dest=flag_name, action="store_false")
