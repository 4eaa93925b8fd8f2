"""Scripts for Python 2: names that Python 3 has not, and what to write in their place."""

import re
from types import FunctionType, ModuleType

from .sources import elsewhere

WRITTEN = "The script is written for Python 2; Python 3 wants"
NAMES = {
    "xrange": "range",
    "raw_input": "input",
    "unicode": "str",
    "basestring": "str",
    "unichr": "chr",
}
FUNCTIONS = {  # names that a script may mean to be its own, unless it calls them
    "long": "int(...)",
    "file": "open(...)",
    "execfile": "exec(open(name).read())",
    "reduce": "functools.reduce(...)",
    "reload": "importlib.reload(...)",
    "cmp": "(a > b) - (a < b)",
    "intern": "sys.intern(...)",
    "apply": "function(*arguments)",
    "buffer": "memoryview(...)",
}
MODULES = {
    "cPickle": "pickle",
    "StringIO": "io",
    "cStringIO": "io",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
    "httplib": "http.client",
    "cookielib": "http.cookiejar",
    "Queue": "queue",
    "ConfigParser": "configparser",
    "HTMLParser": "html.parser",
    "SocketServer": "socketserver",
    "Tkinter": "tkinter",
    "commands": "subprocess",
    "copy_reg": "copyreg",
    "thread": "_thread",
    "__builtin__": "builtins",
}
OF_MODULES = {
    "string.letters": "string.ascii_letters",
    "string.lowercase": "string.ascii_lowercase",
    "string.uppercase": "string.ascii_uppercase",
    "string.maketrans": "str.maketrans",
    "string.join": "separator.join(words)",
    "os.getcwdu": "os.getcwd",
    "sys.maxint": "sys.maxsize",
    "sys.setdefaultencoding": "nothing",
    "itertools.izip": "zip",
    "itertools.imap": "map",
    "itertools.ifilter": "filter",
    "itertools.izip_longest": "itertools.zip_longest",
    "urllib.urlopen": "urllib.request.urlopen",
    "urllib.urlretrieve": "urllib.request.urlretrieve",
    "urllib.urlencode": "urllib.parse.urlencode",
    "urllib.quote": "urllib.parse.quote",
    "urllib.unquote": "urllib.parse.unquote",
}
VIEWS = ("dict_keys", "dict_values", "dict_items")
LAZY = ("map", "filter", "zip", "range", *VIEWS)


def is_dict(owner):
    """Whether it is a dict."""
    return isinstance(owner, dict)


OF_OBJECTS = {  # of which objects, what, and what to write
    "iteritems": (is_dict, ".iteritems()", ".items()"),
    "itervalues": (is_dict, ".itervalues()", ".values()"),
    "iterkeys": (is_dict, ".iterkeys()", ".keys()"),
    "has_key": (is_dict, "table.has_key(key)", "key in table"),
    "next": (lambda owner: hasattr(owner, "__next__"), "iterator.next()", "next(iterator)"),
    "sort": (lambda owner: type(owner).__name__ in LAZY, "values.sort()", "sorted(values)"),
    "decode": (lambda owner: isinstance(owner, str), "text.decode(...)", "text"),
    "func_name": (lambda owner: isinstance(owner, FunctionType), ".func_name", ".__name__"),
}


def name_of_python_2(reason, line, source):
    """What to write in the place of a name that only Python 2 has, or "".

    Parameters
    ----------
    reason : Exception
    line : str
        The line of the script that raised it.
    source : str
        The whole script.
    """
    name, (old, new) = getattr(reason, "name", None), (None, None)
    if isinstance(reason, NameError) and name in NAMES:
        old, new = name, NAMES[name]
    elif isinstance(reason, NameError) and re.search(rf"\b{name}\s*\(", line):
        old, new = f"{name}(...)", FUNCTIONS.get(name)
    elif isinstance(reason, AttributeError) and isinstance(reason.obj, ModuleType):
        old = f"{reason.obj.__name__}.{name}"
        new = OF_MODULES.get(old)
    elif isinstance(reason, AttributeError) and name in OF_OBJECTS:
        is_one, *both = OF_OBJECTS[name]
        old, new = both if is_one(reason.obj) else (None, None)
    elif found := re.match(r"cannot import name '(\w+)' from '(\w+)'", str(reason)):
        name, old = found[1], f"{found[2]}.{found[1]}"
        new = OF_MODULES.get(old)
    if new is None:
        return ""
    return f"{WRITTEN} {new} in the place of {old}{elsewhere(name, source)}."
