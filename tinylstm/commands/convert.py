"""A model of one format as a file of another one; what is lost on the way is said."""

import warnings

import click

from ..formats import FORMATS, Uncompiled, chosen, doors
from ..formats.lost import lost
from ..models import load_model
from ..surface.arguments import path_of
from ..surface.errors import mismatch
from .names import KnownName
from .output import refusals_said


@click.command(short_help="Write the model of a file in another format.")
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
@click.option(
    "--format",
    "name",
    type=KnownName(FORMATS, "format", listed=False),
    help=f"Of OUT: {', '.join(FORMATS)}. By default that of its suffix.",
)
@click.option("--model", "described", metavar="FILE", help="Of which model IN has weights alone.")
@click.option("--weights", is_flag=True, help="Write weights alone.")
@click.option("--overwrite", is_flag=True, help="Write over OUT, if it is there.")
def convert(source, target, name, described, weights, overwrite):
    """Read the model in IN and write it to OUT, in the format of its suffix.

    OUT is read again, and what it has not of IN is printed. Where the format of OUT has weights
    alone, or with --weights, those are written. Nothing in IN is run.
    """
    with refusals_said():
        warnings.simplefilter("ignore", Uncompiled)  # what is lost of that is said below
        path = path_of(target, "OUT")
        if path.exists() and not overwrite:
            wrong = "The file exists already."
            raise mismatch(wrong, "--overwrite, or a new path", str(path), FileExistsError)
        read = chosen.to_read(path_of(described or source, "IN"), None)
        model = model_in(path_of(source, "IN"), described)
        form = chosen.to_write(path, name)
        whole = not weights and "save" in form.can
        (model.save if whole else model.save_weights)(path, overwrite, form)
        found = again(model, path, whole, name)
        for one, format in ((source, None), (path, name)):
            click.echo(f"{one}: {doors.shown(one, format).what}")
    said = list(lost(model, found, read.seeded))
    if not whole and described is None and "save" in read.can:
        said.insert(0, "all but the weights")
    for sentence in said:
        click.echo(f"lost: {sentence}")
    if not said:
        click.echo("nothing is lost")


def model_in(path, described):
    """The model of a file, or one that another file describes, with the weights of this one."""
    if described is not None:
        model = load_model(described)
        model.load_weights(path)
        return model
    one = chosen.to_read(path, None)
    if "load" not in one.can:
        raise mismatch(
            f"There are weights alone in {path}.",
            "--model FILE, with the model that they are of",
            f"a file of {one.whose}",
        )
    try:
        return load_model(path)
    except ValueError as reason:
        if "save" in one.can:
            raise
        raise ValueError(with_a_model(str(reason))) from reason


def with_a_model(refusal):
    """A refusal to make a model of weights, with the way out that is here."""
    wrong, line, received = refusal.partition("\nReceived: ")
    return f"{wrong}; or --model FILE, with the model that they are of{line}{received}"


def again(model, path, whole, name):
    """The model of a file, or a copy of one with the weights of a file."""
    if whole:
        return load_model(path, format=name)
    found = model.copy()
    found.theta = 0 * found.theta
    found.load_weights(path, format=name)
    return found
