"""Names on the command line."""

import click

from ..errors import find


class KnownName(click.ParamType):
    """A name of a table; the nearest one is suggested for others."""

    def __init__(self, table, what):
        self.table, self.name = table, what

    def convert(self, value, param, ctx):
        try:
            find(self.table, value, self.name)
        except ValueError as reason:
            self.fail(str(reason), param, ctx)
        return value
