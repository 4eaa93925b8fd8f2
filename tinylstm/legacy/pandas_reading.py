"""``pandas.read_csv`` with arguments that are gone: squeeze, date_parser, dates of several columns.

Source: ``pandas/io/parsers.py`` and ``date_converters`` at 1.1.
"""

from functools import wraps
from os import PathLike

DROPPED = ("infer_datetime_format", "warn_bad_lines", "tupleize_cols", "mangle_dupe_cols")


def reader(read):
    """A function that reads a table, and takes the old arguments too."""

    @wraps(read)
    def old_read(filepath_or_buffer, sep=None, *, squeeze=False, date_parser=None, **given):
        for name in DROPPED:
            given.pop(name, None)
        if not given.pop("error_bad_lines", True):
            given["on_bad_lines"] = "skip"
        if given.pop("delim_whitespace", False):
            sep = r"\s+"
        if sep is not None:
            given["sep"] = sep
        dates = given.get("parse_dates")
        if date_parser is None and not is_nested(dates):
            frame = read(filepath_or_buffer, **given)
        else:
            frame = read_dates(read, filepath_or_buffer, date_parser, **given)
        return frame.squeeze("columns") if squeeze else frame

    return old_read


def is_nested(dates):
    """Whether dates are made of several columns: ``[["year", "month"]]`` or a dict."""
    return isinstance(dates, dict) or (
        isinstance(dates, list) and any(isinstance(one, (list, tuple)) for one in dates)
    )


def read_dates(read, path, parser, parse_dates=False, index_col=None, keep_date_col=False, **given):
    """Read a table whose dates a function of the script makes out of text."""
    if parse_dates is True:
        parse_dates = [0 if index_col is None else index_col]
    groups = parse_dates.items() if isinstance(parse_dates, dict) else named(parse_dates or [])
    labels = read(path, **given, nrows=0).columns if isinstance(path, (str, PathLike)) else ()
    groups = [(name, by_label(columns, labels)) for name, columns in groups]
    texts = {column: str for _, columns in groups for column in columns}
    frame = read(path, **given, converters={**given.pop("converters", {}), **texts})
    made, used = {}, []
    for name, columns in groups:
        columns = by_label(columns, frame.columns)
        dates = parsed(parser, [frame[column] for column in columns])
        if len(columns) == 1 and name is None:
            frame[columns[0]] = dates
        else:
            made[name or "_".join(map(str, columns))] = dates
            used += columns
    if not keep_date_col:
        frame = frame.drop(columns=used)
    for place, (name, dates) in enumerate(made.items()):  # in front, as they were
        frame.insert(place, name, dates)
    if index_col is None or index_col is False:
        return frame
    return frame.set_index(by_label(index_col, frame.columns))


def by_label(columns, labels):
    """Columns as a list of their labels, as far as those are known; a number is a place."""
    columns = columns if is_list(columns) else [columns]
    return [labels[one] if isinstance(one, int) and len(labels) else one for one in columns]


def named(groups):
    """(name, columns), without names."""
    return [(None, columns) for columns in groups]


def is_list(value):
    """Whether there may be several in it."""
    return isinstance(value, (list, tuple))


def parsed(parser, columns):
    """Dates of columns of texts: a parser got all of them at once, or else one after the other."""
    import pandas

    joined = columns[0].str.cat(columns[1:], sep=" ") if columns[1:] else columns[0]
    if parser is None:
        return pandas.to_datetime(joined)
    try:
        return pandas.to_datetime(parser(*(column.to_numpy() for column in columns)))
    except Exception:  # whatever a function of the script says to what it was not made for
        return pandas.to_datetime([parser(text) for text in joined])


def from_csv(pandas, kind):
    """``Series.from_csv`` or ``DataFrame.from_csv``: dates in the first column, as the index."""
    is_series = kind is pandas.Series

    def made(
        path, header=None if is_series else 0, sep=",", index_col=0, parse_dates=True, **given
    ):
        given |= {"header": header, "index_col": index_col, "parse_dates": parse_dates}
        frame = pandas.read_csv(path, sep=sep, **given)
        if not is_series:
            return frame
        series = frame.iloc[:, 0]
        if header is None:
            series.name = series.index.name = None
        return series

    return made
