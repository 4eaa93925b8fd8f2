"""Calls of pandas that are gone do what they did, in the script alone; pandas stays optional."""

import sys

import pandas
import pytest

from tests.old_scripts import run_process, run_text

SALES = '"Month","Sales"\n"1-01",266.0\n"1-02",145.9\n"1-03",183.1\n'
WEATHER = "No,year,month,day,hour,TEMP\n1,2010,1,1,0,-11\n2,2010,1,1,10,-12\n"
FRAME = "f = pd.DataFrame({'a': [1, 2, 3], 'b': [4, 5, 6]}, index=list('xyz'))\n"
READINGS = {  # in the style of tutorials on series: what they read, and what they saw
    "a series of sales": (
        "def parser(x):\n    return datetime.strptime('190' + x, '%Y-%m')\n"
        "s = pd.read_csv('sales.csv', header=0, parse_dates=[0], index_col=0, squeeze=True, "
        "date_parser=parser)\nprint(type(s).__name__, s.name, s.index.name, s.index[2], s.iloc[2])",
        "Series Sales Month 1901-03-01 00:00:00 183.1",
    ),
    "a parser of all dates at once": (
        "s = pd.read_csv('sales.csv', parse_dates=['Month'], index_col='Month', date_parser="
        "lambda x: pd.to_datetime('190' + pd.Series(x), format='%Y-%m'))\n"
        "print(s.index[0], s.shape)",
        "1901-01-01 00:00:00 (3, 1)",
    ),
    "dates of four columns": (
        "def parse(x):\n    return datetime.strptime(x, '%Y %m %d %H')\n"
        "d = pd.read_csv('weather.csv', parse_dates=[['year', 'month', 'day', 'hour']], "
        "index_col=0, date_parser=parse)\nprint(d.index.name, d.index[1], [*d.columns])",
        "year_month_day_hour 2010-01-01 10:00:00 ['No', 'TEMP']",
    ),
    "dates of columns by place, with a name": (
        "d = pd.read_csv('weather.csv', parse_dates={'dt': [1, 2, 3]}, keep_date_col=True, "
        "infer_datetime_format=True)\nprint([*d.columns], d.dt[0])",
        "['dt', 'No', 'year', 'month', 'day', 'hour', 'TEMP'] 2010-01-01 00:00:00",
    ),
    "one index as dates": (
        "d = pd.read_csv('sales.csv', index_col=0, parse_dates=True, "
        "date_parser=lambda x: datetime.strptime('190' + x, '%Y-%m'))\nprint(d.index[0])",
        "1901-01-01 00:00:00",
    ),
    "dates among the columns that are used": (
        "d = pd.read_csv('weather.csv', usecols=[1, 5], parse_dates=[0], index_col=0, "
        "squeeze=True, date_parser=lambda x: datetime.strptime(x, '%Y'))\n"
        "print(d.index[0], d.tolist())",
        "2010-01-01 00:00:00 [-11, -12]",
    ),
    "dates of an open file": (
        "import io\nfile = io.StringIO('d,v\\n2010,1\\n2011,2\\n')\n"
        "d = pd.read_csv(file, parse_dates=[0], date_parser=lambda x: datetime.strptime(x, '%Y'))\n"
        "print(d.d[1], d.v[1])",
        "2011-01-01 00:00:00 2",
    ),
    "one column": (
        "print(pd.read_csv('sales.csv', usecols=[1], squeeze=True).tolist())",
        "[266.0, 145.9, 183.1]",
    ),
    "two columns stay": ("print(pd.read_csv('sales.csv', squeeze=True).shape)", "(3, 2)"),
    "a separator by position": ("print(pd.read_csv('sales.csv', ',').shape)", "(3, 2)"),
    "blanks between columns": (
        "print(pd.read_table('blanks.txt', delim_whitespace=True).to_dict('list'))",
        "{'a': [1], 'b': [2]}",
    ),
    "from_csv": (
        "s = pd.Series.from_csv('days.csv', header=0)\nprint(s.name, s.index[1], s.tolist())",
        "t 1981-01-02 00:00:00 [20.7, 17.9]",
    ),
}
CALLS = [
    ("print(pd.datetime(2001, 2, 3), pd.np.Inf)", "2001-02-03 00:00:00 inf"),
    ("print(f.ix[0, 'b'], f.ix['y':, 0].tolist(), f.ix['x'].tolist())", "4 [2, 3] [1, 4]"),
    (
        "print(f.ix[0:2].shape, f.ix[:, [1]].shape, f.ix[f.a > 1, 'b'].tolist())",
        "(2, 2) (3, 1) [5, 6]",
    ),
    ("f.ix[0, 'a'] = 9; f.ix['z', :] = 0; print(f.values.tolist())", "[[9, 4], [2, 5], [0, 0]]"),
    (
        "g = f.reset_index(drop=True); print(g.ix[0:1].shape, g.ix[[2, 0], 'a'].tolist())",
        "(2, 2) [3, 1]",
    ),
    ("f.index = [2, 1, 0]; print(f.ix[0, 0], f.a.ix[2], f.a.ix[[0, 1]].tolist())", "3 1 [3, 2]"),
    (
        "v = f.as_matrix(); v[0, 0] = 7; print(v.tolist(), f.a.as_matrix())",
        "[[7, 4], [2, 5], [3, 6]] [1 2 3]",
    ),
    ("print(f.as_matrix(columns=['b']).tolist())", "[[4], [5], [6]]"),
    (
        "print(f.append(f).shape, f.append({'a': 0, 'b': 1}, ignore_index=True).values[3])",
        "(6, 2) [0 1]",
    ),
    (
        "print(f.a.append(f.b, ignore_index=True).tolist(), f.append([f, f]).shape)",
        "[1, 2, 3, 4, 5, 6] (9, 2)",
    ),
    (
        "print([name for name, column in f.iteritems()], [*f.a.iteritems()][0])",
        "['a', 'b'] ('x', 1)",
    ),
    (
        "print(f.drop('a', 1).shape, f.drop('x').shape, f.drop(['a'], axis=1).shape)",
        "(3, 1) (2, 2) (3, 1)",
    ),
    (
        "print(pd.rolling_mean(f.a, 2).tolist()[1:], pd.rolling_std(f.a, window=3).iloc[2])",
        "[1.5, 2.5] 1.0",
    ),
    (
        "print(f.sort('a', ascending=False).a.tolist(), f.applymap(lambda x: -x).b.iloc[0])",
        "[3, 2, 1] -4",
    ),
    ("print(f.a[0], f.a[-1], f.a['y'], f.reset_index().a[1])", "1 3 2 2"),
]


@pytest.fixture
def files(tmp_path, monkeypatch):
    (tmp_path / "sales.csv").write_text(SALES)
    (tmp_path / "weather.csv").write_text(WEATHER)
    (tmp_path / "blanks.txt").write_text("a b\n1   2\n")
    (tmp_path / "days.csv").write_text("day,t\n1981-01-01,20.7\n1981-01-02,17.9\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", READINGS)
def test_a_table_is_read_with_arguments_that_are_gone(files, name):
    text, printed = READINGS[name]
    ran = run_text(files, f"import pandas as pd\nfrom pandas import datetime\n{text}\n")
    assert ran == (0, f"{printed}\n", "")


@pytest.mark.parametrize(("call", "printed"), CALLS, ids=lambda text: text[:60])
def test_a_call_that_is_gone(tmp_path, call, printed):
    ran = run_text(tmp_path, f"import pandas as pd\n{FRAME}{call}\n")
    assert ran == (0, f"{printed}\n", "")


def test_labels_that_are_not_there_are_named(tmp_path):
    ran = run_text(tmp_path, f"import pandas as pd\n{FRAME}f.ix[['x', 'w']]\n")
    assert "KeyError: \"['w'] not in the labels\"" in ran.err


def test_afterwards_pandas_is_as_before(tmp_path):
    owners = pandas, pandas.DataFrame, pandas.Series
    before = [dict(vars(owner)) for owner in owners]
    run_text(tmp_path, "import pandas as pd\npd.datetime\npd.DataFrame.ix\n1 / 0\n")
    assert [dict(vars(owner)) for owner in owners] == before


WITHOUT = """
import sys
import numpy, keras
print('pandas' in sys.modules)
from beside import pd
print(pd.datetime.__name__, pd.__loader__ is pd.__spec__.loader, type(pd.__loader__).__name__)
"""


def test_pandas_is_imported_by_the_script_alone(tmp_path):
    """In a process of its own, where nobody has imported it before."""
    (tmp_path / "script.py").write_text(WITHOUT)
    (tmp_path / "beside.py").write_text("import pandas as pd\n")
    ran = run_process(tmp_path / "script.py")
    assert (ran.lines, ran.err) == (["False", "datetime True SourceFileLoader"], "")


def test_without_pandas_the_sentence_is_that_of_a_module_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if "packages" not in entry])
    for name in [name for name in sys.modules if name.partition(".")[0] == "pandas"]:
        monkeypatch.delitem(sys.modules, name)
    ran = run_text(tmp_path, "import pandas as pd\nprint(1)\npd.read_csv('x')\n")
    assert ran.out == "1\n"
    assert "The script uses pandas.read_csv, and the module pandas is not installed." in ran.err
