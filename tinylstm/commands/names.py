"""Names on the command line."""

import shutil
from textwrap import fill

import click

from ..kernels.compiling import OUT
from ..surface.arguments import known


class KnownName(click.ParamType):
    """A name of a table; the nearest one is suggested for others.

    ``also`` has other names, in small letters, for some of them; ``listed``: whether the command
    has `list_option` for them.
    """

    def __init__(self, table, what, also=None, listed=True):
        self.table, self.name, self.also, self.listed = table, what, also or {}, listed

    def get_missing_message(self, param, ctx=None):
        return f"--list shows what each {self.name} is." if self.listed else None

    def convert(self, value, param, ctx):
        value = self.also.get(value.lower(), value)
        try:
            known(self.table, value, self.name)
        except ValueError as reason:
            said = str(reason), self.get_missing_message(param)
            self.fail("\n".join(filter(None, said)), param, ctx)
        return value


def print_names(rows):
    """A line for each name of {name: what it is}; at a terminal as many as its width needs."""
    width = max(map(len, rows))
    room = shutil.get_terminal_size().columns if OUT.isatty() else None
    for name, text in rows.items():
        line = f"{name:{width}}  {text}"
        click.echo(line if room is None else fill(line, room, subsequent_indent=" " * (width + 2)))


def list_option(callback, text):
    """The option --list: it prints what can be named, and nothing else is done."""
    return click.option(
        "--list",
        "-l",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=callback,
        help=text,
    )
