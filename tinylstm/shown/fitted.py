"""A bar in a narrow line: first its own figures are left out, and never a part of a metric."""

from tqdm import tqdm
from tqdm.utils import disp_len

# From the richest to the plainest; tqdm's names. The bar takes what is left of the line.
COUNTED = (
    "{l_bar}{bar}{r_bar}",
    "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]",
    "{desc}{percentage:3.0f}%|{bar}| [{remaining}{postfix}]",
    "{desc}{percentage:3.0f}%{postfix}",
)
UNCOUNTED = (
    "{desc}{n_fmt}{unit} [{elapsed}, {rate_fmt}{postfix}]",
    "{desc}{n_fmt}{unit}{postfix}",
)
APART = " - "  # between two metrics
MORE = " ..."


class FittedBar(tqdm):
    """tqdm's bar in the richest form that fits the line."""

    @staticmethod
    def format_meter(n, total, elapsed, ncols=None, postfix=None, bar_format=None, **options):
        """The line, at most so many columns wide; see `tqdm.format_meter`."""
        forms = (bar_format,) if bar_format else COUNTED if total else UNCOUNTED
        if options.get("prefix") and not bar_format:
            options["prefix"] = options["prefix"].removesuffix(": ") + ": "

        def line(form, postfix, ncols=None):
            given = {"ncols": ncols, "postfix": postfix, "bar_format": form}
            return tqdm.format_meter(n, total, elapsed, **given, **options)

        if not ncols:
            return line(forms[0], postfix)
        for form in forms:
            if disp_len(line(form, postfix)) <= ncols:
                return line(form, postfix, ncols)
        while postfix and APART in postfix and disp_len(line(form, postfix + MORE)) > ncols:
            postfix = postfix.rpartition(APART)[0]
        return line(form, postfix and postfix + MORE, ncols)
