"""``python -m tinylstm run``: a script written for Keras 1 or 2, as it is."""

import sys

import click

from ..legacy.dialect import GATES, STATE_MODES, Dialect, checked_version


def version(context, parameter, value):
    """The option ``--keras-version``, checked."""
    try:
        return checked_version(value)
    except ValueError as reason:
        raise click.BadParameter(str(reason)) from None


@click.command(
    short_help="Run a script of Keras 1 or 2, as it is.",
    context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False},
)
@click.option(
    "--keras-version",
    default=Dialect().version,
    show_default=True,
    callback=version,
    help="The Keras that is spoken: its defaults, its names and what it prints. Up to 2.2 it is "
    "'acc', from 2.3 on 'accuracy'; from 2.4 on it is what tf.keras printed.",
)
@click.option(
    "--gates",
    type=click.Choice(list(GATES)),
    help="The gate function of LSTM layers that name none: hard_sigmoid is the 0.2 x + 0.5 between "
    "0 and 1 that Keras took up to 2.2, sigmoid the logistic function from 2.3 on. By default what "
    "the version took. It decides how well small models learn, so published figures depend on it.",
)
@click.option(
    "--state-mode",
    type=click.Choice(STATE_MODES),
    help="Force one meaning of state on all LSTM layers, for comparison. stateless: every sample "
    "starts from zeros. stateful: from where the same row of the batch before ended. "
    "batch_carried: from where the sample before it in the same batch ended, which is what some "
    "tutorials believed that Keras does; it never did. By default what the script says.",
)
@click.option(
    "--check/--no-check",
    default=True,
    show_default=True,
    help="Look the script through before it starts, and name what it certainly lacks.",
)
@click.argument("script", type=click.Path())
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(keras_version, gates, state_mode, check, script, arguments):
    """Run a SCRIPT written for Keras 1 or 2, unmodified, on this engine.

    `keras` and `tensorflow.keras` are answered by tinylstm, whether or not they are installed.
    numpy.random.seed at the top of the script makes it repeat, bit for bit. Without a display,
    plt.show() saves the figures beside the script. What stands behind SCRIPT are its ARGUMENTS.
    """
    from ..legacy.script import run_script

    dialect = Dialect(keras_version, gates, state_mode)
    sys.exit(run_script(script, list(arguments), dialect, check))
