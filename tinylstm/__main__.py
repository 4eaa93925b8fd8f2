"""The command line: ``python -m tinylstm``."""

import os
import signal
import sys

import click

from . import __version__
from .commands.convert import convert
from .commands.demo import demo
from .commands.gradcheck import gradcheck
from .commands.output import output_written
from .commands.report import report
from .commands.run import run
from .commands.show import show
from .commands.warmup import warmup
from .kernels.compiling import ERR


@click.group()
@click.version_option(__version__, prog_name="tinylstm", message="%(prog)s %(version)s")
def main():
    """A from-scratch LSTM engine to read, to check and to look into."""


main.add_command(convert)
main.add_command(demo)
main.add_command(gradcheck)
main.add_command(report)
main.add_command(run)
main.add_command(show)
main.add_command(warmup)


def command(name="tinylstm"):
    """The command as the shell calls it."""
    with output_written():
        try:
            main(prog_name=name, standalone_mode=False)
        except click.ClickException as reason:
            reason.show()
            sys.exit(reason.exit_code)
        except (KeyboardInterrupt, click.Abort):
            signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # a second one: at once
            print("\nStopped.", file=ERR)
            sys.exit(130)


if __name__ == "__main__":
    command("python -m tinylstm")
